//! A target's document: what it is for, its text, the files beside it, and what to do with them.

use playground_protocol::export::{ExportDocument, ExportReport, Patched};
use web_sys::HtmlSelectElement;
use yew::prelude::*;

use super::does;
use crate::components::common::{CopyButton, finding_line, markup};
use crate::components::name::code;
use crate::components::preview::{Language, Preview};
use crate::platform;
use crate::state::export::{ExportAction, ExportState};

/// The choice of a target, and its document.
pub fn document(report: &ExportReport, export: &ExportState, act: &Callback<ExportAction>) -> Html {
    let shown = &report.document;
    let remarks = report
        .remarks
        .iter()
        .map(|found| html! { <p>{ finding_line(found) }</p> });
    html! {
        <>
            { targets(report, act) }
            // What was copied of one says nothing of another.
            <div class="document" key={shown.target.clone()} tabindex="0" role="region" aria-label={shown.title.clone()}>
                <div class="remarks" role="status">{ for remarks }</div>
                <p class="note">{ markup(&shown.note) }</p>
                if let Some(patched) = &shown.patched {
                    { of_reader(shown, patched, act) }
                } else {
                    { main_text(shown) }
                }
                { steps("What goes where", &shown.steps) }
                { for shown.files.iter().map(beside) }
                { steps("See that it works", &shown.verify) }
                { steps("Go back", &shown.undo) }
                if shown.patched.is_none() && shown.target == "static-pod" && export.manifest.is_empty() {
                    <p class="note">{"Paste your own manifest on the left to have this put into it, with everything else left as it is."}</p>
                }
            </div>
        </>
    }
}

fn targets(report: &ExportReport, act: &Callback<ExportAction>) -> Html {
    let chosen = &report.document.target;
    let option = |(name, title): &(String, String)| {
        html! { <option value={name.clone()} selected={name == chosen}>{title}</option> }
    };
    let group = |(title, targets): &(String, Vec<(String, String)>)| {
        html! { <optgroup label={title.clone()}>{ for targets.iter().map(option) }</optgroup> }
    };
    let onchange = act.reform(|event: Event| {
        ExportAction::SelectTarget(event.target_unchecked_into::<HtmlSelectElement>().value())
    });
    html! {
        <div class="target">
            <label for="export-target">{"For"}</label>
            <select id="export-target" {onchange}>{ for report.targets.iter().map(group) }</select>
            <span class="grow"></span>
            <button type="button" onclick={does(act, ExportAction::SaveArchive)}
                title="All files in their paths, with these steps as README.md">{"Save all as zip"}</button>
        </div>
    }
}

fn main_text(document: &ExportDocument) -> Html {
    html! {
        <>
            { choices(&document.file_name, &document.text) }
            <Preview label={document.file_name.clone()} text={document.text.clone()} language={Language::Yaml} marks={document.marks.clone()} />
        </>
    }
}

/// The reader's own manifest: what changes, then the whole; or why it cannot be.
fn of_reader(document: &ExportDocument, patched: &Patched, act: &Callback<ExportAction>) -> Html {
    let forget = html! {
        <button type="button" onclick={does(act, ExportAction::RemoveManifest)}>{"Without my manifest"}</button>
    };
    match patched {
        Patched::Refused(line, message, help) => html! {
            <>
                <p class="refused">
                    <span class="bad"><span aria-hidden="true">{"✗ "}</span>{"The settings cannot be put into this manifest: "}</span>
                    { markup(message) }
                    { for line.map(|line| format!(" (line {line})")) }
                    <span class="help">{": "}{ markup(help) }</span>
                </p>
                {forget}
                { main_text(document) }
            </>
        },
        Patched::Done(diff) => html! {
            <>
                if diff.is_empty() {
                    <p class="ok">{"Your manifest has these settings already: nothing changes. "}{forget}</p>
                } else {
                    <h3>{"What changes in your manifest"}</h3>
                    <div class="choices">
                        { copy_and_save("kube-apiserver.yaml.diff", diff) }
                        {forget}
                    </div>
                    <Preview label="What changes in your manifest" text={diff.clone()} language={Language::Diff} />
                }
                <details open={diff.is_empty()}>
                    <summary>{"The whole manifest"}</summary>
                    { main_text(document) }
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

/// A file that belongs beside the document, behind a fold.
fn beside((path, mode, text): &(String, String, String)) -> Html {
    let name = path.rsplit('/').next().unwrap_or(path);
    html! {
        <details class="file" key={path.clone()}>
            <summary><code>{ code(path) }</code>{", mode "}{mode}</summary>
            { choices(name, text) }
            <Preview label={path.clone()} text={text.clone()} language={Language::Yaml} />
        </details>
    }
}

/// Buttons to copy and to save a text, in a row.
fn choices(name: &str, text: &str) -> Html {
    html! { <div class="choices">{ copy_and_save(name, text) }</div> }
}

fn copy_and_save(name: &str, text: &str) -> Html {
    let save = {
        let (name, text) = (name.to_owned(), text.to_owned());
        Callback::from(move |_| {
            // A sandboxed page may not save; copying remains.
            let _ = platform::save(&name, &text);
        })
    };
    html! {
        <>
            <CopyButton text={text.to_owned()} />
            <button type="button" onclick={save}>{"Save "}{name}</button>
        </>
    }
}
