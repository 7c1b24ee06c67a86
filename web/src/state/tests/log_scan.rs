//! Tests of findings about the log, and of timelines.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, Diagnostic, FileReport, FoundEvents, LogFindingKind,
    LogFindingView, LogFindingsView, LogScan, LogScanRequest, LogScanStatus, LogScanStep, Severity,
    TimelineView, encode,
};

use super::*;
use crate::state::log_scan::LogScanAction;

fn act(action: LogScanAction) -> Action {
    Action::LogScan(action)
}

fn step(job: u32, status: LogScanStatus) -> Action {
    let reply = AnalysisReply::Scanned(LogScanStep { job, status });
    Action::WorkerMessage(ToPage::Analysis(encode(&reply)))
}

fn request(job: u32, of: LogScan) -> Vec<ToWorker> {
    let request = AnalysisRequest::ScanLog(LogScanRequest { job, of });
    vec![ToWorker::Analysis(encode(&request))]
}

fn findings() -> LogScanStatus {
    let finding = |severity| LogFindingView {
        finding: Diagnostic {
            severity,
            ..Diagnostic::new("AL003", Severity::Info, "x")
        },
        count: 1,
        events: FoundEvents::Unlisted,
        first: Vec::new(),
    };
    LogScanStatus::Findings(LogFindingsView {
        findings: vec![finding(Severity::Warning), finding(Severity::Info)],
        ..LogFindingsView::default()
    })
}

/// Returns a state whose log of this size was read.
fn with_log_of(bytes: f64) -> (AppState, Vec<ToWorker>) {
    let mut state = with_log();
    let file = FileReport {
        name: "a.log".to_owned(),
        bytes,
        format: String::new(),
        events: 1,
        rejection: None,
        losses: Vec::new(),
    };
    let messages = state.apply(Action::WorkerMessage(ToPage::Log(LogReport {
        files: vec![file],
        ..LogReport::default()
    })));
    (state, messages)
}

#[test]
fn each_part_is_requested_after_the_last_one() {
    let (mut state, _) = with_log_of(1e9);
    let of = LogScan::Findings;
    assert_eq!(state.apply(act(LogScanAction::Search)), request(1, of));
    let running = LogScanStatus::Running {
        bytes: 10.0,
        total_bytes: 100.0,
    };
    assert_eq!(state.apply(step(1, running.clone())), request(1, of));
    assert_eq!(state.log_scans.findings.running.unwrap().bytes, 10.0);
    // Of a scan that has ended.
    assert_eq!(state.apply(step(7, running)), vec![]);
    assert_eq!(state.apply(step(1, findings())), vec![]);
    // Notes are not counted.
    assert_eq!(state.log_scans.warnings, 1);
    assert!(state.log_scans.findings.running.is_none());
    state.apply(files());
    opened(&mut state);
    assert!(state.log_scans.findings.shown.is_none() && state.log_scans.warnings == 0);
}

#[test]
fn a_search_can_be_cancelled() {
    let (mut state, _) = with_log_of(1e9);
    state.apply(act(LogScanAction::Search));
    let cancel = encode(&AnalysisRequest::CancelScan(1));
    assert_eq!(
        state.apply(act(LogScanAction::CancelSearch)),
        vec![ToWorker::Analysis(cancel)]
    );
    assert!(state.log_scans.findings.failure.is_some());
    assert_eq!(
        state.apply(act(LogScanAction::Search)),
        request(2, LogScan::Findings)
    );
    assert_eq!(state.log_scans.findings.failure, None);
}

#[test]
fn the_events_of_a_finding_are_listed_without_other_filters() {
    let (mut state, _) = with_log_of(1e9);
    state.apply(Action::SetFilter("user:alice".to_owned()));
    let kind = LogFindingKind::SecretInUrl;
    state.apply(act(LogScanAction::List(FoundEvents::Kind(kind))));
    assert_eq!(
        (state.table.view.text.as_str(), state.table.view.finding),
        ("", Some(kind))
    );
    assert!(state.table.is_filtered());
    state.apply(act(LogScanAction::ClearFilter));
    assert!(!state.table.is_filtered());
    let filter = FoundEvents::Filter("user:x".to_owned());
    state.apply(act(LogScanAction::List(filter)));
    assert_eq!(state.table.view.text, "user:x");
    state.apply(act(LogScanAction::List(FoundEvents::Problems)));
    assert_eq!((state.tab, state.pane), (Tab::Problems, Pane::Inspector));
    state.apply(act(LogScanAction::Open(EventId::new(4))));
    assert_eq!(
        (state.selected_event(), state.tab),
        (Some(EventId::new(4)), Tab::Why)
    );
}

#[test]
fn another_timeline_takes_the_place_of_the_last_one() {
    let (mut state, _) = with_log_of(1e9);
    let of = |event| LogScan::Timeline(EventId::new(event));
    let show = |event| act(LogScanAction::ShowTimeline(EventId::new(event)));
    assert_eq!(state.apply(show(3)), request(1, of(3)));
    assert_eq!(state.tab, Tab::Timeline);
    let mut expected = vec![ToWorker::Analysis(encode(&AnalysisRequest::CancelScan(1)))];
    expected.extend(request(2, of(4)));
    assert_eq!(state.apply(show(4)), expected);
    state.apply(step(2, LogScanStatus::Timeline(TimelineView::default())));
    assert!(state.log_scans.timeline.shown.is_some());
    state.apply(show(5));
    assert!(state.log_scans.timeline.shown.is_none());
}

#[test]
fn a_small_log_is_searched_once_all_is_shown() {
    for (bytes, is_searched) in [(1e6, true), (1e9, false)] {
        let (mut state, _) = with_log_of(bytes);
        state.policy = Some(crate::identity_rc::IdentityRc::new(PolicyReport {
            generation: state.generation,
            accepted: true,
            is_linted: true,
            ..PolicyReport::default()
        }));
        let shown = rows(&state, 0, 3, 3);
        state.apply(shown);
        let messages = state.apply(Action::PartLoaded(true));
        let search = request(1, LogScan::Findings);
        assert_eq!(
            messages.iter().any(|message| *message == search[0]),
            is_searched,
            "{messages:?}"
        );
        // Not again.
        assert_eq!(state.apply(Action::ShowTab(Tab::Why)).len(), 0);
    }
}
