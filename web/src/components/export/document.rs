//! The document of a target: its purpose, its text, more files, and the steps to install them.

use playground_protocol::Target;
use playground_protocol::export::{
    ExportDocument, ExportFile, ExportReport, Patched, TargetGroup, TargetView,
};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use crate::components::common::{CopyButton, finding_line, markup};
use crate::components::name::code;
use crate::components::preview::{Language, Preview};
use crate::dom_ids;
use crate::state::Action;
use crate::state::export::{ExportAction, ExportState};

/// Renders the choice of a target, and its document.
pub fn document(report: &ExportReport, export: &ExportState, on: &Callback<Action>) -> Html {
    let shown = &report.document;
    let findings = report
        .findings
        .iter()
        .map(|found| html! { <p>{ finding_line(found) }</p> });
    html! {
        <>
            { targets(report, on) }
            // The state of a copy button belongs to one document only.
            <div class="document" key={shown.target.name()} tabindex="0" role="region" aria-label={shown.title.clone()}>
                <div class="setting-findings" role="status">{ for findings }</div>
                <p class="note">{ markup(&shown.note) }</p>
                if let Some(patched) = &shown.patched {
                    { own_manifest(shown, patched, on) }
                } else {
                    { main_text(shown, on) }
                }
                { steps("Installation", &shown.steps) }
                { for shown.files.iter().map(|file| additional_file(file, on)) }
                { steps("Verification", &shown.verify) }
                { steps("Rollback", &shown.undo) }
                if shown.patched.is_none() && shown.target == Target::StaticPod && export.manifest.is_empty() {
                    <p class="note">{"Paste your own manifest on the left to add these settings to it. Nothing else in it changes."}</p>
                }
            </div>
        </>
    }
}

fn targets(report: &ExportReport, on: &Callback<Action>) -> Html {
    let act = &on.reform(Action::Export);
    let chosen = report.document.target;
    let option = |TargetView { target, title }: &TargetView| {
        html! { <option value={target.name()} selected={*target == chosen}>{title}</option> }
    };
    let group = |TargetGroup { title, targets }: &TargetGroup| {
        html! { <optgroup label={title.clone()}>{ for targets.iter().map(option) }</optgroup> }
    };
    let onchange = on.reform(|event: Event| {
        let name = event.target_unchecked_into::<HtmlSelectElement>().value();
        select_target(&name)
    });
    html! {
        <div class="target">
            <label for={dom_ids::EXPORT_TARGET}>{"Target"}</label>
            <select id={dom_ids::EXPORT_TARGET} {onchange}>{ for report.targets.iter().map(group) }</select>
            <span class="grow"></span>
            <button type="button" onclick={emits(act, ExportAction::SaveArchive)}
                title="All files under their paths, with these steps as README.md">{"Save all as ZIP"}</button>
        </div>
    }
}

fn select_target(name: &str) -> Action {
    match name.parse::<Target>() {
        Ok(target) => Action::Export(ExportAction::SelectTarget(target)),
        Err(error) => {
            Action::ShowError(["The target can't be selected: ", &error.to_string(), "."].concat())
        }
    }
}

fn main_text(document: &ExportDocument, on: &Callback<Action>) -> Html {
    html! {
        <>
            { choices(&document.file_name, &document.text, on) }
            <Preview label={preview_of(&document.file_name)} text={document.text.clone()} language={Language::of_file(&document.file_name)} marks={document.line_findings.clone()} />
        </>
    }
}

/// Renders the changes to the user's own manifest, or why it cannot be changed.
fn own_manifest(document: &ExportDocument, patched: &Patched, on: &Callback<Action>) -> Html {
    let act = &on.reform(Action::Export);
    let forget = html! {
        <button type="button" onclick={emits(act, ExportAction::RemoveManifest)}>{"Remove my manifest"}</button>
    };
    match patched {
        Patched::Rejected {
            line,
            message,
            help,
        } => html! {
            <>
                <p class="rejected">
                    <span class="bad"><span aria-hidden="true">{"✗ "}</span>{"These settings can't be added to this manifest: "}</span>
                    { markup(message) }
                    { for line.map(|line| format!(" (line {line})")) }
                    <span class="help">{": "}{ markup(help) }</span>
                </p>
                {forget}
                { main_text(document, on) }
            </>
        },
        Patched::Changed(diff) => html! {
            <>
                if diff.is_empty() {
                    <p class="ok">{"Your manifest already has these settings. "}{forget}</p>
                } else {
                    <h3>{"Changes to your manifest"}</h3>
                    <div class="choices">
                        { copy_and_save("kube-apiserver.yaml.diff", diff, on) }
                        {forget}
                    </div>
                    <Preview label="Changes to your manifest" text={diff.clone()} language={Language::Diff} />
                }
                <details open={diff.is_empty()}>
                    <summary>{"Full manifest"}</summary>
                    { main_text(document, on) }
                </details>
            </>
        },
    }
}

fn steps(title: &'static str, steps: &[String]) -> Html {
    if steps.is_empty() {
        return Html::default();
    }
    let step = |step: &String| html! { <li>{ markup(step) }</li> };
    html! {
        <section class="steps">
            <h3>{title}</h3>
            <ol>{ for steps.iter().map(step) }</ol>
        </section>
    }
}

/// Renders another file of the document, collapsed.
fn additional_file(ExportFile { path, mode, text }: &ExportFile, on: &Callback<Action>) -> Html {
    let name = path.rsplit('/').next().unwrap_or(path);
    html! {
        <details class="file" key={path.clone()}>
            <summary><code>{ code(path) }</code>{", mode "}{mode}</summary>
            { choices(name, text, on) }
            <Preview label={preview_of(path)} text={text.clone()} language={Language::of_file(path)} />
        </details>
    }
}

/// Returns the accessible name of a file's text.
fn preview_of(file: &str) -> String {
    ["Preview of ", file].concat()
}

/// Renders buttons to copy and to save a text, in a row.
fn choices(name: &str, text: &str, on: &Callback<Action>) -> Html {
    html! { <div class="choices">{ copy_and_save(name, text, on) }</div> }
}

fn copy_and_save(name: &str, text: &str, on: &Callback<Action>) -> Html {
    let save = {
        let (name, text) = (name.to_owned(), text.to_owned());
        on.reform(move |_| Action::SaveFile(name.clone(), text.clone()))
    };
    html! {
        <>
            <CopyButton text={text.to_owned()} />
            <button type="button" onclick={save}>{"Save "}{name}</button>
        </>
    }
}

/// Turns an event without data into an action of the export.
fn emits<E: 'static>(act: &Callback<ExportAction>, action: ExportAction) -> Callback<E> {
    act.reform(move |_| action.clone())
}
