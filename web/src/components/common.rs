//! Small components that are used in several places: sentences with code, level chips, buttons that copy.

use playground_protocol::{Diagnostic, Level, RuleIndex, Severity};
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::name::{code, marked};
use super::screen_reader::screen_reader_only;
use crate::platform;
use audit_types::markup::{Piece, pieces};

/// Renders a sentence with code in backticks.
pub fn markup(sentence: &str) -> Html {
    pieces(sentence)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => marked(text),
            Piece::Code(text) => html! { <code>{ code(text) }</code> },
        })
        .collect()
}

/// Returns a message, which begins in lowercase and has no full stop, as a sentence.
pub fn sentence(message: &str) -> String {
    let mut letters = message.chars();
    let first = letters.next().map(|letter| letter.to_ascii_uppercase());
    first.into_iter().chain(letters).chain(['.']).collect()
}

/// Renders a finding in one line, with its symbol.
pub fn finding_line(finding: &Diagnostic) -> Html {
    let (sign, class, word) = sign(finding.severity);
    html! {
        <>
            <span {class} aria-hidden="true">{sign}</span>
            { screen_reader_only(word) }
            { markup(&finding.message) }
            if !finding.help.is_empty() {
                <span class="help">{": "}{ markup(&finding.help) }</span>
            }
            <span class="code">{" "}{&*finding.code}</span>
        </>
    }
}

/// Returns the symbol, the style class and the word of a severity.
pub const fn sign(severity: Severity) -> (&'static str, &'static str, &'static str) {
    match severity {
        Severity::Error => ("✗ ", "bad", "error: "),
        Severity::Warning => ("▲ ", "warn", "warning: "),
        Severity::Info => ("● ", "info", "note: "),
    }
}

/// Returns the style class of a level.
pub const fn level_class(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::None) => "level-n",
        Some(Level::Metadata) => "level-m",
        Some(Level::Request) => "level-r",
        Some(Level::RequestResponse) => "level-rr",
        _ => "level-unknown",
    }
}

/// Returns the number of a rule, from 1, and the letters of its level; a dash if no rule matched, a question mark if that is unknown.
pub fn rule_label(rule: Option<RuleIndex>, level: Option<Level>) -> String {
    let mut label = match (rule, level) {
        (Some(rule), _) => rule.number().to_string(),
        (None, Some(_)) => "–".to_owned(),
        (None, None) => return "?".to_owned(),
    };
    label.push(' ');
    label.push_str(level.map_or("?", Level::abbreviation));
    label
}

/// Renders [`rule_label`] in the colors of the level.
pub fn chip(rule: Option<RuleIndex>, level: Option<Level>) -> Html {
    html! {
        <span class={classes!("chip", level_class(level))}>{rule_label(rule, level)}</span>
    }
}

/// Properties of [`CopyButton`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// Text to copy.
    pub text: AttrValue,
    /// Label of the button.
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
    /// Style class.
    #[prop_or_default]
    pub class: Classes,
}

/// Button that copies a text, and shows whether it did.
#[function_component]
pub fn CopyButton(props: &CopyProps) -> Html {
    let done = use_state(|| None::<bool>);
    let onclick = {
        let (text, done) = (props.text.clone(), done.setter());
        Callback::from(move |_| {
            let (text, done) = (text.clone(), done.clone());
            spawn_local(async move {
                done.set(Some(platform::copy(&text).await));
                gloo::timers::callback::Timeout::new(2500, move || done.set(None)).forget();
            });
        })
    };
    let label = match *done {
        None => props.label.clone(),
        Some(true) => AttrValue::Static("Copied"),
        Some(false) => AttrValue::Static("Copying isn't allowed here"),
    };
    html! {
        <button type="button" class={classes!("copy", props.class.clone())} {onclick}><span aria-live="polite">{label}</span></button>
    }
}
