//! The form of the settings: the most important first, the others collapsed. The worker defines the fields.

use playground_protocol::export::{FieldKind, FieldView, FormSection};
use web_sys::{HtmlInputElement, HtmlSelectElement};
use yew::prelude::*;

use crate::components::common::sign;
use crate::components::screen_reader::screen_reader_only;
use crate::state::export::{ExportAction, ExportState};

/// Renders the form.
pub fn form(export: &ExportState, version: &str, act: &Callback<ExportAction>) -> Html {
    let Some(report) = &export.report else {
        return Html::default();
    };
    let mut sections = report.sections.iter();
    let field = |field: &FieldView| row(field, export, act);
    let first = sections
        .next()
        .map(|section| section.fields.iter().map(field).collect::<Html>());
    let rest = sections.map(|FormSection { title, fields }| {
        html! {
            <fieldset>
                <legend>{title}</legend>
                { for fields.iter().map(field) }
            </fieldset>
        }
    });
    html! {
        <form onsubmit={Callback::from(|event: SubmitEvent| event.prevent_default())}>
            <p class="note">{"For Kubernetes "}{version.to_owned()}{", on every control-plane node"}</p>
            { for first }
            <details class="more-settings">
                <summary>{"More settings"}</summary>
                { for rest }
            </details>
        </form>
    }
}

fn row(field: &FieldView, export: &ExportState, act: &Callback<ExportAction>) -> Html {
    let typed = export.settings.get(&field.name);
    let fill = {
        let name = field.name.clone();
        act.reform(move |value| ExportAction::SetField(name.clone(), value))
    };
    let id = ["export-", &field.name].concat();
    let label = html! {
        <>
            <label for={id.clone()}>{&field.label}</label>
            { for field.severity.map(|severity| {
                let (sign, class, word) = sign(severity);
                html! { <span {class}><span aria-hidden="true">{sign}</span>{ screen_reader_only(word) }</span> }
            }) }
            if field.is_flag() {
                <code class="flag">{"--"}{&field.name}</code>
            }
        </>
    };
    let input = match &field.kind {
        FieldKind::Switch => switch(&id, typed.unwrap_or(&field.default), fill),
        FieldKind::Choice(words) => choice(&id, words, typed.unwrap_or(&field.default), fill),
        FieldKind::Text | FieldKind::Number => text(&id, field, typed.unwrap_or_default(), fill),
    };
    let class = if field.kind == FieldKind::Switch {
        "field switch"
    } else {
        "field"
    };
    html! {
        <div {class} key={field.name.clone()}>
            <div class="name">{label}</div>
            {input}
            if let Some(fault) = &field.error {
                <p class="bad field-error" id={[id.as_str(), "-fault"].concat()} role="alert">{fault}</p>
            }
        </div>
    }
}

fn text(id: &str, field: &FieldView, value: &str, fill: Callback<String>) -> Html {
    let is_number = field.kind == FieldKind::Number;
    let oninput =
        fill.reform(|event: InputEvent| event.target_unchecked_into::<HtmlInputElement>().value());
    // Any text may be typed: the server's message explains what is wrong with it.
    html! {
        <span class={if is_number { "amount" } else { "" }}>
            <input type="text" id={id.to_owned()} value={value.to_owned()} placeholder={field.default.clone()}
                inputmode={if is_number { "decimal" } else { "text" }} spellcheck="false" autocomplete="off"
                aria-invalid={field.error.is_some().then_some("true")}
                aria-describedby={field.error.is_some().then(|| [id, "-fault"].concat())} {oninput} />
            if !field.unit.is_empty() {
                <span>{&field.unit}</span>
            }
        </span>
    }
}

fn switch(id: &str, value: &str, fill: Callback<String>) -> Html {
    let onchange = fill.reform(|event: Event| {
        let checked = event.target_unchecked_into::<HtmlInputElement>().checked();
        checked.to_string()
    });
    html! { <input type="checkbox" id={id.to_owned()} checked={value == "true"} {onchange} /> }
}

fn choice(id: &str, words: &[String], value: &str, fill: Callback<String>) -> Html {
    let onchange =
        fill.reform(|event: Event| event.target_unchecked_into::<HtmlSelectElement>().value());
    let option = |word: &String| {
        html! { <option value={word.clone()} selected={word == value}>{word}</option> }
    };
    html! { <select id={id.to_owned()} {onchange}>{ for words.iter().map(option) }</select> }
}
