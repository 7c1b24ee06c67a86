//! Facts about checks: any right answer passes, and a wrong one is answered with what shows it.

use audit_lessons::{Answer, Lesson, Step, check, lesson};

/// Returns the only step of a lesson with these blocks.
fn step(blocks: &str) -> Step {
    let front = "---\nid: a\ntrack: hardening\ntitle: A\nminutes: 3\n---\n";
    let lesson = Lesson::parse(&format!("{front}## Step: One\nDo it.\n{blocks}"));
    assert!(lesson.is_ok(), "{lesson:?}");
    let mut steps = lesson.into_iter().flat_map(|lesson| lesson.steps);
    steps
        .next()
        .unwrap_or_else(|| unreachable!("a lesson has a step"))
}

const LOG: &str = "```text log
2026-03-02T08:00:00.250Z eve get /api/v1/namespaces/tea/secrets/a 200 ip=203.0.113.1,10.0.0.7
2026-03-02T08:00:01Z system:serviceaccount:ci:bot create /api/v1/namespaces/tea/pods 201 name=cup id=11111111-01
2026-03-02T08:00:02Z system:serviceaccount:ci:bot create /api/v1/namespaces/tea/pods 201 name=cup id=11111111-01 stage=RequestReceived
2026-03-02T08:00:09Z system:node:n1 get /apis/apps/v1/namespaces/tea/deployments/pot 200 level=Request
```
";

/// Returns a step with a question about the log.
fn question(question: &str) -> Step {
    let policy = "```yaml policy\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verbs: [get]\n```\n";
    step(&format!("{policy}{LOG}```yaml check\n{question}\n```\n"))
}

fn given(text: &str) -> Answer {
    let policy =
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  verbs: [get]\n";
    Answer {
        policy: policy.to_owned(),
        text: text.to_owned(),
        ..Answer::default()
    }
}

#[test]
fn every_usual_spelling_of_an_answer_passes() {
    for (asked, answers) in [
        (
            "question: user\nof: verb:create",
            vec!["system:serviceaccount:ci:bot", "ci:bot", " `ci/bot` "],
        ),
        (
            "question: user\nof: resource:deployments",
            vec!["system:node:n1", "n1"],
        ),
        (
            "question: time\nof: user:eve",
            vec![
                "08:00:00",
                "2026-03-02T08:00:00.25Z",
                "2026-03-02T09:00:00+01:00",
            ],
        ),
        (
            "question: object\nof: user:eve",
            vec!["a", "secrets/a", "secret a in tea"],
        ),
        (
            "question: resource\nof: verb:get user:system:*",
            vec!["deployments", "deployments.apps", "apps/deployments"],
        ),
        (
            "question: ip\nof: user:eve",
            vec!["10.0.0.7", "::ffff:10.0.0.7"],
        ),
        (
            "question: rule\nof: user:eve",
            vec!["1", "rule 1", "Rule 1", "#1", "one"],
        ),
        ("question: rule\nof: verb:create", vec!["none", "no rule"]),
        ("question: count\nof: verb:create", vec!["1", "One"]),
        (
            "question: level\nof: resource:deployments",
            vec!["Request", "request", "R"],
        ),
        ("question: code\nof: user:eve", vec!["200"]),
        ("question: namespace\nof: verb:*", vec!["tea"]),
        ("question: verb\nof: verb:*\npick: last", vec!["get"]),
        ("question: user\nof: verb:*\npick: first", vec!["eve"]),
        ("question: stage\nof: user:eve", vec!["ResponseComplete"]),
        ("question: auditID\nof: verb:create", vec!["11111111-01"]),
        ("question: userAgent\nof: user:eve", vec!["kubectl/v1.36.0"]),
        ("question: name\nof: verb:create", vec!["cup"]),
    ] {
        let step = question(asked);
        assert!(check(&step, &step.model).passed, "{asked}");
        for answer in answers {
            let outcome = check(&step, &given(answer));
            assert!(outcome.passed, "{asked}, {answer}: {}", outcome.reason);
        }
    }
}

#[test]
fn a_wrong_answer_names_what_it_is() {
    for (asked, answer, reason, event) in [
        (
            "question: user\nof: user:eve",
            "",
            "the answer is empty",
            None,
        ),
        (
            "question: user\nof: user:eve",
            "adam",
            "no event has the user `adam`",
            None,
        ),
        (
            "question: user\nof: user:eve",
            "n1",
            "`n1` is the user of another event: `get` of `deployments` named `pot` in the group `apps`, namespace `tea`, by `system:node:n1` at 08:00:09.000, `ResponseComplete`",
            Some(3),
        ),
        (
            "question: time\nof: user:eve",
            "soon",
            "`soon` is not a time; write one such as `2026-03-04T10:15:30Z` or `10:15:30`",
            None,
        ),
        (
            "question: time\nof: user:eve",
            "08:00:03",
            "no event has the time `08:00:03`",
            None,
        ),
        (
            "question: ip\nof: user:eve",
            "203.0.113.1",
            "`203.0.113.1` is an address that a client claims: only the last one is what the server saw",
            None,
        ),
        (
            "question: rule\nof: user:eve",
            "2",
            "rule 2 decides about no event of the log",
            None,
        ),
        (
            "question: rule\nof: user:eve",
            "Metadata",
            "`Metadata` is not a number of a rule; write one such as `2`, or `none` if no rule matches",
            None,
        ),
        (
            "question: level\nof: user:eve",
            "R",
            "`R` is the level of another event: `get` of `deployments` named `pot` in the group `apps`, namespace `tea`, by `system:node:n1` at 08:00:09.000, `ResponseComplete`",
            Some(3),
        ),
        (
            "question: level\nof: user:eve",
            "high",
            "`high` is not a level; a level is one of `None`, `Metadata`, `Request`, `RequestResponse`",
            None,
        ),
        (
            "question: count\nof: verb:create",
            "2",
            "`2` is the number of events; events with the same audit ID are of one request",
            None,
        ),
        (
            "question: count\nof: verb:get",
            "1",
            "`1`: there are more requests",
            None,
        ),
        (
            "question: count\nof: verb:get",
            "9",
            "`9`: there are fewer requests",
            None,
        ),
        (
            "question: count\nof: verb:get",
            "many",
            "`many` is not a number; write it in digits, such as `2`",
            None,
        ),
    ] {
        let outcome = check(&question(asked), &given(answer));
        assert!(!outcome.passed);
        assert_eq!((outcome.reason.as_str(), outcome.event), (reason, event));
        assert_eq!(outcome.witness.is_some(), event.is_some());
    }
}

#[test]
fn an_event_is_checked_by_a_filter() {
    let step = question("event: verb:create name:cup stage:complete");
    assert_eq!(step.model.event, Some(1));
    for (event, passed, reason) in [
        (Some(1), true, "by `system:serviceaccount:ci:bot`"),
        (
            Some(0),
            false,
            "`secrets` named `a` in namespace `tea`, by `eve` at 08:00:00.250, `ResponseComplete`; the task asks for a request with the verb `create`",
        ),
        (
            Some(2),
            false,
            "`RequestReceived`; the task asks for an event with the stage `complete`",
        ),
        (None, false, "no event is selected"),
        (Some(99), false, "no event is selected"),
    ] {
        let outcome = check(&step, &Answer { event, ..given("") });
        assert_eq!(outcome.passed, passed);
        assert!(outcome.reason.contains(reason), "{}", outcome.reason);
    }
}

#[test]
fn a_right_answer_is_followed_by_what_the_step_teaches() {
    let policy = |level: &str| {
        format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{{level: {level}}}]\n```\n")
    };
    let with = |check: &str, learned: &str| {
        step(&format!(
            "```yaml policy\n{}```yaml check\n{check}\n```\n{learned}```yaml answer\n{}",
            policy("None"),
            policy("Request"),
        ))
    };
    let class = "tests: [{name: a, requests: {}, level: Request}]";
    let single = "tests: [{name: a, request: {verb: get, resource: pods}, level: Request}]";
    let learned = "```text learned\nBodies are\nat `Request`.\n```\n";
    let every = "the policy does what the task asks, for every request that could come";
    for (check_text, learned, reason) in [
        (class, "", every.to_owned()),
        ("equal: answer", "", every.to_owned()),
        (single, "", "the policy does what the task asks".to_owned()),
        (class, learned, format!("{every}. Bodies are at `Request`")),
    ] {
        let step = with(check_text, learned);
        assert_eq!(check(&step, &step.model).reason, reason);
        let outcome = check(&step, &Answer::from_start(&step.start));
        assert!(!outcome.reason.contains("Bodies"), "{}", outcome.reason);
    }
}

#[test]
fn a_wrong_event_is_answered_with_what_the_task_asks_for() {
    let start = |check: &str| step(&format!("{LOG}```yaml check\n{check}\n```\n"));
    for (asked, event, reason) in [
        (
            "event: level:Request",
            0,
            "this is `get` of `secrets` named `a` in namespace `tea`, by `eve` at 08:00:00.250, `ResponseComplete`, at the level `Metadata`, with no body; the task asks for an event at the level `Request`, which has the body of the request",
        ),
        (
            "event: code:201",
            3,
            "`ResponseComplete`, with the status `200`; the task asks for a response with the status `201`",
        ),
        (
            "event: ip:10.20.0.5",
            0,
            "`ResponseComplete`, from `10.0.0.7`; the task asks for a request from the address `10.20.0.5`",
        ),
        (
            "event: -user:eve",
            0,
            "; the task asks for a request by the user other than `eve`",
        ),
        (
            "event: verb:update,create",
            0,
            "; the task asks for a request with the verb `update` or `create`",
        ),
        (
            "event: deployments",
            0,
            "; the task asks for an event with the word `deployments`",
        ),
        (
            "event: verb:create\nasks: a new pod",
            0,
            "`ResponseComplete`; the task asks for a new pod",
        ),
    ] {
        let answer = Answer {
            event: Some(event),
            ..given("")
        };
        let outcome = check(&start(asked), &answer);
        assert!(!outcome.passed, "{asked}");
        assert!(
            outcome.reason.ends_with(reason),
            "{asked}: {}",
            outcome.reason
        );
    }
}

#[test]
fn a_policy_that_is_written_differently_passes() {
    let lesson = lesson("exam-restrict").unwrap();
    let policy = |text: &str| Answer {
        policy: text.to_owned(),
        ..Answer::default()
    };
    // As JSON, with the verbs split in two rules and a rule that never matches.
    let other = r#"{"apiVersion": "audit.k8s.io/v1", "kind": "Policy", "omitStages": ["RequestReceived"], "rules": [
        {"level": "None", "verbs": ["watch", "list"]},
        {"level": "None", "verbs": ["get"]},
        {"level": "Request", "verbs": ["get"], "users": ["finn"]},
        {"level": "Metadata", "resources": [{"resources": ["secrets"]}]},
        {"level": "RequestResponse"}]}"#;
    let outcome = check(&lesson.steps[1], &policy(other));
    assert!(outcome.passed, "{}", outcome.reason);
    for (text, reason) in [
        ("", "kube-apiserver rejects the policy: "),
        ("rules: [", "kube-apiserver rejects the policy: "),
        (
            "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Meta\n",
            "kube-apiserver rejects the policy: ",
        ),
    ] {
        let outcome = check(&lesson.steps[1], &policy(text));
        assert!(!outcome.passed);
        assert!(outcome.reason.starts_with(reason), "{}", outcome.reason);
    }
    let place = check(
        &lesson.steps[1],
        &policy("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Meta\n"),
    )
    .place;
    assert!(place.is_some());
}

#[test]
fn a_witness_of_the_log_comes_first() {
    let blocks = format!(
        "{LOG}```yaml policy\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{{level: None}}]\n```
```yaml check\ntests: [{{name: all, requests: {{apiGroup: apps}}, atLeast: Metadata}}]\n```
```yaml answer\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{{level: Metadata}}]\n```\n"
    );
    let step = step(&blocks);
    let outcome = check(&step, &Answer::from_start(&step.start));
    assert_eq!(outcome.event, Some(3));
    assert_eq!(
        outcome.reason,
        "`get` of `deployments` named `pot` in the group `apps`, namespace `tea`, by `system:node:n1` is `None` (rule 1); expected at least `Metadata`"
    );
    assert_eq!(outcome.witness.unwrap().name, "pot");
}

#[test]
fn settings_are_checked_by_their_properties() {
    let lesson = lesson("exam-mounts").unwrap();
    let step = &lesson.steps[0];
    // The mount is moved instead of the log.
    let text = step.start.manifest.clone().unwrap();
    let moved = text.replace(
        "mountPath: /var/log/kubernetes",
        "mountPath: /var/log/audit",
    );
    let manifest = |text: &str| Answer {
        manifest: text.to_owned(),
        ..Answer::default()
    };
    let outcome = check(step, &manifest(&moved));
    assert!(outcome.passed, "{}", outcome.reason);
    for (text, reason) in [
        (
            text.clone(),
            "the directory of the log `/var/log/audit/audit.log` is not mounted; ",
        ),
        (
            moved.replace(
                "- --audit-policy-file=/etc/kubernetes/audit.yaml",
                "- --v=2",
            ),
            "`--audit-policy-file` is not set",
        ),
        (
            moved.replace("/var/log/audit/audit.log", "-"),
            "`--audit-log-path` does not name a file",
        ),
        (
            moved.replace("name: log, hostPath", "name: other, hostPath"),
            "no volume is named `log`",
        ),
        (moved.replace("=14", "=two"), "invalid"),
        (String::new(), "no audit flag of kube-apiserver is set"),
    ] {
        let outcome = check(step, &manifest(&text));
        assert!(!outcome.passed);
        assert!(
            outcome.reason.starts_with(reason),
            "{reason}: {}",
            outcome.reason
        );
    }
}
