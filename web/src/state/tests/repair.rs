//! Tests of the repair of a damaged policy.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, Edit, RepairQuestion, RepairReport, RepairRequest, RepairView,
    decode, encode,
};

use super::*;
use crate::state::effect::EditorCommand;
use crate::state::repair::RepairAction;

/// Returns the repairs that are requested by an action.
fn repairs(state: &mut AppState, action: Action) -> Vec<RepairRequest> {
    let request = |message| match message {
        ToWorker::Analysis(request) => decode(&request),
        _ => None,
    };
    let repair = |request| match request {
        AnalysisRequest::Repair(request) => Some(request),
        _ => None,
    };
    let messages = state.apply(action).into_iter();
    messages.filter_map(request).filter_map(repair).collect()
}

fn linted(generation: u32) -> Action {
    Action::WorkerMessage(ToPage::Policy(PolicyReport {
        generation,
        is_linted: true,
        ..PolicyReport::default()
    }))
}

fn repaired(number: u32, repair: Option<RepairView>) -> Action {
    Action::WorkerMessage(ToPage::Analysis(encode(&AnalysisReply::Repaired(
        RepairReport { number, repair },
    ))))
}

fn edits() -> Vec<Edit> {
    vec![Edit {
        span: audit_types::Span { start: 0, end: 1 },
        text: "-".to_owned(),
    }]
}

fn view() -> RepairView {
    RepairView {
        headline: "this looks like a damaged paste: 1 repair possible".to_owned(),
        questions: vec![RepairQuestion {
            line: 4,
            sentence: "two readings".to_owned(),
            readings: vec!["a".to_owned(), "b".to_owned()],
            chosen: None,
        }],
        edits: edits(),
        ..RepairView::default()
    }
}

/// Returns a page with a text that was read, and the request for its repair.
fn page() -> (AppState, RepairRequest) {
    let mut state = AppState {
        has_all_parts: true,
        ..AppState::default()
    };
    ready(&mut state, 0);
    assert_eq!(
        repairs(&mut state, Action::EditPolicy("– a".to_owned())),
        []
    );
    let mut requests = repairs(&mut state, linted(1));
    assert_eq!(requests.len(), 1, "once the server's verdict is known");
    let request = requests.remove(0);
    assert_eq!(request.text, "– a");
    (state, request)
}

#[test]
fn a_text_is_repaired_once() {
    let (mut state, request) = page();
    state.apply(repaired(request.number, Some(view())));
    assert_eq!(repairs(&mut state, Action::ShowPane(Pane::Events)), []);
    state.apply(Action::EditPolicy("– b".to_owned()));
    assert_eq!(repairs(&mut state, linted(2)).len(), 1);
}

#[test]
fn a_change_during_a_repair_is_repaired_after_it() {
    let (mut state, first) = page();
    state.apply(Action::EditPolicy("– b".to_owned()));
    assert_eq!(repairs(&mut state, linted(2)), []);
    let requests = repairs(&mut state, repaired(first.number, Some(view())));
    assert_eq!(requests.len(), 1);
    assert_eq!(requests[0].text, "– b");
}

#[test]
fn nothing_is_changed_before_a_person_applies_it() {
    let (mut state, request) = page();
    state.apply(repaired(request.number, Some(view())));
    assert_eq!(*state.text, "– a");
    state.apply(Action::Repair(RepairAction::Show(true)));
    let effects = effects_of(&mut state, Action::Repair(RepairAction::Apply));
    assert_eq!(
        effects,
        [
            Effect::Edit(EditorCommand::Apply(edits())),
            Effect::Edit(EditorCommand::Focus),
        ]
    );
    assert!(!state.repair.is_open);
}

#[test]
fn a_repair_of_an_older_text_is_not_applied() {
    let (mut state, request) = page();
    state.apply(repaired(request.number, Some(view())));
    state.apply(Action::EditPolicy("other".to_owned()));
    assert_eq!(
        effects_of(&mut state, Action::Repair(RepairAction::Apply)),
        []
    );
}

#[test]
fn a_chosen_reading_is_sent_and_forgotten_with_the_text() {
    let (mut state, request) = page();
    state.apply(repaired(request.number, Some(view())));
    let choose = |reading| Action::Repair(RepairAction::Choose(4, reading));
    let requests = repairs(&mut state, choose(Some(1)));
    assert_eq!(requests[0].answers, [(4, 1)]);
    state.apply(repaired(requests[0].number, Some(view())));
    let requests = repairs(&mut state, choose(Some(0)));
    assert_eq!(requests[0].answers, [(4, 0)]);
    state.apply(repaired(requests[0].number, Some(view())));
    let requests = repairs(&mut state, choose(None));
    assert_eq!(requests[0].answers, []);
    state.apply(repaired(requests[0].number, Some(view())));
    state.apply(Action::EditPolicy("– b".to_owned()));
    assert_eq!(repairs(&mut state, linted(2))[0].answers, []);
}

#[test]
fn a_text_that_is_not_damaged_closes_the_repair() {
    let (mut state, request) = page();
    state.apply(repaired(request.number, Some(view())));
    state.apply(Action::Repair(RepairAction::Show(true)));
    state.apply(Action::EditPolicy("- a".to_owned()));
    let requests = repairs(&mut state, linted(2));
    state.apply(repaired(requests[0].number, None));
    assert!(!state.repair.is_open);
}
