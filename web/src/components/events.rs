//! The events pane: filter, table or groups, and progress.

use playground_figures::numbers;
use playground_protocol::{
    Column, ContradictionFilter, FileReport, LogReport, Outcome, OutcomeFilter, RuleFilter,
};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::common::{chip, markup};
use super::downloads::download_result;
use super::groups::Groups;
use super::header::open_button;
use super::status::{reading, status_line};
use super::table::Table;
use crate::deferred;
use crate::dom_ids;
use crate::state::policy_check::PolicyCheckAction;
use crate::state::{Action, AppState, Dialog, Freshness, WorkerStatus};

/// Renders the events pane.
pub fn events_pane(state: &AppState, on: &Callback<Action>) -> Html {
    let pending = state.freshness() == Freshness::Pending;
    let split = state.facets.open;
    html! {
        <section class="pane events" aria-labelledby="events-title">
            <div class="bar">
                <h2 id="events-title" class="visually-hidden">{"Events"}</h2>
                { filter(state, on) }
            </div>
            <div class={classes!("body", pending.then_some("pending"), split.then_some("split"))}>
                if split && state.has_all_parts {
                    { deferred::facets(state, on) }
                }
                <div class="listing">{ body(state, on) }</div>
            </div>
            { download_result(state) }
            { status_line(state, on) }
        </section>
    }
}

fn body(state: &AppState, on: &Callback<Action>) -> Html {
    let Some(rows) = &state.table.rows else {
        return waiting(state, on);
    };
    if rows.view.group_by.is_some() && state.table.view.group_by.is_some() {
        return html! { <Groups rows={rows.clone()} on={on.clone()} /> };
    }
    html! { <Table table={state.table.clone()} on={on.clone()} /> }
}

/// Renders the placeholder of the table: nothing is open, being read, or readable.
fn waiting(state: &AppState, on: &Callback<Action>) -> Html {
    if let Some(progress) = &state.reading {
        return html! { <div class="empty">{ reading(progress, "reading large", on) }</div> };
    }
    let said = match state.log.as_deref() {
        None if state.openings.rejected.is_some() => rejections(state.openings.rejected.as_deref()),
        // Only for a moment; a text would flash.
        _ if state.expects_rows() => {
            let is_starting = state.worker_status == WorkerStatus::Starting;
            return html! {
                <div class="empty" aria-busy="true">
                    if is_starting {
                        <p class="late">{"Loading the policy engine…"}</p>
                    }
                </div>
            };
        }
        Some(log) => html! {
            <>
                <h3>{numbers::counted(log.events, "event")}{" loaded"}</h3>
                <p>{"Fix the policy to see results."}</p>
            </>
        },
        None if state.workspace.missing.is_some() => html! {
            <>
                <h3>{"Your policy and settings were restored, but not the log"}</h3>
                <p>{"Browsers don't store logs. Open "}{ markup(state.workspace.missing.as_deref().unwrap_or_default()) }{" again to continue."}</p>
            </>
        },
        None => html! {
            <>
                <h3>{"No log is open"}</h3>
                <p>{"Drop audit logs anywhere on this page, or paste one with Ctrl+V. JSON lines, JSON arrays, event lists and pretty-printed JSON are supported. Files stay in your browser."}</p>
            </>
        },
    };
    let show_paste = on.reform(|_| Action::ShowDialog(Some(Dialog::Paste)));
    html! {
        <div class="empty">
            { said }
            <div class="choices">
                { open_button(on) }
                <button type="button" onclick={show_paste}>{"Paste log"}</button>
            </div>
        </div>
    }
}

/// Renders the reasons why a log has no events, if no other log is open.
fn rejections(log: Option<&LogReport>) -> Html {
    let Some(log) = log else {
        return Html::default();
    };
    let rejection = |file: &FileReport| {
        let rejection = file.rejection.as_ref()?;
        Some(html! { <p><b>{ super::name::name(&file.name) }</b>{": "}{ markup(rejection) }</p> })
    };
    let title = if log.cancelled {
        "Reading was cancelled before the first event"
    } else {
        "No audit events found"
    };
    html! {
        <>
            <h3>{title}</h3>
            { for log.files.iter().filter_map(rejection) }
        </>
    }
}

fn filter(state: &AppState, on: &Callback<Action>) -> Html {
    let view = &state.table.view;
    let outcome = |tag, label: &'static str| {
        let onclick = on.reform(move |_| Action::ToggleOutcome(tag));
        let chosen = view.outcome == Some(tag);
        html! { <button type="button" class="facet" aria-pressed={chosen.to_string()} {onclick}>{label}</button> }
    };
    let facets = on.reform(|_| Action::ToggleFacets);
    let unknowable = view.outcome == Some(OutcomeFilter::Is(Outcome::Unknowable))
        || state
            .answer
            .as_deref()
            .is_some_and(|answer| answer.unknowable > 0);
    html! {
        <>
            if state.has_all_parts {
                { deferred::filter_field(state, on) }
            } else {
                <div class="filter"><input id={dom_ids::FILTER} type="search" aria-label="Filter events" placeholder="Filter: user:alice verb:create pods" disabled=true /></div>
            }
            <button id={dom_ids::FACETS_BUTTON} type="button" class="facet" aria-expanded={state.facets.open.to_string()}
                aria-controls={state.facets.open.then_some(dom_ids::FACETS)} onclick={facets}>{"Facets"}</button>
            { rule_facet(state, on) }
            { contradiction_facet(state, on) }
            if let Some(kind) = view.finding {
                { deferred::finding_facet(kind, on) }
            }
            { outcome(OutcomeFilter::Is(Outcome::Written), "written") }
            { outcome(OutcomeFilter::Dropped, "dropped") }
            if unknowable {
                { outcome(OutcomeFilter::Is(Outcome::Unknowable), "unknowable") }
            }
            { grouping(state, on) }
        </>
    }
}

/// Renders the rule that the table is filtered by, as a button that clears it.
fn rule_facet(state: &AppState, on: &Callback<Action>) -> Html {
    let Some(filter) = state.table.view.rule else {
        return Html::default();
    };
    let rule = match filter {
        RuleFilter::Rule(rule) => Some(rule),
        RuleFilter::NoRule => None,
    };
    let level = state.answer.as_deref().and_then(|answer| {
        let sum = answer.by_rule.iter().find(|sum| sum.rule == rule)?;
        Some(sum.level)
    });
    let onclick = on.reform(move |_| Action::ToggleRule(rule));
    html! {
        <button type="button" class="facet" aria-pressed="true" title="Show the events of all rules" {onclick}>
            if rule.is_some() {
                {"rule "}{ chip(rule, level) }
            } else {
                {"no rule"}
            }
            <span aria-hidden="true">{" ✕"}</span>
        </button>
    }
}

/// Renders the contradictions that the table is filtered by, as a button that clears them.
fn contradiction_facet(state: &AppState, on: &Callback<Action>) -> Html {
    let label = match state.table.view.contradiction {
        None => return Html::default(),
        Some(ContradictionFilter::Any) => "contradicting the policy",
        Some(ContradictionFilter::Kind(kind)) => kind.label(),
    };
    let onclick = on.reform(|_| Action::PolicyCheck(PolicyCheckAction::ClearFilter));
    html! {
        <button type="button" class="facet contradiction" aria-pressed="true" title="Show all events" {onclick}>
            <span class="name">{ markup(label) }</span><span aria-hidden="true">{" ✕"}</span>
        </button>
    }
}

/// Columns to group by.
const GROUPS: [(&str, Column); 11] = [
    ("rule", Column::Rule),
    ("level", Column::Level),
    ("outcome", Column::Outcome),
    ("verb", Column::Verb),
    ("user", Column::User),
    ("group", Column::Group),
    ("resource", Column::Resource),
    ("namespace", Column::Namespace),
    ("stage", Column::Stage),
    ("status", Column::Code),
    ("source IP", Column::Source),
];

fn grouping(state: &AppState, on: &Callback<Action>) -> Html {
    let onchange = on.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        let group = GROUPS.iter().find(|(name, _)| *name == value);
        Action::GroupBy(group.map(|(_, column)| *column))
    });
    let chosen = state.table.view.group_by;
    html! {
        <select id="group-by" class="facet" aria-label="Group by" {onchange}>
            <option value="" selected={chosen.is_none()}>{"no grouping"}</option>
            { for GROUPS.iter().map(|(name, column)| html! {
                <option value={*name} selected={chosen == Some(*column)}>{"by "}{*name}</option>
            }) }
        </select>
    }
}
