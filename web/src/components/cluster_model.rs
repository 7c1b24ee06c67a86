//! The dialog that generates a log for a cluster, and the sources of its request rates.

use playground_protocol::{ClusterProfile, ModelReport, RateView, limit};
use yew::prelude::*;

use super::modal::Modal;
use super::number_field::{NumberField, NumberInput, Range};
use crate::state::{Action, Dialog};

/// Properties of [`GenerateLogDialog`].
#[derive(Properties, PartialEq)]
pub struct GenerateLogProps {
    /// Values at the start.
    pub profile: ClusterProfile,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// Dialog with the properties of the cluster.
#[function_component]
pub fn GenerateLogDialog(props: &GenerateLogProps) -> Html {
    let profile = use_state(|| props.profile);
    let make = {
        let (profile, on) = (profile.clone(), props.on.clone());
        Callback::from(move |event: SubmitEvent| {
            event.prevent_default();
            on.emit(Action::GenerateLog(*profile));
        })
    };
    let field = |label: &'static str,
                 hint: &'static str,
                 value: String,
                 range: Range,
                 set: fn(&mut ClusterProfile, f64)| {
        let profile = profile.clone();
        let ontyped = Callback::from(move |typed: NumberInput| {
            let mut next = *profile;
            set(&mut next, typed.number().unwrap_or(f64::NAN));
            profile.set(next);
        });
        html! { <NumberField {label} {hint} {value} {range} {ontyped} /> }
    };
    let whole = |number: u32| number.to_string();
    html! {
        <Modal title="Generate a log" onclose={props.on.reform(|()| Action::ShowDialog(None))}>
            <form class="content" onsubmit={make}>
                <p class="note">{"No audit log? Generate one from the documented request rates of Kubernetes components in a cluster of this size."}</p>
                <div class="fields">
                    { field("Control-plane nodes", "", whole(profile.control_plane_nodes), Range::Whole(1, limit::CONTROL_PLANE_NODES),
                        |to, value| to.control_plane_nodes = count(value)) }
                    { field("Worker nodes", "", whole(profile.nodes), Range::Whole(0, limit::NODES),
                        |to, value| to.nodes = count(value)) }
                    { field("Pods", "", whole(profile.pods), Range::Whole(0, limit::PODS),
                        |to, value| to.pods = count(value)) }
                    { field("Pods replaced per hour", "typical", profile.pods_replaced_per_hour.map(|pods| pods.to_string()).unwrap_or_default(), Range::UpTo(limit::RATE),
                        |to, value| to.pods_replaced_per_hour = (!value.is_nan()).then_some(value)) }
                    { field("People", "", whole(profile.people), Range::Whole(0, limit::PEOPLE),
                        |to, value| to.people = count(value)) }
                    { field("Deployment pipelines", "", whole(profile.pipelines), Range::Whole(0, limit::PEOPLE),
                        |to, value| to.pipelines = count(value)) }
                    { field("Reads per minute by a busy controller", "none", profile.busy_controller.to_string(), Range::UpTo(limit::RATE),
                        |to, value| to.busy_controller = if value.is_nan() { 0.0 } else { value }) }
                </div>
                <div class="choices">
                    <button type="submit" class="primary">{"Generate log"}</button>
                </div>
            </form>
        </Modal>
    }
}

/// Converts a number to a count; the field only accepts whole numbers of its range.
fn count(value: f64) -> u32 {
    // Saturates, and turns NaN into zero.
    value as u32
}

/// Renders the button that opens the dialog.
pub fn generate_log_button(on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_| Action::ShowDialog(Some(Dialog::GenerateLog)));
    html! { <button type="button" class="facet" {onclick}>{"Generate a log…"}</button> }
}

/// Renders the request rates of a generated log, with their sources.
pub fn rates(report: &ModelReport) -> Html {
    let row = |rate: &RateView| {
        html! {
            <tr>
                <th scope="row">{&rate.name}<span class="client">{&rate.client}</span></th>
                <td class="num">{&rate.per_minute}</td>
                <td>{&rate.formula}</td>
                <td>
                    if rate.is_assumed {
                        <b>{"assumed: "}</b>
                    }
                    {&rate.source}
                </td>
            </tr>
        }
    };
    html! {
        <section class="part" aria-labelledby="rates-title">
            <h3 id="rates-title">{"Sources of the model"}</h3>
            <details class="numbers">
                <summary>{report.rates.len()}{" rates, each with its source"}</summary>
                <table class="rates">
                    <thead>
                        <tr>
                            <th scope="col">{"Requests"}</th>
                            <th scope="col" class="num">{"Per minute"}</th>
                            <th scope="col">{"Formula"}</th>
                            <th scope="col">{"Source"}</th>
                        </tr>
                    </thead>
                    <tbody>{ for report.rates.iter().map(row) }</tbody>
                </table>
            </details>
        </section>
    }
}
