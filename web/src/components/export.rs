//! Export: paths and retention in, flags and manifests out.

use playground_protocol::{ExportDocument, ExportReport, ExportSettings};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use super::bits::{CopyButton, prose};
use super::modal::Modal;
use crate::platform;
use crate::shared::Shared;
use crate::state::{Action, Settings};

/// Properties of [`ExportDialog`].
#[derive(Properties, PartialEq)]
pub struct ExportProps {
    /// What it is made for.
    pub settings: Shared<Settings>,
    /// What came of it.
    pub report: Option<Shared<ExportReport>>,
    /// The chosen version.
    pub version: AttrValue,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The export.
#[function_component]
pub fn ExportDialog(props: &ExportProps) -> Html {
    let chosen = use_state(|| 0_usize);
    let onchoose = {
        let chosen = chosen.setter();
        Callback::from(move |place| chosen.set(place))
    };
    html! {
        <Modal title="Export" class="export" onclose={props.on.reform(|()| Action::Show(None))}>
            <div class="sheet">
                { form(props) }
                <div class="documents">
                    if let Some(report) = props.report.as_deref() {
                        { documents(report, *chosen, onchoose) }
                    } else {
                        <p class="empty">{"Writing…"}</p>
                    }
                </div>
            </div>
        </Modal>
    }
}

fn form(props: &ExportProps) -> Html {
    let settings = &props.settings.0;
    let number = |label, value: u32, unit, set| number_field(label, value, unit, set, props);
    html! {
        <form onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
            <p class="note">{"For Kubernetes "}{&props.version}{", on the control-plane node:"}</p>
            { text_field("Policy file", &settings.policy_path, |to, value| to.policy_path = value, props) }
            { text_field("Log file, - for standard output", &settings.log_path, |to, value| to.log_path = value, props) }
            { number("Keep rotated files for", settings.max_age_days, "days", |to, value| to.max_age_days = value) }
            { number("Keep at most", settings.max_backups, "files", |to, value| to.max_backups = value) }
            { number("Rotate at", settings.max_size_mb, "MB", |to, value| to.max_size_mb = value) }
            { compress(props) }
        </form>
    }
}

fn changed(
    props: &ExportProps,
    set: impl Fn(&mut ExportSettings, Event) + 'static,
) -> Callback<Event> {
    let settings = props.settings.clone();
    props.on.reform(move |event| {
        let mut next = settings.0.clone();
        set(&mut next, event);
        Action::Settings(next)
    })
}

fn text_field(
    label: &'static str,
    value: &str,
    set: fn(&mut ExportSettings, String),
    props: &ExportProps,
) -> Html {
    let onchange = changed(props, move |next, event| {
        set(
            next,
            event.target_unchecked_into::<HtmlInputElement>().value(),
        );
    });
    html! {
        <label class="field">
            <span>{label}</span>
            <input type="text" value={value.to_owned()} spellcheck="false" autocomplete="off" {onchange} />
        </label>
    }
}

fn number_field(
    label: &'static str,
    value: u32,
    unit: &'static str,
    set: fn(&mut ExportSettings, u32),
    props: &ExportProps,
) -> Html {
    let onchange = changed(props, move |next, event| {
        let input = event.target_unchecked_into::<HtmlInputElement>();
        match input.value().trim().parse() {
            Ok(number) => set(next, number),
            // What is no number goes back to the last one.
            Err(_) => input.set_value(&value.to_string()),
        }
    });
    html! {
        <label class="field">
            <span>{label}</span>
            <span class="amount">
                <input type="number" min="0" value={value.to_string()} {onchange} />
                <span>{unit}</span>
            </span>
        </label>
    }
}

fn compress(props: &ExportProps) -> Html {
    let onchange = changed(props, |next, event| {
        next.compress = event.target_unchecked_into::<HtmlInputElement>().checked();
    });
    html! {
        <label class="check">
            <input type="checkbox" checked={props.settings.0.compress} {onchange} />
            <span>{"Compress rotated files"}</span>
        </label>
    }
}

fn documents(report: &ExportReport, chosen: usize, onchoose: Callback<usize>) -> Html {
    let chosen = chosen.min(report.documents.len().saturating_sub(1));
    let shown = report.documents.get(chosen);
    let findings = report.findings.iter().map(|finding| {
        html! { <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ prose(finding) }</p> }
    });
    let onchange = onchoose.reform(|event: Event| {
        let value = event.target_unchecked_into::<HtmlSelectElement>().value();
        value.parse().unwrap_or(0)
    });
    let option = |(place, document): (usize, &ExportDocument)| {
        html! { <option value={place.to_string()} selected={place == chosen}>{&document.title}</option> }
    };
    html! {
        <>
            <div class="remarks" role="status">{ for findings }</div>
            <label class="target">
                <span>{"For"}</span>
                <select {onchange}>{ for report.documents.iter().enumerate().map(option) }</select>
            </label>
            { for shown.map(document) }
        </>
    }
}

fn document(document: &ExportDocument) -> Html {
    // What was copied of one says nothing of another.
    html! {
        <div class="document" key={document.title.clone()}>
            <p class="note">{ prose(&document.note) }</p>
            { steps("What goes where", &document.steps) }
            { file(&document.title, &document.file_name, &document.text) }
            { for document.files.iter().map(beside) }
            { steps("See that it works", &document.verify) }
            { steps("Go back", &document.undo) }
        </div>
    }
}

fn steps(title: &'static str, steps: &[String]) -> Html {
    if steps.is_empty() {
        return Html::default();
    }
    let step = |step: &String| html! { <li>{ prose(step) }</li> };
    html! {
        <section class="steps">
            <h3>{title}</h3>
            <ol>{ for steps.iter().map(step) }</ol>
        </section>
    }
}

/// A file that belongs beside the document.
fn beside((path, mode, text): &(String, String, String)) -> Html {
    let name = path.rsplit('/').next().unwrap_or(path);
    html! {
        <>
            <p class="note path"><code>{path}</code>{", mode "}{mode}</p>
            { file(path, name, text) }
        </>
    }
}

/// A text, to copy and to save.
fn file(label: &str, name: &str, text: &str) -> Html {
    let save = {
        let (name, text) = (name.to_owned(), text.to_owned());
        Callback::from(move |_| {
            // A sandboxed page may not save; copying remains.
            let _ = platform::save(&name, &text);
        })
    };
    html! {
        <>
            <div class="choices">
                <CopyButton text={text.to_owned()} />
                <button type="button" onclick={save}>{"Save "}{name}</button>
            </div>
            <pre tabindex="0" role="region" aria-label={label.to_owned()}>{text}</pre>
        </>
    }
}
