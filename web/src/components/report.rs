//! Parts of the printed page besides the panes: the whole policy, since the editor renders only visible lines, and the rules with results.

use gloo::events::EventListener;
use playground_figures::numbers;
use playground_protocol::{AnswerReport, RuleSum};
use yew::prelude::*;

use super::common::chip;
use super::lessons::worksheet;
use super::name::marked;
use crate::state::AppState;

/// Maximum length of the printed policy; longer policies are generated.
const MAX_CHARS: usize = 400_000;
/// Maximum number of rules listed.
const MAX_RULES: usize = 500;

/// Returns whether the page is being printed. The report is rendered only then.
#[hook]
pub fn use_printing() -> bool {
    let printing = use_state_eq(|| false);
    {
        let set = printing.setter();
        use_effect_with((), move |()| {
            let window = gloo::utils::window();
            let listen = |name: &'static str, value: bool| {
                let set = set.clone();
                EventListener::new(&window, name, move |_| set.set(value))
            };
            let listeners = (listen("beforeprint", true), listen("afterprint", false));
            move || drop(listeners)
        });
    }
    *printing
}

/// Renders the report; with an open lesson, the lesson.
pub fn printed(state: &AppState) -> Html {
    if let Some(lesson) = &state.lessons.lesson {
        return worksheet(lesson);
    }
    let text = state.text.as_str();
    let end = text.char_indices().nth(MAX_CHARS).map(|(end, _)| end);
    let shown = end.and_then(|end| text.get(..end)).unwrap_or(text);
    html! {
        <section class="printed" aria-labelledby="printed-title">
            <h2 id="printed-title">{"Policy, for Kubernetes "}{state.version.to_string()}</h2>
            <pre>{ marked(shown) }</pre>
            if end.is_some() {
                <p class="note">{"The policy is too long to print in full."}</p>
            }
            { state.figures().as_deref().map(rules).unwrap_or_default() }
            if state.volume.shown.is_none() && state.metrics.shown.is_none() {
                <p class="note">{"To include the volume in this report, open Volume before printing."}</p>
            }
        </section>
    }
}

fn rules(answer: &AnswerReport) -> Html {
    let row = |sum: &RuleSum| {
        html! {
            <tr>
                <th scope="row">{ chip(sum.rule, Some(sum.level)) }{" "}{sum.level.name()}</th>
                <td class="num">{numbers::count(sum.matched)}</td>
                <td class="num">{numbers::count(sum.written.events)}</td>
                <td class="num">{numbers::bytes(sum.written.bytes)}</td>
            </tr>
        }
    };
    html! {
        <>
            <h2>{"Rules"}</h2>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{"Rule and level"}</th>
                        <th scope="col" class="num">{"Events matched"}</th>
                        <th scope="col" class="num">{"Events written"}</th>
                        <th scope="col" class="num">{"Bytes written"}</th>
                    </tr>
                </thead>
                <tbody>{ for answer.by_rule.iter().take(MAX_RULES).map(row) }</tbody>
            </table>
        </>
    }
}
