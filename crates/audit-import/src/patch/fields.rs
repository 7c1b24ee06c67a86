//! Fields and items written into a manifest, in the way that is usual around them: blocks, brackets or JSON.

use std::borrow::Cow;

use audit_policy::Span;
use audit_policy::document::{Kind, Node};

use super::list::{self, Changes, Style};
use super::sheet::Sheet;
use super::{Manifest, PatchError};

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
    /// A volume's name: ours need no quotes.
    pub(super) fn name(name: &str) -> Self {
        let is_plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        if name.starts_with("audit-") && name.chars().all(is_plain) {
            Self::Name(name.to_owned().into())
        } else {
            Self::Text(name.to_owned())
        }
    }

    /// On one line, in brackets where it has parts.
    pub(super) fn flow(&self, is_json: bool) -> String {
        match self {
            Self::Bool(value) => value.to_string(),
            Self::Name(name) if is_json => format!("\"{name}\""),
            Self::Name(name) => name.to_string(),
            Self::Text(text) => Style::of(None, is_json).write(text),
            Self::Object(fields) => {
                let fields: Vec<String> = fields
                    .iter()
                    .map(|(name, value)| format!("{}: {}", key(name, is_json), value.flow(is_json)))
                    .collect();
                format!("{{{}}}", fields.join(", "))
            }
        }
    }

    /// The lines of a field, its parts two further in.
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

/// Sets a field of an object: in its place, or below its last field.
pub(super) fn set(
    sheet: &mut Sheet,
    object: Node<'_>,
    name: &str,
    value: Value,
    is_json: bool,
) -> Result<(), PatchError> {
    if let Some(field) = object.field(name) {
        list::own(sheet, field.value, object)?;
        let is_empty = field.value.span().start == field.value.span().end;
        let style = Style::of(Some(field.value), is_json);
        let text = match &value {
            Value::Text(text) => style.write(text),
            Value::Name(name) if style != Style::Plain => style.write(name),
            _ => value.flow(is_json),
        };
        let space = if is_empty { " " } else { "" };
        sheet.replace(field.value.span(), format!("{space}{text}"));
        return Ok(());
    }
    let Some(last) = object.fields().max_by_key(|field| field.key.start) else {
        return Err(PatchError::new(
            Some(sheet.line(object.span().start)),
            format!("there is no field to put `{name}` beside"),
            "write the object with its first field",
        ));
    };
    let end = last.key.to(last.value.span()).end;
    if object.spelled().starts_with('{') {
        let text = format!(", {}: {}", key(name, is_json), value.flow(is_json));
        sheet.replace(Span::new(end, end), text);
    } else {
        let line = format!(
            "{}{name}: {}",
            sheet.indent(last.key.start),
            value.flow(false)
        );
        sheet.add_below(end, &[line]);
    }
    Ok(())
}

/// Adds items to a list of an object, and the list where there is none.
pub(super) fn add(
    sheet: &mut Sheet,
    manifest: &Manifest<'_>,
    object: Node<'_>,
    name: &str,
    items: &[Vec<(&'static str, Value)>],
) -> Result<(), PatchError> {
    if items.is_empty() {
        return Ok(());
    }
    let is_json = manifest.is_json;
    let in_flow = || {
        let items = items
            .iter()
            .map(|fields| Value::Object(fields.clone()).flow(is_json));
        items.collect::<Vec<_>>()
    };
    let in_block = || {
        let item = |fields: &Vec<(&str, Value)>| {
            let lines = fields
                .iter()
                .flat_map(|(name, value)| Value::lines(name, value));
            lines.collect::<Vec<_>>()
        };
        items.iter().map(item).collect::<Vec<_>>()
    };
    let field = object.field(name);
    if let Some(field) = field.filter(|field| field.value.kind() == Kind::List) {
        let is_flow = field.value.spelled().starts_with('[');
        let added = if is_flow {
            in_flow()
        } else {
            in_block().iter().map(|lines| lines.join("\n")).collect()
        };
        list::own(sheet, field.value, object)?;
        let changes = Changes {
            added,
            ..Changes::default()
        };
        return list::change(sheet, field.value, &changes);
    }
    let is_flow = object.spelled().starts_with('{');
    let value = format!("[{}]", in_flow().join(", "));
    if let Some(field) = field {
        if field.value.kind() != Kind::Null {
            return Err(PatchError::new(
                Some(sheet.line(field.key.start)),
                format!("`{name}` is no list"),
                "the API refuses it: write a list",
            ));
        }
        if is_flow || field.value.span().start != field.value.span().end {
            let space = if field.value.spelled().is_empty() {
                " "
            } else {
                ""
            };
            sheet.replace(field.value.span(), format!("{space}{value}"));
            return Ok(());
        }
        let lines = block(sheet, manifest, field.key.start, &in_block());
        sheet.add_below(field.key.end, &lines);
        return Ok(());
    }
    let last = object.fields().max_by_key(|field| field.key.start);
    let Some(last) = last else {
        return Ok(());
    };
    let end = object.span().end;
    if is_flow {
        let end = last.key.to(last.value.span()).end;
        let text = format!(", {}: {value}", key(name, is_json));
        sheet.replace(Span::new(end, end), text);
        return Ok(());
    }
    list::own(sheet, object, manifest.root)?;
    let mut lines = vec![format!("{}{name}:", sheet.indent(last.key.start))];
    lines.extend(block(sheet, manifest, last.key.start, &in_block()));
    sheet.add_below(end, &lines);
    Ok(())
}

/// The lines of a new list below a key, as far in as the manifest's other lists are.
fn block(sheet: &Sheet, manifest: &Manifest<'_>, key: usize, items: &[Vec<String>]) -> Vec<String> {
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
            let dash = list::dash(sheet, first).ok()?;
            let dash = dash.find('-')?;
            dash.checked_sub(sheet.indent(field.key.start).len())
        })
        .unwrap_or(0);
    let margin = format!("{}{}", sheet.indent(key), " ".repeat(step));
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
