//! The volume that is estimated from metrics: ranges, and what metrics do not say.

use playground_figures::numbers;
use playground_protocol::{MetricsReport, RangeBreakdown, RangeGroup};
use yew::prelude::*;

use super::breakdown::tabbed;
use super::fact::fact;
use crate::components::common::markup;
use crate::components::name::{name, title};
use crate::components::number_field::{NumberField, NumberInput};
use crate::components::screen_reader::screen_reader_only;
use crate::identity_rc::IdentityRc;
use crate::state::metrics::{MetricsAction, MetricsState};
use crate::state::{Action, AppState};

/// Renders the button that closes the metrics.
pub fn close_button(on: &Callback<Action>) -> Html {
    let close = on.reform(|_| Action::Metrics(MetricsAction::Close));
    html! { <button type="button" class="facet" onclick={close}>{"Close metrics"}</button> }
}

/// Renders the estimate.
pub fn from_metrics(state: &AppState, on: &Callback<Action>) -> Html {
    let metrics = &state.metrics;
    let Some(report) = &metrics.shown else {
        return waiting(state);
    };
    let caution = |caution: &String| html! { <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(caution) }</p> };
    let note = |note: &String| html! { <p class="note">{ markup(note) }</p> };
    html! {
        <>
            <div class="title">
                <h3>{&report.title}</h3>
                <span class="note">{ markup(&metrics.title()) }</span>
            </div>
            <div class="facts">{ for report.figures.iter().map(fact) }</div>
            <div class="cautions">
                { for report.cautions.iter().map(caution) }
                { for report.notes.iter().map(note) }
                <p class="note">{"Metrics have no single events: open a log for exact figures, volume over time and suggestions."}</p>
            </div>
            { hours(metrics, report, on) }
            <RangeBreakdowns report={report.clone()} />
        </>
    }
}

fn waiting(state: &AppState) -> Html {
    let is_rejected = state.policy.as_ref().is_some_and(|policy| !policy.accepted);
    if !is_rejected {
        return html! { <div class="empty" aria-busy="true"></div> };
    }
    html! {
        <div class="empty">
            <h3>{"Metrics loaded"}</h3>
            <p>{"Fix the policy to see how much it would write."}</p>
        </div>
    }
}

fn hours(metrics: &MetricsState, report: &MetricsReport, on: &Callback<Action>) -> Html {
    let typed = on.reform(|typed: NumberInput| {
        let hours = typed.number().filter(|hours| *hours > 0.0);
        Action::Metrics(MetricsAction::SetHours(hours))
    });
    let value = metrics
        .hours
        .map(|hours| hours.to_string())
        .unwrap_or_default();
    let hint = if report.has_time {
        "as the metrics say"
    } else {
        "unknown"
    };
    html! {
        <form class="prices" onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
            <NumberField label="Hours that the counters cover" {hint} {value} ontyped={typed} />
        </form>
    }
}

/// Properties of [`RangeBreakdowns`].
#[derive(Properties, PartialEq)]
struct RangeBreakdownsProps {
    /// The estimate.
    report: IdentityRc<MetricsReport>,
}

/// A breakdown, with tabs for the others.
#[function_component]
fn RangeBreakdowns(props: &RangeBreakdownsProps) -> Html {
    let chosen = use_state(|| 0);
    let by = &props.report.by;
    let titles: Vec<String> = by.iter().map(|breakdown| breakdown.title.clone()).collect();
    tabbed(&titles, &chosen, by.get(*chosen).map(breakdown))
}

fn breakdown(breakdown: &RangeBreakdown) -> Html {
    if breakdown.groups.is_empty() {
        return html! { <p class="note">{"Nothing is written."}</p> };
    }
    let most = breakdown
        .groups
        .iter()
        .map(|group| group.high)
        .fold(0.0, f64::max);
    html! {
        <>
            <table class="bars ranges">
                <thead>
                    <tr>
                        <th scope="col">{&breakdown.title}</th>
                        <th scope="col" class="num">{"Events"}</th>
                        <th scope="col" class="num">{"Bytes"}</th>
                        <th scope="col" class="share">{ screen_reader_only("bytes as a bar") }</th>
                    </tr>
                </thead>
                <tbody>{ for breakdown.groups.iter().map(|group| row(group, most)) }</tbody>
            </table>
            if breakdown.more > 0 {
                <p class="note">{"and "}{numbers::count(breakdown.more)}{" more"}</p>
            }
        </>
    }
}

fn row(group: &RangeGroup, most: f64) -> Html {
    html! {
        <tr>
            <th scope="row" title={title(&group.key)}>{ name(&group.key) }</th>
            <td class="num">{&group.events}</td>
            <td class="num">{&group.bytes}</td>
            <td class="share">
                <svg aria-hidden="true">
                    <rect class="of-in" width={numbers::width(group.high, most)} height="100%" />
                    <rect class="of-out" width={numbers::width(group.low, most)} height="100%" />
                </svg>
            </td>
        </tr>
    }
}
