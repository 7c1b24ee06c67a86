//! Export: settings in, what a control plane needs out, for the way in which the cluster is run.

mod document;
mod form;
mod paste;
mod preview;

use playground_protocol::export::{Remark, Weight};
use yew::prelude::*;

use super::bits::{prose, unseen};
use super::modal::Modal;
use crate::state::Action;
use crate::state::export::{ExportAction, ExportState};
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
        <Modal title="Export" class="export" onclose={props.on.reform(|()| Action::Show(None))}>
            <div class="sheet">
                <div class="given" tabindex="0" role="region" aria-label="Settings">
                    <Paste imported={export.imported.clone()} undo={export.before.is_some()} on={props.on.clone()} />
                    { form(export, &props.version, &act) }
                </div>
                <div class="documents">
                    if let Some(report) = &export.report {
                        { document(report, export, &act) }
                    } else {
                        <p class="empty">{"Writing…"}</p>
                    }
                </div>
            </div>
        </Modal>
    }
}

/// A remark in one paragraph, with its sign.
fn remark(remark: &Remark) -> Html {
    let (sign, class, word) = sign(remark.weight);
    html! {
        <>
            <span {class} aria-hidden="true">{sign}</span>
            { unseen(word) }
            { prose(&remark.message) }
            if !remark.help.is_empty() {
                <span class="help">{": "}{ prose(&remark.help) }</span>
            }
            <span class="code">{" "}{&remark.code}</span>
        </>
    }
}

/// Sign, style class and word of a weight.
const fn sign(weight: Weight) -> (&'static str, &'static str, &'static str) {
    match weight {
        Weight::Error => ("✗ ", "bad", "error: "),
        Weight::Warning => ("▲ ", "warn", "warning: "),
        Weight::Note => ("● ", "info", "note: "),
    }
}

/// An action of the export as a callback for an event that says nothing more.
fn does<E: 'static>(act: &Callback<ExportAction>, action: ExportAction) -> Callback<E> {
    act.reform(move |_| action.clone())
}
