//! The page as a whole: one state, its effects, and the parts that show it.

use yew::prelude::*;

use crate::components::answer::answer_bar;
use crate::components::events::events_pane;
use crate::components::header::header;
use crate::components::notices::notices;
use crate::components::policy::policy_pane;
use crate::components::report::use_printing;
use crate::deferred;
use crate::dom_ids;
use crate::hooks::{
    use_drop, use_history, use_paste, use_ready_attribute, use_rest, use_saving, use_sealing,
    use_shell, use_shortcuts, use_theme,
};
use crate::link::use_links;
use crate::offline::use_new_versions;
use crate::platform;
use crate::state::seal::SealStatus;
use crate::state::{Action, AppState, Pane};
use crate::store::use_store;

/// Properties of [`App`].
#[derive(Properties, PartialEq)]
pub struct AppProps {
    /// Fragment of the address that the page was opened with, if it is a link.
    pub link: Option<AttrValue>,
}

/// The page.
#[function_component]
pub fn App(props: &AppProps) -> Html {
    let (store, on) = use_store(props.link.clone());
    let state = store.state();
    let state = &*state;
    let runner = store.runner();
    let (client, editor) = (&runner.client, &runner.editor);
    let is_compact = state.embed.is_compact;
    let dragging = use_drop(client, &on);
    use_paste(client, &on);
    use_shortcuts(&on);
    use_saving(&store, &on);
    use_links(&on);
    use_history(&on);
    use_shell(dragging || !state.awaits_first_example());
    use_ready_attribute(state.is_ready());
    use_rest(state, &on);
    use_sealing(state, &on);
    use_new_versions(state.seal.status == SealStatus::Sealed, &on);

    let theme = use_theme(state.embed.theme);
    let printing = use_printing();

    html! {
        <>
            if is_compact {
                if state.has_all_parts {
                    { deferred::embed_bar(state, &on) }
                }
                { notices(state, &on) }
            } else {
                { header(state, client, &theme, &on) }
                { notices(state, &on) }
                { answer_bar(state, &on) }
                { pane_switch(state, &on) }
            }
            <main class={classes!(pane_class(state.pane), state.lessons.is_open.then_some("with-lesson"))}>
                if state.lessons.is_open && state.has_all_parts {
                    { deferred::lessons_pane(state, &on) }
                }
                { policy_pane(state, editor, &runner.tests, &on) }
                if !is_compact {
                    { effects_switch(state.pane, &on) }
                }
                { events_pane(state, &on) }
                if state.has_all_parts && (state.pane == Pane::Volume || printing && (state.volume.shown.is_some() || state.metrics.shown.is_some())) {
                    { deferred::volume_pane(state, &on) }
                }
                if state.has_all_parts && state.pane == Pane::Ask {
                    { deferred::ask_pane(state, &on) }
                }
                if state.has_all_parts && state.pane == Pane::Compare {
                    { deferred::compare_pane(state, &on) }
                }
                if state.has_all_parts {
                    { deferred::inspector(state, &on) }
                } else {
                    { inspector_frame() }
                }
            </main>
            if state.has_all_parts {
                if printing {
                    { deferred::printed(state) }
                }
                { deferred::dialog(state, &on) }
                if platform::is_framed() {
                    { deferred::host_link(state, &on) }
                }
            }
            if dragging {
                <div class="drop-here" aria-hidden="true"><p>{"Drop audit logs, a policy or metrics"}</p></div>
            }
        </>
    }
}

/// Renders the inspector without content while its code is loaded. It is as large as the inspector, so nothing moves when that appears.
fn inspector_frame() -> Html {
    html! {
        <section id={dom_ids::INSPECTOR} class="pane inspector" aria-label="Inspector" aria-busy="true">
            <div class="bar"></div>
            <div class="body"></div>
        </section>
    }
}

const fn pane_class(pane: Pane) -> &'static str {
    match pane {
        Pane::Policy => "show-policy",
        Pane::Events => "show-events",
        Pane::Inspector => "show-inspector",
        Pane::Volume => "show-volume",
        Pane::Compare => "show-compare",
        Pane::Ask => "show-ask",
        Pane::Lesson => "show-lesson",
    }
}

fn pane_button(pane: Pane, label: &'static str, chosen: Pane, on: &Callback<Action>) -> Html {
    let onclick = on.reform(move |_| Action::ShowPane(pane));
    html! { <button type="button" {onclick} aria-pressed={(pane == chosen).to_string()}>{label}</button> }
}

/// On a wide screen, what is shown next to the policy.
fn effects_switch(chosen: Pane, on: &Callback<Action>) -> Html {
    // The policy and the inspector are next to the events.
    let chosen = if chosen.replaces_events() {
        chosen
    } else {
        Pane::Events
    };
    let button = |pane, label| pane_button(pane, label, chosen, on);
    html! {
        <nav class="effects" aria-label="Effects of the policy">
            { button(Pane::Events, "Events") }
            { button(Pane::Volume, "Volume") }
            { button(Pane::Compare, "Compare") }
            { button(Pane::Ask, "Ask") }
        </nav>
    }
}

/// On a narrow screen, which part is shown.
fn pane_switch(state: &AppState, on: &Callback<Action>) -> Html {
    let button = |pane, label| pane_button(pane, label, state.pane, on);
    html! {
        <nav class="panes" aria-label="Panes">
            if state.lessons.is_open {
                { button(Pane::Lesson, "Lesson") }
            }
            { button(Pane::Policy, "Policy") }
            { button(Pane::Events, "Events") }
            { button(Pane::Inspector, "Inspector") }
            { button(Pane::Volume, "Volume") }
            { button(Pane::Compare, "Compare") }
            { button(Pane::Ask, "Ask") }
        </nav>
    }
}
