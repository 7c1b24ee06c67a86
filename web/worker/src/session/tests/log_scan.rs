//! Tests of findings about the log, and of timelines.

use audit_sim::EventTable;
use playground_protocol::{
    AnalysisReply, AnalysisRequest, FoundEvents, LogFindingKind, LogFindingsView, LogScan,
    LogScanRequest, LogScanStatus, TimelineView, decode, encode,
};

use super::*;

fn paste(session: &mut Session, lines: &[String]) {
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived, ResponseStarted]\nrules: [{level: Metadata}]\n".to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let text = lines.join("\n");
    session.handle_message(ToWorker::Paste { log: 1, text });
}

/// Returns the last status of a scan, and the number of messages that it took.
fn scan(session: &mut Session, job: u32, of: LogScan) -> (LogScanStatus, usize) {
    for count in 1..10_000 {
        let request = AnalysisRequest::ScanLog(LogScanRequest { job, of });
        let reply = match only(session, ToWorker::Analysis(encode(&request))) {
            ToPage::Analysis(reply) => decode(&reply),
            other => panic!("{other:?}"),
        };
        let Some(AnalysisReply::Scanned(step)) = reply else {
            panic!("{reply:?}");
        };
        assert_eq!(step.job, job);
        match step.status {
            LogScanStatus::Running { bytes, total_bytes } => assert!(bytes <= total_bytes),
            ended => return (ended, count),
        }
    }
    panic!("the scan does not end");
}

fn findings(session: &mut Session, job: u32) -> LogFindingsView {
    match scan(session, job, LogScan::Findings).0 {
        LogScanStatus::Findings(view) => view,
        other => panic!("{other:?}"),
    }
}

fn timeline(session: &mut Session, event: EventId) -> TimelineView {
    match scan(session, 1, LogScan::Timeline(event)).0 {
        LogScanStatus::Timeline(view) => view,
        other => panic!("{other:?}"),
    }
}

fn event(id: usize, stage: &str, verb: &str, uri: &str, user: &str) -> String {
    let (minute, second) = (id / 60, id % 60);
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"id-{id}","stage":"{stage}","requestURI":"{uri}","verb":"{verb}","user":{{"username":"{user}"}},"responseStatus":{{"code":200}},"requestReceivedTimestamp":"2026-01-02T03:{minute:02}:{second:02}.000000Z","stageTimestamp":"2026-01-02T03:{minute:02}:{second:02}.500000Z"}}"#
    )
}

const POD: &str = "/api/v1/namespaces/shop/pods/web-0";

#[test]
fn the_events_of_findings_are_listed() {
    let mut session = Session::default();
    let secret = "/api/v1/namespaces/shop/pods/db/exec?command=mysql&command=--password%3Dhunter2";
    paste(
        &mut session,
        &[
            event(0, "ResponseComplete", "get", POD, "ann"),
            event(1, "ResponseComplete", "create", secret, "ann"),
            event(2, "ResponseComplete", "create", secret, "system:admln"),
        ],
    );
    let view = findings(&mut session, 1);
    assert_eq!((view.events, view.not_examined.len()), (3, 0));
    let found: Vec<_> = view
        .findings
        .iter()
        .map(|found| {
            let first = found.first.first();
            let place = first.map_or("", |first| first.place.as_str());
            (&*found.finding.code, found.count, place)
        })
        .collect();
    assert_eq!(
        found,
        [("AL005", 2, "pasted text:2"), ("AL007", 1, "pasted text:3")]
    );
    let kind = LogFindingKind::SecretInUrl;
    assert_eq!(view.findings[0].events, FoundEvents::Kind(kind));
    let FoundEvents::Filter(filter) = view.findings[1].events.clone() else {
        panic!("{view:?}");
    };
    for (view, expected) in [
        (
            View {
                finding: Some(kind),
                ..View::default()
            },
            2,
        ),
        (
            View {
                text: filter,
                ..View::default()
            },
            1,
        ),
        (
            View {
                finding: Some(LogFindingKind::SharedAuditId),
                ..View::default()
            },
            0,
        ),
    ] {
        match only(&mut session, ToWorker::View(view.clone())) {
            ToPage::Rows(shown) => assert_eq!(shown.total, expected, "{view:?}"),
            other => panic!("{other:?}"),
        }
    }
}

#[test]
fn a_cut_event_after_all_others_is_found() {
    let mut session = Session::default();
    let whole = event(0, "ResponseComplete", "get", POD, "ann");
    let cut = format!("{}[Truncated...]", &whole[..150]);
    paste(&mut session, &[whole, cut]);
    let view = findings(&mut session, 1);
    let found = &view.findings[0];
    assert_eq!(&*found.finding.code, "AL006");
    assert_eq!(found.events, FoundEvents::Problems);
    assert_eq!(found.first[0].event, None);
}

#[test]
fn a_long_log_is_read_in_parts_and_a_scan_can_be_cancelled() {
    let mut session = Session::default();
    let padding = "x".repeat(2_000);
    let lines: Vec<String> = (0..3_000)
        .map(|id| event(id, "ResponseComplete", "get", POD, &padding))
        .collect();
    paste(&mut session, &lines);
    // Six megabytes in parts of two, and the end.
    let (_, messages) = scan(&mut session, 1, LogScan::Findings);
    assert!((3..=5).contains(&messages), "{messages}");
    let request = AnalysisRequest::ScanLog(LogScanRequest {
        job: 2,
        of: LogScan::Findings,
    });
    only(&mut session, ToWorker::Analysis(encode(&request)));
    let cancel = encode(&AnalysisRequest::CancelScan(2));
    assert_eq!(session.handle_message(ToWorker::Analysis(cancel)), []);
    assert_eq!(scan(&mut session, 2, LogScan::Findings).1, messages);
}

#[test]
fn a_request_is_one_row_of_a_timeline() {
    let mut session = Session::default();
    let lines = [
        event(1, "ResponseComplete", "get", "/version", "ann"),
        event(3, "RequestReceived", "delete", POD, "bob"),
        event(3, "ResponseComplete", "delete", POD, "bob"),
        event(2, "ResponseComplete", "patch", POD, "ann"),
    ];
    paste(&mut session, &lines);
    let view = timeline(&mut session, EventTable::recorded_id(3));
    assert_eq!(view.object, "pods `web-0` in `shop`");
    let rows: Vec<_> = view
        .first
        .iter()
        .map(|row| (row.verb.as_str(), row.stages.as_str(), row.event))
        .collect();
    assert_eq!(
        rows,
        [
            ("patch", "ResponseComplete", EventTable::recorded_id(3)),
            (
                "delete",
                "RequestReceived, ResponseComplete",
                EventTable::recorded_id(2)
            ),
        ]
    );
    assert_eq!((view.requests, view.omitted, view.last.len()), (2, 0, 0));
    let writes: usize = view.buckets.iter().map(|bucket| bucket.writes).sum();
    assert_eq!(writes, 2);
    // A request about no object has no timeline.
    let (status, _) = scan(
        &mut session,
        2,
        LogScan::Timeline(EventTable::recorded_id(0)),
    );
    assert!(matches!(status, LogScanStatus::Failed(_)), "{status:?}");
}

#[test]
fn requests_in_the_middle_of_a_long_timeline_are_counted() {
    let mut session = Session::default();
    let lines: Vec<String> = (0..503)
        .map(|id| event(id, "ResponseComplete", "get", POD, "ann"))
        .collect();
    paste(&mut session, &lines);
    let view = timeline(&mut session, EventTable::recorded_id(0));
    assert_eq!(
        (view.first.len(), view.omitted, view.last.len()),
        (250, 3, 250)
    );
    assert_eq!(view.last[249].event, EventTable::recorded_id(502));
}
