//! The volume: how much the policy writes, by what, when, what that means, and what to change.

mod breakdown;
mod chart;
mod csv;
mod suggestions;

use playground_protocol::Generation;
use playground_protocol::volume::{Amount, FigureView, Means, VolumeReport};
use yew::prelude::*;

use super::cluster_model::{generate_log_button, rates};
use super::common::markup;
use super::number_field::{NumberField, NumberInput};
use crate::editor::EditorHandle;
use crate::identity_rc::IdentityRc;
use crate::numbers;
use crate::platform;
use crate::state::volume::VolumeState;
use crate::state::{Action, AppState, Freshness};
use breakdown::Breakdowns;
use suggestions::Suggestions;

/// The volume.
pub fn volume_pane(state: &AppState, editor: &EditorHandle, on: &Callback<Action>) -> Html {
    let volume = &state.volume;
    let pending = state.freshness() == Freshness::Pending || !volume.is_fresh();
    html! {
        <section class="pane volume" aria-labelledby="volume-title">
            <div class="bar">
                <h2 id="volume-title">{"Volume"}</h2>
                <span class="grow"></span>
                { for volume.shown.as_ref().map(|report| tools(report, volume, on)) }
                { generate_log_button(on) }
            </div>
            <div class={classes!("body", pending.then_some("pending"))} tabindex="0" role="region" aria-label="Estimate">
                if let Some(report) = volume.shown.as_ref() {
                    { report_of(report, volume, editor, state.generation, on) }
                } else {
                    { waiting(state) }
                }
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
            <p>{"With a log open and a policy that kube-apiserver would accept, this says what is written a day, by whom, and what to change."}</p>
        </div>
    }
}

fn tools(report: &IdentityRc<VolumeReport>, volume: &VolumeState, on: &Callback<Action>) -> Html {
    let save = {
        let (report, on) = (report.clone(), on.clone());
        Callback::from(move |_| {
            if platform::save("volume.csv", &csv::of(&report)).is_err() {
                on.emit(Action::ShowError(
                    "this browser does not let the page save a file".to_owned(),
                ));
            }
        })
    };
    let pinned = volume.has_baseline;
    let pin = on.reform(move |_| Action::PinBaseline(!pinned));
    html! {
        <>
            <button type="button" class="facet" aria-pressed={pinned.to_string()} onclick={pin}
                title="Hold this policy still, and see the next ones against it">{"Pin as baseline"}</button>
            <button type="button" class="facet" onclick={save}>{"Save CSV"}</button>
        </>
    }
}

fn report_of(
    report: &IdentityRc<VolumeReport>,
    volume: &VolumeState,
    editor: &EditorHandle,
    generation: Generation,
    on: &Callback<Action>,
) -> Html {
    // A rule is put into the text that it was made for, or nowhere.
    let fits = volume
        .proposals
        .as_ref()
        .is_some_and(|proposals| proposals.generation == generation);
    let caution = |caution: &String| html! { <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(caution) }</p> };
    html! {
        <>
            <div class="facts">
                { written(report) }
                { for report.pace.iter().map(fact) }
            </div>
            <div class="remarks">{ for report.cautions.iter().map(caution) }</div>
            { chart::over_time(report) }
            { suggestions::baseline(report, volume, on) }
            <Breakdowns report={report.clone()} />
            { guesses(report) }
            if let Some(proposals) = &volume.proposals {
                <Suggestions proposals={proposals.clone()} fits={fits} editor={editor.clone()} />
            }
            <div class="cards">
                { for report.means.iter().map(means) }
                { for volume.proposals.as_ref().map(|proposals| means(&proposals.truncation)) }
            </div>
            // The number of parts is the same whatever they hold, so that a field keeps its place, and with it focus and text.
            { prices(volume, on) }
            { chart::on_disk(report) }
            { volume.model.as_ref().map(|model| rates(model)).unwrap_or_default() }
        </>
    }
}

/// Bytes of an amount, as a range where they are one.
fn bytes(amount: &Amount) -> String {
    let (low, high) = (numbers::bytes(amount.low), numbers::bytes(amount.high));
    if low == high {
        return low;
    }
    [low.as_str(), " to ", &high].concat()
}

fn written(report: &VolumeReport) -> Html {
    let of = [
        numbers::counted(report.written.events, "event"),
        " of ".to_owned(),
        numbers::count(report.recorded.events),
        "; ".to_owned(),
        numbers::bytes(report.recorded.bytes),
        " were recorded".to_owned(),
    ];
    let mut formula = of.concat();
    if report.written.open > 0 {
        let open = [
            ". ".to_owned(),
            numbers::counted(report.written.open, "event"),
            " lack a body that the policy asks for; certain are ".to_owned(),
            numbers::bytes(report.written.bytes),
        ];
        formula.push_str(&open.concat());
    }
    fact(&FigureView {
        label: "Written of this log".to_owned(),
        value: bytes(&report.written),
        formula,
    })
}

/// A figure that opens to its arithmetic.
fn fact(figure: &FigureView) -> Html {
    if figure.formula.is_empty() {
        return html! {
            <div class="fact"><p><span class="label">{&figure.label}</span><b>{&figure.value}</b></p></div>
        };
    }
    html! {
        <details class="fact">
            <summary><span class="label">{&figure.label}</span><b>{&figure.value}</b></summary>
            <p class="formula">{&figure.formula}</p>
        </details>
    }
}

fn guesses(report: &VolumeReport) -> Html {
    if report.guesses.is_empty() {
        return Html::default();
    }
    let guess = |guess: &String| html! { <li>{ markup(guess) }</li> };
    html! {
        <section class="part" aria-labelledby="guesses-title">
            <h3 id="guesses-title">{"What the log lacks"}</h3>
            <p class="note">{"The policy asks for bodies that the log does not hold. Their sizes are a range, and every sum with them is one."}</p>
            <ul class="plain">{ for report.guesses.iter().map(guess) }</ul>
            if report.more_guesses > 0 {
                <p class="note">{"And "}{numbers::counted(report.more_guesses, "kind")}{" more."}</p>
            }
        </section>
    }
}

fn means(means: &Means) -> Html {
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
            <NumberField label="Price of a GB taken in" value={text(ingested)} ontyped={first} />
            <NumberField label="Price of a GB in store for a month" value={text(stored)} ontyped={second} />
        </form>
    }
}
