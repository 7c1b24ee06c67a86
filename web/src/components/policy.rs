//! The policy pane: the editor, the server's verdict, and the findings.

use playground_figures::numbers;
use playground_protocol::{DocumentView, EventId, PolicyReport, RuleIndex};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::name::marked as marked_name;
use super::policy_panel::policy_panel;
use crate::deferred;
use crate::editor::{Editor, EditorHandle, TextEditorHandle};
use crate::identity_rc::IdentityRc;
use crate::state::claims::ClaimsAction;
use crate::state::export::{ExportAction, PasteAction};
use crate::state::{Action, AppState, Dialog, Freshness, Pane};

/// Renders the policy pane.
pub fn policy_pane(
    state: &AppState,
    editor: &EditorHandle,
    tests: &TextEditorHandle,
    on: &Callback<Action>,
) -> Html {
    let policy = state.policy.as_deref();
    let answer = state.figures();
    let stale = state.freshness() == Freshness::Stale;
    let shows_tests = state.has_all_parts && state.claims.is_editing;
    html! {
        <section class={classes!("pane", "policy", shows_tests.then_some("shows-tests"))} aria-labelledby="policy-title">
            <div class="bar">
                <h2 id="policy-title">{if shows_tests { "policy-tests.yaml" } else { "policy.yaml" }}</h2>
                <span role="status">{ if shows_tests { tests_status(state) } else { status(policy, stale && answer.is_some()) } }</span>
                if shows_tests {
                    <span class="grow"></span>
                    <button type="button" onclick={on.reform(|_| Action::Claims(ClaimsAction::ShowText(false)))}>{"Show policy"}</button>
                }
            </div>
            if shows_tests {
                { deferred::tests_editor(state, tests, on) }
            }
            if let Some(document) = policy.and_then(|policy| policy.document.as_ref()) {
                { outer_document(document, &state.text, on) }
            }
            <Editor handle={editor.clone()} editor_document={state.editor_document.clone()} policy={state.policy.clone()} version={state.version}
                {answer} {stale} marked={marked(state)} shown={state.pane == Pane::Policy} is_read_only={state.embed.is_read_only} on={on.clone()} />
            { policy_panel(state, on) }
        </section>
    }
}

/// Returns the rule of the selected event, and the event if the user selected it.
fn marked(state: &AppState) -> (Option<RuleIndex>, Option<EventId>) {
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

/// Renders how many tests pass.
fn tests_status(state: &AppState) -> Html {
    let Some((passed, total)) = state.claims.test_counts() else {
        return Html::default();
    };
    let class = if passed == total { "good" } else { "bad" };
    html! { <><b {class}>{numbers::count(passed)}{" of "}{numbers::count(total)}</b>{" pass"}</> }
}

fn status(policy: Option<&PolicyReport>, stale: bool) -> Html {
    let Some(policy) = policy else {
        return html! { {"not checked yet"} };
    };
    let document = policy.document.as_ref();
    let is_missing = document.is_some_and(|document| document.policies.is_empty());
    let is_template = document.is_some_and(|document| document.is_template);
    let verdict = if is_missing {
        html! { <b class="bad">{"no policy"}</b> }
    } else if is_template {
        html! { <b>{"template"}</b> }
    } else if policy.accepted {
        html! { <b class="good">{"accepted"}</b> }
    } else {
        html! { <b class="bad">{"rejected"}</b> }
    };
    let findings = match policy.findings.len() {
        0 => String::new(),
        count => ", ".to_owned() + &numbers::counted(count, "finding"),
    };
    let settings = match document.map_or(0, |document| document.settings_errors) {
        0 => String::new(),
        count => "; ".to_owned() + &numbers::counted(count, "error") + " in the settings",
    };
    html! {
        <>
            {verdict}<span class="bad">{settings}</span>{findings}
            if stale {
                <span class="addition">{" · counts are from the last accepted policy"}</span>
            }
        </>
    }
}

/// Renders what the text is if it is not a policy file, and the choice among its policies.
fn outer_document(
    document: &DocumentView,
    text: &IdentityRc<String>,
    on: &Callback<Action>,
) -> Html {
    let title = &document.title;
    let choice = match document.policies.as_slice() {
        [] => html! { <span>{"This is "}{title}{". It contains no policy."}</span> },
        // The whole text is the policy, such as in a template.
        [place] if place.is_empty() => {
            html! { <span>{"This is "}{title}{" of a policy."}</span> }
        }
        [place] => {
            html! { <span>{"This is "}{title}{" with a policy in "}<code>{ marked_name(place) }</code>{"."}</span> }
        }
        places => {
            let onchange = {
                let on = on.clone();
                Callback::from(move |event: Event| {
                    let value = event.target_unchecked_into::<HtmlSelectElement>().value();
                    if let Ok(part) = value.parse() {
                        on.emit(Action::SelectPolicy(part));
                    }
                })
            };
            let option = |(index, place): (usize, &String)| {
                html! { <option value={index.to_string()} selected={index == document.selected}>{ marked_name(place) }</option> }
            };
            html! {
                <label>
                    <span>{"This is "}{title}{" with "}{places.len()}{" policies:"}</span>
                    <select {onchange}>{ for places.iter().enumerate().map(option) }</select>
                </label>
            }
        }
    };
    let read_settings = {
        let (on, text) = (on.clone(), text.clone());
        Callback::from(move |_| {
            let paste = ExportAction::Paste((*text).clone(), PasteAction::ReadSettings);
            on.emit(Action::Export(paste));
            on.emit(Action::ShowDialog(Some(Dialog::Export)));
        })
    };
    html! {
        <div class="outer-document">
            { choice }
            if document.has_settings {
                <button type="button" onclick={read_settings}>{"Read its settings"}</button>
            }
        </div>
    }
}
