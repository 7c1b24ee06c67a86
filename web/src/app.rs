//! The page as a whole: one state, its effects, and the parts that show it.

use yew::prelude::*;

use crate::components::answer::answer_bar;
use crate::components::cluster_model::GenerateLogDialog;
use crate::components::code_page::code_page_dialog;
use crate::components::dialogs::{help_dialog, paste_dialog, verified_dialog};
use crate::components::events::events_pane;
use crate::components::export::ExportDialog;
use crate::components::header::header;
use crate::components::inspector::Inspector;
use crate::components::notices::notices;
use crate::components::policy::policy_pane;
use crate::components::report::{printed, use_printing};
use crate::components::sealed::seal_dialog;
use crate::components::volume::volume_pane;
use crate::hooks::{
    use_drop, use_paste, use_ready_attribute, use_saving, use_sealing, use_shortcuts, use_theme,
};
use crate::state::{Action, AppState, Dialog, Freshness, Pane};
use crate::store::use_store;

/// The page.
#[function_component]
pub fn App() -> Html {
    let (store, on) = use_store();
    let state = store.state();
    let state = &*state;
    let (client, editor) = (&store.runner().client, &store.runner().editor);
    let dragging = use_drop(client, &on);
    use_paste(client, &on);
    use_shortcuts(&on);
    use_saving(&store, &on);
    use_ready_attribute(state.settled());
    use_sealing(state.settled(), &on);

    let theme = use_theme();
    let printing = use_printing();

    html! {
        <>
            { header(state, client, &theme, &on) }
            { notices(state, &on) }
            { answer_bar(state, &on) }
            { pane_switch(state.pane, &on) }
            <main class={pane_class(state.pane)}>
                { policy_pane(state, editor, &on) }
                { events_pane(state, &on) }
                if state.pane == Pane::Volume || printing && state.volume.shown.is_some() {
                    { volume_pane(state, &on) }
                }
                <Inspector inspection={state.inspection.clone()} log={state.log.clone()} tab={state.tab}
                    outdated={state.freshness() == Freshness::Pending} on={on.clone()} />
            </main>
            if printing {
                { printed(state) }
            }
            { dialog(state, &on) }
            if dragging {
                <div class="drop-here" aria-hidden="true"><p>{"Drop audit logs or a policy"}</p></div>
            }
        </>
    }
}

const fn pane_class(pane: Pane) -> &'static str {
    match pane {
        Pane::Policy => "show-policy",
        Pane::Events => "show-events",
        Pane::Inspector => "show-inspector",
        Pane::Volume => "show-volume",
    }
}

/// On a narrow screen, which part is shown.
fn pane_switch(chosen: Pane, on: &Callback<Action>) -> Html {
    let button = |pane, label: &'static str| {
        let onclick = on.reform(move |_| Action::ShowPane(pane));
        html! { <button type="button" {onclick} aria-pressed={(pane == chosen).to_string()}>{label}</button> }
    };
    html! {
        <nav class="panes" aria-label="Panes">
            { button(Pane::Policy, "Policy") }
            { button(Pane::Events, "Events") }
            { button(Pane::Inspector, "Inspector") }
            { button(Pane::Volume, "Volume") }
        </nav>
    }
}

fn dialog(state: &AppState, on: &Callback<Action>) -> Html {
    match state.dialog {
        None => Html::default(),
        Some(Dialog::Paste) => paste_dialog(on),
        Some(Dialog::CodePage) => match &state.code_page {
            Some(page) => code_page_dialog(page, on),
            None => Html::default(),
        },
        Some(Dialog::Help) => help_dialog(on),
        Some(Dialog::Verified) => verified_dialog(on),
        Some(Dialog::Sealed) => seal_dialog(state, on),
        Some(Dialog::GenerateLog) => {
            html! { <GenerateLogDialog profile={state.volume.profile} on={on.clone()} /> }
        }
        Some(Dialog::Export) => html! {
            <ExportDialog export={state.export.clone()} version={state.version.to_string()} on={on.clone()} />
        },
    }
}
