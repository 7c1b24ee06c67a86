//! Writes fields and items into a manifest in the style around them: block, flow or JSON.

use std::borrow::Cow;

use audit_policy::Span;
use audit_policy::document::{Field, Kind, Node};

use super::error::PatchError;
use super::list::{self, ListChanges, QuoteStyle};
use super::manifest::Manifest;
use super::text_edits::TextEdits;

/// A value to write.
#[derive(Debug, Clone)]
pub(super) enum Value {
    Bool(bool),
    /// A name of Kubernetes, which needs no quotes in YAML.
    Name(Cow<'static, str>),
    Text(String),
    Object(Vec<(&'static str, Value)>),
}

impl Value {
    /// Creates a volume's name; our own names need no quotes.
    pub(super) fn name(name: &str) -> Self {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.starts_with("audit-") && name.chars().all(is_plain) {
            Self::Name(name.to_owned().into())
        } else {
            Self::Text(name.to_owned())
        }
    }

    /// Formats the value on one line, in flow style.
    pub(super) fn flow(&self, is_json: bool) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Name(name) if is_json => format!("\"{name}\""),
            Self::Name(name) => name.to_string(),
            Self::Text(text) => QuoteStyle::of(None, is_json).write(text),
            Self::Object(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}: {}", key(name, is_json), value.flow(is_json)))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
        }
    }

    /// Formats a field as lines, with nested fields indented by two.
    fn lines(name: &str, value: &Self) -> Vec<String> {
        match value {
            Self::Object(fields) => {
                let mut lines = vec![format!("{name}:")];
                for (name, value) in fields {
                    lines.extend(
                        Self::lines(name, value)
                            .iter()
                            .map(|line| format!("  {line}")),
                    );
                }
                lines
            }
            _ => vec![format!("{name}: {}", value.flow(false))],
        }
    }
}

pub(super) fn key(name: &str, is_json: bool) -> String {
    if is_json {
        format!("\"{name}\"")
    } else {
        name.to_owned()
    }
}

/// Sets a field of an object: in place, or below its last field.
pub(super) fn set(
    edits: &mut TextEdits,
    object: Node<'_>,
    name: &str,
    value: Value,
    is_json: bool,
) -> Result<(), PatchError> {
    if let Some(field) = object.field(name) {
        list::check_editable(edits, field.value, object)?;
        let is_empty = field.value.span().start == field.value.span().end;
        let style = QuoteStyle::of(Some(field.value), is_json);
        let text = match &value {
            Value::Text(text) => style.write(text),
            Value::Name(name) if style != QuoteStyle::Plain => style.write(name),
            _ => value.flow(is_json),
        };
        let space = if is_empty { " " } else { "" };
        edits.replace(field.value.span(), format!("{space}{text}"));
        return Ok(());
    }
    let Some(last) = object.fields().max_by_key(|field| field.key.start) else {
        return Err(PatchError::new(
            Some(edits.line(object.span().start)),
            format!("the object has no field to add `{name}` after"),
            "write the object with at least one field",
        ));
    };
    let end = last.key.to(last.value.span()).end;
    if object.spelled().starts_with('{') {
        let text = format!(", {}: {}", key(name, is_json), value.flow(is_json));
        edits.replace(Span::new(end, end), text);
    } else {
        let line = format!(
            "{}{name}: {}",
            edits.indent(last.key.start),
            value.flow(false)
        );
        edits.add_below(end, &[line]);
    }
    Ok(())
}

/// Adds items to a list of an object; creates the list if there is none.
pub(super) fn add(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    object: Node<'_>,
    name: &str,
    items: &[Vec<(&'static str, Value)>],
) -> Result<(), PatchError> {
    if items.is_empty() {
        return Ok(());
    }
    match object.field(name) {
        Some(field) if field.value.kind() == Kind::List => {
            add_to_list(edits, manifest, object, field.value, items)
        }
        Some(field) if field.value.kind() == Kind::Null => {
            fill_in(edits, manifest, object, field, items);
            Ok(())
        }
        Some(field) => Err(PatchError::new(
            Some(edits.line(field.key.start)),
            format!("`{name}` is not a list"),
            "the API rejects it: write a list",
        )),
        None => create_list(edits, manifest, object, name, items),
    }
}

/// Adds items to a list of an object.
fn add_to_list(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    object: Node<'_>,
    list: Node<'_>,
    items: &[Vec<(&'static str, Value)>],
) -> Result<(), PatchError> {
    let added = if list.spelled().starts_with('[') {
        in_flow(items, manifest.is_json)
    } else {
        in_block(items)
            .iter()
            .map(|lines| lines.join("\n"))
            .collect()
    };
    list::check_editable(edits, list, object)?;
    let changes = ListChanges {
        added,
        ..ListChanges::default()
    };
    list::change(edits, list, &changes)
}

/// Writes a list as the value of a field without one.
fn fill_in(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    object: Node<'_>,
    field: Field<'_>,
    items: &[Vec<(&'static str, Value)>],
) {
    let span = field.value.span();
    if object.spelled().starts_with('{') || span.start != span.end {
        let space = if field.value.spelled().is_empty() {
            " "
        } else {
            ""
        };
        let list = flow_list(items, manifest.is_json);
        edits.replace(span, format!("{space}{list}"));
    } else {
        let lines = block(edits, manifest, field.key.start, &in_block(items));
        edits.add_below(field.key.end, &lines);
    }
}

/// Adds a field with a list behind the last one of an object.
fn create_list(
    edits: &mut TextEdits,
    manifest: &Manifest<'_>,
    object: Node<'_>,
    name: &str,
    items: &[Vec<(&'static str, Value)>],
) -> Result<(), PatchError> {
    let last = object.fields().max_by_key(|field| field.key.start);
    let Some(last) = last else {
        return Ok(());
    };
    let end = object.span().end;
    if object.spelled().starts_with('{') {
        let end = last.key.to(last.value.span()).end;
        let is_json = manifest.is_json;
        let list = flow_list(items, is_json);
        edits.replace(
            Span::new(end, end),
            format!(", {}: {list}", key(name, is_json)),
        );
        return Ok(());
    }
    list::check_editable(edits, object, manifest.root)?;
    let mut lines = vec![format!("{}{name}:", edits.indent(last.key.start))];
    lines.extend(block(edits, manifest, last.key.start, &in_block(items)));
    edits.add_below(end, &lines);
    Ok(())
}

/// Returns a list in brackets.
fn flow_list(items: &[Vec<(&'static str, Value)>], is_json: bool) -> String {
    format!("[{}]", in_flow(items, is_json).join(", "))
}

/// Returns each item as it stands in brackets.
fn in_flow(items: &[Vec<(&'static str, Value)>], is_json: bool) -> Vec<String> {
    let items = items.iter();
    let items = items.map(|fields| Value::Object(fields.clone()).flow(is_json));
    items.collect()
}

/// Returns the lines of each item in block style.
fn in_block(items: &[Vec<(&'static str, Value)>]) -> Vec<Vec<String>> {
    let lines = |fields: &Vec<(&str, Value)>| {
        let fields = fields.iter();
        fields
            .flat_map(|(name, value)| Value::lines(name, value))
            .collect()
    };
    items.iter().map(lines).collect()
}

/// Returns the lines of a new list below a key, indented like the manifest's other lists.
fn block(
    edits: &TextEdits,
    manifest: &Manifest<'_>,
    key: usize,
    items: &[Vec<String>],
) -> Vec<String> {
    let lists = [
        manifest.server.container.field("command"),
        manifest.server.container.field("args"),
        manifest
            .server
            .spec
            .and_then(|spec| spec.field("containers")),
    ];
    let step = lists
        .into_iter()
        .flatten()
        .find_map(|field| {
            let first = field.value.items().next()?;
            let dash = list::dash(edits, first).ok()?;
            let dash = dash.find('-')?;
            dash.checked_sub(edits.indent(field.key.start).len())
        })
        .unwrap_or(0);
    let margin = format!("{}{}", edits.indent(key), " ".repeat(step));
    items
        .iter()
        .flat_map(|lines| {
            lines.iter().enumerate().map(|(number, line)| {
                let mark = if number == 0 { "- " } else { "  " };
                format!("{margin}{mark}{line}")
            })
        })
        .collect()
}
