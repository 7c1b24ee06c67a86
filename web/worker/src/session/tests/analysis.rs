//! *Ask* and *Compare* with a log.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, AnswerReport, BaselinePolicy, CompareRequest, CompareResult,
    Level, QueryCompletionRequest, decode, encode,
};

use super::*;

const HEAD: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n";

fn policy(rules: &str) -> String {
    [HEAD, rules, "- level: Metadata\n"].concat()
}

/// Returns a log of half a day: two requests by `ci`, between them one by `alice`.
fn half_a_day() -> String {
    let times = [("ci", "00"), ("alice", "05"), ("ci", "12")];
    let events = times.iter().enumerate().map(|(number, (user, hour))| {
        let time = format!("2026-01-01T{hour}:00:00.000000Z");
        let fields = format!(
            r#""stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{{"username":"{user}"}},"responseStatus":{{"code":200}},"requestReceivedTimestamp":"{time}","stageTimestamp":"{time}""#
        );
        event(number, &fields) + "\n"
    });
    events.collect()
}

/// Loads a policy and returns its effect on the log.
fn load(session: &mut Session, generation: u32, text: &str) -> AnswerReport {
    let messages = session.handle_message(ToWorker::Policy {
        generation,
        text: text.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let answer = messages.into_iter().find_map(|message| match message {
        ToPage::Answer(answer) => Some(answer),
        _ => None,
    });
    answer.unwrap_or_default()
}

fn analyze(session: &mut Session, request: &AnalysisRequest) -> AnalysisReply {
    match only(session, ToWorker::Analysis(encode(request))) {
        ToPage::Analysis(reply) => decode(&reply).unwrap(),
        other => panic!("{other:?}"),
    }
}

fn compare(session: &mut Session, before: &str) -> CompareResult {
    compare_part(session, before, 0)
}

/// Compares with one of the policies of a text.
fn compare_part(session: &mut Session, before: &str, part: usize) -> CompareResult {
    let request = CompareRequest {
        number: 5,
        before: BaselinePolicy {
            text: before.to_owned(),
            version: KubernetesVersion::NEWEST,
            part,
        },
        only_possible: true,
    };
    let AnalysisReply::Compared(report) = analyze(session, &AnalysisRequest::Compare(request))
    else {
        panic!("no comparison");
    };
    assert_eq!(report.number, 5);
    report.result
}

#[test]
fn differences_have_the_events_and_bytes_of_the_log() {
    let before = policy("");
    let after = policy("- {level: None, users: [ci]}\n");
    let mut session = Session::default();
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: half_a_day(),
    });
    let written_before = load(&mut session, 1, &before).written;
    let written_after = load(&mut session, 2, &after).written;
    assert_eq!((written_before.events, written_after.events), (3, 1));
    let CompareResult::Differences {
        changes,
        more: 0,
        log: Some(log),
    } = compare(&mut session, &before)
    else {
        panic!("no differences");
    };
    let [change] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(change.title, "No longer recorded");
    assert_eq!(
        (&change.before[..], change.after),
        (&[Level::Metadata][..], Level::None)
    );
    assert_eq!(change.requests, "any request by `ci`");
    assert_eq!(
        (change.decision_before.line, change.decision_after.line),
        (5, 5)
    );
    // The requests were received, but neither policy writes that stage.
    assert_eq!(change.events, Some(2));
    assert_eq!((log.lost, log.gained), (2, 0));
    // Half a day is doubled.
    let a_day = 2.0 * (written_after.bytes - written_before.bytes);
    assert_eq!(change.bytes_per_day, Some(a_day));
    assert_eq!(log.bytes_per_day, Some(a_day));
}

#[test]
fn equal_policies_have_no_differences_and_a_rejected_one_has_a_reason() {
    let mut session = Session::default();
    load(&mut session, 1, &policy("- {level: None, users: [ci]}\n"));
    let same = policy("- {level: None, users: [ci], verbs: [get]}\n- {level: None, users: [ci]}\n");
    let equal = CompareResult::Differences {
        changes: Vec::new(),
        more: 0,
        log: None,
    };
    assert_eq!(compare(&mut session, &same), equal);
    let CompareResult::Undecided(problem) = compare(&mut session, "kind: Policy\n") else {
        panic!("not rejected");
    };
    assert_eq!(problem.message, "Kubernetes 1.36 rejects the other policy");
}

/// Returns a ConfigMap with these policies.
fn config_map(policies: &[&str]) -> String {
    let mut text = "apiVersion: v1\nkind: ConfigMap\ndata:\n".to_owned();
    for (number, policy) in policies.iter().enumerate() {
        text.push_str(&format!("  policy-{number}: |\n"));
        let lines = policy.lines().map(|line| format!("    {line}\n"));
        text.extend(lines);
    }
    text
}

#[test]
fn a_policy_of_a_document_is_compared_by_its_part() {
    let none = policy("- {level: None, users: [ci]}\n");
    let all = policy("");
    let document = config_map(&[&none, &all]);
    let mut session = Session::default();
    load(&mut session, 1, &all);
    let CompareResult::Differences { changes, .. } = compare_part(&mut session, &document, 0)
    else {
        panic!("no differences");
    };
    let [change] = &changes[..] else {
        panic!("{changes:?}");
    };
    assert_eq!(change.title, "Gained");
    // The rule is in line 5 of the policy, which begins after four lines.
    assert_eq!(change.decision_before.line, 9);
    // Like the editor, a part that the document does not have is its last one.
    for part in [1, 7] {
        let CompareResult::Differences { changes, .. } =
            compare_part(&mut session, &document, part)
        else {
            panic!("no differences");
        };
        assert_eq!(changes, []);
    }
}

#[test]
fn another_text_without_an_accepted_policy_has_a_reason() {
    let mut session = Session::default();
    load(&mut session, 1, &policy(""));
    let template = config_map(&[&policy("- {level: {{ .Values.level }}}\n")]);
    let rejected = config_map(&[&policy("- {level: Loud}\n")]);
    for (text, message) in [
        (
            "apiVersion: v1\nkind: ConfigMap\ndata: {}\n",
            "the other text is a ConfigMap without a policy",
        ),
        (
            template.as_str(),
            "the other policy is a Helm template, not a policy yet",
        ),
        (
            rejected.as_str(),
            "Kubernetes 1.36 rejects the other policy",
        ),
    ] {
        let CompareResult::Undecided(problem) = compare(&mut session, text) else {
            panic!("{text}");
        };
        assert_eq!(problem.message, message);
        assert!(!problem.help.is_empty());
    }
}

/// Returns the labels that complete a query at its end.
fn completions(session: &mut Session, query: &str) -> Vec<String> {
    let request = QueryCompletionRequest {
        caret: query.len(),
        query: query.to_owned(),
    };
    let AnalysisReply::Completions(found) = analyze(session, &AnalysisRequest::Complete(request))
    else {
        panic!("no choices");
    };
    let choices = found.choices.into_iter();
    choices.map(|choice| choice.label).collect()
}

#[test]
fn values_of_policy_and_log_complete_a_query() {
    let mut session = Session::default();
    load(
        &mut session,
        1,
        &policy("- {level: None, users: [alfred]}\n"),
    );
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: half_a_day(),
    });
    assert_eq!(completions(&mut session, "user=al"), ["alfred", "alice"]);
}

#[test]
fn a_path_of_a_url_completes_a_path_and_no_resource() {
    let mut session = Session::default();
    let fields = r#""stage":"ResponseComplete","requestURI":"/healthz/etcd","verb":"get","user":{"username":"u"},"responseStatus":{"code":200}"#;
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: half_a_day() + &event(9, fields),
    });
    assert_eq!(
        completions(&mut session, "path=/healthz"),
        ["/healthz/etcd", "/healthz*"]
    );
    assert_eq!(completions(&mut session, "resource=/h"), [""; 0]);
    assert_eq!(completions(&mut session, "resource=healthz"), [""; 0]);
    assert_eq!(completions(&mut session, "resource=pods")[0], "pods/attach");
}

#[test]
fn an_inspected_event_has_the_query_of_its_request() {
    let mut session = Session::default();
    load(&mut session, 1, &policy(""));
    let fields = r#""stage":"ResponseComplete","requestURI":"/api/v1/namespaces/payments/secrets/db","verb":"get","user":{"username":"CN=a, b","groups":["dev","ops, all"]},"responseStatus":{"code":200}"#;
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: event(0, fields),
    });
    let row = &rows(&mut session)[0];
    let message = ToWorker::Inspect { event: row.event };
    let ToPage::Inspection(inspection) = only(&mut session, message) else {
        panic!("no inspection");
    };
    assert_eq!(
        inspection.query,
        "user=\"CN=a, b\" userGroup=dev userGroup=\"ops, all\" verb=get apiGroup= resource=secrets subresource= namespace=payments name=db"
    );
}
