//! The volume pane: how much the policy writes, by what and when, the consequences, and suggestions.

mod amount;
mod breakdown;
mod chart;
mod csv;
mod fact;
mod metrics;
mod suggestions;

use playground_figures::numbers;
use playground_protocol::Generation;
use playground_protocol::volume::{FigureView, MetricGroup, VolumeReport};
use yew::prelude::*;

use super::cluster_model::{generate_log_button, rates};
use super::common::markup;
use super::number_field::{NumberField, NumberInput};
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::volume::VolumeState;
use crate::state::{Action, AppState, Freshness};
use amount::bytes;
use breakdown::Breakdowns;
use fact::fact;
use suggestions::Suggestions;

/// Renders the volume pane.
pub fn volume_pane(state: &AppState, on: &Callback<Action>) -> Html {
    let volume = &state.volume;
    if state.metrics.is_open() {
        return pane(
            html! { <><span class="grow"></span>{ metrics::close_button(on) }</> },
            metrics::from_metrics(state, on),
            !state.metrics.is_fresh(),
        );
    }
    let pending = state.freshness() == Freshness::Pending || !volume.is_fresh();
    let buttons = html! {
        <>
            { for volume.proposals.as_ref().map(suggestions::link) }
            <span class="grow"></span>
            { for volume.shown.as_ref().map(|report| tools(report, volume, on)) }
            { generate_log_button(on) }
        </>
    };
    let content = match &volume.shown {
        Some(report) => estimate(report, volume, state.generation, on),
        None => waiting(state),
    };
    pane(buttons, content, pending)
}

fn pane(buttons: Html, content: Html, is_pending: bool) -> Html {
    html! {
        <section class="pane volume" aria-labelledby="volume-title">
            <div class="bar">
                <h2 id="volume-title">{"Volume"}</h2>
                { buttons }
            </div>
            <div class={classes!("body", is_pending.then_some("pending"))} id={dom_ids::VOLUME_BODY} tabindex="0" role="region" aria-label="Estimate">
                { content }
            </div>
        </section>
    }
}

fn waiting(state: &AppState) -> Html {
    if state.answer.is_some() || state.expects_rows() {
        return html! { <div class="empty" aria-busy="true"></div> };
    }
    html! {
        <div class="empty">
            <h3>{"Nothing to estimate yet"}</h3>
            <p>{"Open a log and fix the policy to see how much is written per day, by whom, and what to change."}</p>
            <p>{"Without a log, paste or open the metrics of an API server ("}<code>{"kubectl get --raw /metrics"}</code>{") for an estimate in ranges."}</p>
        </div>
    }
}

fn tools(report: &IdentityRc<VolumeReport>, volume: &VolumeState, on: &Callback<Action>) -> Html {
    let save = {
        let report = report.clone();
        on.reform(move |_| Action::SaveFile("volume.csv".to_owned(), csv::of(&report)))
    };
    let pinned = volume.baseline.is_some();
    let pin = on.reform(move |_| Action::PinBaseline(!pinned));
    html! {
        <>
            <button type="button" class="facet" aria-pressed={pinned.to_string()} onclick={pin}
                title="Compare later edits with this policy">{"Pin as baseline"}</button>
            <button type="button" class="facet" onclick={save}>{"Save CSV"}</button>
        </>
    }
}

fn estimate(
    report: &IdentityRc<VolumeReport>,
    volume: &VolumeState,
    generation: Generation,
    on: &Callback<Action>,
) -> Html {
    // A rule is only applied to the text that it was made for.
    let fits = volume
        .proposals
        .as_ref()
        .is_some_and(|proposals| proposals.generation == generation);
    let caution = |caution: &String| html! { <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(caution) }</p> };
    html! {
        <>
            <div class="facts">
                { written(report) }
                { for report.rates.iter().map(fact) }
            </div>
            <div class="cautions">{ for report.cautions.iter().map(caution) }</div>
            { chart::over_time(report) }
            <div class="cards">{ for report.consequences.iter().map(metrics) }</div>
            // The number of parts before it is always the same, so that a field keeps its position, and with it focus and text.
            { prices(volume, on) }
            { chart::on_disk(report) }
            { suggestions::baseline(report, volume, on) }
            <Breakdowns report={report.clone()} />
            { missing_sizes(report) }
            { volume.model.as_ref().map(|model| rates(model)).unwrap_or_default() }
            // Suggestions take longer than everything else: where they come last, nothing moves when they arrive.
            if let Some(proposals) = &volume.proposals {
                <Suggestions proposals={proposals.clone()} fits={fits} on={on.clone()} />
                <div class="cards">{ metrics(&proposals.truncation) }</div>
            }
        </>
    }
}

fn written(report: &VolumeReport) -> Html {
    let of = [
        numbers::counted(report.written.events, "event"),
        " of ".to_owned(),
        numbers::count(report.recorded.events),
        "; ".to_owned(),
        bytes(&report.recorded),
        " were recorded".to_owned(),
    ];
    let mut formula = of.concat();
    if let Some(reason) = &report.missing_parts {
        formula.push_str(". ");
        formula.push_str(reason);
    }
    fact(&FigureView {
        label: "Written for this log".to_owned(),
        value: bytes(&report.written),
        formula,
    })
}

fn missing_sizes(report: &VolumeReport) -> Html {
    if report.body_estimates.is_empty() {
        return Html::default();
    }
    let guess = |guess: &String| html! { <li>{ markup(guess) }</li> };
    html! {
        <section class="part" aria-labelledby="guesses-title">
            <h3 id="guesses-title">{"Missing from the log"}</h3>
            <p class="note">{"The policy would record bodies this log doesn't contain. Their sizes are estimated, so totals are ranges."}</p>
            <ul class="plain">{ for report.body_estimates.iter().map(guess) }</ul>
            if report.more_body_estimates > 0 {
                <p class="note">{"And "}{numbers::counted(report.more_body_estimates, "more kind")}{"."}</p>
            }
        </section>
    }
}

fn metrics(means: &MetricGroup) -> Html {
    let note = |note: &String| html! { <p class="note">{ markup(note) }</p> };
    html! {
        <section class="card">
            <h3>{&means.title}</h3>
            { for means.figures.iter().map(fact) }
            { for means.notes.iter().map(note) }
        </section>
    }
}

fn prices(volume: &VolumeState, on: &Callback<Action>) -> Html {
    let (ingested, stored) = (volume.price_ingested, volume.price_stored);
    let first = on.reform(move |typed: NumberInput| Action::SetPrices(typed.number(), stored));
    let second = on.reform(move |typed: NumberInput| Action::SetPrices(ingested, typed.number()));
    let text = |price: Option<f64>| price.map(|price| price.to_string()).unwrap_or_default();
    html! {
        <form class="prices" onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
            <NumberField label="Price per GB ingested" value={text(ingested)} ontyped={first} />
            <NumberField label="Price per GB stored per month" value={text(stored)} ontyped={second} />
        </form>
    }
}
