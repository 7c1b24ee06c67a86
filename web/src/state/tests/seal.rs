//! Sealing the page, and checking the seal.

use super::effects_of;
use crate::state::seal::{Attempt, AttemptOutcome, CheckState, Place, SealAction, SealStatus};
use crate::state::{Action, AppState, Effect};

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
