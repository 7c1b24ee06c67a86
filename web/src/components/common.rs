//! Small pieces that recur: sentences with code in them, level chips, buttons that copy.

use playground_protocol::Level;
use playground_protocol::Severity;
use playground_protocol::export::SettingsFinding;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use super::name::{code, marked};
use crate::markup::{Piece, pieces};
use crate::platform;

/// A sentence whose backticks mark code.
pub fn markup(sentence: &str) -> Html {
    pieces(sentence)
        .into_iter()
        .map(|piece| match piece {
            Piece::Text(text) => marked(text),
            Piece::Code(text) => html! { <code>{ code(text) }</code> },
        })
        .collect()
}

/// A remark in one paragraph, with its sign.
pub fn finding_line(finding_line: &SettingsFinding) -> Html {
    let (sign, class, word) = sign(finding_line.severity);
    html! {
        <>
            <span {class} aria-hidden="true">{sign}</span>
            { screen_reader_only(word) }
            { markup(&finding_line.message) }
            if !finding_line.help.is_empty() {
                <span class="help">{": "}{ markup(&finding_line.help) }</span>
            }
            <span class="code">{" "}{&finding_line.code}</span>
        </>
    }
}

/// Returns sign, style class and word of a severity.
pub const fn sign(severity: Severity) -> (&'static str, &'static str, &'static str) {
    match severity {
        Severity::Error => ("✗ ", "bad", "error: "),
        Severity::Warning => ("▲ ", "warn", "warning: "),
        Severity::Info => ("● ", "info", "note: "),
    }
}

/// Text for screen readers only.
pub fn screen_reader_only(text: &'static str) -> Html {
    html! { <span class="unseen">{text}</span> }
}

/// The style class of a level.
pub const fn level_class(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::None) => "level-n",
        Some(Level::Metadata) => "level-m",
        Some(Level::Request) => "level-r",
        Some(Level::RequestResponse) => "level-rr",
        None => "level-unknown",
    }
}

/// A rule's number, from 1, and its level's letters; a dash where no rule matched, a question mark where that cannot be known.
pub fn rule_label(rule: Option<usize>, level: Option<Level>) -> String {
    let mut label = match (rule, level) {
        (Some(rule), _) => rule.saturating_add(1).to_string(),
        (None, Some(_)) => "–".to_owned(),
        (None, None) => return "?".to_owned(),
    };
    label.push(' ');
    label.push_str(level.map_or("?", Level::abbreviation));
    label
}

/// [`rule_label`] in the level's colours.
pub fn chip(rule: Option<usize>, level: Option<Level>) -> Html {
    html! {
        <span class={classes!("chip", level_class(level))}>{rule_label(rule, level)}</span>
    }
}

/// Properties of [`CopyButton`].
#[derive(Properties, PartialEq)]
pub struct CopyProps {
    /// What to copy.
    pub text: AttrValue,
    /// What the button says before.
    #[prop_or(AttrValue::Static("Copy"))]
    pub label: AttrValue,
}

/// A button that copies, and says whether it did.
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
        <button type="button" class="copy" {onclick}><span aria-live="polite">{label}</span></button>
    }
}
