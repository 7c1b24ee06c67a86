//! A figure of the volume.

use playground_protocol::volume::FigureView;
use yew::prelude::*;

/// Renders a figure that expands to its formula.
pub fn fact(figure: &FigureView) -> Html {
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
