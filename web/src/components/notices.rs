//! Notices over the page, each with what can be done about it and a way to dismiss it.

use yew::prelude::*;

use super::bits::prose;
use super::header::save_workspace;
use crate::hooks::Store;
use crate::keeper::Keeper;
use crate::state::Action;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::worker::{Stop, WorkerAction};
use crate::state::workspace::{Keeping, Stored, WorkspaceAction};

/// What could not be done, and every notice: troubles are read out at once, the others when there is time.
pub fn notices(store: &Store, on: &Callback<Action>) -> Html {
    let state = &store.state;
    let dismiss = on.reform(|_| Action::Dismiss);
    let some = |is_trouble: bool| {
        let kind = move |notice: &&Notice| notice.kind.is_trouble() == is_trouble;
        let shown = state.notices.iter().filter(kind);
        shown.map(|one| notice(one, store, on)).collect::<Html>()
    };
    html! {
        <>
            <div class="alerts" role="alert">
                if let Some(failure) = &state.failure {
                    <div class="notice trouble">
                        <p class="sentence">{ prose(failure) }</p>
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
    let class = if kind.is_trouble() {
        "notice trouble"
    } else {
        "notice"
    };
    html! {
        <div {class}>
            <div class="sentence">
                <p>{ prose(&notice.sentence) }</p>
                if !notice.reasons.is_empty() {
                    <ul>{ for notice.reasons.iter().map(|reason| html! { <li>{ prose(reason) }</li> }) }</ul>
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
        NoticeKind::Opened => button("Undo: reopen the previous log", Action::ReopenPrevious),
        NoticeKind::OpenedPolicy => {
            button("Undo: bring back the previous policy", Action::UndoPolicy)
        }
        NoticeKind::Replaced => button(
            "Undo: bring back the previous workspace",
            Action::Workspace(WorkspaceAction::Undo),
        ),
        NoticeKind::NotKept => {
            let onclick = save_workspace(&store.state, on);
            html! { <button type="button" {onclick}>{"Save as a file"}</button> }
        }
        NoticeKind::OtherTab => choice(&store.keeper, on),
        NoticeKind::Down => button("Start it again", Action::Worker(WorkerAction::StartAgain)),
        NoticeKind::Busy => button(
            "Stop it",
            Action::Worker(WorkerAction::Stopped(Stop::ByHand)),
        ),
        NoticeKind::NotOpened
        | NoticeKind::UnknownVersion
        | NoticeKind::Skipped
        | NoticeKind::Unreadable
        | NoticeKind::Stopped => Html::default(),
    }
}

/// Which of two tabs' workspaces is to be kept.
fn choice(keeper: &Keeper, on: &Callback<Action>) -> Html {
    let load = {
        let (keeper, on) = (keeper.clone(), on.clone());
        Callback::from(move |_: MouseEvent| {
            on.emit(match keeper.read() {
                Stored::Text(text) => Action::Workspace(WorkspaceAction::LoadKept(text)),
                Stored::Nothing => Action::Workspace(WorkspaceAction::Kept(Keeping::Kept)),
            });
        })
    };
    let keep = {
        let (keeper, on) = (keeper.clone(), on.clone());
        Callback::from(move |_: MouseEvent| {
            keeper.accept();
            on.emit(Action::Workspace(WorkspaceAction::Kept(Keeping::Kept)));
        })
    };
    html! {
        <>
            <button type="button" onclick={load}>{"Use the other tab's version"}</button>
            <button type="button" onclick={keep}>{"Keep this version"}</button>
        </>
    }
}
