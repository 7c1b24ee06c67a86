//! Section Who of the request: the client, what it could have forged, what annotations mean, and buttons that follow it.

use playground_protocol::{AnnotationView, EventId, FollowView, WhoView};
use yew::prelude::*;

use super::common::markup;
use super::name::whole_name;
use super::timeline::timeline_button;
use crate::state::Action;

/// Renders who sent the request of an event; with a callback, also buttons that set the filter or show the timeline of the object.
pub fn who(who: &WhoView, event: EventId, on: Option<&Callback<Action>>) -> Html {
    html! {
        <section class="who" aria-labelledby="who-title">
            <h3 id="who-title">{"Who"}</h3>
            <p>{ markup(&who.client) }</p>
            if let Some(peer) = &who.peer {
                <p>{ markup(peer) }</p>
            }
            if !who.claims.is_empty() {
                <h4>{"What the client could have forged"}</h4>
                <ul>{ for who.claims.iter().map(|claim| html! { <li>{ markup(claim) }</li> }) }</ul>
            }
            if !who.annotations.is_empty() {
                <h4>{"Annotations"}</h4>
                <dl>{ for who.annotations.iter().map(annotation) }</dl>
            }
            if let Some(on) = on.filter(|_| !who.follow.is_empty()) {
                <div class="follow">
                    { for who.object.iter().map(|object| timeline_button(object, event, true, on)) }
                    { for who.follow.iter().map(|one| follow(one, on)) }
                </div>
            }
        </section>
    }
}

fn annotation(annotation: &AnnotationView) -> Html {
    html! {
        <>
            <dt><code>{ whole_name(&annotation.key) }</code></dt>
            <dd>{ markup(&annotation.text) }</dd>
        </>
    }
}

/// Renders a button that replaces the filter, whose input shows what is selected.
fn follow(follow: &FollowView, on: &Callback<Action>) -> Html {
    let filter = follow.filter.clone();
    let onclick = on.reform(move |_: MouseEvent| Action::SetFilter(filter.clone()));
    html! {
        <button type="button" {onclick} title="Shows only these events: sets the filter above the table">{ markup(&follow.label) }</button>
    }
}
