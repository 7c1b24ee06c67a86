//! The export dialog: settings on the left, the documents of a target on the right.

mod document;
mod form;
mod paste;

use yew::prelude::*;

use super::modal::Modal;
use crate::state::Action;
use crate::state::export::ExportState;
use crate::state::logs_place::PlaceAction;
use document::document;
use form::form;
use paste::Paste;

/// Properties of [`ExportDialog`].
#[derive(Properties, PartialEq)]
pub struct ExportProps {
    /// State of the export.
    pub export: ExportState,
    /// Chosen Kubernetes version.
    pub version: AttrValue,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The export dialog.
#[function_component]
pub fn ExportDialog(props: &ExportProps) -> Html {
    let export = &props.export;
    let act = props.on.reform(Action::Export);
    html! {
        <Modal title="Export" class="export" onclose={props.on.reform(|()| Action::ShowDialog(None))}>
            <div class="columns">
                <div class="settings" tabindex="0" role="region" aria-label="Settings">
                    <p class="elsewhere"><button type="button" onclick={props.on.reform(|_: MouseEvent| Action::Place(PlaceAction::Open))}>{"Where do your logs live?"}</button>
                        <span class="note">{"EKS, GKE, AKS, object storage, shippers: a filter where the server's policy cannot be set"}</span></p>
                    <Paste imported={export.imported.clone()} undo={export.before.is_some()} on={props.on.clone()} />
                    { form(export, &props.version, &act) }
                </div>
                <div class="documents">
                    if let Some(report) = &export.report {
                        { document(report, export, &props.on) }
                    } else {
                        <p class="empty">{"Generating…"}</p>
                    }
                </div>
            </div>
        </Modal>
    }
}
