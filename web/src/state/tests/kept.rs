//! Tests of several workspaces: each has a place of its own in the storage, and what is left can be returned to.

use audit_workspace::{LogOrigin, Workspace};
use playground_protocol::BaselinePolicy;

use super::*;
use crate::state::kept::{Forgotten, Kept, Next, StorageEffect, title};
use crate::state::workspace::{SaveStatus, StoredWorkspace, WorkspaceAction};

/// The browser has listed workspaces of these names.
pub(super) fn listed(names: &[&str], next: Next) -> Action {
    let kept = names.iter().map(|name| Kept {
        key: ["key of ", name].concat(),
        name: Ok((*name).to_owned()),
        kept_at: None,
        bytes: 100,
        is_current: false,
    });
    Action::Workspace(WorkspaceAction::Listed(kept.collect(), next))
}

fn workspace(action: WorkspaceAction) -> Action {
    Action::Workspace(action)
}

/// Returns the accesses to the storage.
fn storage(effects: Vec<Effect>) -> Vec<StorageEffect> {
    let access = |effect| match effect {
        Effect::Storage(access) => Some(access),
        _ => None,
    };
    effects.into_iter().filter_map(access).collect()
}

fn stored(name: &str, policy: &str) -> String {
    Workspace {
        name: name.to_owned(),
        policy: policy.to_owned(),
        ..Workspace::default()
    }
    .to_compact_json()
}

fn open(name: &str) -> Action {
    let text = stored(name, &["# ", name].concat());
    workspace(WorkspaceAction::OpenKept(["key of ", name].concat(), text))
}

#[test]
fn a_new_workspace_has_a_place_and_a_name_of_its_own_and_the_one_before_is_written_first() {
    for (names, expected) in [
        (&[][..], "Untitled"),
        (&["prod", "Untitled 2"], "Untitled"),
        (&["Untitled"], "Untitled 2"),
        (&["Untitled", "Untitled 2", "Untitled 2"], "Untitled 3"),
        // A workspace without a name is shown as this.
        (&[""], "Untitled 2"),
    ] {
        let mut state = with_log();
        state.apply(edit("rules: [] # mine"));
        let text = state.workspace_text();
        let effects = effects_of(&mut state, workspace(WorkspaceAction::New));
        assert_eq!(storage(effects), vec![StorageEffect::List(Next::New)]);
        let effects = effects_of(&mut state, listed(names, Next::New));
        assert_eq!(
            storage(effects),
            vec![StorageEffect::Enter {
                save: Some(text),
                slot: 1,
                kept: None
            }]
        );
        assert_eq!(state.workspace.name, expected);
        assert!(state.should_save());
    }
}

#[test]
fn a_new_workspace_that_was_not_changed_is_removed_where_it_is_undone() {
    let discards = |state: &mut AppState| {
        let effects = effects_of(state, workspace(WorkspaceAction::Undo));
        let discard = StorageEffect::Discard(1);
        storage(effects).contains(&discard)
    };
    let mut state = with_log();
    state.apply(edit("rules: [] # mine"));
    state.apply(listed(&[], Next::New));
    let mut changed = state.clone();
    assert!(discards(&mut state));
    assert_eq!(*state.text, "rules: [] # mine");
    changed.apply(edit("rules: [] # in the new one"));
    assert!(!discards(&mut changed));
    assert_eq!(*changed.text, "rules: [] # mine");
    // Its text is one undo away, too.
    changed.apply(workspace(WorkspaceAction::Undo));
    assert_eq!(*changed.text, "rules: [] # in the new one");
}

#[test]
fn an_opened_workspace_is_not_written_before_it_changes() {
    let mut state = with_log();
    state.apply(edit("mine"));
    let (save, text) = (state.workspace_text(), stored("prod", "# prod"));
    let effects = effects_of(&mut state, open("prod"));
    assert_eq!(
        storage(effects),
        vec![StorageEffect::Enter {
            save: Some(save),
            slot: 1,
            kept: Some(("key of prod".to_owned(), text))
        }]
    );
    assert_eq!(
        (state.text.as_str(), state.workspace.name.as_str()),
        ("# prod", "prod")
    );
    assert!(!state.should_save() && !state.is_at_risk());
    // What was opened is left without being written.
    let effects = effects_of(&mut state, open("other"));
    assert!(matches!(
        storage(effects).as_slice(),
        [StorageEffect::Enter { save: None, .. }]
    ));
    state.apply(edit("# changed"));
    assert!(state.should_save());
}

#[test]
fn a_workspace_that_cannot_be_opened_changes_nothing() {
    let mut state = with_log();
    let before = state.to_workspace();
    let newer = r#"{"kind":"AuditPolicyWorkspace","version":5}"#.to_owned();
    let effects = effects_of(
        &mut state,
        workspace(WorkspaceAction::OpenKept("key".to_owned(), newer)),
    );
    assert_eq!(effects, vec![]);
    assert!(
        state
            .error_message
            .as_deref()
            .unwrap()
            .contains("version 5")
    );
    assert_eq!(state.to_workspace(), before);
}

#[test]
fn a_workspace_without_a_name_is_shown_with_that_of_its_log() {
    let files =
        |names: &[&str]| LogOrigin::Files(names.iter().map(|name| (*name).to_owned()).collect());
    for (name, log, expected) in [
        ("prod", Some(LogOrigin::Pasted), "prod"),
        (
            " ",
            Some(LogOrigin::Example("Catch-all first".to_owned())),
            "Catch-all first",
        ),
        ("", Some(files(&["audit.log"])), "audit.log"),
        (
            "",
            Some(files(&["a.log", "b.log", "c.log"])),
            "a.log and 2 more",
        ),
        ("", Some(files(&[])), "Untitled"),
        ("", Some(LogOrigin::Generated), "Generated log"),
        ("", Some(LogOrigin::Pasted), "Pasted log"),
        ("", None, "Untitled"),
    ] {
        assert_eq!(title(name, log.as_ref()), expected);
    }
}

#[test]
fn a_copy_has_everything_but_the_name() {
    for (name, names, expected) in [
        ("prod", &["prod"][..], "prod copy"),
        ("prod", &["prod", "prod copy"], "prod copy 2"),
        ("", &[""], "audit.log copy"),
    ] {
        let mut state = with_log();
        state.apply(edit("mine"));
        state.workspace.name = name.to_owned();
        let before = state.to_workspace();
        state.apply(listed(names, Next::Duplicate));
        let expected = Workspace {
            name: expected.to_owned(),
            ..before.clone()
        };
        assert_eq!(state.to_workspace(), expected);
        state.apply(workspace(WorkspaceAction::Undo));
        assert_eq!(state.to_workspace(), before);
    }
}

#[test]
fn both_versions_of_two_tabs_can_be_kept() {
    let mut state = with_log();
    state.apply(edit("mine"));
    state.apply(workspace(WorkspaceAction::SaveStatusChanged(
        SaveStatus::ChangedInOtherTab,
    )));
    let effects = effects_of(&mut state, listed(&["", "other"], Next::KeepBoth));
    // The other tab's is not written over.
    assert_eq!(
        storage(effects),
        vec![StorageEffect::Enter {
            save: None,
            slot: 1,
            kept: None
        }]
    );
    assert_eq!(
        (state.text.as_str(), state.workspace.name.as_str()),
        ("mine", "audit.log copy")
    );
    assert!(state.should_save() && !state.is_at_risk());
    assert_eq!(state.notice(NoticeKind::OtherTab), None);
}

#[test]
fn a_workspace_that_another_tab_has_forgotten_is_written_only_if_it_is_to_be_kept() {
    let mut state = with_log();
    state.apply(edit("mine"));
    state.apply(workspace(WorkspaceAction::SaveStatusChanged(
        SaveStatus::Removed,
    )));
    assert!(!state.should_save() && state.is_at_risk());
    assert!(state.notice(NoticeKind::Removed).is_some());
    let effects = effects_of(&mut state, workspace(WorkspaceAction::KeepThisTab));
    assert_eq!(storage(effects), vec![StorageEffect::Accept]);
    assert!(state.should_save() && !state.is_at_risk());
    assert_eq!(state.notice(NoticeKind::Removed), None);
}

#[test]
fn forgetting_the_current_workspace_shows_a_new_one_and_undoing_writes_it_again() {
    let mut state = with_log();
    state.apply(edit("mine"));
    state.apply(workspace(WorkspaceAction::Rename(
        None,
        " prod ".to_owned(),
    )));
    let before = state.to_workspace();
    let effects = effects_of(&mut state, workspace(WorkspaceAction::Forget));
    assert_eq!(
        storage(effects),
        vec![
            StorageEffect::ForgetCurrent,
            StorageEffect::Enter {
                save: None,
                slot: 1,
                kept: None
            },
            StorageEffect::List(Next::Show),
        ]
    );
    assert!(!state.should_save(), "nothing is kept before it is changed");
    let notice = state.notice(NoticeKind::WorkspaceReplaced).unwrap();
    assert_eq!(notice.sentence, "Forgot `prod`.");
    let effects = effects_of(&mut state, workspace(WorkspaceAction::Undo));
    assert_eq!(
        storage(effects),
        vec![StorageEffect::Enter {
            save: None,
            slot: 0,
            kept: None
        }]
    );
    assert_eq!(state.to_workspace(), before);
    assert!(state.should_save());
}

#[test]
fn each_forgotten_workspace_can_be_kept_again() {
    let mut state = with_log();
    let forgotten = |name: &str| Forgotten {
        key: ["key of ", name].concat(),
        text: stored(name, ""),
        name: name.to_owned(),
    };
    for name in ["a", "b"] {
        state.apply(workspace(WorkspaceAction::Forgotten(forgotten(name))));
        let notice = state.notice(NoticeKind::Forgotten).unwrap();
        assert_eq!(notice.sentence, format!("Forgot `{name}`."));
    }
    for name in ["b", "a"] {
        let effects = effects_of(&mut state, workspace(WorkspaceAction::UndoForget));
        let restored = StorageEffect::Restore(forgotten(name));
        assert_eq!(storage(effects).first(), Some(&restored));
    }
    assert_eq!(state.notice(NoticeKind::Forgotten), None);
    let effects = effects_of(&mut state, workspace(WorkspaceAction::UndoForget));
    assert_eq!(effects, vec![]);
}

#[test]
fn what_could_not_be_saved_before_another_workspace_was_opened_is_at_risk() {
    for status in [SaveStatus::Full, SaveStatus::Forbidden] {
        let mut state = with_log();
        state.apply(edit("mine"));
        state.apply(listed(&[], Next::New));
        state.apply(workspace(WorkspaceAction::LeftUnsaved(status)));
        let notice = state.notice(NoticeKind::WorkspaceReplaced).unwrap();
        assert!(notice.sentence.contains("could not be saved"));
        assert!(state.is_at_risk());
        state.apply(workspace(WorkspaceAction::Undo));
        assert_eq!(*state.text, "mine");
    }
}

#[test]
fn what_a_tab_looks_at_is_in_files_and_links_and_not_in_the_storage() {
    let mut state = with_log();
    state.apply(edit("mine"));
    let (key, text) = (state.workspace_key(), state.workspace_text());
    state.apply(rows(&state.clone(), 0, 60, 100));
    state.apply(Action::SelectRow(3));
    state.apply(Action::ShowTab(Tab::Written));
    state.apply(Action::ShowPane(Pane::Volume));
    assert!(state.workspace_key() == key && state.workspace_text() == text);
    let view = state.to_workspace().view;
    // The fourth id of the table belongs to the first recorded event.
    assert_eq!(view.selected, Some(0));
    assert_eq!(
        (view.pane.as_deref(), view.tab.as_deref()),
        (Some("volume"), Some("written"))
    );
    // A file shows it again, once its log has it.
    let (mut other, _) = AppState::restored(&StoredWorkspace::Nothing);
    ready(&mut other, 1);
    other.apply(workspace(WorkspaceAction::Open(
        String::new(),
        state.to_workspace().to_json(),
    )));
    assert_eq!((other.pane, other.tab), (Pane::Volume, Tab::Written));
    open_files(&mut other);
    assert_eq!(other.selected_event(), EventId::of_recorded(0));
}

#[test]
fn a_baseline_is_kept_with_the_workspace_and_sent_to_every_worker() {
    let baseline = |text: &str, version_: &str| {
        ToWorker::SetBaseline(Some(BaselinePolicy {
            text: text.to_owned(),
            version: version(version_),
            part: 0,
        }))
    };
    let mut state = with_log();
    state.apply(edit("rules: [] # first"));
    let generation = state.generation;
    state.apply(report(generation, true));
    let sent = state.apply(Action::PinBaseline(true));
    assert_eq!(sent, vec![baseline("rules: [] # first", "1.36")]);
    assert!(state.should_save());
    // A later edit does not change it.
    state.apply(edit("rules: [] # second"));
    assert_eq!(
        state.to_workspace().baseline.as_deref(),
        Some("rules: [] # first")
    );
    let sent = state.apply(Action::SelectVersion(version("1.35")));
    assert!(sent.contains(&baseline("rules: [] # first", "1.35")));
    let stored = StoredWorkspace::Text(state.workspace_text());
    let (mut again, effects) = AppState::restored(&stored);
    assert!(messages(effects).contains(&baseline("rules: [] # first", "1.35")));
    assert_eq!(again.to_workspace().baseline, state.to_workspace().baseline);
    // Another workspace does not have one.
    let sent = again.apply(open("prod"));
    assert!(sent.contains(&ToWorker::SetBaseline(None)));
    assert_eq!(again.to_workspace().baseline, None);
}

#[test]
fn a_rejected_policy_is_not_a_baseline() {
    let mut state = with_log();
    state.apply(edit("rules: [] # accepted"));
    let generation = state.generation;
    state.apply(report(generation, true));
    state.apply(edit("rules: ["));
    let generation = state.generation;
    state.apply(report(generation, false));
    state.apply(Action::PinBaseline(true));
    assert_eq!(
        state.to_workspace().baseline.as_deref(),
        Some("rules: [] # accepted")
    );
}

#[test]
fn a_sample_is_opened_as_a_log_and_stored_only_if_it_was_stored() {
    let workspace_with_sample = Workspace {
        policy: "rules: []".to_owned(),
        sample: Some("{}\n".to_owned()),
        ..Workspace::default()
    };
    let text = workspace_with_sample.to_json();
    let is_sample = |sent: Vec<ToWorker>| {
        let mut texts = sent.into_iter();
        texts.any(|one| matches!(one, ToWorker::Paste { text, .. } if text == "{}\n"))
    };
    // From a file: for this tab only.
    let mut state = with_log();
    let sent = state.apply(workspace(WorkspaceAction::Open(
        String::new(),
        text.clone(),
    )));
    assert!(is_sample(sent));
    opened(&mut state);
    assert_eq!(state.to_workspace().sample.as_deref(), Some("{}\n"));
    assert!(!state.workspace_text().contains("sample"));
    // From the storage: it stays there.
    let (mut state, _) = AppState::restored(&StoredWorkspace::Text(text));
    assert!(is_sample(ready(&mut state, 1)));
    opened(&mut state);
    assert!(state.workspace_text().contains("sample"));
    // Another log is not the sample.
    open_files(&mut state);
    assert_eq!(state.to_workspace().sample, None);
}
