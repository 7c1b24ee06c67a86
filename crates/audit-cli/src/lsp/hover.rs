//! Help at a position: findings first, then the meaning of the word.

use audit_policy::{Diagnostic, KubernetesVersion, Span};
use gen_lsp_types::{Contents, Hover, MarkupContent, MarkupKind};

use super::client::Client;
use super::cursor::Cursor;
use super::documents::Document;
use super::place::place_at;
use super::region::region_at;
use super::suggest::meaning;
use crate::markdown;

/// Maximum length of a word in bytes.
const MAX_WORD: usize = 300;

/// Returns the help at a byte of a document. `None` without any.
pub(super) fn hover(cursor: &Cursor<'_>) -> Option<Hover> {
    let Cursor {
        document,
        uri,
        at,
        lines,
        client,
        version,
    } = *cursor;
    let findings = document.findings(version);
    let here = findings
        .into_iter()
        .flat_map(|findings| findings.at(Span::new(at, at)));
    let here: Vec<&Diagnostic> = here.collect();
    let word = word_at(&document.text, at);
    let about = word.and_then(|word| meaning_of(document, uri, word, version));
    let span = about.as_ref().and(word).or_else(|| here.first()?.span())?;
    let mut paragraphs: Vec<String> = here
        .iter()
        .flat_map(|finding| paragraphs(finding))
        .collect();
    paragraphs.extend(about);
    Some(Hover {
        contents: contents(&paragraphs, client),
        range: Some(lines.range(span)),
    })
}

/// Returns a finding in sentences.
fn paragraphs(finding: &Diagnostic) -> Vec<String> {
    let code = match finding.code.as_ref() {
        "" => String::new(),
        code => format!(" {code}"),
    };
    let message = format!("{}{code}: {}", finding.severity, finding.message);
    let help = (!finding.help.is_empty()).then(|| finding.help.clone());
    [message].into_iter().chain(help).collect()
}

/// Returns paragraphs in the format of the editor. In Markdown, everything but code in backticks is escaped: findings quote the policy.
fn contents(paragraphs: &[String], client: Client) -> Contents {
    let kind = if client.has_markdown {
        MarkupKind::Markdown
    } else {
        MarkupKind::PlainText
    };
    let texts = paragraphs.iter().map(|paragraph| {
        if !client.has_markdown {
            return paragraph.clone();
        }
        let mut text = String::new();
        markdown::words(paragraph, &mut text);
        text
    });
    let value = texts.collect::<Vec<_>>().join("\n\n");
    Contents::MarkupContent(MarkupContent { kind, value })
}

/// Returns the word around a byte, without the colon of a field.
fn word_at(text: &str, at: usize) -> Option<Span> {
    let is_of_word = |character: char| character.is_alphanumeric() || "_/*.:-".contains(character);
    let before = text.get(..at)?;
    let after = text.get(at..)?;
    let start = at - (before.len() - before.trim_end_matches(is_of_word).len());
    let end = at + after.len() - after.trim_start_matches(is_of_word).len();
    let word = text.get(start..end)?.trim_end_matches([':', '.']);
    let end = start + word.len();
    let is_word = (1..=MAX_WORD).contains(&word.len()) && at <= end;
    is_word.then(|| Span::new(start, end))
}

fn meaning_of(
    document: &Document,
    uri: &str,
    word: Span,
    version: KubernetesVersion,
) -> Option<String> {
    let region = region_at(document, uri, word.end)?;
    let place = place_at(region.text, word.end.checked_sub(region.start)?);
    let is_whole = place.word == document.text.get(word.start..word.end)?;
    let meaning = meaning(&place, version);
    (is_whole && !meaning.is_empty()).then_some(meaning)
}
