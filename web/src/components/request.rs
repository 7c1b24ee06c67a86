//! Request tab: who sent the request, the attributes that the policy sees, and where each was read from.

use playground_protocol::{AttributeView, Inspection};
use yew::prelude::*;

use super::common::markup;
use super::name::{name, whole_name};
use super::screen_reader::screen_reader_only;
use super::who::who;
use crate::state::analysis::AnalysisAction;
use crate::state::{Action, Pane};

/// Renders the attributes, one per line; with a callback, also a button that asks about the request.
pub fn request(inspection: &Inspection, on: Option<&Callback<Action>>) -> Html {
    let ask = on.map(|on| {
        let (on, query) = (on.clone(), inspection.query.clone());
        let onclick = Callback::from(move |_: MouseEvent| {
            on.emit(Action::Analysis(AnalysisAction::SetQuery(query.clone())));
            on.emit(Action::FocusPane(Pane::Ask));
        });
        html! { <p class="ask-about"><button type="button" {onclick} title="Every verdict that this request can get; edit the query to see others">{"Ask about this request"}</button></p> }
    });
    html! {
        <>
        { who(&inspection.who, inspection.row.event, on) }
        { ask.unwrap_or_default() }
        <table class="request">
            <thead>
                <tr>
                    <th scope="col">{"Attribute"}</th>
                    <th scope="col">{"Value"}</th>
                    <th scope="col">{"Read from"}</th>
                </tr>
            </thead>
            <tbody>{ for inspection.request.iter().map(attribute) }</tbody>
        </table>
        </>
    }
}

fn attribute(attribute: &AttributeView) -> Html {
    html! {
        <tr>
            <th scope="row">{ name(&attribute.name) }</th>
            <td>
                <code>{ whole_name(&attribute.value) }</code>
                if let Some(note) = &attribute.note {
                    <p class="note"><span aria-hidden="true">{"▲ "}</span>{ screen_reader_only("note: ") }{ markup(note) }</p>
                }
            </td>
            <td class="source">{ name(&attribute.source) }</td>
        </tr>
    }
}
