//! Tests of the check whether the log was written by the policy.

use playground_protocol::{
    ContradictionFilter, ContradictionKind, ContradictionView, PolicyCheckStatus, PolicyCheckStep,
    PolicyCheckView, RuleIndex,
};

use super::*;
use crate::state::policy_check::PolicyCheckAction;
use crate::state::worker::{StopReason, WorkerAction};

fn act(action: PolicyCheckAction) -> Action {
    Action::PolicyCheck(action)
}

fn step(job: u32, status: PolicyCheckStatus) -> Action {
    Action::WorkerMessage(ToPage::PolicyCheck(PolicyCheckStep { job, status }))
}

fn running(bytes: f64) -> PolicyCheckStatus {
    PolicyCheckStatus::Running {
        bytes,
        total_bytes: 100.0,
    }
}

fn finished(generation: u32) -> PolicyCheckStatus {
    PolicyCheckStatus::Finished(Box::new(PolicyCheckView {
        generation,
        consistent: Some(false),
        ..PolicyCheckView::default()
    }))
}

fn contradiction(kind: ContradictionKind) -> ContradictionView {
    ContradictionView {
        kind,
        title: String::new(),
        place: String::new(),
        request: String::new(),
        message: String::new(),
        identity: String::new(),
        event: EventId::new(42),
        rule: Some(RuleIndex::new(1)),
    }
}

/// Returns a state whose log was read.
fn with_whole_log() -> AppState {
    let mut state = with_log();
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    assert!(state.can_check_policy());
    state
}

#[test]
fn each_part_is_requested_after_the_last_one() {
    let mut state = with_whole_log();
    let request = |job| vec![ToWorker::CheckPolicy { job }];
    assert_eq!(state.apply(act(PolicyCheckAction::Start)), request(1));
    assert_eq!(state.apply(step(1, running(10.0))), request(1));
    let shown = state.policy_check.running.unwrap();
    assert_eq!((shown.bytes, shown.total_bytes), (10.0, 100.0));
    assert_eq!(state.apply(step(1, finished(1))), vec![]);
    assert!(state.policy_check.running.is_none() && state.policy_check.shown.is_some());
    // Another check has another number, and the messages of the first one are ignored.
    assert_eq!(state.apply(act(PolicyCheckAction::Start)), request(2));
    assert_eq!(state.apply(step(1, running(20.0))), vec![]);
    assert_eq!(state.policy_check.running.unwrap().bytes, 0.0);
}

#[test]
fn it_starts_only_with_a_whole_log_and_an_accepted_policy() {
    let mut state = AppState::default();
    assert_eq!(state.apply(act(PolicyCheckAction::Start)), vec![]);
    let mut state = with_log();
    assert!(!state.can_check_policy());
    assert_eq!(state.apply(act(PolicyCheckAction::Start)), vec![]);
    let mut state = with_whole_log();
    state.apply(edit("rules: x"));
    let generation = state.generation;
    state.apply(report(generation, false));
    assert!(!state.can_check_policy());
    assert_eq!(state.apply(act(PolicyCheckAction::Start)), vec![]);
}

#[test]
fn it_ends_when_it_is_cancelled_fails_or_loses_its_log() {
    let mut state = with_whole_log();
    state.apply(act(PolicyCheckAction::Start));
    let cancel = vec![ToWorker::CancelPolicyCheck];
    assert_eq!(state.apply(act(PolicyCheckAction::Cancel)), cancel);
    assert_eq!(
        state.policy_check.failure.as_deref(),
        Some("The check was cancelled.")
    );
    state.apply(act(PolicyCheckAction::Start));
    assert_eq!(state.policy_check.failure, None);
    state.apply(step(2, PolicyCheckStatus::Failed("Changed.".to_owned())));
    assert_eq!(state.policy_check.failure.as_deref(), Some("Changed."));
    state.apply(act(PolicyCheckAction::Start));
    state.apply(step(3, finished(1)));
    state.apply(act(PolicyCheckAction::Start));
    state.apply(files());
    assert!(opened(&mut state).contains(&ToWorker::CancelPolicyCheck));
    assert_eq!(state.policy_check.running, None);
    assert!(state.policy_check.shown.is_none());
    let mut state = with_whole_log();
    state.apply(act(PolicyCheckAction::Start));
    let failed = StopReason::Failed("x".to_owned());
    state.apply(Action::Worker(WorkerAction::Stopped(failed)));
    assert_eq!(
        state.policy_check.failure.as_deref(),
        Some("The check was cancelled: the engine stopped.")
    );
}

#[test]
fn contradictions_are_listed_without_other_filters() {
    let mut state = with_whole_log();
    state.apply(Action::SetFilter("user:alice".to_owned()));
    state.apply(act(PolicyCheckAction::ListAll));
    let filter = Some(ContradictionFilter::Any);
    assert_eq!(
        *state.table.view,
        View {
            contradiction: filter,
            ..View::default()
        }
    );
    assert!(state.table.is_filtered());
    let kind = ContradictionKind::LevelLower;
    state.apply(act(PolicyCheckAction::Open(contradiction(kind))));
    assert_eq!(
        (state.table.view.contradiction, state.table.view.rule),
        (Some(ContradictionFilter::Kind(kind)), None)
    );
    assert_eq!(
        (state.selected_event(), state.tab, state.pane),
        (Some(EventId::new(42)), Tab::Why, Pane::Inspector)
    );
    // Events of a rule that lacks a stage.
    let missing = contradiction(ContradictionKind::MissingStage);
    state.apply(act(PolicyCheckAction::List(missing)));
    assert_eq!(
        (state.table.view.contradiction, state.table.view.rule),
        (None, Some(RuleFilter::Rule(RuleIndex::new(1))))
    );
    state.apply(act(PolicyCheckAction::ListAll));
    state.apply(act(PolicyCheckAction::ClearFilter));
    assert!(!state.table.is_filtered());
}

#[test]
fn a_new_result_lists_the_events_again() {
    let mut state = with_whole_log();
    state.apply(act(PolicyCheckAction::Start));
    state.apply(step(1, finished(1)));
    state.apply(act(PolicyCheckAction::ListAll));
    let shown = rows(&state, 0, 3, 3);
    state.apply(shown);
    state.apply(act(PolicyCheckAction::Start));
    let requests = state.apply(step(2, finished(1)));
    assert!(
        matches!(requests.as_slice(), [ToWorker::Rows { start: 0, .. }]),
        "{requests:?}"
    );
}
