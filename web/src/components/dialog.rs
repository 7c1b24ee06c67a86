//! The open dialog.

use yew::prelude::*;

use super::cluster_model::GenerateLogDialog;
use super::code_page::code_page_dialog;
use super::dialogs::{help_dialog, paste_dialog, verified_dialog};
use super::export::ExportDialog;
use super::goals::goals_dialog;
use super::logs_place::place_dialog;
use super::sealed::seal_dialog;
use super::share::share_dialog;
use super::workspaces::workspaces_dialog;
use crate::state::{Action, AppState, Dialog};

/// Renders the open dialog, if one is.
pub fn dialog(state: &AppState, on: &Callback<Action>) -> Html {
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
        Some(Dialog::Goals) => goals_dialog(state, on),
        Some(Dialog::Place) => place_dialog(state, on),
        Some(Dialog::Share) => share_dialog(state, on),
        Some(Dialog::GenerateLog) => {
            html! { <GenerateLogDialog profile={state.volume.profile} on={on.clone()} /> }
        }
        Some(Dialog::Workspaces) => workspaces_dialog(state, on),
        Some(Dialog::Export) => html! {
            <ExportDialog export={state.export.clone()} version={state.version.to_string()} on={on.clone()} />
        },
    }
}
