//! A box for what the reader has already: flags, a manifest, a kubeadm file.

use playground_protocol::export::{ImportReport, LineFinding};
use yew::prelude::*;

use crate::components::common::{finding_line, markup};
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::platform;
use crate::state::Action;
use crate::state::export::{ExportAction, PasteAction};

/// Properties of [`Paste`].
#[derive(Properties, PartialEq)]
pub struct PasteProps {
    /// What the last text was.
    pub imported: Option<(PasteAction, IdentityRc<ImportReport>)>,
    /// Whether the settings of before can be had back.
    pub undo: bool,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The box, behind a fold.
#[function_component]
pub fn Paste(props: &PasteProps) -> Html {
    let act = props.on.reform(Action::Export);
    let paste = |wish: PasteAction| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| {
            let text = platform::text_area_value(dom_ids::EXPORT_PASTE);
            if !text.trim().is_empty() {
                act.emit(ExportAction::Paste(text, wish));
            }
        })
    };
    html! {
        <details class="paste">
            <summary>{"Start from your current configuration"}</summary>
            <label class="note" for={dom_ids::EXPORT_PASTE}>{"Flags, a kube-apiserver manifest, a kubeadm file or another configuration that contains flags"}</label>
            <textarea id={dom_ids::EXPORT_PASTE} rows="6" spellcheck="false" autocomplete="off" />
            <div class="choices">
                <button type="button" onclick={paste(PasteAction::ReadSettings)}>{"Import settings"}</button>
                <button type="button" onclick={paste(PasteAction::PatchManifest)} title="For a static pod manifest">{"Add these settings to it"}</button>
            </div>
            <div role="status">
                { for props.imported.as_ref().map(|(wish, report)| said(*wish, report, props, &act)) }
            </div>
        </details>
    }
}

fn said(
    wish: PasteAction,
    report: &ImportReport,
    props: &PasteProps,
    act: &Callback<ExportAction>,
) -> Html {
    let undo = act.reform(|_: MouseEvent| ExportAction::Undo);
    let policy = report.policy.clone().map(|policy| {
        let onclick = props
            .on
            .reform(move |_| Action::ReplacePolicy(policy.clone()));
        html! { <button type="button" {onclick}>{"Edit the policy it contains"}</button> }
    });
    let line = |LineFinding { line, finding }: &LineFinding| {
        html! { <li><span class="place">{"line "}{*line}</span>{" "}{ finding_line(finding) }</li> }
    };
    html! {
        <>
            <p>{ markup(&outcome(wish, report)) }</p>
            <div class="choices">
                if props.undo {
                    <button type="button" onclick={undo}>{"Undo"}</button>
                }
                { for policy }
            </div>
            <ul class="remarks">{ for report.findings.iter().map(line) }</ul>
        </>
    }
}

/// What was done with the text, in a sentence.
fn outcome(wish: PasteAction, report: &ImportReport) -> String {
    let source = &report.source;
    let count = report.fields.len();
    let flags = if count == 1 { "flag" } else { "flags" };
    match wish {
        PasteAction::PatchManifest if report.is_manifest => {
            format!("{source}. The result is on the right.")
        }
        PasteAction::PatchManifest => {
            format!("{source}. Settings can only be added to a static pod manifest.")
        }
        PasteAction::ReadSettings if count == 0 => {
            format!(
                "{source}. It sets no audit flags, or only to their defaults. Your settings are unchanged."
            )
        }
        PasteAction::ReadSettings => format!(
            "{source}. Imported {count} audit {flags}. All other settings are the server's defaults."
        ),
    }
}
