//! Tests of the check whether the log was written by the policy, and of the volume from metrics.

use audit_types::RuleIndex;
use playground_protocol::{ContradictionFilter, ContradictionKind, PolicyCheckView};

use super::*;

fn set_policy(session: &mut Session, rules: &str) {
    let text = format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{rules}]\n"
    );
    session.handle_message(ToWorker::Policy {
        generation: 7,
        text,
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
}

fn paste(session: &mut Session, text: String) {
    session.handle_message(ToWorker::Paste { log: 1, text });
}

/// Returns the last status of a check, and the number of messages that it took.
fn check(session: &mut Session, job: u32) -> (PolicyCheckStatus, usize) {
    for count in 1..10_000 {
        let ToPage::PolicyCheck(step) = only(session, ToWorker::CheckPolicy { job }) else {
            panic!("another message");
        };
        assert_eq!(step.job, job);
        match step.status {
            PolicyCheckStatus::Running { bytes, total_bytes } => assert!(bytes <= total_bytes),
            ended => return (ended, count),
        }
    }
    panic!("the check does not end");
}

fn result(session: &mut Session, job: u32) -> PolicyCheckView {
    match check(session, job).0 {
        PolicyCheckStatus::Finished(view) => *view,
        other => panic!("{other:?}"),
    }
}

fn complete(number: usize, verb: &str, level: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"{level}","auditID":"{number}","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"{verb}","user":{{"username":"alice"}},"responseStatus":{{"code":200}}}}"#
    )
}

#[test]
fn events_that_were_cut_are_counted() {
    let mut session = Session::default();
    set_policy(&mut session, "{level: Metadata}");
    let whole = complete(0, "list", "Metadata");
    // Records of AKS are cut at a number of bytes: the text of an event then lacks its end, or its beginning.
    let record = |log: &str| {
        // Debug quotes a text of ASCII as JSON does.
        format!(
            r#"{{"category":"kube-audit","operationName":"Microsoft.ContainerService/managedClusters/diagnosticLogs/Read","properties":{{"log":{log:?},"stream":"stdout"}}}}"#
        )
    };
    let cut = record(&whole[..150]);
    for (records, expected) in [
        (vec![record(&whole)], None),
        (
            // The last one is after all events.
            vec![cut.clone(), record(&whole), cut],
            Some("2 events were cut and can't be checked."),
        ),
    ] {
        paste(&mut session, records.join("\n"));
        let view = result(&mut session, 1);
        assert_eq!(view.consistent, Some(true), "{}", view.answer);
        assert_eq!(view.cut.as_deref(), expected);
    }
}

#[test]
fn contradictions_are_counted_and_listed() {
    let mut session = Session::default();
    set_policy(
        &mut session,
        "{level: Request, verbs: [create]}, {level: Metadata}",
    );
    let events = [
        complete(0, "list", "Metadata"),
        complete(1, "create", "Metadata"),
        complete(2, "list", "Request"),
        complete(3, "create", "Metadata"),
    ];
    paste(&mut session, events.join("\n"));
    let view = result(&mut session, 1);
    assert_eq!((view.generation, view.consistent), (7, Some(false)));
    assert_eq!(
        view.answer,
        "The log was not written by this policy: 3 of 4 events contradict it."
    );
    let found: Vec<_> = view
        .contradictions
        .iter()
        .map(|found| {
            (
                found.kind,
                found.place.as_str(),
                found.rule.map(RuleIndex::get),
            )
        })
        .collect();
    assert_eq!(
        found,
        [
            (ContradictionKind::LevelLower, "pasted text:2", Some(0)),
            (ContradictionKind::LevelHigher, "pasted text:3", Some(1)),
        ]
    );
    for (filter, expected) in [
        (ContradictionFilter::Any, 3),
        (ContradictionFilter::Kind(ContradictionKind::LevelLower), 2),
        (ContradictionFilter::Kind(ContradictionKind::LevelHigher), 1),
        (
            ContradictionFilter::Kind(ContradictionKind::UnexpectedStage),
            0,
        ),
    ] {
        let view = View {
            contradiction: Some(filter),
            ..View::default()
        };
        match only(&mut session, ToWorker::View(view)) {
            ToPage::Rows(shown) => assert_eq!(shown.total, expected, "{filter:?}"),
            other => panic!("{other:?}"),
        }
    }
    // The event of the first contradiction is that of the second line.
    let event = view.contradictions[0].event;
    match only(&mut session, ToWorker::Inspect { event }) {
        ToPage::Inspection(inspection) => assert_eq!(inspection.line, 2),
        other => panic!("{other:?}"),
    }
    // Another log has other events.
    paste(&mut session, complete(4, "create", "Metadata"));
    assert!(rows(&mut session).is_empty());
}

#[test]
fn a_check_keeps_its_policy_and_its_parts_do_not_matter() {
    let mut session = Session::default();
    set_policy(&mut session, "{level: Metadata}");
    let padding = "x".repeat(2_000);
    let events: Vec<String> = (0..3_000)
        .map(|number| complete(number, "list", "Metadata").replace("alice", &padding))
        .collect();
    paste(&mut session, events.join("\n"));
    let ToPage::PolicyCheck(first) = only(&mut session, ToWorker::CheckPolicy { job: 1 }) else {
        panic!("another message");
    };
    assert!(matches!(first.status, PolicyCheckStatus::Running { .. }));
    set_policy(&mut session, "{level: None}");
    let (status, messages) = check(&mut session, 1);
    // Six megabytes in parts of two.
    assert!((2..=4).contains(&messages), "{messages}");
    match status {
        PolicyCheckStatus::Finished(view) => assert_eq!(
            view.answer,
            "Nothing contradicts this policy: it fits all 3,000 events that could be checked."
        ),
        other => panic!("{other:?}"),
    }
    assert!(
        result(&mut session, 2)
            .answer
            .contains("3,000 of 3,000 events contradict it")
    );
    // A check that was cancelled begins at the start.
    only(&mut session, ToWorker::CheckPolicy { job: 3 });
    assert!(
        session
            .handle_message(ToWorker::CancelPolicyCheck)
            .is_empty()
    );
    assert!(check(&mut session, 3).1 >= 3);
}

#[test]
fn without_a_policy_there_is_a_reason() {
    let mut session = Session::default();
    paste(&mut session, complete(0, "list", "Metadata"));
    match check(&mut session, 1) {
        (PolicyCheckStatus::Failed(reason), 1) => assert!(reason.contains("No policy")),
        other => panic!("{other:?}"),
    }
}

#[test]
fn formats_that_wrap_events_are_checked_like_plain_ones() {
    let event = complete(0, "create", "Metadata");
    let quoted = event.replace('"', "\\\"");
    for text in [
        format!("[{event},{event}]"),
        format!(
            "{{\"hostname\":\"cp-1\",\"log\":\"{quoted}\"}}\n{{\"hostname\":\"cp-2\",\"log\":\"{quoted}\"}}\n"
        ),
        format!("{{\"kind\":\"EventList\",\"items\":[{event},\n{event}]}}"),
    ] {
        let mut session = Session::default();
        set_policy(&mut session, "{level: Request}");
        paste(&mut session, text.clone());
        let view = result(&mut session, 1);
        assert!(
            view.answer.contains("2 of 2 events contradict it"),
            "{text}: {}",
            view.answer
        );
        let nodes = view
            .sources
            .iter()
            .filter(|one| one.label.contains(", node cp-"))
            .count();
        assert_eq!(
            nodes,
            if text.contains("hostname") { 2 } else { 0 },
            "{:?}",
            view.sources
        );
    }
}

const METRICS: &str = "apiserver_request_total{code=\"200\",group=\"\",resource=\"pods\",scope=\"cluster\",subresource=\"\",verb=\"LIST\"} 100\nkubernetes_build_info{git_version=\"v1.30.1\"} 1\n";

#[test]
fn metrics_are_estimated_under_the_policy() {
    let mut session = Session::default();
    set_policy(&mut session, "{level: Metadata}");
    let file = |text: &str| {
        vec![MetricsFile {
            name: "m".to_owned(),
            text: text.to_owned(),
        }]
    };
    match only(
        &mut session,
        ToWorker::OpenMetrics(file("etcd_server_has_leader 1\n")),
    ) {
        ToPage::MetricsNotOpened(rejection) => {
            assert_eq!(rejection.name, "m");
            assert!(rejection.reason.contains("metrics of etcd"));
        }
        other => panic!("{other:?}"),
    }
    let opened = only(&mut session, ToWorker::OpenMetrics(file(METRICS)));
    assert_eq!(opened, ToPage::MetricsOpened);
    let mut estimate = |hours| {
        let version = KubernetesVersion::NEWEST;
        match only(
            &mut session,
            ToWorker::EstimateFromMetrics { hours, version },
        ) {
            ToPage::Metrics(report) => *report,
            other => panic!("{other:?}"),
        }
    };
    let report = estimate(None);
    assert_eq!((report.generation, report.has_time), (7, false));
    let figure = |report: &playground_protocol::MetricsReport, label: &str| {
        let figure = report.figures.iter().find(|figure| figure.label == label);
        figure.map(|figure| figure.value.clone())
    };
    assert_eq!(figure(&report, "Events per day"), None);
    assert!(
        report
            .cautions
            .iter()
            .any(|text| text.contains("Kubernetes `1.30`, and 1.36 is emulated."))
    );
    assert!(
        report
            .cautions
            .iter()
            .any(|text| text.contains("there is no rate"))
    );
    // One event per list, half a day: 200 events per day.
    let report = estimate(Some(12.0));
    assert!(report.has_time);
    assert_eq!(
        figure(&report, "Events per day").as_deref(),
        Some("200 events")
    );
    let groups: Vec<_> = report.by[0]
        .groups
        .iter()
        .map(|group| (group.key.as_str(), group.events.as_str()))
        .collect();
    assert_eq!(groups, [("rule 1, Metadata", "200 events")]);
    // 650 to 1,500 bytes each.
    assert_eq!(
        (report.by[0].groups[0].low, report.by[0].groups[0].high),
        (130_000.0, 300_000.0)
    );
}

#[test]
fn likely_secrets_of_the_whole_log_are_counted_with_the_first_event() {
    let mut session = Session::default();
    set_policy(&mut session, "{level: Metadata}");
    let uri = "/api/v1/namespaces/a/pods/b/exec?command=mysql&command=--password%3Dhunter2";
    let exec = |number| complete(number, "create", "Metadata").replace("/api/v1/pods", uri);
    let events = [complete(0, "list", "Metadata"), exec(1), exec(2)];
    paste(&mut session, events.join("\n"));
    let view = result(&mut session, 1);
    let [secret] = view.secrets.as_slice() else {
        panic!("{:?}", view.secrets);
    };
    assert_eq!(
        secret.title,
        "2 events seem to contain a password or token on a command line"
    );
    assert_eq!(secret.place, "pasted text:2");
    assert_eq!(secret.first, "`--password=…` in `requestURI`");
    assert_eq!(secret.event, audit_sim::EventTable::recorded_id(1));
    paste(&mut session, complete(0, "list", "Metadata"));
    assert_eq!(result(&mut session, 2).secrets, []);
}
