//! Notices over the page, each with what can be done about it and a way to dismiss it.

use yew::prelude::*;

use super::common::markup;
use super::header::save_workspace;
use crate::hooks::Store;
use crate::state::Action;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::worker::{StopReason, WorkerAction};
use crate::state::workspace::{SaveStatus, StoredWorkspace, WorkspaceAction};
use crate::workspace_storage::WorkspaceStorage;

/// What could not be done, and every notice: troubles are read out at once, the others when there is time.
pub fn notices(store: &Store, on: &Callback<Action>) -> Html {
    let state = &store.state;
    let dismiss = on.reform(|_| Action::DismissError);
    let some = |is_problem: bool| {
        let kind = move |notice: &&Notice| notice.kind.is_problem() == is_problem;
        let shown = state.notices.iter().filter(kind);
        shown.map(|one| notice(one, store, on)).collect::<Html>()
    };
    html! {
        <>
            <div class="alerts" role="alert">
                if let Some(failure) = &state.error_message {
                    <div class="notice trouble">
                        <p class="sentence">{ markup(failure) }</p>
                        <button type="button" onclick={dismiss}>{"Dismiss"}</button>
                    </div>
                }
                { some(true) }
            </div>
            <div role="status" aria-label="Notices">{ some(false) }</div>
        </>
    }
}

fn notice(notice: &Notice, store: &Store, on: &Callback<Action>) -> Html {
    let kind = notice.kind;
    let dismiss = on.reform(move |_: MouseEvent| Action::DismissNotice(kind));
    let class = if kind.is_problem() {
        "notice trouble"
    } else {
        "notice"
    };
    html! {
        <div {class}>
            <div class="sentence">
                <p>{ markup(&notice.sentence) }</p>
                if !notice.reasons.is_empty() {
                    <ul>{ for notice.reasons.iter().map(|reason| html! { <li>{ markup(reason) }</li> }) }</ul>
                }
            </div>
            { remedy(kind, store, on) }
            <button type="button" onclick={dismiss}>{"Dismiss"}</button>
        </div>
    }
}

/// The button that does something about it.
fn remedy(kind: NoticeKind, store: &Store, on: &Callback<Action>) -> Html {
    let button = |label: &'static str, action: Action| {
        let onclick = on.reform(move |_: MouseEvent| action.clone());
        html! { <button type="button" {onclick}>{label}</button> }
    };
    match kind {
        NoticeKind::LogOpened => button("Undo: reopen the previous log", Action::ReopenPreviousLog),
        NoticeKind::PolicyOpened => {
            button("Undo: bring back the previous policy", Action::UndoPolicy)
        }
        NoticeKind::WorkspaceReplaced => button(
            "Undo: bring back the previous workspace",
            Action::Workspace(WorkspaceAction::Undo),
        ),
        NoticeKind::NotSaved => {
            let onclick = save_workspace(&store.state, on);
            html! { <button type="button" {onclick}>{"Save as a file"}</button> }
        }
        NoticeKind::OtherTab => choice(&store.storage, on),
        NoticeKind::WorkerDown => {
            button("Start it again", Action::Worker(WorkerAction::StartAgain))
        }
        NoticeKind::WorkerBusy => button(
            "Stop it",
            Action::Worker(WorkerAction::Stopped(StopReason::ByUser)),
        ),
        NoticeKind::LogNotOpened
        | NoticeKind::UnknownVersion
        | NoticeKind::FilesSkipped
        | NoticeKind::StorageUnreadable
        | NoticeKind::WorkerStopped => Html::default(),
    }
}

/// Which of two tabs' workspaces is to be kept.
fn choice(storage: &WorkspaceStorage, on: &Callback<Action>) -> Html {
    let load = {
        let (storage, on) = (storage.clone(), on.clone());
        Callback::from(move |_: MouseEvent| {
            on.emit(match storage.read() {
                StoredWorkspace::Text(text) => {
                    Action::Workspace(WorkspaceAction::LoadFromOtherTab(text))
                }
                StoredWorkspace::Nothing => {
                    Action::Workspace(WorkspaceAction::SaveStatusChanged(SaveStatus::Saved))
                }
            });
        })
    };
    let keep = {
        let (storage, on) = (storage.clone(), on.clone());
        Callback::from(move |_: MouseEvent| {
            storage.accept_stored();
            on.emit(Action::Workspace(WorkspaceAction::SaveStatusChanged(
                SaveStatus::Saved,
            )));
        })
    };
    html! {
        <>
            <button type="button" onclick={load}>{"Use the other tab's version"}</button>
            <button type="button" onclick={keep}>{"Keep this version"}</button>
        </>
    }
}
