//! A damaged policy: changes and questions are inside the text, an accepted policy stays accepted, and repairing again changes nothing.

#![no_main]

use audit_policy::{KubernetesVersion, load};
use audit_repair::{Answer, Options, Outcome, repair};
use libfuzzer_sys::fuzz_target;

// The first byte selects the version and the answers; the rest is the text.
fuzz_target!(|bytes: &[u8]| {
    let Some((first, source)) = bytes.split_first() else {
        return;
    };
    let Ok(text) = std::str::from_utf8(source) else {
        return;
    };
    let version = KubernetesVersion::from_minor(20 + first % 18).expect("1.20 to 1.37");
    let mut options = Options {
        version,
        ..Options::default()
    };
    for reading in [usize::from(first / 128), 0, 1] {
        let repaired = repair(text, &options);
        check(text, &repaired, version);
        let again = repair(
            &repaired.text,
            &Options {
                version,
                ..Options::default()
            },
        );
        assert_eq!(again.text, repaired.text);
        assert!(again.changes.is_empty());
        let Some(question) = repaired.questions.first() else {
            return;
        };
        let line = question.line;
        options.answers.push(Answer { line, reading });
    }
});

fn check(text: &str, repaired: &audit_repair::Repair, version: KubernetesVersion) {
    let lines = text
        .split(['\n', '\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}'])
        .count();
    assert_eq!(repaired.changes.is_empty(), repaired.text == text);
    for change in &repaired.changes {
        assert!(1 <= change.first_line && change.first_line <= change.last_line);
        assert!(change.last_line <= lines && !change.sentence.is_empty());
    }
    for question in &repaired.questions {
        assert!(1 <= question.line && question.line <= lines);
        assert!(question.readings.len() > 1);
    }
    let is_accepted = |text: &str| load(text.as_bytes(), version).policy.is_some();
    let is_repaired = is_accepted(&repaired.text);
    assert!(is_repaired || !is_accepted(text));
    assert!(is_repaired || repaired.outcome != Outcome::Repaired);
}
