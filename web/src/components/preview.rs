//! A highlighted text, with findings below its lines.

use playground_protocol::{Diagnostic, LineFinding};
use yew::prelude::*;

use super::common::finding_line;
use super::name::marked;
use crate::editor::highlight;

/// Maximum number of lines that are highlighted.
const LINES: usize = 3000;

/// Properties of [`Preview`].
#[derive(Properties, PartialEq)]
pub struct PreviewProps {
    /// Name of the region, for screen readers.
    pub label: AttrValue,
    /// Text.
    pub text: AttrValue,
    /// Language for highlighting.
    pub language: Language,
    /// Findings by line, from 1.
    #[prop_or_default]
    pub marks: Vec<LineFinding>,
}

/// Language of a text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Language {
    /// YAML or JSON.
    Yaml,
    /// A script or configuration file with comments that begin with `#`.
    Script,
    /// The output of `diff -u`.
    Diff,
}

impl Language {
    /// Returns the language of a file by the ending of its name.
    pub fn of_file(name: &str) -> Self {
        let ending = name.rsplit('.').next().unwrap_or_default();
        match ending {
            "yaml" | "yml" | "json" => Self::Yaml,
            _ => Self::Script,
        }
    }
}

/// Read-only text.
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
            Language::Yaml => highlight(text, true).into_iter().map(colored).collect(),
            Language::Script => highlight(text, false).into_iter().map(colored).collect(),
            Language::Diff => text.lines().enumerate().map(changed).collect(),
        }
    };
    let with_findings = lines.into_iter().enumerate().map(|(place, line)| {
        let findings: Vec<&Diagnostic> = marks
            .iter()
            .filter(|mark| mark.line == place + 1)
            .map(|mark| &mark.finding)
            .collect();
        let class = classes!((!findings.is_empty()).then_some("marked"));
        html! {
            <>
                <span {class}>{line}</span>
                { for findings.into_iter().map(|found| html! { <span class="line-finding" role="note">{ finding_line(found) }</span> }) }
            </>
        }
    });
    html! {
        <pre class="preview" tabindex="0" role="region" aria-label={label.clone()}>{ for with_findings }</pre>
    }
}

/// Renders a line as segments with style classes. Lines are blocks, so that a copied selection has them on separate lines.
fn colored(pieces: Vec<(String, String)>) -> Html {
    let piece = |(class, text): (String, String)| {
        if class.is_empty() {
            marked(&text)
        } else {
            html! { <span {class}>{ marked(&text) }</span> }
        }
    };
    html! { <span class="line">{ for pieces.into_iter().map(piece) }</span> }
}

/// Renders a line of a difference. The first two name the files.
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
