//! The events in groups, with what would be written of each.

use playground_figures::numbers;
use playground_protocol::{EventGroup, Rows};
use yew::prelude::*;

use super::name::name;
use super::screen_reader::screen_reader_only;
use crate::identity_rc::IdentityRc;
use crate::state::Action;

/// Properties of [`Groups`].
#[derive(Properties, PartialEq)]
pub struct GroupsProps {
    /// Groups, largest first.
    pub rows: IdentityRc<Rows>,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The groups.
#[function_component]
pub fn Groups(props: &GroupsProps) -> Html {
    let groups = &props.rows.groups;
    if groups.is_empty() {
        return html! { <div class="empty"><h3>{"No events match this filter"}</h3></div> };
    }
    let all = props.rows.grouped_bytes;
    html! {
        <div class="scroll" tabindex="0" role="region" aria-label="Groups">
            <table class="groups">
                <thead>
                    <tr>
                        <th scope="col">{"Group"}</th>
                        <th scope="col" class="num">{"Events"}</th>
                        <th scope="col" class="num">{"Events written"}</th>
                        <th scope="col" class="num">{"Bytes"}</th>
                        <th scope="col" class="num">{"Bytes written"}</th>
                        <th scope="col" class="share">{ screen_reader_only("share of all bytes") }</th>
                    </tr>
                </thead>
                <tbody>{ for groups.iter().map(|group| row(group, all, &props.on)) }</tbody>
            </table>
        </div>
    }
}

fn row(group: &EventGroup, all: f64, on: &Callback<Action>) -> Html {
    let term = group.term.clone();
    let onclick = on.reform(move |_| Action::OpenGroup(term.clone()));
    let key = if group.key.is_empty() {
        "(none)".to_owned()
    } else {
        group.key.clone()
    };
    html! {
        <tr>
            <th scope="row"><button type="button" class="link" title="List these events" {onclick}>{ name(&key) }</button></th>
            <td class="num">{numbers::count(group.recorded.events)}</td>
            <td class="num">{numbers::count(group.written.events)}</td>
            <td class="num">{numbers::bytes(group.recorded.bytes)}</td>
            <td class="num">{numbers::bytes(group.written.bytes)}</td>
            <td class="share">
                <svg aria-hidden="true">
                    <rect class="of-in" width={numbers::width(group.recorded.bytes, all)} height="100%" />
                    <rect class="of-out" width={numbers::width(group.written.bytes, all)} height="100%" />
                </svg>
            </td>
        </tr>
    }
}
