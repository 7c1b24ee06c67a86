//! The policy pane: the editor, the server's verdict, and the findings.

use playground_protocol::PolicyReport;
use yew::prelude::*;

use super::findings::findings;
use crate::editor::{Editor, EditorHandle};
use crate::numbers;
use crate::state::{Action, AppState, Freshness, Pane};

/// Renders the policy pane.
pub fn policy_pane(state: &AppState, editor: &EditorHandle, on: &Callback<Action>) -> Html {
    let policy = state.policy.as_deref();
    let answer = state.figures();
    let stale = state.freshness() == Freshness::Stale;
    html! {
        <section class="pane policy" aria-labelledby="policy-title">
            <div class="bar">
                <h2 id="policy-title">{"policy.yaml"}</h2>
                <span role="status">{ status(policy, stale && answer.is_some()) }</span>
            </div>
            <Editor handle={editor.clone()} editor_document={state.editor_document.clone()} policy={state.policy.clone()} version={state.version}
                {answer} {stale} marked={marked(state)} shown={state.pane == Pane::Policy} on={on.clone()} />
            { findings(policy, on) }
        </section>
    }
}

/// Returns the rule of the selected event, and the event if the user selected it.
fn marked(state: &AppState) -> (Option<usize>, Option<usize>) {
    let event = state.selected_event();
    let rule = state
        .inspection
        .as_deref()
        .filter(|shown| Some(shown.row.event) == event)
        .and_then(|shown| shown.row.rule);
    let is_chosen = state
        .table
        .selection
        .is_some_and(|selection| selection.is_chosen);
    (rule, event.filter(|_| rule.is_some() && is_chosen))
}

fn status(policy: Option<&PolicyReport>, stale: bool) -> Html {
    let Some(policy) = policy else {
        return html! { {"not checked yet"} };
    };
    let verdict = if policy.accepted {
        html! { <b class="good">{"accepted"}</b> }
    } else {
        html! { <b class="bad">{"rejected"}</b> }
    };
    let findings = match policy.findings.len() {
        0 => String::new(),
        count => ", ".to_owned() + &numbers::counted(count, "finding"),
    };
    html! {
        <>
            {verdict}{findings}
            if stale {
                <span class="addition">{" · counts are from the last accepted policy"}</span>
            }
        </>
    }
}
