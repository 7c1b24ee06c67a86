//! Changes to a list as it is written: a block with a line for each item, or brackets.

use std::collections::HashSet;

use audit_policy::Span;
use audit_policy::document::Node;

use super::PatchError;
use super::sheet::Sheet;
use audit_text::quote;

/// How a list's texts are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    /// Without quotes where that is certain.
    Plain,
    Single,
    Double,
    Json,
}

impl Style {
    /// That of a value.
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
        }
    }
}

/// What becomes of a list's items, each by its number.
#[derive(Debug, Default)]
pub(super) struct Changes {
    pub(super) replaced: Vec<(usize, String)>,
    pub(super) removed: HashSet<usize>,
    /// After which item, or at the start, new ones are put.
    pub(super) after: Option<usize>,
    pub(super) added: Vec<String>,
}

impl Changes {
    fn is_empty(&self) -> bool {
        self.replaced.is_empty() && self.removed.is_empty() && self.added.is_empty()
    }
}

/// Refuses what another place of the text shares.
pub(super) fn own(sheet: &Sheet, node: Node<'_>, within: Node<'_>) -> Result<(), PatchError> {
    let (span, outer) = (node.span(), within.span());
    let is_elsewhere = span.start < outer.start || span.end > outer.end;
    if is_elsewhere || node.spelled().starts_with(['*', '&', '!']) {
        return Err(PatchError::new(
            Some(sheet.line(span.start)),
            "an anchor, an alias or a tag stands where a change is needed",
            "write the list out in the container, without `&`, `*` and `!`",
        ));
    }
    Ok(())
}

/// Puts changes into a list.
pub(super) fn change(
    sheet: &mut Sheet,
    list: Node<'_>,
    changes: &Changes,
) -> Result<(), PatchError> {
    if changes.is_empty() {
        return Ok(());
    }
    if list.spelled().starts_with('[') {
        return flow(sheet, list, changes);
    }
    let items: Vec<Node<'_>> = list.items().collect();
    for (number, text) in &changes.replaced {
        if let Some(item) = items.get(*number) {
            dash(sheet, *item)?;
            sheet.replace(item.span(), text.clone());
        }
    }
    for item in changes
        .removed
        .iter()
        .filter_map(|number| items.get(*number))
    {
        let line = item.span();
        dash(sheet, *item)?;
        sheet.remove_lines(line);
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
            Some(sheet.line(list.span().start)),
            "there is no item to put another below",
            "write the list with its first item",
        ));
    };
    let dash = dash(sheet, *last)?;
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
    sheet.add_below(last.span().end, &lines);
    Ok(())
}

/// What stands before an item on its line: blanks and one dash.
pub(super) fn dash(sheet: &Sheet, item: Node<'_>) -> Result<String, PatchError> {
    let start = item.span().start;
    let margin = sheet.margin(start);
    let is_dash = margin.trim() == "-";
    if !is_dash || item.is_alias() || item.spelled().starts_with(['!', '&']) {
        return Err(PatchError::new(
            Some(sheet.line(start)),
            "this item cannot be changed where it stands",
            "write it on a line of its own after its dash, without anchor, alias and tag",
        ));
    }
    Ok(margin.trim_start_matches('\u{feff}').to_owned())
}

/// Writes a list in brackets anew; between items that stay neighbours, what was there.
fn flow(sheet: &mut Sheet, list: Node<'_>, changes: &Changes) -> Result<(), PatchError> {
    let items: Vec<Node<'_>> = list.items().collect();
    let between = |from: usize, to: usize| sheet.slice(Span::new(from, to)).to_owned();
    let span = list.span();
    let (first, last) = match (items.first(), items.last()) {
        (Some(first), Some(last)) => (first.span().start, last.span().end),
        _ => (span.end - 1, span.end - 1),
    };
    let gaps: Vec<String> = items
        .windows(2)
        .map(|pair| match pair {
            [one, other] => between(one.span().end, other.span().start),
            _ => String::new(),
        })
        .collect();
    let unusual = |gap: &String| gap.trim() != ",";
    if gaps.iter().any(unusual)
        || items
            .iter()
            .any(|item| item.spelled().starts_with(['*', '!']))
    {
        return Err(PatchError::new(
            Some(sheet.line(span.start)),
            "there is more than items and commas between these brackets",
            "take out comments, anchors, aliases and tags, or write the list with an item a line",
        ));
    }
    let opening = between(span.start + 1, first);
    let usual = match gaps.first() {
        Some(gap) => gap.clone(),
        None if opening.contains('\n') && opening.trim().is_empty() => format!(",{opening}"),
        None => ", ".to_owned(),
    };
    let usual = usual.as_str();
    // Each with the number that it had.
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
    sheet.replace(span, text);
    Ok(())
}
