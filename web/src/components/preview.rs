//! A text with its colours, and below each line what there is to say about it.

use playground_protocol::export::{LineFinding, SettingsFinding};
use yew::prelude::*;

use super::common::finding_line;
use super::name::marked;
use crate::editor::highlight;

/// Lines that are coloured one by one; a longer text is shown as it is.
const LINES: usize = 3000;

/// Properties of [`Preview`].
#[derive(Properties, PartialEq)]
pub struct PreviewProps {
    /// What it is.
    pub label: AttrValue,
    /// The text.
    pub text: AttrValue,
    /// How it is coloured.
    pub language: Language,
    /// What concerns its lines, from 1.
    #[prop_or_default]
    pub marks: Vec<LineFinding>,
}

/// What a text is written in, as far as colours go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// YAML, and what has its comments and quotes.
    Yaml,
    /// What `diff -u` prints.
    Diff,
}

/// A text, read only.
#[function_component]
pub fn Preview(props: &PreviewProps) -> Html {
    let PreviewProps {
        label,
        text,
        language,
        marks,
    } = props;
    let lines: Vec<Html> = if text.lines().count() > LINES {
        vec![html! { <span class="line">{ marked(text) }</span> }]
    } else {
        match language {
            Language::Yaml => highlight(text).into_iter().map(coloured).collect(),
            Language::Diff => text.lines().enumerate().map(changed).collect(),
        }
    };
    let with_remarks = lines.into_iter().enumerate().map(|(place, line)| {
        let remarks: Vec<&SettingsFinding> = marks
            .iter()
            .filter(|mark| mark.line == place + 1)
            .map(|mark| &mark.finding)
            .collect();
        let class = classes!((!remarks.is_empty()).then_some("marked"));
        html! {
            <>
                <span {class}>{line}</span>
                { for remarks.into_iter().map(|found| html! { <span class="beside" role="note">{ finding_line(found) }</span> }) }
            </>
        }
    });
    html! {
        <pre class="preview" tabindex="0" role="region" aria-label={label.clone()}>{ for with_remarks }</pre>
    }
}

/// A line whose pieces have a style class each. Lines are blocks, which a copied selection has on lines of their own.
fn coloured(pieces: Vec<(String, String)>) -> Html {
    let piece = |(class, text): (String, String)| {
        if class.is_empty() {
            marked(&text)
        } else {
            html! { <span {class}>{ marked(&text) }</span> }
        }
    };
    html! { <span class="line">{ for pieces.into_iter().map(piece) }</span> }
}

/// A line of a difference, whose first two name the files.
fn changed((place, line): (usize, &str)) -> Html {
    let class = match line.as_bytes().first() {
        _ if place < 2 => "line hunk",
        Some(b'@' | b'\\') => "line hunk",
        Some(b'+') => "line added",
        Some(b'-') => "line removed",
        _ => "line",
    };
    html! { <span {class}>{ marked(line) }</span> }
}
