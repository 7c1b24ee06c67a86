//! Messages that the first part of the engine handles, and those that wait for the second part.

use playground_protocol::{EventId, PolicyReport};

use super::*;
use crate::policy::MAX_READ_TWICE;

fn policy(generation: u32, text: &str) -> ToWorker {
    ToWorker::Policy {
        generation,
        text: text.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    }
}

fn policy_report(messages: &[ToPage]) -> &PolicyReport {
    let report = messages.iter().find_map(|message| match message {
        ToPage::Policy(report) => Some(report),
        _ => None,
    });
    report.unwrap()
}

#[test]
fn the_first_part_handles_all_that_the_first_example_needs() {
    let (mut first, mut whole) = (Session::default(), Session::default());
    let example = || ToWorker::Example {
        log: 1,
        index: 0,
        with_policy: true,
    };
    let messages = first.handle_first(example()).unwrap();
    assert_eq!(messages, whole.handle_message(example()));
    let text = messages.into_iter().find_map(|message| match message {
        ToPage::Example { policy, .. } => Some(policy),
        _ => None,
    });
    let text = text.unwrap();

    let messages = first.handle_first(policy(1, &text)).unwrap();
    let report = policy_report(&messages);
    assert!(report.accepted && !report.is_linted);
    let expected = whole.handle_message(policy(1, &text));
    let linted = policy_report(&expected);
    assert!(linted.is_linted);
    assert_eq!(report.rules.len(), linted.rules.len());
    // The results are the same, with and without lints.
    assert!(matches!(messages[1..], [ToPage::Answer(_)]));
    assert_eq!(messages[1..], expected[1..]);

    for message in [
        ToWorker::View(View::default()),
        ToWorker::Rows {
            start: 0,
            count: 60,
        },
        ToWorker::Ping,
        ToWorker::Cancel,
    ] {
        let expected = whole.handle_message(message.clone());
        assert_eq!(first.handle_first(message), Some(expected));
    }
    // Once the second part is there, the report is the one with lints.
    assert_eq!(first.lint_policy(), expected);
    assert_eq!(first.lint_policy(), []);
}

#[test]
fn other_messages_wait_for_the_second_part() {
    let filtered = View {
        text: "verb:get".to_owned(),
        ..View::default()
    };
    for message in [
        ToWorker::View(filtered),
        ToWorker::Facets,
        ToWorker::Inspect {
            event: EventId::new(0),
        },
        ToWorker::Example {
            log: 1,
            index: 1,
            with_policy: true,
        },
        ToWorker::Paste {
            log: 1,
            text: String::new(),
        },
    ] {
        assert_eq!(Session::default().handle_first(message), None);
    }
}

#[test]
fn a_text_that_is_not_a_short_accepted_policy_waits_and_changes_nothing() {
    let config_map = "apiVersion: v1\nkind: ConfigMap\ndata:\n  policy: |\n    apiVersion: audit.k8s.io/v1\n    kind: Policy\n    rules:\n    - level: Metadata\n";
    let rejected = POLICY.replace("level: Metadata", "level: Loud");
    let template = format!("{POLICY}# {{{{ .Values.audit }}}}\n");
    let comment = |length: usize| format!("{POLICY}#{}", "a".repeat(length - POLICY.len() - 1));
    let mut session = Session::default();
    let longest = comment(MAX_READ_TWICE);
    assert!(session.handle_first(policy(1, &longest)).is_some());
    for text in [
        config_map,
        &rejected,
        &template,
        "",
        &comment(MAX_READ_TWICE + 1),
    ] {
        assert_eq!(session.handle_first(policy(2, text)), None);
        assert_eq!(session.policy.newest, 1);
        assert!(!session.policy.is_stale());
    }
    // What waits is handled by the whole engine.
    let messages = session.handle_message(policy(2, config_map));
    assert!(policy_report(&messages).accepted);
    assert_eq!(session.lint_policy(), []);
}
