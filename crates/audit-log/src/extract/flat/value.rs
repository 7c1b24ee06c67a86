//! Values of columns: plain text, JSON, or JSON as text.

use std::borrow::Cow;

use crate::json;
use crate::validator::{JsonValidator, Validation};

/// Value that AKS writes for a body over its limit.
const SKIPPED_BODY: &str = "skipped-too-big-size-object";

/// Content of a column.
#[derive(Debug, Clone, Copy)]
pub(crate) enum ColumnValue<'a> {
    /// Raw JSON.
    Json(&'a str),
    /// Plain text, which may be JSON.
    Text(&'a str),
}

/// Reason why a column cannot be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// The column has no value.
    Absent,
    /// The text begins as JSON and ends before its end.
    Cut(String),
    /// The text begins as JSON and is not JSON.
    NotJson(String),
}

/// Returns the text of a column, or of the only item of its list.
pub(super) fn text(value: ColumnValue<'_>) -> Option<Cow<'_, str>> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            let mut items = json::elements(raw);
            match (items.next(), items.next()) {
                (Some(item), None) => return text_of_json(item),
                _ => return None,
            }
        }
        ColumnValue::Json(raw) => return text_of_json(raw),
        ColumnValue::Text(text) => text.trim(),
    };
    // Kibana shows a hyphen for a missing value, Splunk and others `null`.
    (!is_absent(text)).then_some(Cow::Borrowed(text))
}

fn is_absent(text: &str) -> bool {
    matches!(text, "" | "-" | "null" | "(null)")
}

fn text_of_json(raw: &str) -> Option<Cow<'_, str>> {
    match raw.as_bytes().first()? {
        b'"' => json::string(raw).filter(|text| !text.is_empty()),
        b'0'..=b'9' => Some(Cow::Borrowed(raw)),
        _ => None,
    }
}

/// Returns `true` if a value is a string that contains an object or a list.
pub(crate) fn is_json_in_text(raw: &str) -> bool {
    raw.starts_with('"')
        && json::string(raw).is_some_and(|text| text.trim_start().starts_with(['{', '[']))
}

/// Returns the JSON in a text, which may be in a string once more.
fn json_in(text: &str) -> Result<String, Unreadable> {
    let text = text.trim();
    match json::value(text) {
        Ok(raw) if raw.starts_with('"') => match json::string(raw) {
            Some(inner) if inner.trim_start().starts_with(['{', '[']) => json::value(inner.trim())
                .map_or_else(|_| Err(broken(&inner)), |raw| Ok(raw.to_owned())),
            _ => Ok(raw.to_owned()),
        },
        Ok(raw) => Ok(raw.to_owned()),
        Err(_) => Err(broken(text)),
    }
}

fn broken(text: &str) -> Unreadable {
    if JsonValidator::at(0).run(text.as_bytes()) == Validation::Incomplete {
        Unreadable::Cut(text.to_owned())
    } else {
        Unreadable::NotJson(text.to_owned())
    }
}

/// Returns a list as raw JSON.
pub(super) fn list(value: ColumnValue<'_>) -> Result<String, Unreadable> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            // Kibana puts the text of a field into a list.
            return match text(value).filter(|text| text.trim_start().starts_with('[')) {
                Some(text) => json_in(&text),
                None => Ok(raw.to_owned()),
            };
        }
        value => text(value).ok_or(Unreadable::Absent)?,
    };
    if text.trim_start().starts_with(['[', '"']) {
        let raw = json_in(&text);
        if !matches!(&raw, Ok(raw) if raw.starts_with('"')) {
            return raw;
        }
    }
    // Splunk separates values by line feeds, Kibana by commas. A distinguished name contains commas itself.
    let separators: &[char] = if text.contains('\n') || text.contains('=') {
        &['\n']
    } else {
        &[',']
    };
    let items: Vec<String> = text
        .split(separators)
        .map(str::trim)
        .filter(|item| !item.is_empty())
        .map(quoted)
        .collect();
    Ok(format!("[{}]", items.join(",")))
}

/// Returns an object as raw JSON. A string may contain it.
pub(super) fn object(value: ColumnValue<'_>) -> Result<String, Unreadable> {
    let text = match value {
        ColumnValue::Json(raw) if raw.starts_with('{') => return Ok(raw.to_owned()),
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            let mut items = json::elements(raw);
            let first = items.next().filter(|item| !item.starts_with('['));
            return match (first, items.next()) {
                (Some(first), None) => object(ColumnValue::Json(first)),
                _ => Err(Unreadable::Absent),
            };
        }
        value => text(value)
            .filter(|text| text != SKIPPED_BODY)
            .ok_or(Unreadable::Absent)?,
    };
    if !text.trim_start().starts_with(['{', '"']) {
        return Err(Unreadable::Absent);
    }
    let raw = json_in(&text)?;
    if raw.starts_with('{') {
        Ok(raw)
    } else {
        Err(Unreadable::Absent)
    }
}

/// Returns a body as raw JSON: an object, or a list, which a JSON patch is.
pub(super) fn body(value: ColumnValue<'_>) -> Result<String, Unreadable> {
    match value {
        ColumnValue::Json(raw) if raw.starts_with('[') => {
            let mut items = json::elements(raw);
            match (items.next(), items.next()) {
                // Kibana puts the text of a field into a list.
                (Some(item), None) if item.starts_with('"') => body(ColumnValue::Json(item)),
                (Some(item), None) if json::member(item, "op").is_none() => object(value),
                _ => Ok(raw.to_owned()),
            }
        }
        value => match text(value) {
            Some(text) if text.trim_start().starts_with('[') => json_in(&text),
            _ => object(value),
        },
    }
}

/// Returns a member of a field as raw JSON. Members with several values are lists, those with members of their own objects.
pub(super) fn member(name: &str, value: ColumnValue<'_>) -> Result<String, Unreadable> {
    match name {
        "groups" => list(value),
        "code" => {
            let code = text(value).ok_or(Unreadable::Absent)?.replace(',', "");
            let is_code = code.parse::<u16>().is_ok();
            is_code.then_some(code).ok_or(Unreadable::Absent)
        }
        "extra" | "details" | "metadata" => object(value),
        _ => text(value)
            .map(|text| quoted(&text))
            .ok_or(Unreadable::Absent),
    }
}

/// Quotes a text as JSON.
pub(crate) fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        match character {
            '"' | '\\' => out.extend(['\\', character]),
            c if c < ' ' => out.push_str(&format!("\\u{:04x}", u32::from(c))),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}
