//! Tests of the policy and claims of standards, under the policy.

mod mutations;
mod requirements;
mod row;
mod tests_panel;

use playground_protocol::ClaimList;
use yew::prelude::*;

use self::requirements::requirements;
use self::tests_panel::tests;
use super::common::markup;
use super::example::ExampleCard;
use crate::editor::{TextEditor, TextEditorHandle};
use crate::state::claims::{ClaimsAction, OpenClaim, PolicyTab};
use crate::state::{Action, AppState};

/// Renders the tests or the requirements.
pub fn claims_panel(state: &AppState, on: &Callback<Action>) -> Html {
    match state.claims.tab {
        PolicyTab::Requirements => requirements(state, on),
        _ => tests(state, on),
    }
}

/// Renders the editor of the tests.
pub fn tests_editor(state: &AppState, editor: &TextEditorHandle, on: &Callback<Action>) -> Html {
    let claims = &state.claims;
    let onchange = on.reform(|text| Action::Claims(ClaimsAction::Edit(text)));
    html! {
        <TextEditor handle={editor.clone()} document={claims.document.clone()} text={claims.text.clone()} label="Policy tests"
            results={claims.tests.answered.shown.clone()} {onchange} />
    }
}

/// Renders the open example of a claim, in the place of the selected event.
pub fn claim_example(open: &OpenClaim, on: &Callback<Action>) -> Html {
    let close = on.reform(|_| Action::Claims(ClaimsAction::CloseExample));
    html! {
        <div class="claim-example" key="claim">
            <div class="lead">
                <p><b>{ markup(&open.name) }</b></p>
                <button type="button" onclick={close}>{"Close"}</button>
            </div>
            <p class="note">{ markup(&open.message) }</p>
            <ExampleCard example={open.example.clone()} report={open.why.as_deref().cloned()} is_described={open.list != ClaimList::Mutations} />
        </div>
    }
}
