//! Tests of the volume that is estimated from metrics.

use playground_protocol::{MetricsFile, MetricsRejection, MetricsReport};

use super::*;
use crate::state::metrics::MetricsAction;
use crate::state::worker::{StopReason, WorkerAction};

fn texts(name: &str) -> Vec<MetricsFile> {
    vec![MetricsFile {
        name: name.to_owned(),
        text: "apiserver_request_total 1".to_owned(),
    }]
}

fn act(action: MetricsAction) -> Action {
    Action::Metrics(action)
}

fn read() -> Action {
    Action::WorkerMessage(ToPage::MetricsOpened)
}

fn estimate(state: &AppState, hours: Option<f64>) -> ToWorker {
    ToWorker::EstimateFromMetrics {
        hours,
        version: state.version,
    }
}

fn estimated(generation: u32) -> Action {
    Action::WorkerMessage(ToPage::Metrics(Box::new(MetricsReport {
        generation,
        ..MetricsReport::default()
    })))
}

/// Returns a state with an accepted policy, without a log.
fn with_policy() -> AppState {
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(edit("rules: []"));
    state.apply(report(1, true));
    state
}

fn open(state: &mut AppState, name: &str) -> Vec<ToWorker> {
    let requests = state.apply(act(MetricsAction::Open(texts(name))));
    assert_eq!(requests, vec![ToWorker::OpenMetrics(texts(name))]);
    state.apply(read())
}

#[test]
fn metrics_are_estimated_in_the_volume_and_after_each_accepted_policy() {
    let mut state = with_policy();
    assert_eq!(open(&mut state, "m"), vec![estimate(&state, None)]);
    assert_eq!(state.pane, Pane::Volume);
    assert_eq!(state.apply(estimated(1)), vec![]);
    assert!(state.metrics.is_fresh());
    // A policy that is rejected has no estimate.
    state.apply(edit("rules: x"));
    assert!(!state.metrics.is_fresh());
    assert_eq!(state.apply(report(2, false)), vec![]);
    state.apply(edit("rules: [y]"));
    assert_eq!(state.apply(report(3, true)), vec![estimate(&state, None)]);
    // One request at a time: the next one follows the answer.
    assert_eq!(state.apply(act(MetricsAction::SetHours(Some(2.0)))), vec![]);
    assert_eq!(state.apply(estimated(3)), vec![estimate(&state, Some(2.0))]);
    // Nothing is estimated while another part is shown.
    state.apply(estimated(3));
    state.apply(Action::ShowPane(Pane::Events));
    state.apply(edit("rules: [z]"));
    assert_eq!(state.apply(report(4, true)), vec![]);
    assert_eq!(
        state.apply(Action::ShowPane(Pane::Volume)),
        vec![estimate(&state, Some(2.0))]
    );
}

#[test]
fn the_volume_of_the_log_is_not_estimated_meanwhile() {
    let mut state = with_log();
    ready(&mut state, 0);
    state.apply(report(1, true));
    let requests = state.apply(Action::ShowPane(Pane::Volume));
    assert!(matches!(requests.as_slice(), [ToWorker::Volume(_)]));
    assert_eq!(
        open(&mut state, "m"),
        vec![ToWorker::HideVolume, estimate(&state, None)]
    );
    state.apply(estimated(1));
    assert!(
        state
            .apply(answer(1))
            .iter()
            .all(|message| !matches!(message, ToWorker::Volume(_)))
    );
    let requests = state.apply(act(MetricsAction::Close));
    assert!(
        matches!(
            requests.as_slice(),
            [ToWorker::CloseMetrics, ToWorker::Volume(_)]
        ),
        "{requests:?}"
    );
}

#[test]
fn closed_metrics_can_be_shown_again() {
    let mut state = with_policy();
    open(&mut state, "m.txt");
    state.apply(act(MetricsAction::Close));
    assert!(!state.metrics.is_open());
    assert_eq!(
        state.notice(NoticeKind::MetricsClosed).unwrap().sentence,
        "Closed `m.txt`."
    );
    assert_eq!(
        state.apply(act(MetricsAction::Reopen)),
        vec![ToWorker::OpenMetrics(texts("m.txt"))]
    );
    state.apply(read());
    assert!(state.metrics.is_open());
    assert!(state.notice(NoticeKind::MetricsClosed).is_none());
}

#[test]
fn a_later_log_replaces_metrics() {
    let mut state = with_policy();
    open(&mut state, "m");
    state.apply(files());
    assert!(state.metrics.is_open());
    assert!(opened(&mut state).contains(&ToWorker::CloseMetrics));
    assert!(!state.metrics.is_open());
    assert!(state.notice(NoticeKind::MetricsClosed).is_some());
    // The notice is about the last log only.
    state.apply(files());
    opened(&mut state);
    assert!(state.notice(NoticeKind::MetricsClosed).is_none());
}

#[test]
fn metrics_that_cannot_be_used_leave_everything_as_it_is() {
    let mut state = with_policy();
    open(&mut state, "m");
    for (name, sentence) in [
        ("k.txt", "`k.txt` was not opened: metrics of etcd."),
        ("", "The pasted metrics were not opened: metrics of etcd."),
    ] {
        state.apply(act(MetricsAction::Open(texts(name))));
        state.apply(Action::WorkerMessage(ToPage::MetricsNotOpened(
            MetricsRejection {
                name: name.to_owned(),
                reason: "metrics of etcd".to_owned(),
            },
        )));
        let notice = state.notice(NoticeKind::MetricsNotOpened).unwrap();
        assert_eq!(notice.sentence, sentence);
        assert_eq!(state.metrics.title(), "`m`");
    }
}

#[test]
fn another_worker_gets_the_metrics_again() {
    let mut state = with_policy();
    open(&mut state, "m");
    state.apply(act(MetricsAction::SetHours(Some(3.0))));
    let failed = StopReason::Failed("x".to_owned());
    state.apply(Action::Worker(WorkerAction::Stopped(failed)));
    state.apply(Action::ShowPane(Pane::Events));
    let requests = ready(&mut state, 0);
    assert!(
        requests.contains(&ToWorker::OpenMetrics(texts("m"))),
        "{requests:?}"
    );
    let generation = state.generation;
    assert_eq!(state.apply(read()), vec![]);
    state.apply(report(generation, true));
    // Another part of the page stays in view.
    assert_eq!(state.pane, Pane::Events);
    assert_eq!(
        state.apply(Action::ShowPane(Pane::Volume)),
        vec![estimate(&state, Some(3.0))]
    );
}
