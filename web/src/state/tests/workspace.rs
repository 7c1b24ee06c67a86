//! Tests of saving the state and restoring it.

use audit_workspace::{LogOrigin, Workspace};
use playground_protocol::{AnalysisRequest, ClusterProfile, Target};

use super::*;
use crate::state::analysis::AnalysisAction;
use crate::state::export::ExportAction;
use crate::state::kept::{Next, StorageEffect};
use crate::state::tests::kept::listed;
use crate::state::workspace::{SaveStatus, StoredWorkspace, WorkspaceAction};

fn restored(workspace: &Workspace) -> (AppState, Vec<ToWorker>) {
    let (state, effects) = AppState::restored(&StoredWorkspace::Text(workspace.to_json()));
    (state, messages(effects))
}

/// A workspace with a value of its own in every member.
fn full() -> Workspace {
    let mut state = with_log();
    state.apply(edit("rules: [] # mine"));
    state.apply(Action::SelectVersion(version("1.35")));
    state.apply(Action::SetPrices(Some(0.5), Some(0.03)));
    state.apply(Action::Export(ExportAction::SelectTarget(Target::Kind)));
    let field = ExportAction::SetField("audit-log-maxage".to_owned(), "7".to_owned());
    state.apply(Action::Export(field));
    let profile = ClusterProfile {
        pods: 1234,
        ..ClusterProfile::default()
    };
    state.apply(Action::GenerateLog(profile));
    opened(&mut state);
    state.apply(Action::SetFilter("user:alice".to_owned()));
    state.apply(Action::ToggleOutcome(OutcomeFilter::Is(Outcome::Written)));
    state.apply(Action::SortBy(Column::Time));
    state.apply(Action::GroupBy(Some(Column::User)));
    let query = AnalysisAction::SetQuery("user=alice verb=get".to_owned());
    state.apply(Action::Analysis(query));
    state.apply(Action::Analysis(AnalysisAction::SetOnlyPossible(false)));
    state.workspace.name = "prod".to_owned();
    state.to_workspace()
}

#[test]
fn everything_stored_is_restored() {
    let kept = full();
    assert_eq!(kept.view.filter, "user:alice outcome:written");
    assert_eq!(kept.view.query.as_deref(), Some("user=alice verb=get"));
    assert_eq!(kept.view.impossible, Some(true));
    assert_eq!(kept.log, Some(LogOrigin::Generated));
    let (mut state, asks) = restored(&kept);
    // The policy is loaded before the worker is up, under the version that was chosen.
    let policy = ToWorker::Policy {
        generation: 1,
        text: "rules: [] # mine".to_owned(),
        version: version("1.35"),
        part: 0,
    };
    assert_eq!(asks, vec![policy]);
    assert_eq!(state.editor_document.text, "rules: [] # mine");
    // Nothing of it is lost where it is written again at once, view and log included.
    assert_eq!(state.to_workspace(), kept);
    assert!(!state.is_at_risk() && state.notices.is_empty());
    // The log comes back by itself, and no example takes its place.
    let asks = ready(&mut state, 2);
    assert!(
        matches!(asks.as_slice(), [ToWorker::Model { profile, version: named, .. }] if profile.pods == 1234 && *named == version("1.35"))
    );
    opened(&mut state);
    assert_eq!(state.to_workspace(), kept);
}

#[test]
fn a_query_is_kept_and_asked_again_where_it_is_shown() {
    let mut state = with_log();
    let before = state.workspace_key();
    let typed = AnalysisAction::Type("user=alice".to_owned());
    state.apply(Action::Analysis(typed));
    assert!(state.workspace.is_modified && state.workspace_key() != before);
    let before = state.workspace_key();
    state.apply(Action::Analysis(AnalysisAction::SetOnlyPossible(false)));
    assert_ne!(state.workspace_key(), before);
    // An older workspace does not have it.
    let older = Workspace {
        policy: "rules: []".to_owned(),
        ..Workspace::default()
    };
    let open = WorkspaceAction::Open(String::new(), older.to_json());
    state.apply(Action::Workspace(open));
    assert_eq!(state.analysis.query.as_str(), "");
    assert!(state.analysis.only_possible);
    // The pane is shown, and the policy is loaded first.
    let text = r#"{"kind":"AuditPolicyWorkspace","version":3,"policy":"rules: [] # b","view":{"query":"verb=get","pane":"ask"}}"#;
    let open = WorkspaceAction::Open(String::new(), text.to_owned());
    state.has_all_parts = true;
    state.apply(Action::Workspace(open));
    let generation = state.generation;
    let messages = state.apply(report(generation, true));
    let asked = messages.iter().find_map(|message| match message {
        ToWorker::Analysis(request) => playground_protocol::decode(request),
        _ => None,
    });
    assert!(
        matches!(&asked, Some(AnalysisRequest::Ask(request)) if request.query == "verb=get"),
        "{asked:?}"
    );
}

#[test]
fn a_kept_example_is_opened_without_its_policy() {
    let workspace = Workspace {
        policy: "rules: [] # mine".to_owned(),
        log: Some(LogOrigin::Example("a".to_owned())),
        ..Workspace::default()
    };
    let (mut state, _) = restored(&workspace);
    let example = ToWorker::Example {
        log: 1,
        index: 0,
        with_policy: false,
    };
    assert_eq!(ready(&mut state, 1), vec![example]);
}

#[test]
fn a_log_that_has_to_be_opened_by_hand_is_named_and_nothing_else_is_opened() {
    for (log, named) in [
        (LogOrigin::Files(vec!["a.log".to_owned()]), "`a.log`"),
        (LogOrigin::Pasted, "the pasted log"),
    ] {
        let workspace = Workspace {
            policy: "rules: []".to_owned(),
            log: Some(log),
            ..Workspace::default()
        };
        let (mut state, _) = restored(&workspace);
        assert_eq!(ready(&mut state, 1), vec![]);
        assert_eq!(state.workspace.missing.as_deref(), Some(named));
        // It is still known after another reload without it.
        assert_eq!(state.to_workspace().log, workspace.log);
        assert!(!state.settled());
        state.apply(report(1, true));
        assert!(state.settled(), "there is nothing more to wait for");
        open_files(&mut state);
        assert_eq!(state.workspace.missing, None);
    }
}

#[test]
fn a_version_that_is_not_known_any_more_becomes_the_newest() {
    let workspace = Workspace {
        policy: "rules: []".to_owned(),
        kubernetes_version: "1.19".to_owned(),
        ..Workspace::default()
    };
    let (mut state, asks) = restored(&workspace);
    assert!(
        matches!(asks.as_slice(), [ToWorker::Policy { version: named, .. }] if *named == version("1.36"))
    );
    state.apply(report(1, true));
    ready(&mut state, 1);
    assert_eq!(state.version, version("1.36"));
    let notice = state.notice(NoticeKind::UnknownVersion).unwrap();
    assert!(notice.sentence.contains("Kubernetes 1.19"));
}

#[test]
fn a_workspace_for_an_unknown_version_shows_a_notice() {
    let open = |version: &str| {
        let workspace = Workspace {
            policy: "rules: []".to_owned(),
            kubernetes_version: version.to_owned(),
            ..Workspace::default()
        };
        let text = workspace.to_json();
        Action::Workspace(WorkspaceAction::Open(String::new(), text))
    };
    let mut state = with_log();
    let asks = state.apply(open("1.99"));
    assert_eq!(state.version, version("1.36"));
    assert!(asks.iter().all(
        |ask| !matches!(ask, ToWorker::Policy { version: named, .. } if *named != version("1.36"))
    ));
    assert_eq!(
        state.notice(NoticeKind::UnknownVersion).unwrap().sentence,
        "This workspace is for Kubernetes 1.99, which is not supported. It is shown as 1.36."
    );
    assert!(state.notice(NoticeKind::WorkspaceReplaced).is_some());
    state.apply(open("1.35"));
    assert_eq!(state.version, version("1.35"));
    assert!(state.notice(NoticeKind::UnknownVersion).is_none());
}

#[test]
fn a_page_with_a_rejected_policy_is_settled_once_its_log_is_read() {
    let workspace = Workspace {
        policy: "rules: [".to_owned(),
        log: Some(LogOrigin::Example("a".to_owned())),
        ..Workspace::default()
    };
    let (mut state, _) = restored(&workspace);
    ready(&mut state, 1);
    state.apply(report(1, false));
    assert!(!state.settled(), "the log is still to come");
    opened(&mut state);
    assert!(!state.settled());
    state.apply(Action::WorkerMessage(ToPage::Log(LogReport::default())));
    assert!(state.settled());
}

#[test]
fn what_cannot_be_read_stays_where_it_is_and_work_is_kept_elsewhere() {
    let newer = full().to_json().replace("\"version\": 4", "\"version\": 5");
    let damaged = full().to_json().replace("\"policy\"", "\"plicy\"");
    for (text, reason) in [
        (newer, "a workspace of version 5"),
        (damaged, "unknown field"),
        ("{}".to_owned(), "not a workspace"),
    ] {
        let (mut state, effects) = AppState::restored(&StoredWorkspace::Text(text));
        // Nothing is written, and what is written later has another place.
        let elsewhere = StorageEffect::Enter {
            save: None,
            slot: 1,
            kept: None,
        };
        assert_eq!(effects, vec![Effect::Storage(elsewhere)]);
        let notice = state.notice(NoticeKind::StorageUnreadable).unwrap();
        assert!(notice.sentence.contains(reason), "{}", notice.sentence);
        // The first example is shown as on a first visit.
        assert!(matches!(
            ready(&mut state, 1).as_slice(),
            [ToWorker::Example { .. }]
        ));
        assert!(!state.should_save());
        state.apply(edit("rules: [] # typed"));
        assert!(state.should_save() && !state.is_at_risk());
    }
}

#[test]
fn a_first_visit_keeps_nothing_until_something_was_done() {
    let (mut state, effects) = AppState::restored(&StoredWorkspace::Nothing);
    assert_eq!(effects, vec![]);
    ready(&mut state, 1);
    opened(&mut state);
    state.apply(Action::WorkerMessage(ToPage::Example {
        index: 0,
        policy: "rules: []".to_owned(),
        hint: String::new(),
        event: None,
    }));
    state.apply(edit("rules: []"));
    assert!(!state.should_save() && !state.is_at_risk());
    let key = state.workspace_key();
    state.apply(edit("rules: [] #"));
    assert!(state.should_save() && state.workspace_key() != key);
}

#[test]
fn storage_that_is_full_or_forbidden_is_reported_once_and_work_goes_on() {
    for save_status in [SaveStatus::Full, SaveStatus::Forbidden] {
        let mut state = with_log();
        state.apply(edit("a"));
        assert!(!state.is_at_risk());
        state.apply(Action::Workspace(WorkspaceAction::SaveStatusChanged(
            save_status,
        )));
        assert!(state.is_at_risk() && state.should_save());
        assert!(state.notice(NoticeKind::NotSaved).is_some());
        state.apply(Action::DismissNotice(NoticeKind::NotSaved));
        state.apply(edit("ab"));
        state.apply(Action::Workspace(WorkspaceAction::SaveStatusChanged(
            save_status,
        )));
        assert!(state.notices.is_empty(), "the notice was already dismissed");
        // Once there is space again, no notice is shown.
        state.apply(Action::Workspace(WorkspaceAction::SaveStatusChanged(
            SaveStatus::Saved,
        )));
        assert!(!state.is_at_risk() && state.notices.is_empty());
    }
}

#[test]
fn another_tab_is_never_overwritten_without_a_choice() {
    let mut state = with_log();
    state.apply(edit("mine"));
    state.apply(Action::Workspace(WorkspaceAction::SaveStatusChanged(
        SaveStatus::ChangedInOtherTab,
    )));
    assert!(state.notice(NoticeKind::OtherTab).is_some());
    assert!(!state.should_save() && state.is_at_risk());
    state.apply(edit("mine too"));
    assert!(!state.should_save());
    // This tab's is chosen.
    let mut this = state.clone();
    this.apply(Action::Workspace(WorkspaceAction::SaveStatusChanged(
        SaveStatus::Saved,
    )));
    assert!(this.should_save() && this.notice(NoticeKind::OtherTab).is_none());
    // The other tab's is chosen; this tab's can be restored.
    let other = Workspace {
        policy: "theirs".to_owned(),
        ..Workspace::default()
    };
    state.apply(Action::Workspace(WorkspaceAction::LoadFromOtherTab(
        other.to_json(),
    )));
    assert_eq!(*state.text, "theirs");
    assert!(state.notice(NoticeKind::OtherTab).is_none());
    assert!(
        !state.should_save() && !state.is_at_risk(),
        "writing it again would be news to the other tab"
    );
    state.apply(Action::Workspace(WorkspaceAction::Undo));
    assert_eq!(*state.text, "mine too");
}

#[test]
fn a_new_workspace_and_an_opened_one_can_be_undone_and_leave_the_log() {
    let mut state = with_log();
    state.apply(Action::SetPrices(Some(0.5), None));
    state.apply(Action::SelectVersion(version("1.35")));
    let before = state.to_workspace();
    state.apply(listed(&[], Next::New));
    assert!(state.text.starts_with("apiVersion: audit.k8s.io/v1"));
    assert_eq!(state.volume.price_ingested, None);
    assert_eq!(state.version, version("1.36"));
    assert!(state.settled());
    assert!(state.notice(NoticeKind::WorkspaceReplaced).is_some());
    state.apply(Action::Workspace(WorkspaceAction::Undo));
    assert_eq!(state.to_workspace(), before);
    state.apply(Action::Workspace(WorkspaceAction::Open(
        "prod".to_owned(),
        full().to_json(),
    )));
    assert_eq!(state.workspace.name, "prod");
    state.apply(Action::Workspace(WorkspaceAction::Undo));
    assert_eq!(state.to_workspace().policy, before.policy);
}

#[test]
fn a_workspace_that_cannot_be_read_changes_nothing() {
    let mut state = with_log();
    let before = state.to_workspace();
    let newer = full().to_json().replace("\"version\": 4", "\"version\": 9");
    state.apply(Action::Workspace(WorkspaceAction::Open(
        "x.json".to_owned(),
        newer,
    )));
    let failure = state.error_message.clone().unwrap();
    assert!(failure.contains("version 9") && failure.contains("Nothing here has changed"));
    assert_eq!(state.to_workspace(), before);
}

#[test]
fn a_workspace_for_an_unknown_target_shows_a_notice() {
    let open = |target: &str| {
        let mut workspace = Workspace {
            policy: "rules: []".to_owned(),
            ..Workspace::default()
        };
        workspace.export.target = target.to_owned();
        Action::Workspace(WorkspaceAction::Open(String::new(), workspace.to_json()))
    };
    let sentence = |state: &AppState| {
        let notice = state.notice(NoticeKind::UnknownTarget);
        notice.map(|notice| notice.sentence.clone())
    };
    let mut state = with_log();
    state.apply(open("openshift"));
    assert_eq!(
        (state.export.target, sentence(&state)),
        (Target::OpenShift, None)
    );
    assert_eq!(state.to_workspace().export.target, "openshift");
    state.apply(open("rke3"));
    assert_eq!(state.export.target, Target::Policy);
    let expected = "This workspace exports for the target `rke3`, which is unknown. The export shows `policy` instead.";
    assert_eq!(sentence(&state).as_deref(), Some(expected));
    assert_eq!(*state.text, "rules: []");
    state.apply(Action::Export(ExportAction::SelectTarget(Target::K3s)));
    assert_eq!((state.export.target, sentence(&state)), (Target::K3s, None));
    // Without a target, it is the first.
    state.apply(open(""));
    assert_eq!(
        (state.export.target, sentence(&state)),
        (Target::Policy, None)
    );
}
