//! A policy in other forms: other encodings and line ends of its text, and other texts of its data.

use serde_json::{Map, Value};

/// A form's name and its bytes.
pub type Form = (&'static str, Vec<u8>);

/// The same text in other bytes.
pub fn bytes(source: &str) -> Vec<Form> {
    let utf16 = |mark: [u8; 2], unit: fn(u16) -> [u8; 2]| {
        let units = source.encode_utf16().flat_map(unit);
        mark.into_iter().chain(units).collect()
    };
    let mut forms = vec![
        ("written", source.as_bytes().to_vec()),
        ("CRLF", source.replace('\n', "\r\n").into_bytes()),
        ("UTF-16 LE", utf16([0xff, 0xfe], u16::to_le_bytes)),
        ("UTF-16 BE", utf16([0xfe, 0xff], u16::to_be_bytes)),
    ];
    if !source.starts_with('\u{feff}') {
        forms.push((
            "UTF-8 with a mark",
            format!("\u{feff}{source}").into_bytes(),
        ));
    }
    forms
}

/// Other texts of the same data.
pub fn rewritten(data: &Value) -> Vec<Form> {
    let compact = data.to_string();
    let pretty = serde_json::to_string_pretty(data).unwrap_or_default();
    let mut block = String::new();
    write_block(data, 0, &mut block);
    let flow = format!("--- {}\n", flow(data));
    let aliased = behind_anchors(data, false);
    let merged = behind_anchors(data, true);
    [
        ("JSON", compact),
        ("JSON in lines", pretty),
        ("flow style", flow),
        ("block style, quoted", block),
        ("aliased rules", aliased),
        ("merged rules", merged),
    ]
    .map(|(name, text)| (name, text.into_bytes()))
    .to_vec()
}

/// JSON's string is YAML's too.
fn quoted(text: &str) -> String {
    Value::from(text).to_string()
}

/// Bare where no reader could take it for anything but the text.
fn word(text: &str) -> String {
    let is_letter =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '/');
    let is_safe = text.len() > 5
        && text.starts_with(|letter: char| letter.is_ascii_alphabetic())
        && text.chars().all(is_letter);
    if is_safe {
        text.to_owned()
    } else {
        quoted(text)
    }
}

fn flow(value: &Value) -> String {
    match value {
        Value::String(text) => word(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(flow).collect();
            format!("[ {} ]", items.join(" , "))
        }
        Value::Object(fields) => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(key, value)| format!("{}: {}", word(key), flow(value)))
                .collect();
            format!("{{{}}}", fields.join(", "))
        }
        other => other.to_string(),
    }
}

/// A value in block style, from the start of a line.
fn write_block(value: &Value, indent: usize, out: &mut String) {
    let pad = " ".repeat(indent);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            for (key, value) in fields {
                out.push_str(&format!("{pad}{}:", quoted(key)));
                write_below(value, indent + 2, out);
            }
        }
        Value::Array(items) if !items.is_empty() => {
            for item in items {
                out.push_str(&format!("{pad}-"));
                write_below(item, indent + 2, out);
            }
        }
        other => out.push_str(&format!("{pad}{other}\n")),
    }
}

fn write_below(value: &Value, indent: usize, out: &mut String) {
    let is_empty = match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    };
    if is_empty {
        out.push_str(&format!(" {value}\n"));
    } else {
        out.push('\n');
        write_block(value, indent, out);
    }
}

/// The rules under names at the top, and aliases or merges in their places.
fn behind_anchors(data: &Value, merge: bool) -> String {
    let none = Map::new();
    let fields = data.as_object().unwrap_or(&none);
    let mut out = String::new();
    let rules = match fields.get("rules") {
        Some(Value::Array(rules)) => rules.as_slice(),
        _ => &[],
    };
    let can_merge = |rule: &Value| merge && rule.is_object();
    if !rules.is_empty() {
        out.push_str("named:\n");
    }
    for (index, rule) in rules.iter().enumerate() {
        out.push_str(&format!("- &r{index} {}\n", flow(rule)));
    }
    for (key, value) in fields
        .iter()
        .filter(|(key, _)| *key != "rules" || rules.is_empty())
    {
        out.push_str(&format!("{}: {}\n", word(key), flow(value)));
    }
    if !rules.is_empty() {
        out.push_str("rules:\n");
    }
    for (index, rule) in rules.iter().enumerate() {
        let start = if can_merge(rule) { "- <<: " } else { "- " };
        out.push_str(&format!("{start}*r{index}\n"));
    }
    out
}
