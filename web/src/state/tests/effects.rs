//! Effects other than messages to the worker.

use super::*;

#[test]
fn a_chunk_is_written_only_for_the_download_in_progress() {
    use playground_protocol::{EventSelection, LineChunk, LineFormat};
    let mut state = with_log();
    let lines = LineRequest {
        events: EventSelection::Log,
        format: LineFormat::Written,
    };
    let chunk = |job| LineChunk {
        job,
        text: "{}\n".to_owned(),
        ..LineChunk::default()
    };
    let receive = |chunk| Action::WorkerMessage(ToPage::Lines(chunk));
    // Nothing is requested before the destination is open: the user may choose none.
    assert_eq!(
        effects_of(
            &mut state,
            Action::RequestDownload(lines, Destination::File)
        ),
        vec![Effect::OpenDestination(lines, Destination::File)]
    );
    assert!(state.downloads.current.is_none());
    state.apply(Action::StartDownload(lines, Destination::File));
    assert_eq!(effects_of(&mut state, receive(chunk(2))), vec![]);
    assert_eq!(
        effects_of(&mut state, receive(chunk(1))),
        vec![Effect::WriteChunk(chunk(1))]
    );
    assert_eq!(
        effects_of(&mut state, Action::CancelDownload),
        vec![Effect::Send(ToWorker::CancelExport), Effect::AbortDownload]
    );
    assert_eq!(effects_of(&mut state, receive(chunk(1))), vec![]);
}

#[test]
fn a_stopped_worker_is_restarted_until_it_has_stopped_too_often() {
    use crate::state::worker::{StopReason, WorkerAction};
    let mut state = with_log();
    let stop = || Action::Worker(WorkerAction::Stopped(StopReason::Terminated));
    for _ in 0..3 {
        assert_eq!(effects_of(&mut state, stop()), vec![Effect::RestartWorker]);
    }
    assert_eq!(effects_of(&mut state, stop()), vec![]);
    let again = Action::Worker(WorkerAction::StartAgain);
    assert_eq!(effects_of(&mut state, again), vec![Effect::RestartWorker]);
}

#[test]
fn shortcuts_show_a_pane_and_move_the_focus_there() {
    let mut state = with_log();
    for (pane, effect) in [
        (Pane::Policy, Effect::Edit(EditorCommand::Focus)),
        (
            Pane::Inspector,
            Effect::Focus(crate::dom_ids::INSPECTOR_PANEL),
        ),
        (Pane::Events, Effect::Focus(crate::dom_ids::EVENTS_GRID)),
    ] {
        let effects = effects_of(&mut state, Action::FocusPane(pane));
        assert_eq!((state.pane, effects), (pane, vec![effect]));
    }
}

#[test]
fn the_workspace_is_saved_under_its_name_without_separators() {
    use crate::state::workspace::WorkspaceAction;
    let mut state = with_log();
    state.workspace.name = "team/prod".to_owned();
    let effects = effects_of(&mut state, Action::Workspace(WorkspaceAction::Save));
    let json = FileContent::Text(state.to_workspace().to_json());
    assert_eq!(
        effects,
        vec![Effect::SaveFile(
            "team-prod.workspace.json".to_owned(),
            json
        )]
    );
}
