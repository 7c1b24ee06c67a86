//! Notices over the page, each with what can be done about it and a way to dismiss it.

use yew::prelude::*;

use super::bits::prose;
use crate::state::notices::{Notice, NoticeKind};
use crate::state::{Action, AppState};

/// Every notice: troubles are read out at once, the others when there is time.
pub fn notices(state: &AppState, on: &Callback<Action>) -> Html {
    let some = |is_trouble: bool| {
        let kind = move |notice: &&Notice| notice.kind.is_trouble() == is_trouble;
        let shown = state.notices.iter().filter(kind);
        shown.map(|one| notice(one, on)).collect::<Html>()
    };
    html! {
        <>
            <div class="notices" role="alert">{ some(true) }</div>
            <div class="notices" role="status" aria-label="Notices">{ some(false) }</div>
        </>
    }
}

fn notice(notice: &Notice, on: &Callback<Action>) -> Html {
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
            { remedy(kind, on) }
            <button type="button" onclick={dismiss}>{"Dismiss"}</button>
        </div>
    }
}

/// The button that does something about it.
fn remedy(kind: NoticeKind, on: &Callback<Action>) -> Html {
    let button = |label: &'static str, action: Action| {
        let onclick = on.reform(move |_: MouseEvent| action.clone());
        html! { <button type="button" {onclick}>{label}</button> }
    };
    match kind {
        NoticeKind::Opened => button("Undo: reopen the previous log", Action::ReopenPrevious),
        NoticeKind::NotOpened | NoticeKind::Skipped => Html::default(),
    }
}
