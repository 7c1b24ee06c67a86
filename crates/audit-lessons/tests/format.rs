//! Facts about the format of lessons: what is read, and the message and line of each error.

use audit_lessons::{Block, Check, Lesson, Subject, Track};
use proptest::prelude::*;

const FRONT: &str = "---\nid: a\ntrack: hardening\ntitle: A\nminutes: 3\n---\n";
const POLICY: &str =
    "```yaml policy\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n```\n";
const CHECK: &str = "```yaml check\ntests: [{name: all, requests: {}, level: Metadata}]\n```\n";
const ANSWER: &str =
    "```yaml answer\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n```\n";
const LOG: &str = "```text log\n2026-03-02T08:00:00Z eve get /api/v1/namespaces/tea/secrets/a 200\n2026-03-02T08:00:01Z bob list /api/v1/pods 200\n```\n";

/// Returns a lesson of one step, which begins at line 7; its task is line 8.
fn lesson(parts: &[&str]) -> String {
    format!("{FRONT}## Step: One\nDo it.\n{}", parts.concat())
}

fn block(info: &str, content: &str) -> String {
    format!("```{info}\n{content}\n```\n")
}

#[test]
fn a_lesson_is_read() {
    let text = lesson(&[
        "More.\n",
        POLICY,
        CHECK,
        "```text hint\nTry `Metadata`.\n```\n",
        ANSWER,
    ]);
    let lesson = Lesson::parse(&text).unwrap();
    assert_eq!((lesson.id.as_str(), lesson.minutes), ("a", 3));
    assert_eq!(lesson.track, Track::Hardening);
    let step = &lesson.steps[0];
    assert_eq!(step.title, "One");
    assert_eq!(step.task.plain(), "Do it. More.");
    assert_eq!(step.hints[0].plain(), "Try Metadata.");
    assert_eq!(step.subject(), Subject::Policy);
    assert!(!step.start.is_continued);
}

#[test]
fn windows_line_ends_and_a_byte_order_mark_are_read() {
    let text = lesson(&[POLICY, CHECK, ANSWER]).replace('\n', "\r\n");
    assert!(Lesson::parse(&text).is_ok());
    assert!(Lesson::parse(&format!("\u{feff}{text}")).is_ok());
}

#[test]
fn an_example_in_the_task_is_text() {
    let text = lesson(&["```yaml\nlevel: None\n```\n", POLICY, CHECK, ANSWER]);
    let lesson = Lesson::parse(&text).unwrap();
    assert!(matches!(lesson.steps[0].task.0[1], Block::Code { .. }));
}

#[test]
fn a_step_goes_on_with_the_answer_of_the_one_before() {
    let second = "## Step: Two\nGo on.\n```yaml check\nequal: answer\n```\n";
    let text = lesson(&[
        POLICY,
        CHECK,
        ANSWER,
        second,
        POLICY.replace("policy", "answer").as_str(),
    ]);
    let lesson = Lesson::parse(&text).unwrap();
    let [one, two] = lesson.steps.as_slice() else {
        unreachable!("two steps")
    };
    assert_eq!(two.start.policy.as_deref(), Some(one.model.policy.as_str()));
    assert!(two.start.is_continued);
    assert!(matches!(&two.check, Check::Equal(model) if model.contains("None")));
}

/// Returns the line and message of the first error, and its help.
fn error(text: &str) -> (usize, String, String) {
    let errors = Lesson::parse(text).err().unwrap_or_default();
    let first = errors.into_iter().next();
    first.map_or_else(Default::default, |error| {
        (error.line, error.message, error.help)
    })
}

#[test]
fn errors_of_the_front_matter_have_their_place() {
    for (change, line, message, help) in [
        (
            ("---\nid", "id"),
            1,
            "the lesson has no front matter",
            "start with `---`, `id`, `track`, `title`, `minutes` and `---`",
        ),
        (
            ("id: a", "id: A B"),
            2,
            "the `id` is not a short name",
            "use lowercase letters, digits and dashes, such as `first-match-wins`",
        ),
        (
            ("track: hardening", "track: hardning"),
            3,
            "unknown value `hardning`",
            "did you mean `hardening`?",
        ),
        (
            ("title: A", "titles: A"),
            4,
            "unknown field `titles`",
            "did you mean `title`?",
        ),
        (("title: A", "title: \"\""), 4, "the title is empty", ""),
        (
            ("minutes: 3", "minutes: 0"),
            5,
            "`minutes` is not between 1 and 240",
            "",
        ),
        (
            ("minutes: 3", "minutes: 3\nkubernetesVersion: \"1.5\""),
            6,
            "unknown Kubernetes version",
            "",
        ),
    ] {
        let text = lesson(&[POLICY, CHECK, ANSWER]).replacen(change.0, change.1, 1);
        let found = error(&text);
        assert_eq!(found.0, line, "{found:?}");
        assert!(found.1.starts_with(message), "{found:?}");
        assert!(found.2.starts_with(help), "{found:?}");
    }
    assert_eq!(error("---\nid: a\n").1, "the front matter is not closed");
}

#[test]
fn errors_of_steps_have_their_place() {
    let wrong = block("yaml wrong", "x: 1");
    let rows: [(&[&str], usize, &str); 13] = [
        (
            &[POLICY, ANSWER],
            7,
            "the lesson has no check, so nothing tells whether an answer is right",
        ),
        (&[POLICY, CHECK], 14, "the step has no model answer"),
        (&[CHECK, ANSWER], 9, "the step has no `policy` to check"),
        (&[POLICY, POLICY, CHECK, ANSWER], 14, "a second `policy`"),
        (
            &[POLICY, CHECK, CHECK, ANSWER],
            17,
            "a second `check` in a step",
        ),
        (
            &[POLICY, CHECK, ANSWER, &wrong],
            22,
            "a wrong answer without its reason",
        ),
        (
            &[POLICY, "```yaml checks\n```\n"],
            14,
            "unknown block `checks`",
        ),
        (
            &[POLICY, CHECK, "```yaml answer\nrules: []\n"],
            17,
            "a block is not closed",
        ),
        (
            &[POLICY, CHECK, "```yaml answer\nrules: 1\n```\n"],
            17,
            "kube-apiserver rejects the answer: ",
        ),
        (&["# Title\n"], 9, "unknown heading `# Title`"),
        (&["## Step:\n"], 9, "unknown heading `## Step:`"),
        (
            &[POLICY, CHECK, ANSWER, "## Step: Two\nDo.\n"],
            22,
            "the step `Two` has no check",
        ),
        (
            &[POLICY, CHECK, ANSWER, "## Step: Two\n", CHECK],
            22,
            "the step has no task",
        ),
    ];
    for (parts, line, message) in rows {
        let found = error(&lesson(parts));
        assert_eq!(found.0, line, "{found:?}");
        assert!(found.1.starts_with(message), "{found:?}");
    }
    assert_eq!(error(FRONT).1, "the lesson has no steps");
    let early = format!("{FRONT}{CHECK}## Step: One\nDo it.\n{CHECK}");
    assert_eq!(error(&early).1, "`check` before the first step");
}

#[test]
fn errors_of_checks_have_their_place() {
    for (content, line, message, help) in [
        (
            "test: []",
            15,
            "unknown field `test`",
            "did you mean `tests`?",
        ),
        (
            "pick: first",
            14,
            "the check requires nothing",
            "state `tests`",
        ),
        ("{}", 14, "the check requires nothing", "state `tests`"),
        (
            "event: verb:get\nequal: answer",
            15,
            "both `equal` and `event` in one check",
            "make a step of each",
        ),
        (
            "tests:\n- {name: a, requests: {verbs: get}, level: None}",
            16,
            "unknown field `verbs`",
            "did you mean `verb`?",
        ),
        (
            "tests:\n- {name: a, setting: {flag: audit-log-path, isSet: true}}",
            16,
            "a test of a lesson is about requests",
            "write claims about flags",
        ),
        (
            "equal: policy",
            15,
            "unknown value `policy`",
            "the values are `answer`",
        ),
        (
            "question: whose\nof: verb:get",
            15,
            "unknown value `whose`",
            "the values are",
        ),
        (
            "question: user",
            14,
            "the question is not about any events",
            "add `of`",
        ),
        (
            "question: user\nof: usr:eve",
            16,
            "unknown field `usr`",
            "did you mean `user:eve`?",
        ),
        (
            "question: user\nof: verb:*",
            14,
            "the question has several answers: `eve` and `bob`",
            "select other events",
        ),
        (
            "question: user\nof: verb:delete",
            14,
            "no event of the log matches the filter",
            "select other events",
        ),
        (
            "question: name\nof: verb:list",
            14,
            "an event that the filter selects does not answer the question",
            "select other",
        ),
        (
            "event: verb:delete",
            14,
            "no event of the log matches the filter",
            "",
        ),
        (
            "event: ''",
            15,
            "the filter selects every event",
            "write terms",
        ),
        (
            "question: user\nof: verb:list\nasks: a list",
            17,
            "`asks` without `event`",
            "",
        ),
        (
            "settings: [{flag: audit-log-max-age, atLeast: 3}]",
            15,
            "unknown audit flag `audit-log-max-age`",
            "did you mean `audit-log-maxage`?",
        ),
        (
            "settings: [{flag: audit-log-maxage}]",
            15,
            "nothing is expected of the flag",
            "state `value`",
        ),
        (
            "settings: [{flag: audit-log-maxage, atLeast: 3}]",
            14,
            "the step has no `flags` or `manifest` to check",
            "add the block",
        ),
        (
            "mounted: true",
            14,
            "the step has no `manifest` to check",
            "add the block",
        ),
        (
            "without: [AP001]",
            15,
            "`AP001` is not a finding about settings",
            "write its code",
        ),
        (
            "without: [AE999]",
            15,
            "`AE999` is not a finding about settings",
            "write its code",
        ),
        (
            "mounted: false",
            15,
            "the check requires nothing",
            "add a claim under `settings`",
        ),
    ] {
        let text = lesson(&[LOG, "\n", &block("yaml check", content)]);
        let found = error(&text);
        assert!(found.1.starts_with(message), "{content}: {found:?}");
        assert!(found.2.starts_with(help), "{content}: {found:?}");
        assert_eq!(found.0, line, "{content}: {found:?}");
    }
}

#[test]
fn errors_of_a_log_in_brief_have_their_place() {
    let good = "2026-03-02T08:00:00Z eve get /version 200";
    for (line, message, help) in [
        (
            "2026-03-02T08:00:00Z eve get",
            "a line of the log is not complete",
            "write `TIME USER VERB PATH STATUS`",
        ),
        (
            "soon eve get /version 200",
            "`soon` is not a time",
            "write `TIME",
        ),
        (
            "2026-03-02T08:00:00Z eve get /version ok",
            "`ok` is not a status",
            "write `TIME",
        ),
        (
            "2026-03-02T08:00:00Z eve get /version 200 levels=None",
            "unknown field `levels`",
            "did you mean `level`?",
        ),
        (
            "2026-03-02T08:00:00Z eve get /version 200 level=All",
            "unknown level `All`",
            "",
        ),
        (
            "2026-03-02T08:00:00Z eve get /version 200 fast",
            "`fast` is not a field",
            "write `name=value`",
        ),
    ] {
        let log = block("text log", &format!("{good}\n\n# a comment\n{line}"));
        let found = error(&lesson(&[&log, &block("yaml check", "event: verb:get")]));
        assert_eq!(found, (13, message.to_owned(), found.2.clone()), "{line}");
        assert!(found.2.starts_with(help), "{found:?}");
    }
    let empty = lesson(&[
        "```text log\n```\n",
        "```yaml check\nevent: verb:get\n```\n",
    ]);
    assert_eq!(error(&empty).1, "the log has no events");
}

#[test]
fn limits_have_a_message() {
    let steps = "## Step: x\nDo.\n".repeat(41);
    assert_eq!(
        error(&format!("{FRONT}{steps}")).1,
        "the lesson has more than 40 steps"
    );
    let long = lesson(&["x".repeat(300_000).as_str()]);
    assert_eq!(error(&long).1, "the lesson is larger than 256 KiB");
    let hints = "```text hint\nx\n```\n".repeat(21);
    let many = lesson(&[POLICY, CHECK, ANSWER, &hints]);
    assert_eq!(error(&many).1, "more than 20 blocks `hint` in a step");
    let lines = "2026-03-02T08:00:00Z a get /a 200\n".repeat(501);
    let log = lesson(&[&block("text log", &lines), CHECK]);
    assert_eq!(error(&log).1, "the log has more than 500 lines");
}

/// Lines of lessons, in any order.
fn lines() -> impl Strategy<Value = String> {
    let known = [
        "---",
        "id: a",
        "track: hardening",
        "title: A",
        "minutes: 3",
        "## Step: One",
        "Do *it* with `x`.",
        "- item",
        "1. item",
        "```",
        "````",
        "```yaml policy",
        "```yaml check",
        "```text log",
        "```json log",
        "```text hint",
        "```yaml answer",
        "```text wrong x",
        "```text flags",
        "```yaml manifest",
        "{apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}",
        "tests: [{name: a, requests: {}, level: None}]",
        "equal: answer",
        "event: verb:get",
        "question: time",
        "of: user:*",
        "pick: last",
        "mounted: true",
        "settings: [{flag: audit-log-path, isSet: true}]",
        "2026-03-02T08:00:00Z eve get /api/v1/namespaces/a/pods/b 200",
        "--audit-log-path=/a",
        "[a](https://b)",
        "é**",
    ];
    let line = prop_oneof![
        20 => proptest::sample::select(known.to_vec()).prop_map(str::to_owned),
        1 => "\\PC{0,20}",
    ];
    proptest::collection::vec(line, 0..40).prop_map(|lines| lines.join("\n"))
}

proptest! {
    #[test]
    fn parsing_never_panics_and_errors_are_inside_the_text(text in prop_oneof![lines(), "\\PC{0,200}"], with_front: bool) {
        let text = if with_front { format!("{FRONT}## Step: One\n{text}") } else { text };
        match Lesson::parse(&text) {
            Ok(lesson) => prop_assert!(!lesson.steps.is_empty()),
            Err(errors) => {
                prop_assert!(!errors.is_empty());
                for error in errors {
                    prop_assert!(error.span.start <= error.span.end);
                    prop_assert!(error.span.end <= text.len(), "{error:?}");
                    prop_assert!(text.is_char_boundary(error.span.start));
                    prop_assert!(error.line <= text.lines().count().max(1) + 1);
                }
            }
        }
    }

    #[test]
    fn answers_of_any_content_are_checked(text in "\\PC{0,60}", event in proptest::option::of(0_usize..20)) {
        let answer = audit_lessons::Answer {
            policy: text.clone(),
            flags: text.clone(),
            manifest: text.clone(),
            text,
            event,
        };
        for id in ["who-did-it", "exam-mounts", "retention"] {
            for step in audit_lessons::lesson(id).into_iter().flat_map(|lesson| lesson.steps) {
                let outcome = audit_lessons::check(&step, &answer);
                prop_assert!(outcome.passed || !outcome.reason.is_empty());
            }
        }
    }
}

#[test]
fn the_example_of_the_documentation_passes_its_own_review() {
    let page = include_str!("../FORMAT.md");
    let example = page.split_once("````markdown\n").map(|(_, rest)| rest);
    let example = example.and_then(|rest| rest.split_once("\n````\n"));
    let (example, _) = example.unwrap_or_else(|| unreachable!("the page has an example"));
    let lesson = Lesson::parse(example);
    assert!(lesson.is_ok(), "{lesson:?}");
    let reviews: Vec<_> = lesson.iter().flat_map(audit_lessons::review).collect();
    assert_eq!(reviews.len(), 1);
    for step in reviews {
        assert!(step.problems.is_empty(), "{:?}", step.problems);
    }
}
