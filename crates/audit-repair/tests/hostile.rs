//! Any text is repaired without a panic, in time that grows with its length, and repairing the result again changes nothing.

use std::time::{Duration, Instant};

use audit_policy::{KubernetesVersion, load};
use audit_repair::{MAX_LINES, MAX_TEXT_BYTES, Options, Outcome, repair};
use proptest::collection::vec;
use proptest::prelude::*;

/// Checks what holds for every text.
fn check(text: &str) -> Result<(), TestCaseError> {
    let first = repair(text, &Options::default());
    prop_assert_eq!(first.changes.is_empty(), first.text == text);
    let lines = text
        .split(['\n', '\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    for change in &first.changes {
        prop_assert!(change.first_line >= 1 && change.first_line <= change.last_line);
        prop_assert!(change.last_line <= lines, "{:?}", change);
    }
    for question in &first.questions {
        prop_assert!(question.line >= 1 && question.line <= lines);
        prop_assert!(question.readings.len() > 1);
    }
    let is_accepted = |text: &str| {
        load(text.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .is_some()
    };
    prop_assert!(is_accepted(&first.text) || !is_accepted(text));
    let again = repair(&first.text, &Options::default());
    prop_assert_eq!(&again.text, &first.text);
    prop_assert_eq!(again.changes, []);
    Ok(())
}

/// Parts of which lines of damaged policies consist.
const PARTS: [&str; 56] = [
    "- ",
    "  ",
    "    ",
    "\t",
    "–",
    "• ",
    "\u{a0}",
    "\u{200b}",
    "\u{feff}",
    "> ",
    "| ",
    "$ ",
    "12 ",
    "1: ",
    "2: ",
    "level:",
    "level: None",
    "level: Metadata",
    "rules:",
    "resources:",
    "resources: [\"pods\"]",
    "group: \"\"",
    "group:",
    "resourceNames: [a]",
    "verbs: [get]",
    "verbs:",
    "users: [“a”]",
    "users:",
    "omitStages:",
    "omitStages: [RequestReceived]",
    "\"RequestReceived\"",
    "apiVersion: audit.k8s.io/v1",
    "apiVersion: audit.k8s.io/v1beta1",
    "kind: Policy",
    "kind: Role",
    "metadata:",
    "labels:",
    "name: a",
    "foo: bar",
    "[",
    "]",
    "{",
    "}",
    "[\"a\",",
    "\"",
    "'",
    "“",
    "”",
    "# a",
    " # b",
    "word",
    "some words",
    "---",
    "...",
    "```",
    "cat <<EOF",
];

fn damaged() -> impl Strategy<Value = String> {
    let part = (0..PARTS.len()).prop_map(|index| PARTS.get(index).copied().unwrap_or_default());
    let line = vec(part, 0..4).prop_map(|parts| parts.concat());
    let end =
        prop_oneof![8 => Just("\n"), 1 => Just("\r\n"), 1 => Just("\u{b}"), 1 => Just("\nEOF\n")];
    vec((line, end), 0..24)
        .prop_map(|lines| lines.into_iter().map(|(line, end)| line + end).collect())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3_000))]

    #[test]
    fn damaged_texts_are_repaired_once(text in damaged()) {
        check(&text)?;
    }

    #[test]
    fn any_text_is_repaired_once(text in "\\PC{0,80}") {
        check(&text)?;
    }
}

#[test]
fn time_grows_with_the_length_of_the_text() {
    for part in [
        "“",
        "\"",
        "'a",
        "- ",
        "[",
        "level:\n",
        "- level: None\n",
        "- group: a\n",
        "> ",
        "1 \n",
        "verbs:\n",
        "```\n",
        "a: b\n",
        "# a\n",
        "word\n",
        "- - - -\n",
        "- users: [a]\n",
        "- level: None\n- users: [a]\n",
        "\u{a0}",
        "omitStages: [a]\n",
        "cat <<EOF\n",
        "- level: None\nverbs: [“a”]\n",
    ] {
        let time = |bytes: usize| {
            let text = part.repeat(bytes / part.len());
            let start = Instant::now();
            let _ = repair(&text, &Options::default());
            start.elapsed()
        };
        let (short, long) = (time(20_000), time(160_000));
        // Eight times the length; quadratic time would be 64 times.
        let most = short * 24 + Duration::from_millis(500);
        assert!(long < most, "{part:?}: {short:?}, and {long:?}");
    }
}

#[test]
fn large_texts_are_returned_unchanged() {
    for text in ["a".repeat(MAX_TEXT_BYTES + 1), "\n".repeat(MAX_LINES + 1)] {
        let repaired = repair(&text, &Options::default());
        assert_eq!(repaired.outcome, Outcome::TooLarge);
        assert_eq!(repaired.text, text);
    }
}
