//! A large text is read as a lesson, or has errors inside it, in time that grows with its length.

#![allow(clippy::unwrap_used, reason = "a test may fail by a panic")]

use audit_lessons::Lesson;

const FRONT: &str = "---\nid: a\ntrack: hardening\ntitle: A\nminutes: 3\n---\n";

/// Repeated parts: marks of Markdown, of the format, of YAML and of logs.
const PARTS: [&str; 30] = [
    "\n",
    "a ",
    "a\n",
    "*",
    "* ",
    "**a",
    "[a](",
    "`",
    "` ",
    "```\n",
    "````x\n",
    "- a\n",
    "1. a\n",
    "## ",
    "## Step: a\n",
    "## Step: a\nb\n```yaml check\nequal: answer\n```\n",
    "```text hint\na\n```\n",
    "```text log\n",
    "---\n",
    "a: b\n",
    "a: &a [*a]\n",
    "{",
    "[",
    "- - ",
    "\"",
    "'\\",
    "\u{feff}",
    "2026-03-02T08:00:00Z eve get /api/v1/namespaces/a/pods/b 200\n",
    "{\"auditID\":\"a\",\"stage\":\"Panic\"}\n",
    "verb:get ",
];

/// Checks that every error is inside the text.
fn check(text: &str) {
    let Err(errors) = Lesson::parse(text) else {
        return;
    };
    assert!((1..=50).contains(&errors.len()));
    for error in errors {
        let place = text.get(error.span.start..error.span.end);
        assert!(place.is_some(), "{error:?}");
        assert!(error.to_string().len() < 2_000, "{error}");
    }
}

#[test]
fn a_lesson_of_a_mebibyte_is_too_large() {
    for part in PARTS {
        let errors = Lesson::parse(&part.repeat((1 << 20) / part.len())).unwrap_err();
        let messages: Vec<&str> = errors.iter().map(|error| &*error.message).collect();
        assert_eq!(messages, ["the lesson is larger than 256 KiB"]);
    }
}

#[test]
fn the_largest_lessons_are_answered() {
    for part in PARTS {
        let many = part.repeat((255 << 10) / part.len());
        check(&many);
        check(&format!("---\n{many}"));
        for block in [
            "",
            "```yaml check\n",
            "```text log\n",
            "```json log\n",
            "```yaml policy\n",
        ] {
            check(&format!(
                "{FRONT}## Step: One\nDo it.\n{block}{many}\n```\n"
            ));
        }
    }
}
