//! The page as a whole: one state, its effects, and the parts that show it.

use yew::prelude::*;

use crate::components::answer::AnswerBar;
use crate::components::bits::prose;
use crate::components::dialogs::{HelpDialog, PasteDialog};
use crate::components::events::EventsPane;
use crate::components::export::ExportDialog;
use crate::components::header::Header;
use crate::components::inspector::Inspector;
use crate::components::policy::PolicyPane;
use crate::editor::EditorHandle;
use crate::hooks::{use_drop, use_paste, use_ready_mark, use_shortcuts, use_store};
use crate::state::{Action, AppState, Dialog, Freshness, Pane, Worker};

/// The page.
#[function_component]
pub fn App() -> Html {
    let (store, on) = use_store();
    let editor = (*use_state(EditorHandle::default)).clone();
    let dragging = use_drop(&store.link, &on);
    use_paste(&store.link, &on);
    use_shortcuts(&on, &editor);
    use_ready_mark(store.state.settled());

    let state = &store.state;
    let version = AttrValue::from(state.version.clone());
    html! {
        <>
            <Header examples={state.examples.clone()} versions={state.versions.clone()} version={version.clone()}
                link={store.link.clone()} on={on.clone()} />
            { troubles(state, &on) }
            <AnswerBar answer={state.figures()} freshness={state.freshness()}
                story={state.story.clone().map(AttrValue::from)} reading={state.reading.is_some()}
                divide={state.divide} unit={state.unit} rule={state.table.view.rule} on={on.clone()} />
            { pane_switch(state.pane, &on) }
            <main class={pane_class(state.pane)}>
                <PolicyPane {editor} placed={state.placed.clone()} policy={state.policy.clone()}
                    answer={state.figures()} freshness={state.freshness()} marked={marked(state)} on={on.clone()} />
                <EventsPane table={state.table.clone()} answer={state.figures()} reading={state.reading.clone()}
                    log={state.log.clone()} outdated={outdated(state)} link={store.link.clone()} on={on.clone()} />
                <Inspector inspection={state.inspection.clone()} log={state.log.clone()} tab={state.tab}
                    outdated={outdated(state)} on={on.clone()} />
            </main>
            { dialog(state, version, &on) }
            if dragging {
                <div class="drop-here" aria-hidden="true"><p>{"Drop audit logs or a policy"}</p></div>
            }
        </>
    }
}

/// The rule of the selected event, and the event.
fn marked(state: &AppState) -> (Option<usize>, Option<usize>) {
    let event = state.selected_event();
    let rule = state
        .inspection
        .as_deref()
        .filter(|shown| Some(shown.row.event) == event)
        .and_then(|shown| shown.row.rule);
    (rule, event.filter(|_| rule.is_some()))
}

/// Whether rows and verdicts may change in a moment.
fn outdated(state: &AppState) -> bool {
    state.freshness() == Freshness::Pending
}

const fn pane_class(pane: Pane) -> &'static str {
    match pane {
        Pane::Policy => "show-policy",
        Pane::Events => "show-events",
        Pane::Inspector => "show-inspector",
    }
}

/// On a narrow screen, which part is shown.
fn pane_switch(chosen: Pane, on: &Callback<Action>) -> Html {
    let button = |pane, label: &'static str| {
        let onclick = on.reform(move |_| Action::ShowPane(pane));
        html! { <button type="button" {onclick} aria-pressed={(pane == chosen).to_string()}>{label}</button> }
    };
    html! {
        <nav class="panes" aria-label="Parts of the page">
            { button(Pane::Policy, "Policy") }
            { button(Pane::Events, "Events") }
            { button(Pane::Inspector, "Inspector") }
        </nav>
    }
}

/// What stopped the page, or could not be done.
fn troubles(state: &AppState, on: &Callback<Action>) -> Html {
    let reload = Callback::from(|_| {
        let _ = gloo::utils::window().location().reload();
    });
    let dismiss = on.reform(|_| Action::Dismiss);
    html! {
        <div class="troubles" role="alert">
            if let Worker::Down(sentence) = &state.worker {
                <p>
                    <span>{ prose(sentence) }</span>
                    <button type="button" onclick={reload}>{"Reload"}</button>
                </p>
            } else if let Some(failure) = &state.failure {
                <p>
                    <span>{ prose(failure) }</span>
                    <button type="button" onclick={dismiss}>{"Dismiss"}</button>
                </p>
            }
        </div>
    }
}

fn dialog(state: &AppState, version: AttrValue, on: &Callback<Action>) -> Html {
    match state.dialog {
        None => Html::default(),
        Some(Dialog::Paste) => html! { <PasteDialog on={on.clone()} /> },
        Some(Dialog::Help) => html! { <HelpDialog on={on.clone()} /> },
        Some(Dialog::Export) => html! {
            <ExportDialog settings={state.settings.clone()} report={state.export.clone()} {version} on={on.clone()} />
        },
    }
}
