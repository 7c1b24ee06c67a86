//! Completions at a position.

use audit_policy::Span;
use gen_lsp_types::{
    CompletionItem, CompletionItemKind, CompletionList, Documentation, InsertTextFormat,
    InsertTextMode, MarkupContent, MarkupKind, TextEdit,
};

use super::client::Client;
use super::cursor::Cursor;
use super::place::{Part, Place, place_at};
use super::region::region_at;
use super::suggest::{Suggestion, suggest};
use crate::markdown;

/// Returns the completions at a byte of a document. `None` if no policy is there.
pub(super) fn items(cursor: &Cursor<'_>) -> Option<CompletionList> {
    let Cursor {
        document,
        uri,
        at,
        lines,
        client,
        version,
    } = *cursor;
    let region = region_at(document, uri, at)?;
    let mut place = place_at(region.text, at.checked_sub(region.start)?);
    place.from += region.start;
    let rest = document.text.get(at..)?.lines().next().unwrap_or_default();
    let suggestions = suggest(&place, version);
    let items = suggestions.into_iter().enumerate();
    let items = items.map(|(index, suggestion)| {
        let (suggestion, end) = fitted(suggestion, &place, at, rest);
        let range = lines.range(Span::new(place.from, end));
        item(suggestion, index, place.part, range, client)
    });
    Some(CompletionList {
        items: items.collect(),
        ..CompletionList::default()
    })
}

/// Fits a suggestion to what follows the position: of a field that is there already, only the name is replaced, and a quote is not doubled. Returns the
/// end of what is replaced, too.
fn fitted(mut suggestion: Suggestion, place: &Place, at: usize, rest: &str) -> (Suggestion, usize) {
    let is_of_name = |character: char| character.is_ascii_alphanumeric() || character == '_';
    let after_name = rest.trim_start_matches(is_of_name);
    let after_quote = after_name.strip_prefix(['"', '\'']).unwrap_or(after_name);
    if place.part == Part::Key && after_quote.trim_start().starts_with(':') {
        suggestion.text = suggestion.matched.clone();
        suggestion.text.extend(place.quote);
        suggestion.tail.clear();
        return (suggestion, at + rest.len() - after_quote.len());
    }
    let ends_quote = place.quote.is_some_and(|quote| rest.starts_with(quote));
    (suggestion, at + usize::from(ends_quote))
}

fn item(
    suggestion: Suggestion,
    index: usize,
    part: Part,
    range: gen_lsp_types::Range,
    client: Client,
) -> CompletionItem {
    let Suggestion { text, tail, .. } = suggestion;
    let has_place = client.has_snippets && !tail.is_empty();
    let new_text = match has_place {
        true => format!("{}$0{}", escaped(&text), escaped(&tail)),
        false => [text, tail].concat(),
    };
    let some = |text: String| (!text.is_empty()).then_some(text);
    CompletionItem {
        label: suggestion.name,
        kind: Some(match part {
            Part::Key => CompletionItemKind::Property,
            Part::Value | Part::None => CompletionItemKind::Value,
        }),
        detail: some(suggestion.detail),
        documentation: some(suggestion.about).map(|about| documentation(about, client)),
        // The order of the list is that of the suggestions.
        sort_text: Some(format!("{index:04}")),
        filter_text: Some(suggestion.matched),
        insert_text_format: has_place.then_some(InsertTextFormat::Snippet),
        // Lines have their indentation.
        insert_text_mode: Some(InsertTextMode::AsIs),
        text_edit: Some(TextEdit { range, new_text }.into()),
        ..CompletionItem::default()
    }
}

fn documentation(about: String, client: Client) -> Documentation {
    if !client.has_markdown_items {
        return about.into();
    }
    let mut value = String::new();
    markdown::words(&about, &mut value);
    Documentation::MarkupContent(MarkupContent {
        kind: MarkupKind::Markdown,
        value,
    })
}

/// Escapes what has a meaning in a snippet.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
        .replace('$', "\\$")
        .replace('}', "\\}")
}
