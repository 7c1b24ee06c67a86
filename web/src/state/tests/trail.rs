//! Tests of going back and forward.

use audit_workspace::Workspace;

use super::*;
use crate::state::kept::Next;
use crate::state::tests::kept::listed;
use crate::state::trail::HistoryEffect;
use crate::state::workspace::WorkspaceAction;

/// Applies an action, and returns the change of the browser's history.
fn history(state: &mut AppState, action: Action) -> Option<HistoryEffect> {
    let (next, effects) = update(state.clone(), action);
    *state = next;
    effects.into_iter().find_map(|effect| match effect {
        Effect::History(change) => Some(change),
        _ => None,
    })
}

#[test]
fn panes_and_dialogs_are_places_and_keystrokes_are_not() {
    let mut state = with_log();
    for action in [
        edit("rules: []"),
        Action::SetFilter("verb:get".to_owned()),
        Action::SelectRow(1),
        Action::ShowTab(Tab::Written),
        Action::SortBy(Column::Time),
        // On a wide screen, nothing else is shown.
        Action::ShowPane(Pane::Events),
    ] {
        assert_eq!(history(&mut state, action.clone()), None, "{action:?}");
    }
    assert_eq!(
        history(&mut state, Action::ShowPane(Pane::Volume)),
        Some(HistoryEffect::Push(1, Pane::Volume))
    );
    assert_eq!(
        history(&mut state, Action::FocusPane(Pane::Events)),
        Some(HistoryEffect::Push(2, Pane::Events))
    );
    // Moving the focus between panes of a wide screen, which leaves what is ahead.
    state.apply(Action::GoTo(1));
    state.apply(Action::GoTo(2));
    assert_eq!(
        history(&mut state, Action::FocusPane(Pane::Policy)),
        Some(HistoryEffect::Replace(2, Pane::Policy))
    );
    state.apply(Action::GoTo(1));
    assert_eq!(state.pane, Pane::Volume);
    state.apply(Action::GoTo(2));
    assert_eq!(state.pane, Pane::Policy);
    state.apply(Action::GoTo(0));
    assert_eq!(state.pane, Pane::Events);
    // What was ahead is gone once the user goes elsewhere.
    assert_eq!(
        history(&mut state, Action::ShowPane(Pane::Inspector)),
        Some(HistoryEffect::Push(1, Pane::Inspector))
    );
    state.apply(Action::GoTo(2));
    assert_eq!(state.pane, Pane::Inspector);
}

#[test]
fn closing_a_dialog_goes_back_and_going_back_closes_it() {
    let mut state = with_log();
    let show = |dialog| Action::ShowDialog(dialog);
    let pushed = Some(HistoryEffect::Push(1, Pane::Events));
    assert_eq!(history(&mut state, show(Some(Dialog::Export))), pushed);
    assert_eq!(history(&mut state, show(None)), Some(HistoryEffect::Back));
    // The browser arrives there.
    assert_eq!(history(&mut state, Action::GoTo(0)), None);
    assert_eq!(history(&mut state, show(Some(Dialog::Export))), pushed);
    assert_eq!(history(&mut state, Action::GoTo(0)), None);
    assert_eq!(state.dialog, None);
    // And forward.
    let sent = state.apply(Action::GoTo(1));
    assert_eq!(state.dialog, Some(Dialog::Export));
    assert!(matches!(sent.as_slice(), [ToWorker::Export(_)]));
    // One dialog instead of another has the same entry.
    assert_eq!(
        history(&mut state, show(Some(Dialog::Help))),
        Some(HistoryEffect::Replace(1, Pane::Events))
    );
    assert_eq!(history(&mut state, show(None)), Some(HistoryEffect::Back));
}

/// The worker opens an example with a policy.
fn example(state: &mut AppState, index: usize, policy: &str) {
    state.apply(Action::OpenExample(index));
    opened(state);
    state.apply(Action::WorkerMessage(ToPage::Example {
        index,
        policy: policy.to_owned(),
        hint: "a hint".to_owned(),
        event: None,
    }));
}

#[test]
fn an_example_can_be_gone_back_from_and_forward_to_with_all_edits() {
    let mut state = with_log();
    ready(&mut state, 2);
    state.apply(edit("rules: [] # mine"));
    state.apply(Action::SetFilter("verb:get".to_owned()));
    let before = state.to_workspace();
    assert_eq!(
        history(&mut state, Action::OpenExample(1)),
        Some(HistoryEffect::Push(1, Pane::Events))
    );
    opened(&mut state);
    state.apply(Action::WorkerMessage(ToPage::Example {
        index: 1,
        policy: "rules: [] # example".to_owned(),
        hint: "a hint".to_owned(),
        event: None,
    }));
    state.apply(edit("rules: [] # example, changed"));
    let sent = state.apply(Action::GoTo(0));
    assert_eq!(*state.text, "rules: [] # mine");
    assert!(sent.iter().any(|one| matches!(one, ToWorker::Open { .. })));
    opened(&mut state);
    assert_eq!(state.to_workspace(), before);
    assert!(state.should_save());
    let sent = state.apply(Action::GoTo(1));
    let reopened = |one: &ToWorker| {
        matches!(
            one,
            ToWorker::Example {
                index: 1,
                with_policy: false,
                ..
            }
        )
    };
    assert!(sent.iter().any(reopened), "{sent:?}");
    assert_eq!(*state.text, "rules: [] # example, changed");
    assert_eq!(state.description.as_deref(), Some("a hint"));
}

#[test]
fn going_back_before_an_example_has_arrived_keeps_its_policy_away() {
    let mut state = with_log();
    ready(&mut state, 2);
    state.apply(edit("rules: [] # mine"));
    state.apply(Action::OpenExample(1));
    state.apply(Action::GoTo(0));
    let first = state.openings.count - 1;
    state.apply(Action::WorkerMessage(ToPage::Opened { log: first }));
    state.apply(Action::WorkerMessage(ToPage::Example {
        index: 1,
        policy: "rules: [] # example".to_owned(),
        hint: "a hint".to_owned(),
        event: None,
    }));
    opened(&mut state);
    assert_eq!(*state.text, "rules: [] # mine");
    // The next one is wanted.
    example(&mut state, 1, "rules: [] # example");
    assert_eq!(*state.text, "rules: [] # example");
}

#[test]
fn other_workspaces_are_places_and_have_their_own_place_in_the_storage() {
    let mut state = with_log();
    state.apply(edit("rules: [] # mine"));
    state.apply(Action::ShowDialog(Some(Dialog::Workspaces)));
    let text = Workspace {
        policy: "rules: [] # prod".to_owned(),
        ..Workspace::default()
    };
    let open = WorkspaceAction::OpenKept("key".to_owned(), text.to_compact_json());
    // The dialog's entry becomes that of the workspace.
    assert_eq!(
        history(&mut state, Action::Workspace(open)),
        Some(HistoryEffect::Replace(1, Pane::Events))
    );
    assert_eq!(state.dialog, None);
    assert_eq!(
        history(&mut state, listed(&[], Next::New)),
        Some(HistoryEffect::Push(2, Pane::Events))
    );
    let slot = |state: &AppState| state.workspace.slot;
    assert_eq!(slot(&state), 2);
    state.apply(Action::GoTo(1));
    assert_eq!((state.text.as_str(), slot(&state)), ("rules: [] # prod", 1));
    assert!(!state.should_save(), "it was not changed");
    state.apply(Action::GoTo(0));
    assert_eq!((state.text.as_str(), slot(&state)), ("rules: [] # mine", 0));
    // A forgotten workspace does not come back that way.
    state.apply(Action::GoTo(1));
    state.apply(Action::Workspace(WorkspaceAction::Forget));
    state.apply(Action::GoTo(0));
    assert_eq!(*state.text, "rules: [] # mine");
    state.apply(Action::GoTo(1));
    assert_ne!(*state.text, "rules: [] # prod");
}
