//! A text area for the current configuration: flags, a manifest, a kubeadm file.

use playground_protocol::LineFinding;
use playground_protocol::export::{ImportReport, UpgradeView};
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
    /// Report of the last text.
    pub imported: Option<(PasteAction, IdentityRc<ImportReport>)>,
    /// The previous settings can be restored.
    pub undo: bool,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The text area, collapsed until a text is imported.
#[function_component]
pub fn Paste(props: &PasteProps) -> Html {
    let act = props.on.reform(Action::Export);
    let paste = |action: PasteAction| {
        let act = act.clone();
        Callback::from(move |_: MouseEvent| {
            let text = platform::text_area_value(dom_ids::EXPORT_PASTE);
            if !text.trim().is_empty() {
                act.emit(ExportAction::Paste(text, action));
            }
        })
    };
    html! {
        <details class="paste" open={props.imported.is_some()}>
            <summary>{"Start from your current configuration"}</summary>
            <label class="note" for={dom_ids::EXPORT_PASTE}>{"Flags, a kube-apiserver manifest, a kubeadm file or another configuration that contains flags"}</label>
            <textarea id={dom_ids::EXPORT_PASTE} rows="6" spellcheck="false" autocomplete="off" />
            <div class="choices">
                <button type="button" onclick={paste(PasteAction::ReadSettings)}>{"Import settings"}</button>
                <button type="button" onclick={paste(PasteAction::PatchManifest)} title="For a static pod manifest">{"Add these settings to it"}</button>
            </div>
            <div role="status">
                { for props.imported.as_ref().map(|(action, report)| import_result(*action, report, props, &act)) }
            </div>
        </details>
    }
}

fn import_result(
    action: PasteAction,
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
            <p>{ markup(&summary(action, report)) }</p>
            <div class="choices">
                if props.undo {
                    <button type="button" onclick={undo}>{"Undo"}</button>
                }
                { for policy }
            </div>
            <ul class="setting-findings">{ for report.findings.iter().map(line) }</ul>
            { for report.upgrade.as_ref().map(upgrade) }
        </>
    }
}

/// Renders what an upgrade to the selected version changes.
fn upgrade(upgrade: &UpgradeView) -> Html {
    let UpgradeView {
        from,
        to,
        changes,
        nothing,
    } = upgrade;
    html! {
        <>
            <h3>{"Upgrade from "}{from}{" to "}{to}</h3>
            if !nothing.is_empty() {
                <p>{nothing}</p>
            }
            <ul class="setting-findings">
                { for changes.iter().map(|change| html! { <li>{ finding_line(change) }</li> }) }
            </ul>
        </>
    }
}

/// Returns a sentence about what was done with the text.
fn summary(action: PasteAction, report: &ImportReport) -> String {
    let source = &report.source;
    let count = report.fields.len();
    let flags = if count == 1 { "flag" } else { "flags" };
    match action {
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
        PasteAction::ReadSettings if report.flags.is_partial => format!(
            "{source}. Imported {count} audit {flags}. The server gets other arguments, too: settings that are not imported are unknown."
        ),
        PasteAction::ReadSettings => format!(
            "{source}. Imported {count} audit {flags}. All other settings are the server's defaults."
        ),
    }
}
