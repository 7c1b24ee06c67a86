//! The facets: the most frequent values of each field of the view, as check boxes that filter by them: any of
//! the values of a field, and all fields.

use playground_figures::numbers;
use playground_protocol::{Column, Facet, FacetValue, View};
use yew::prelude::*;

use super::name::title;
use crate::dom_ids;
use crate::state::facets::{has_selection, has_value};
use crate::state::{Action, AppState};

/// Renders the facets of the view.
pub fn facets(state: &AppState, on: &Callback<Action>) -> Html {
    let close = on.reform(|_| Action::CloseFacets);
    let pending = !state.has_fresh_facets();
    html! {
        <section id={dom_ids::FACETS} class="facets" aria-labelledby="facets-title">
            <div class="lead">
                <h3 id="facets-title">{"Facets"}</h3>
                <button type="button" class="quiet" onclick={close}>{"Close"}<span class="visually-hidden">{" facets"}</span></button>
            </div>
            <div class={classes!("fields", pending.then_some("pending"))} aria-busy={pending.to_string()}>
                if let Some(facets) = &state.facets.shown {
                    { for facets.fields.iter().map(|facet| field(facet, &state.table.view, on)) }
                }
            </div>
        </section>
    }
}

fn field(facet: &Facet, view: &View, on: &Callback<Action>) -> Html {
    if facet.values.is_empty() {
        return Html::default();
    }
    let name = name(facet.column);
    let id = [dom_ids::FACETS, "-", name].concat().replace(' ', "-");
    let column = facet.column;
    let group = on.reform(move |_| Action::GroupBy(Some(column)));
    html! {
        <section key={name} aria-labelledby={id.clone()}>
            <div class="of">
                <h4 {id}>{name}</h4>
                if has_selection(view, column) {
                    <button type="button" class="link" onclick={on.reform(move |_| Action::ClearField(column))}>
                        {"Clear"}<span class="visually-hidden">{" "}{name}</span>
                    </button>
                }
            </div>
            <ul>{ for facet.values.iter().map(|one| value(facet.column, one, view, on)) }</ul>
            if facet.more > 0 {
                <button type="button" class="link" title="Group by this field to see all values" onclick={group}>
                    {numbers::count(facet.more)}{" more"}
                </button>
            }
        </section>
    }
}

fn value(column: Column, value: &FacetValue, view: &View, on: &Callback<Action>) -> Html {
    let key = value.key.clone();
    let onclick = on.reform(move |_| Action::ToggleValue(column, key.clone()));
    let checked = has_value(view, column, &value.key);
    let hint = [
        &title(&value.term),
        ": ",
        &numbers::counted(value.sum.events, "event"),
        ", ",
        &numbers::bytes(value.sum.bytes),
        " recorded",
    ]
    .concat();
    html! {
        <li key={value.key.clone()}>
            <button type="button" role="checkbox" aria-checked={checked.to_string()} title={hint} {onclick}>
                <span class="value">{ super::name::name(&label(column, &value.key)) }</span>
                {" "}
                <span class="num">{numbers::count(value.sum.events)}</span>
            </button>
        </li>
    }
}

const fn name(column: Column) -> &'static str {
    match column {
        Column::Rule => "Rule",
        Column::Level => "Level",
        Column::Outcome => "Outcome",
        Column::Verb => "Verb",
        Column::User => "User",
        Column::Group => "Group",
        Column::Resource => "Resource",
        Column::Namespace => "Namespace",
        Column::Stage => "Stage",
        Column::Code => "Status",
        Column::Source => "Source IP",
        Column::Time => "Time",
        Column::Recorded => "Recorded",
        Column::Written => "Written",
    }
}

/// Returns the label of a value.
pub fn label(column: Column, key: &str) -> String {
    let said = match (column, key) {
        (Column::Rule, "none") => "no rule",
        (Column::Rule | Column::Level, "unknown") => "unknown",
        (Column::Rule, number) => return ["rule ", number].concat(),
        (Column::Outcome, "dropped-level") => "dropped: level None",
        (Column::Outcome, "dropped-stage") => "dropped: stage omitted",
        (_, "") => "(none)",
        (_, key) => key,
    };
    said.to_owned()
}
