//! The repair of a policy that was damaged when it was copied: what would change, what has two readings, and the new text.

use playground_protocol::{RepairQuestion, RepairView};
use yew::prelude::*;

use super::common::{markup, sentence};
use super::written::diff;
use crate::dom_ids;
use crate::state::repair::RepairAction;
use crate::state::{Action, AppState};

/// Renders the offer to repair the policy, if it looks damaged.
pub fn repair_offer(state: &AppState, on: &Callback<Action>) -> Html {
    let report = state.repair.report.shown.as_deref();
    let Some(repair) = report.and_then(|report| report.repair.as_ref()) else {
        return Html::default();
    };
    let is_open = state.repair.is_open;
    let act = |action: RepairAction| on.reform(move |_: MouseEvent| Action::Repair(action.clone()));
    let can_apply = is_open && !repair.edits.is_empty() && !state.embed.is_read_only;
    html! {
        <section id={dom_ids::REPAIR} class="repair" tabindex="-1" aria-label="Repair">
            <p role="status">{ markup(&sentence(&repair.headline)) }</p>
            <p class="actions">
                if can_apply {
                    <button type="button" class="primary" onclick={act(RepairAction::Apply)}>{"Repair"}</button>
                }
                <button type="button" aria-expanded={is_open.to_string()} onclick={act(RepairAction::Show(!is_open))}>{ if is_open { "Close" } else { "Show the repair" } }</button>
            </p>
            if is_open {
                { details(repair, on) }
            }
        </section>
    }
}

fn details(repair: &RepairView, on: &Callback<Action>) -> Html {
    let change = |(lines, text): &(String, String)| html! { <li>{ markup(&sentence(&[lines, ": ", text].concat())) }</li> };
    let unplaced = |(line, reason): &(usize, String)| {
        html! { <li>{"Line "}{*line}{" stays: "}{ markup(reason) }{"."}</li> }
    };
    html! {
        <>
            <ul>
                { for repair.changes.iter().map(change) }
                { for repair.unplaced.iter().map(unplaced) }
            </ul>
            { for repair.questions.iter().map(|one| question(one, on)) }
            if !repair.diff.is_empty() {
                { diff(&repair.diff) }
            }
        </>
    }
}

/// Renders the readings of a line to choose from.
fn question(question: &RepairQuestion, on: &Callback<Action>) -> Html {
    let line = question.line;
    let name = ["reading-", &line.to_string()].concat();
    let choice = |reading: Option<usize>, label: Html| {
        let onchange =
            on.reform(move |_: Event| Action::Repair(RepairAction::Choose(line, reading)));
        html! {
            <label><input type="radio" name={name.clone()} checked={question.chosen == reading} {onchange} />{" "}{label}</label>
        }
    };
    let readings = question.readings.iter().enumerate();
    html! {
        <fieldset>
            <legend>{"Line "}{line}{": "}{ markup(&question.sentence) }</legend>
            { for readings.map(|(index, label)| choice(Some(index), markup(label))) }
            { choice(None, html! { {"undecided"} }) }
        </fieldset>
    }
}
