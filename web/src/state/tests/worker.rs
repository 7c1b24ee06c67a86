//! Tests of a page whose worker stops.

use playground_protocol::Progress;

use super::*;
use crate::state::worker::{StopReason, WorkerAction};

fn stop(state: &mut AppState, stop: StopReason) -> Vec<ToWorker> {
    state.apply(Action::Worker(WorkerAction::Stopped(stop)))
}

fn failed() -> StopReason {
    StopReason::Failed("unreachable".to_owned())
}

fn progress(events: usize) -> Action {
    Action::WorkerMessage(ToPage::Progress(Progress {
        file: "audit.log".to_owned(),
        bytes: 4e8,
        total_bytes: 1.3e9,
        events,
        seconds: 2.0,
    }))
}

fn read() -> Action {
    Action::WorkerMessage(ToPage::Log(LogReport {
        events: 1000,
        ..LogReport::default()
    }))
}

#[test]
fn running_out_of_memory_while_reading_keeps_what_was_read_and_is_reported() {
    let mut state = with_log();
    ready(&mut state, 0);
    state.apply(progress(1200));
    assert_eq!(stop(&mut state, StopReason::OutOfMemory), vec![]);
    let said = &state.notice(NoticeKind::WorkerStopped).unwrap().sentence;
    assert!(
        said.starts_with("This tab ran out of memory after 400 MB of 1.3 GB (`audit.log`)."),
        "{said}"
    );
    let log = state.log.clone().unwrap();
    assert_eq!(
        (log.events, log.out_of_memory, log.files.len()),
        (1200, true, 1)
    );
    assert!(state.reading.is_none() && state.answer.is_some());
    assert!(state.partial().unwrap().starts_with("Partial: "));
    // The policy is sent to the next worker, and nothing is requested about the log that it does not have.
    let policy = ToWorker::Policy {
        generation: 1,
        text: "rules: []".to_owned(),
        version: version("1.36"),
        part: 0,
    };
    assert_eq!(ready(&mut state, 2), vec![policy]);
    assert_eq!(state.apply(report(1, true)), vec![]);
    for action in [
        Action::ShowRows {
            start: 500,
            count: 40,
        },
        Action::SetFilter("x".to_owned()),
        Action::SelectRow(900),
        Action::ToggleFacets,
        Action::ShowPane(Pane::Volume),
    ] {
        assert_eq!(state.apply(action.clone()), vec![], "{action:?}");
    }
    // The figures are not taken for those of a policy that comes later.
    state.apply(edit("rules: [] #"));
    assert_eq!(state.freshness(), Freshness::Fresh);
    assert!(state.partial().is_some());
    // The next log is like any other.
    open_files(&mut state);
    assert_eq!(state.partial(), None);
    assert!(state.notice(NoticeKind::WorkerStopped).is_none());
    assert!(!state.apply(answer(2)).is_empty());
}

#[test]
fn a_log_that_was_whole_is_opened_again_once() {
    for reason in [StopReason::OutOfMemory, failed(), StopReason::Terminated] {
        let mut state = with_log();
        ready(&mut state, 0);
        state.apply(read());
        stop(&mut state, reason.clone());
        assert!(state.settled(), "the figures stay meanwhile");
        let asks = ready(&mut state, 0);
        assert!(
            matches!(
                asks.as_slice(),
                [ToWorker::Policy { .. }, ToWorker::Open { .. }]
            ),
            "{asks:?}"
        );
        // Again before it is read: it may be the log, or the policy.
        stop(&mut state, reason);
        assert_eq!(ready(&mut state, 0), vec![]);
        // It is the policy's turn once it has changed.
        let asks = state.apply(edit("rules: [] # less"));
        assert!(matches!(asks.as_slice(), [ToWorker::Policy { .. }]));
    }
}

#[test]
fn figures_stay_until_the_log_that_is_opened_again_has_an_event() {
    let mut state = with_log();
    ready(&mut state, 1);
    state.apply(Action::OpenExample(0));
    opened(&mut state);
    state.apply(answer(1));
    state.apply(read());
    stop(&mut state, failed());
    assert!(ready(&mut state, 1).len() > 1 && state.answer.is_some());
    stop(&mut state, failed());
    assert!(state.answer.is_some() && state.partial().is_some());
}

#[test]
fn a_worker_that_stops_repeatedly_is_not_restarted_forever() {
    let mut state = with_log();
    for _ in 0..3 {
        stop(&mut state, failed());
        assert_eq!(state.worker_status, WorkerStatus::Starting);
    }
    stop(&mut state, failed());
    assert_eq!(state.worker_status, WorkerStatus::Down);
    assert!(state.notice(NoticeKind::WorkerDown).is_some());
    state.apply(Action::Worker(WorkerAction::StartAgain));
    assert_eq!(state.worker_status, WorkerStatus::Starting);
    assert!(state.notice(NoticeKind::WorkerDown).is_none());
    let asks = ready(&mut state, 0);
    assert!(matches!(asks.as_slice(), [ToWorker::Policy { .. }]));
}

#[test]
fn a_log_on_its_way_is_given_up_with_its_worker_and_the_open_one_is_named() {
    let mut state = with_log();
    ready(&mut state, 0);
    state.apply(read());
    state.apply(Action::PasteLog("{}".to_owned()));
    stop(&mut state, failed());
    assert!(!state.openings.is_pending() && state.reading.is_none());
    assert!(
        matches!(state.openings.current(), Some(LogSource::Files(..))),
        "the open one stays the open one"
    );
}

#[test]
fn silence_is_reported_until_the_next_message() {
    let mut state = with_log();
    state.apply(Action::Worker(WorkerAction::Busy(12)));
    let said = &state.notice(NoticeKind::WorkerBusy).unwrap().sentence;
    assert!(said.contains("12 s"), "{said}");
    assert_eq!(state.worker_status, WorkerStatus::Ready, "busy is not dead");
    state.apply(Action::WorkerMessage(ToPage::Pong));
    assert!(state.notice(NoticeKind::WorkerBusy).is_none());
    // A person may stop it; what made it busy is not sent to the next one at once.
    state.apply(Action::Worker(WorkerAction::Busy(12)));
    stop(&mut state, StopReason::ByUser);
    assert!(state.notice(NoticeKind::WorkerBusy).is_none());
    assert_eq!(ready(&mut state, 0), vec![]);
}

#[test]
fn memory_is_recognized_by_the_allocator_and_by_the_browsers_words() {
    let said = |reason: &str, noted| StopReason::of(reason.to_owned(), noted);
    assert_eq!(said("unreachable", true), StopReason::OutOfMemory);
    assert_eq!(
        said("Array buffer allocation failed", false),
        StopReason::OutOfMemory
    );
    assert_eq!(said("out of memory", false), StopReason::OutOfMemory);
    assert_eq!(said("unreachable", false), failed());
}
