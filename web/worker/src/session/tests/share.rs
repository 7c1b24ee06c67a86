//! Content of links and files.

use playground_protocol::{EventSelection, MAX_SAMPLE_BYTES, RuleIndex, ShareReport, ShareRequest};

use super::*;

const POLICY: &str = "# payments asked for it\napiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived, ResponseStarted]\nrules:\n- level: None\n  users: [alice]\n- level: RequestResponse\n";

fn event(number: u32, user: &str, query: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/payments/pods/web/exec?{query}","verb":"create","user":{{"username":"{user}"}},"responseStatus":{{"code":101}}}}"#
    )
}

/// A session with a log of three events.
fn session() -> Session {
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: POLICY.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let log = [
        event(1, "alice", "command=ls"),
        event(2, "bob", "command=mysql&command=--password%3Dhunter2"),
        event(3, "carol", "command=sh"),
    ];
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: log.join("\n"),
    });
    session
}

fn share(session: &mut Session, rows: Option<(usize, usize)>, key: Option<u64>) -> ShareReport {
    let request = ShareRequest {
        number: 7,
        version: KubernetesVersion::NEWEST,
        policy: POLICY.to_owned(),
        baseline: Some(POLICY.to_owned()),
        events: rows.map(|(first, last)| EventSelection::Rows { first, last }),
        selected: None,
        key,
    };
    match session.handle_message(ToWorker::Share(request)).as_slice() {
        [ToPage::Shared(report)] => (**report).clone(),
        other => panic!("{other:?}"),
    }
}

/// Returns the rule and the size of each event of a log under a policy.
fn verdicts(policy: &str, log: &str) -> Vec<(Option<RuleIndex>, f64)> {
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: policy.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: log.to_owned(),
    });
    let rows = rows(&mut session).into_iter();
    rows.map(|row| (row.rule, row.recorded)).collect()
}

#[test]
fn what_is_shared_without_a_redaction_is_the_text_itself() {
    let report = share(&mut session(), Some((1, 1)), None);
    assert_eq!(report.number, 7);
    assert_eq!(report.policy, POLICY);
    assert_eq!(report.baseline.as_deref(), Some(POLICY));
    assert_eq!(report.events, 1);
    assert_eq!(report.redaction, None);
    let secret = report.secrets.first().map(|secret| secret.shown.as_str());
    assert_eq!((report.secret_count, secret), (1, Some("--password=…")));
}

#[test]
fn a_redaction_leaves_verdicts_and_sizes_and_no_name() {
    let report = share(&mut session(), Some((0, 2)), Some(42));
    let sample = report.sample.clone().unwrap_or_default();
    assert_eq!(report.events, 3);
    for name in ["alice", "bob", "carol", "payments", "hunter2"] {
        assert!(!sample.contains(name), "{name} in {sample}");
        assert!(!report.policy.contains(name), "{name} in {}", report.policy);
    }
    // The policy and its baseline are the same text.
    assert_eq!(report.baseline.as_ref(), Some(&report.policy));
    let log = [
        event(1, "alice", "command=ls"),
        event(2, "bob", "command=mysql&command=--password%3Dhunter2"),
        event(3, "carol", "command=sh"),
    ];
    assert_eq!(
        verdicts(&report.policy, &sample),
        verdicts(POLICY, &log.join("\n"))
    );
    let replaced = report
        .redaction
        .map(|redaction| redaction.replaced)
        .unwrap_or_default();
    assert!(
        replaced.iter().any(|(name, _)| name == "alice"),
        "{replaced:?}"
    );
    assert_eq!(report.secret_count, 1);
}

#[test]
fn the_policy_alone_can_be_shared_without_a_log() {
    let report = share(&mut Session::default(), None, Some(42));
    assert_eq!(
        (report.events, &report.sample, &report.error),
        (0, &None, &None)
    );
    assert!(!report.policy.contains("alice"), "{}", report.policy);
    // Words of comments that name nothing stay.
    assert!(
        report.policy.contains("payments asked for it"),
        "{}",
        report.policy
    );
}

#[test]
fn events_without_room_are_left_out() {
    let mut session = session();
    let long = "x".repeat(MAX_SAMPLE_BYTES / 2 - 1_000);
    let log = [1, 2, 3].map(|number| event(number, "bob", &long));
    session.handle_message(ToWorker::Paste {
        log: 2,
        text: log.join("\n"),
    });
    let report = share(&mut session, Some((0, 99)), None);
    assert_eq!((report.events, report.left_out), (2, 1));
}

#[test]
fn a_rejected_policy_can_be_shared() {
    let request = ShareRequest {
        number: 1,
        version: KubernetesVersion::NEWEST,
        policy: "rules: [{level: Metadata, users: [alice]".to_owned(),
        baseline: None,
        events: None,
        selected: None,
        key: Some(3),
    };
    let messages = session().handle_message(ToWorker::Share(request));
    let [ToPage::Shared(report)] = messages.as_slice() else {
        panic!("{messages:?}");
    };
    assert_eq!(report.error, None);
    assert!(!report.policy.contains("alice"), "{}", report.policy);
    let has_verdicts = |report: &ShareReport| report.redaction.as_ref().map(|one| one.has_verdicts);
    assert_eq!(has_verdicts(report), Some(false));
    let accepted = share(&mut session(), Some((0, 2)), Some(3));
    assert_eq!(has_verdicts(&accepted), Some(true));
}

#[test]
fn of_a_document_the_policy_is_shared_alone_if_names_are_replaced() {
    let indented = POLICY.replace('\n', "\n    ");
    let document = format!(
        "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: of-payments\ndata:\n  policy.yaml: |\n    {indented}\n"
    );
    let mut session = session();
    session.handle_message(ToWorker::Policy {
        generation: 2,
        text: document.clone(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let share = |session: &mut Session, key| {
        let request = ShareRequest {
            number: 7,
            version: KubernetesVersion::NEWEST,
            policy: document.clone(),
            baseline: None,
            events: Some(EventSelection::Rows { first: 0, last: 2 }),
            selected: None,
            key,
        };
        match session.handle_message(ToWorker::Share(request)).as_slice() {
            [ToPage::Shared(report)] => (**report).clone(),
            other => panic!("{other:?}"),
        }
    };
    let report = share(&mut session, Some(3));
    assert_eq!(report.error, None);
    assert!(report.is_policy_only);
    assert!(!report.policy.contains("ConfigMap"), "{}", report.policy);
    assert!(!report.policy.contains("alice"), "{}", report.policy);
    assert_eq!(
        report.redaction.map(|redaction| redaction.has_verdicts),
        Some(true)
    );
    let whole = share(&mut session, None);
    assert_eq!(
        (whole.policy, whole.is_policy_only),
        (document.clone(), false)
    );
}
