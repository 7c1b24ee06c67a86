//! Notices above the page, each with a remedy and a button to dismiss it.

use yew::prelude::*;

use super::common::markup;
use crate::state::metrics::MetricsAction;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::seal::SealAction;
use crate::state::worker::{StopReason, WorkerAction};
use crate::state::workspace::WorkspaceAction;
use crate::state::{Action, AppState};

/// Renders the error message and all notices. Screen readers announce problems at once, the others when idle.
pub fn notices(state: &AppState, on: &Callback<Action>) -> Html {
    let dismiss = on.reform(|_| Action::DismissError);
    let some = |is_problem: bool| {
        let kind = move |notice: &&Notice| notice.kind.is_problem() == is_problem;
        let shown = state.notices.iter().filter(kind);
        shown.map(|one| notice(one, on)).collect::<Html>()
    };
    html! {
        <>
            <div class="alerts" role="alert">
                if let Some(failure) = &state.error_message {
                    <div class="notice problem">
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

/// Renders a notice with its remedy.
pub fn notice(notice: &Notice, on: &Callback<Action>) -> Html {
    let kind = notice.kind;
    let dismiss = on.reform(move |_: MouseEvent| Action::DismissNotice(kind));
    let class = if kind.is_problem() {
        "notice problem"
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
            { remedy(kind, on) }
            <button type="button" onclick={dismiss}>{"Dismiss"}</button>
        </div>
    }
}

/// Renders the button that fixes the problem.
fn remedy(kind: NoticeKind, on: &Callback<Action>) -> Html {
    let button = |label: &'static str, action: Action| {
        let onclick = on.reform(move |_: MouseEvent| action.clone());
        html! { <button type="button" {onclick}>{label}</button> }
    };
    match kind {
        NoticeKind::LogOpened => button("Undo: reopen the previous log", Action::ReopenPreviousLog),
        NoticeKind::PolicyOpened => button("Undo: restore the previous policy", Action::UndoPolicy),
        NoticeKind::WorkspaceReplaced => button(
            "Undo: restore the previous workspace",
            Action::Workspace(WorkspaceAction::Undo),
        ),
        NoticeKind::NotSaved => button("Save as file", Action::Workspace(WorkspaceAction::Save)),
        NoticeKind::OtherTab => html! {
            <>
                { button("Use the other tab's version", Action::Workspace(WorkspaceAction::UseOtherTab)) }
                { button("Keep this version", Action::Workspace(WorkspaceAction::KeepThisTab)) }
                { button("Keep both", Action::Workspace(WorkspaceAction::KeepBoth)) }
            </>
        },
        NoticeKind::Removed => button("Keep it", Action::Workspace(WorkspaceAction::KeepThisTab)),
        NoticeKind::Forgotten => button(
            "Undo: keep it again",
            Action::Workspace(WorkspaceAction::UndoForget),
        ),
        NoticeKind::StorageUnreadable => {
            button("Show workspaces", Action::Workspace(WorkspaceAction::Show))
        }
        NoticeKind::NewVersion => button("Load it", Action::LoadNewVersion),
        NoticeKind::PartMissing => button("Try again", Action::Seal(SealAction::Seal)),
        NoticeKind::WorkerDown => {
            button("Restart engine", Action::Worker(WorkerAction::StartAgain))
        }
        NoticeKind::WorkerBusy => button(
            "Stop engine",
            Action::Worker(WorkerAction::Stopped(StopReason::ByUser)),
        ),
        NoticeKind::MetricsClosed => button(
            "Undo: show the metrics again",
            Action::Metrics(MetricsAction::Reopen),
        ),
        NoticeKind::LogNotOpened
        | NoticeKind::MetricsNotOpened
        | NoticeKind::UnknownVersion
        | NoticeKind::UnknownTarget
        | NoticeKind::FilesSkipped
        | NoticeKind::WorkerStopped => Html::default(),
    }
}
