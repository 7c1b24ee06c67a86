//! Sealing the page, checking the seal, and parts of the page that cannot be loaded.

use super::{Apply, effects_of, with_log};
use crate::state::notices::NoticeKind;
use crate::state::seal::{Attempt, AttemptOutcome, CheckState, Place, SealAction, SealStatus};
use crate::state::{Action, AppState, Dialog, Effect, Pane};
use playground_protocol::{EventId, ToPage};

fn act(state: &mut AppState, action: SealAction) -> Vec<Effect> {
    effects_of(state, Action::Seal(action))
}

#[test]
fn a_page_is_sealed_once() {
    let mut state = AppState::default();
    assert_eq!(act(&mut state, SealAction::Seal), [Effect::Seal]);
    assert_eq!(act(&mut state, SealAction::Seal), []);
    assert_eq!(act(&mut state, SealAction::Finished(Ok(()))), []);
    assert_eq!(state.seal.status, SealStatus::Sealed);
    assert_eq!(act(&mut state, SealAction::Seal), []);
}

#[test]
fn sealing_is_tried_again_after_a_failure() {
    let mut state = AppState::default();
    act(&mut state, SealAction::Seal);
    act(&mut state, SealAction::Finished(Err("404".to_owned())));
    assert_eq!(state.seal.status, SealStatus::Failed("404".to_owned()));
    assert_eq!(act(&mut state, SealAction::Seal), [Effect::Seal]);
    assert_eq!(state.seal.status, SealStatus::Sealing);
}

#[test]
fn a_missing_part_is_reported_in_one_notice_until_the_page_is_sealed() {
    let failures = [
        Action::PartLoaded(false),
        Action::WorkerMessage(ToPage::PartMissing),
        Action::Seal(SealAction::Finished(Err("404".to_owned()))),
    ];
    let count = |state: &AppState| {
        let kinds = state.notices.iter().map(|notice| notice.kind);
        kinds
            .filter(|kind| *kind == NoticeKind::PartMissing)
            .count()
    };
    let mut state = with_log();
    for failure in failures {
        effects_of(&mut state, failure);
        assert_eq!(count(&state), 1);
        effects_of(&mut state, Action::DismissNotice(NoticeKind::PartMissing));
        assert_eq!(count(&state), 0);
    }
    effects_of(&mut state, Action::PartLoaded(false));
    effects_of(&mut state, Action::WorkerMessage(ToPage::PartMissing));
    assert_eq!(count(&state), 1);
    // One part is there, another one may not be.
    effects_of(&mut state, Action::PartLoaded(true));
    assert!(state.has_all_parts);
    assert_eq!(count(&state), 1);
    act(&mut state, SealAction::Finished(Ok(())));
    assert_eq!(count(&state), 0);
}

#[test]
fn requests_stay_in_progress_while_a_part_of_the_engine_is_missing() {
    let mut state = with_log();
    state.apply(Action::SelectRow(3));
    assert_eq!(state.inspecting, Some(EventId::new(3)));
    effects_of(&mut state, Action::WorkerMessage(ToPage::PartMissing));
    assert_eq!(state.inspecting, Some(EventId::new(3)));
    assert_eq!(state.error_message, None);
}

#[test]
fn what_the_second_part_renders_is_opened_once_it_is_loaded() {
    for action in [
        Action::ShowDialog(Some(Dialog::Help)),
        Action::ShowPane(Pane::Volume),
        Action::FocusPane(Pane::Volume),
        Action::WorkerMessage(ToPage::MetricsOpened),
    ] {
        assert!(action.needs_all_parts(), "{action:?}");
    }
    for action in [
        Action::ShowDialog(None),
        Action::ShowPane(Pane::Policy),
        Action::FocusPane(Pane::Events),
        Action::WorkerMessage(ToPage::PartMissing),
    ] {
        assert!(!action.needs_all_parts(), "{action:?}");
    }
}

#[test]
fn one_check_runs_at_a_time() {
    let mut state = AppState::default();
    assert_eq!(act(&mut state, SealAction::Check), [Effect::CheckSeal]);
    assert_eq!(act(&mut state, SealAction::Check), []);
    act(&mut state, SealAction::Checked(Vec::new()));
    assert_eq!(state.seal.check, CheckState::Done(Vec::new()));
    assert_eq!(act(&mut state, SealAction::Check), [Effect::CheckSeal]);
}

#[test]
fn attempts_before_the_seal_are_not_shown_after_it() {
    let mut state = AppState::default();
    act(&mut state, SealAction::Checked(Vec::new()));
    act(&mut state, SealAction::Finished(Ok(())));
    assert_eq!(state.seal.check, CheckState::None);
}

#[test]
fn an_attempt_is_read_from_its_texts() {
    let attempt = |texts: [&str; 4]| Attempt::from_texts(texts.map(str::to_owned));
    assert_eq!(
        attempt(["engine", "fetch", "blocked", "connect-src"]),
        Some(Attempt {
            place: Place::Engine,
            name: "fetch".to_owned(),
            outcome: AttemptOutcome::Blocked("connect-src".to_owned()),
        })
    );
    assert_eq!(
        attempt(["page", "image", "sent", ""]).map(|attempt| attempt.outcome),
        Some(AttemptOutcome::Sent)
    );
    assert_eq!(attempt(["page", "image", "other", ""]), None);
    assert_eq!(attempt(["server", "image", "sent", ""]), None);
}

#[test]
fn a_newer_version_of_the_page_is_loaded_only_when_the_reader_asks() {
    let mut state = AppState::default();
    assert_eq!(effects_of(&mut state, Action::FoundNewVersion), []);
    assert!(state.notice(NoticeKind::NewVersion).is_some());
    assert!(!NoticeKind::NewVersion.is_problem());
    assert_eq!(
        effects_of(&mut state, Action::LoadNewVersion),
        [Effect::LoadNewVersion]
    );
}
