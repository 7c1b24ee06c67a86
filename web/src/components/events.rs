//! The events: what to list, the list, and how far reading has come.

use playground_protocol::{Answer, Column, LogReport, OutcomeTag, Progress};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::bits::{chip, prose};
use super::groups::Groups;
use super::header::OpenButton;
use super::status::{Reading, StatusLine};
use super::table::Table;
use crate::link::Link;
use crate::numbers;
use crate::shared::Shared;
use crate::state::{Action, Dialog, TableState};

/// Properties of [`EventsPane`].
#[derive(Properties, PartialEq)]
pub struct EventsProps {
    /// The table.
    pub table: TableState,
    /// The answer, for the levels of rules.
    pub answer: Option<Shared<Answer>>,
    /// How far reading has come.
    pub reading: Option<Shared<Progress>>,
    /// What reading found.
    pub log: Option<Shared<LogReport>>,
    /// Whether the rows may be of an older policy.
    pub outdated: bool,
    /// The worker.
    pub link: Link,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The events.
#[function_component]
pub fn EventsPane(props: &EventsProps) -> Html {
    html! {
        <section class="pane events" aria-labelledby="events-title">
            <div class="bar">
                <h2 id="events-title" class="unseen">{"Events"}</h2>
                { filter(props) }
            </div>
            <div class={classes!("body", props.outdated.then_some("pending"))}>{ body(props) }</div>
            <StatusLine total={props.table.total()} filtered={filtered(&props.table)}
                grouped={props.table.view.group_by.is_some()}
                reading={props.reading.clone()} log={props.log.clone()} on={props.on.clone()} />
        </section>
    }
}

fn filtered(table: &TableState) -> bool {
    let view = &table.view;
    !view.text.trim().is_empty() || view.outcome.is_some() || view.rule.is_some()
}

fn body(props: &EventsProps) -> Html {
    let on = &props.on;
    let Some(rows) = props.table.rows.as_ref() else {
        return waiting(props);
    };
    if props.log.as_deref().is_some_and(|log| log.events == 0) {
        return waiting(props);
    }
    if rows.view.group_by.is_some() && props.table.view.group_by.is_some() {
        return html! { <Groups rows={rows.clone()} on={on.clone()} /> };
    }
    html! { <Table table={props.table.clone()} on={on.clone()} /> }
}

/// What stands in place of the table: nothing open, reading, or nothing readable.
fn waiting(props: &EventsProps) -> Html {
    if let Some(progress) = &props.reading {
        return html! { <div class="empty"><Reading progress={progress.clone()} on={props.on.clone()} large=true /></div> };
    }
    let show_paste = props.on.reform(|_| Action::Show(Some(Dialog::Paste)));
    let refused = props.log.as_deref().filter(|log| log.events == 0).map(|log| {
        let refusals = log.files.iter().filter_map(|file| {
            let refusal = file.refusal.as_ref()?;
            Some(html! { <p><b>{&file.name}</b>{": "}{ prose(refusal) }</p> })
        });
        html! {
            <>
                <h3>{if log.cancelled { "Reading was cancelled before the first event" } else { "No audit events in there" }}</h3>
                { for refusals }
            </>
        }
    });
    let unjudged = props.log.as_deref().filter(|log| log.events > 0);
    html! {
        <div class="empty">
            if let Some(refused) = refused {
                { refused }
            } else if let Some(log) = unjudged {
                <h3>{numbers::counted(log.events, "event")}{" read, none judged yet"}</h3>
                <p>{"They are listed as soon as there is a policy that kube-apiserver would accept."}</p>
            } else {
                <h3>{"No log is open"}</h3>
                <p>{"Drop audit logs anywhere on this page, or paste one with Ctrl-V. JSON lines, JSON arrays, event lists and pretty-printed JSON all do. They are read here and go nowhere."}</p>
            }
            <div class="choices">
                <OpenButton link={props.link.clone()} on={props.on.clone()} />
                <button type="button" onclick={show_paste}>{"Paste log"}</button>
            </div>
        </div>
    }
}

fn filter(props: &EventsProps) -> Html {
    let (on, view) = (&props.on, &props.table.view);
    let oninput = on.reform(|event: InputEvent| {
        Action::Filter(event.target_unchecked_into::<HtmlInputElement>().value())
    });
    let onkeydown = {
        let on = on.clone();
        Callback::from(move |key: KeyboardEvent| match key.key().as_str() {
            "Escape" => on.emit(Action::Filter(String::new())),
            "ArrowDown" | "Enter" => {
                key.prevent_default();
                crate::platform::focus("#events-grid");
            }
            _ => {}
        })
    };
    let outcome = |tag, label: &'static str| {
        let onclick = on.reform(move |_| Action::ToggleOutcome(tag));
        let chosen = view.outcome == Some(tag);
        html! { <button type="button" class="facet" aria-pressed={chosen.to_string()} {onclick}>{label}</button> }
    };
    let unknowable = view.outcome == Some(OutcomeTag::Unknowable)
        || props
            .answer
            .as_deref()
            .is_some_and(|answer| answer.unknowable > 0);
    html! {
        <>
            <input id="filter" type="search" aria-label="Filter events" placeholder="Filter: user:alice verb:create pods"
                autocomplete="off" spellcheck="false" value={view.text.clone()} {oninput} {onkeydown} />
            { rule_facet(props) }
            { outcome(OutcomeTag::Written, "written") }
            { outcome(OutcomeTag::Dropped, "dropped") }
            if unknowable {
                { outcome(OutcomeTag::Unknowable, "unknowable") }
            }
            { grouping(props) }
        </>
    }
}

/// The rule that the table is filtered by, with a way out.
fn rule_facet(props: &EventsProps) -> Html {
    let Some(rule) = props.table.view.rule else {
        return Html::default();
    };
    let level = props.answer.as_deref().and_then(|answer| {
        let sum = answer.by_rule.iter().find(|sum| sum.rule == rule)?;
        Some(sum.level)
    });
    let onclick = props.on.reform(move |_| Action::ToggleRule(rule));
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

/// Columns that make sense as groups.
const GROUPS: [(&str, Column); 8] = [
    ("rule", Column::Rule),
    ("user", Column::User),
    ("resource", Column::Resource),
    ("verb", Column::Verb),
    ("namespace", Column::Namespace),
    ("level", Column::Level),
    ("stage", Column::Stage),
    ("code", Column::Code),
];

fn grouping(props: &EventsProps) -> Html {
    let onchange = props.on.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        let group = GROUPS.iter().find(|(name, _)| *name == value);
        Action::GroupBy(group.map(|(_, column)| *column))
    });
    let chosen = props.table.view.group_by;
    html! {
        <select id="group-by" class="facet" aria-label="Group by" {onchange}>
            <option value="" selected={chosen.is_none()}>{"no groups"}</option>
            { for GROUPS.iter().map(|(name, column)| html! {
                <option value={*name} selected={chosen == Some(*column)}>{"by "}{*name}</option>
            }) }
        </select>
    }
}
