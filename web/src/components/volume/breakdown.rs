//! Breakdowns of what is written, by level, rule, user and so on: tables with sorted bars.

use playground_figures::numbers;
use playground_protocol::volume::{Amount, BreakdownView, VolumeReport};
use yew::prelude::*;

use super::amount::bytes;
use crate::components::name::{name, title};
use crate::components::screen_reader::screen_reader_only;
use crate::components::tabs::{Tabs, tab_id, tabs};
use crate::dom_ids;
use crate::identity_rc::IdentityRc;

/// Index of the breakdown that is shown first: by user.
const FIRST: usize = 2;

/// Properties of [`Breakdowns`].
#[derive(Properties, PartialEq)]
pub struct BreakdownsProps {
    /// The estimate.
    pub report: IdentityRc<VolumeReport>,
}

/// A breakdown, with tabs for the others.
#[function_component]
pub fn Breakdowns(props: &BreakdownsProps) -> Html {
    let chosen = use_state(|| FIRST);
    let report = &props.report;
    let titles = report
        .by
        .iter()
        .map(|breakdown| ["by ", &breakdown.name].concat())
        .collect::<Vec<_>>();
    let shown = report.by.get(*chosen);
    tabbed(
        &titles,
        &chosen,
        shown.map(|by| division(by, &report.written)),
    )
}

/// Renders tabs for breakdowns, and the chosen one.
pub fn tabbed(titles: &[String], chosen: &UseStateHandle<usize>, shown: Option<Html>) -> Html {
    let onchoose = {
        let chosen = chosen.setter();
        Callback::from(move |place| chosen.set(place))
    };
    html! {
        <section class="part" aria-labelledby="by-title">
            <h3 id="by-title" class="visually-hidden">{"Breakdown"}</h3>
            { tabs(Tabs { label: "Break down by", prefix: dom_ids::BREAKDOWN, titles, chosen: **chosen, onchoose }) }
            <div id="by-panel" role="tabpanel" aria-labelledby={tab_id(dom_ids::BREAKDOWN, **chosen)}>
                { for shown }
            </div>
        </section>
    }
}

fn division(breakdown: &BreakdownView, all: &Amount) -> Html {
    let rows = breakdown
        .groups
        .iter()
        .map(|group| row(&group.key, &group.amount, all));
    let more = breakdown.more.as_ref().map(|more| {
        let name = [numbers::count(more.count), " more".to_owned()].concat();
        row(&name, &more.amount, all)
    });
    if breakdown.groups.is_empty() {
        return html! { <p class="note">{"Nothing is written."}</p> };
    }
    html! {
        <table class="bars">
            <thead>
                <tr>
                    <th scope="col">{&breakdown.name}</th>
                    <th scope="col" class="num">{"Events"}</th>
                    <th scope="col" class="num">{"Bytes"}</th>
                    <th scope="col" class="num">{"Share"}</th>
                    <th scope="col" class="share">{ screen_reader_only("share as a bar") }</th>
                </tr>
            </thead>
            <tbody>{ for rows }{ for more }</tbody>
        </table>
    }
}

fn row(key: &str, amount: &Amount, all: &Amount) -> Html {
    html! {
        <tr>
            <th scope="row" title={title(key)}>{ name(key) }</th>
            <td class="num">{numbers::count(amount.events)}</td>
            <td class="num">{bytes(amount)}</td>
            <td class="num">{numbers::percent(amount.high, all.high)}</td>
            <td class="share">
                <svg aria-hidden="true">
                    <rect class="of-in" width={numbers::width(amount.high, all.high)} height="100%" />
                    <rect class="of-out" width={numbers::width(amount.low, all.high)} height="100%" />
                </svg>
            </td>
        </tr>
    }
}
