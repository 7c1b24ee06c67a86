//! Export: settings in, what a control plane needs out, for the way in which the cluster is run.

mod document;
mod form;
mod paste;

use yew::prelude::*;

use super::modal::Modal;
use crate::state::Action;
use crate::state::export::ExportState;
use document::document;
use form::form;
use paste::Paste;

/// Properties of [`ExportDialog`].
#[derive(Properties, PartialEq)]
pub struct ExportProps {
    /// What is exported, and what came of it.
    pub export: ExportState,
    /// The chosen version.
    pub version: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The export.
#[function_component]
pub fn ExportDialog(props: &ExportProps) -> Html {
    let export = &props.export;
    let act = props.on.reform(Action::Export);
    html! {
        <Modal title="Export" class="export" onclose={props.on.reform(|()| Action::ShowDialog(None))}>
            <div class="sheet">
                <div class="given" tabindex="0" role="region" aria-label="Settings">
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
