//! Edits lists: blocks with a line per item, or flow style in brackets.

use std::collections::HashSet;

use audit_policy::Span;
use audit_policy::document::Node;
use audit_text::quote;

use super::error::PatchError;
use super::text_edits::TextEdits;

/// Quoting style of a list's items.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum QuoteStyle {
    /// Unquoted where every parser reads the same string.
    Plain,
    Single,
    Double,
    Json,
    /// A word of a shell script.
    Shell,
}

impl QuoteStyle {
    /// Returns the style of a value.
    pub(super) fn of(node: Option<Node<'_>>, is_json: bool) -> Self {
        let spelled = node.map(Node::spelled).unwrap_or_default();
        match spelled.as_bytes().first() {
            _ if is_json => Self::Json,
            Some(b'"') => Self::Double,
            Some(b'\'') => Self::Single,
            _ => Self::Plain,
        }
    }

    pub(super) fn write(self, text: &str) -> String {
        match self {
            Self::Plain => quote::yaml(text),
            Self::Single => quote::single(text),
            Self::Double => quote::double(text),
            Self::Json => quote::json(text),
            Self::Shell => quote::shell(text),
        }
    }
}

/// ListChanges to a list's items, by their index.
#[derive(Debug, Default)]
pub(super) struct ListChanges {
    pub(super) replaced: Vec<(usize, String)>,
    pub(super) removed: HashSet<usize>,
    /// Index of the item after which new ones are inserted. `None` inserts at the start of an empty list.
    pub(super) after: Option<usize>,
    pub(super) added: Vec<String>,
}

impl ListChanges {
    pub(super) fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.removed.is_empty() && self.added.is_empty()
    }
}

/// Returns an error if a node is shared with another part of the text by an anchor or alias, or has a tag.
pub(super) fn check_editable(
    edits: &TextEdits,
    node: Node<'_>,
    within: Node<'_>,
) -> Result<(), PatchError> {
    let (span, outer) = (node.span(), within.span());
    let is_elsewhere = span.start < outer.start || span.end > outer.end;
    if is_elsewhere || node.spelled().starts_with(['*', '&', '!']) {
        return Err(PatchError::new(
            Some(edits.line(span.start)),
            "an anchor, alias or tag is at a place that must change",
            "write the list in the container without `&`, `*` and `!`",
        ));
    }
    Ok(())
}

/// Applies changes to a list.
pub(super) fn change(
    edits: &mut TextEdits,
    list: Node<'_>,
    changes: &ListChanges,
) -> Result<(), PatchError> {
    if changes.is_empty() {
        return Ok(());
    }
    if list.spelled().starts_with('[') {
        return flow(edits, list, changes);
    }
    let items: Vec<Node<'_>> = list.items().collect();
    for (number, text) in &changes.replaced {
        if let Some(item) = items.get(*number) {
            dash(edits, *item)?;
            edits.replace(item.span(), text.clone());
        }
    }
    for item in changes
        .removed
        .iter()
        .filter_map(|number| items.get(*number))
    {
        let line = item.span();
        dash(edits, *item)?;
        edits.remove_lines(line);
    }
    if changes.added.is_empty() {
        return Ok(());
    }
    let last = changes
        .after
        .and_then(|after| items.get(after))
        .or(items.last());
    let Some(last) = last else {
        return Err(PatchError::new(
            Some(edits.line(list.span().start)),
            "the list has no item to insert another one after",
            "write the list with its first item",
        ));
    };
    let dash = dash(edits, *last)?;
    let inner = " ".repeat(dash.chars().count());
    let lines: Vec<String> = changes
        .added
        .iter()
        .flat_map(|item| {
            let lines = item.lines().enumerate();
            lines.map(|(number, line)| {
                let margin = if number == 0 { &dash } else { &inner };
                format!("{margin}{line}")
            })
        })
        .collect();
    edits.add_below(last.span().end, &lines);
    Ok(())
}

/// Returns the text before an item on its line: spaces and one dash.
pub(super) fn dash(edits: &TextEdits, item: Node<'_>) -> Result<String, PatchError> {
    let start = item.span().start;
    let margin = edits.margin(start);
    let is_dash = margin.trim() == "-";
    if !is_dash || item.is_alias() || item.spelled().starts_with(['!', '&']) {
        return Err(PatchError::new(
            Some(edits.line(start)),
            "this item cannot be changed in place",
            "write it on its own line after its dash, without anchor, alias and tag",
        ));
    }
    Ok(margin.trim_start_matches('\u{feff}').to_owned())
}

/// Returns the texts between the items of a list in brackets.
fn separators(
    edits: &TextEdits,
    list: Node<'_>,
    items: &[Node<'_>],
) -> Result<Vec<String>, PatchError> {
    let gaps: Vec<String> = items
        .windows(2)
        .map(|pair| match pair {
            [one, other] => {
                let gap = Span::new(one.span().end, other.span().start);
                edits.slice(gap).to_owned()
            }
            _ => String::new(),
        })
        .collect();
    let is_unusual = |gap: &String| gap.trim() != ",";
    let is_marked = |item: &Node<'_>| item.spelled().starts_with(['*', '!']);
    if gaps.iter().any(is_unusual) || items.iter().any(is_marked) {
        return Err(PatchError::new(
            Some(edits.line(list.span().start)),
            "these brackets contain more than items and commas",
            "remove comments, anchors, aliases and tags, or write one item per line",
        ));
    }
    Ok(gaps)
}

/// Rewrites a list in brackets; separators between items that stay neighbors are kept.
fn flow(edits: &mut TextEdits, list: Node<'_>, changes: &ListChanges) -> Result<(), PatchError> {
    let items: Vec<Node<'_>> = list.items().collect();
    let between = |from: usize, to: usize| edits.slice(Span::new(from, to)).to_owned();
    let span = list.span();
    let (first, last) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (first.span().start, last.span().end),
        _ => (span.end - 1, span.end - 1),
    };
    let gaps = separators(edits, list, &items)?;
    let opening = between(span.start + 1, first);
    let usual = match gaps.first() {
        Some(gap) => gap.clone(),
        None if opening.contains('\n') && opening.trim().is_empty() => format!(",{opening}"),
        None => ", ".to_owned(),
    };
    let usual = usual.as_str();
    // Each with its original index.
    let mut kept: Vec<(Option<usize>, String)> = Vec::new();
    let add = |kept: &mut Vec<(Option<usize>, String)>| {
        kept.extend(changes.added.iter().map(|text| (None, text.clone())));
    };
    let after = changes.after.or(items.len().checked_sub(1));
    if after.is_none() {
        add(&mut kept);
    }
    for (number, item) in items.iter().enumerate() {
        let new = changes.replaced.iter().find(|(which, _)| *which == number);
        if !changes.removed.contains(&number) {
            let text = new.map_or_else(|| item.spelled().to_owned(), |(_, text)| text.clone());
            kept.push((Some(number), text));
        }
        if after == Some(number) {
            add(&mut kept);
        }
    }
    let mut text = between(span.start, first);
    let mut before: Option<Option<usize>> = None;
    for (number, item) in &kept {
        let gap = match (before, number) {
            (None, _) => "",
            (Some(Some(one)), Some(other)) if one + 1 == *other => {
                gaps.get(one).map_or(usual, String::as_str)
            }
            _ => usual,
        };
        text.push_str(gap);
        text.push_str(item);
        before = Some(*number);
    }
    text.push_str(&between(last, span.end));
    edits.replace(span, text);
    Ok(())
}
