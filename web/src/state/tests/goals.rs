//! Tests of the goals of a new policy.

use playground_protocol::{
    AnalysisReply, AnalysisRequest, GoalsPolicy, GoalsReport, GoalsRequest, GoalsResult, Level,
    decode, encode,
};

use super::*;
use crate::dom_ids;
use crate::state::effect::EditorCommand;
use crate::state::goals::GoalsAction;

/// Returns the policies that are requested by an action.
fn requests(state: &mut AppState, action: Action) -> Vec<GoalsRequest> {
    let request = |message| match message {
        ToWorker::Analysis(request) => decode(&request),
        _ => None,
    };
    let goals = |request| match request {
        AnalysisRequest::Goals(request) => Some(request),
        _ => None,
    };
    let messages = state.apply(action).into_iter();
    messages.filter_map(request).filter_map(goals).collect()
}

fn reply(number: u32, result: GoalsResult) -> Action {
    let report = GoalsReport {
        number,
        packs: Vec::new(),
        problems: Vec::new(),
        result,
    };
    let reply = AnalysisReply::Goals(Box::new(report));
    Action::WorkerMessage(ToPage::Analysis(encode(&reply)))
}

fn met(number: u32) -> Action {
    let policy = GoalsPolicy {
        text: "new".to_owned(),
        ..GoalsPolicy::default()
    };
    reply(number, GoalsResult::Met(Box::new(policy)))
}

fn edit(index: usize, text: &str) -> Action {
    Action::Goals(GoalsAction::EditClaim(index, text.to_owned()))
}

/// Returns a page with the dialog open, and the first request.
fn page() -> (AppState, GoalsRequest) {
    let mut state = AppState {
        has_all_parts: true,
        ..AppState::default()
    };
    ready(&mut state, 0);
    state.apply(Action::EditPolicy("old".to_owned()));
    let mut requests = requests(&mut state, Action::Goals(GoalsAction::Open));
    assert_eq!(state.dialog, Some(Dialog::Goals));
    assert_eq!(requests.len(), 1);
    (state, requests.remove(0))
}

#[test]
fn every_change_is_requested_and_one_request_is_in_progress() {
    let (mut state, first) = page();
    let is_empty = first.packs.is_empty() && first.claims == [""];
    assert!(is_empty && first.otherwise == Level::None);
    assert_eq!(requests(&mut state, edit(0, "verb=get")), []);
    let choose = |is_chosen| Action::Goals(GoalsAction::ChoosePack("cis".to_owned(), is_chosen));
    assert_eq!(requests(&mut state, choose(true)), []);
    let second = requests(&mut state, reply(first.number, GoalsResult::Empty));
    assert_eq!(second.len(), 1);
    assert_eq!(
        (&*second[0].packs, &*second[0].claims),
        (&["cis".to_owned()][..], &["verb=get".to_owned()][..])
    );
    assert_eq!(
        requests(&mut state, reply(second[0].number, GoalsResult::Malformed)),
        []
    );
    let third = requests(&mut state, choose(false));
    assert_eq!(third[0].packs, [""; 0]);
    state.apply(reply(third[0].number, GoalsResult::Empty));
    let level = Action::Goals(GoalsAction::SetOtherwise(Level::Metadata));
    assert_eq!(requests(&mut state, level)[0].otherwise, Level::Metadata);
}

#[test]
fn claims_are_added_and_removed() {
    let (mut state, _) = page();
    let add = effects_of(&mut state, Action::Goals(GoalsAction::AddClaim));
    assert_eq!(add, [Effect::Focus(dom_ids::LAST_GOAL)]);
    state.apply(edit(0, "a"));
    state.apply(edit(1, "b"));
    let remove = effects_of(&mut state, Action::Goals(GoalsAction::RemoveClaim(0)));
    assert_eq!(remove, [Effect::Focus(dom_ids::ADD_GOAL)]);
    assert_eq!(state.goals.claims, ["b"]);
    // One that does not exist.
    state.apply(edit(7, "c"));
    state.apply(Action::Goals(GoalsAction::RemoveClaim(7)));
    assert_eq!(state.goals.claims, ["b"]);
}

#[test]
fn the_policy_is_put_into_the_editor_on_request_and_restored() {
    let (mut state, first) = page();
    state.apply(met(first.number));
    assert_eq!(*state.text, "old");
    let effects = effects_of(&mut state, Action::Goals(GoalsAction::Apply));
    assert!(effects.contains(&Effect::Edit(EditorCommand::Focus)));
    assert_eq!((&**state.text, state.dialog), ("new", None));
    state.apply(Action::UndoPolicy);
    assert_eq!(*state.text, "old");
}

#[test]
fn an_outdated_policy_is_not_put_into_the_editor() {
    let (mut state, first) = page();
    state.apply(met(first.number));
    state.apply(edit(0, "verb=get"));
    assert_eq!(
        effects_of(&mut state, Action::Goals(GoalsAction::Apply)),
        []
    );
    assert_eq!(*state.text, "old");
}

#[test]
fn a_closed_dialog_requests_nothing() {
    let (mut state, first) = page();
    state.apply(edit(0, "verb=get"));
    state.apply(Action::ShowDialog(None));
    assert_eq!(
        requests(&mut state, reply(first.number, GoalsResult::Empty)),
        []
    );
    let again = requests(&mut state, Action::Goals(GoalsAction::Open));
    assert_eq!(again[0].claims, ["verb=get"]);
}
