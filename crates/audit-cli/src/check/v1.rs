//! A policy as the server holds it, written as a v1 policy in YAML that loads as the same.

use audit_policy::Policy;
use serde_json::Value;

/// The policy in v1 form, one line an element; as it comes from the server's own printer, without what is empty.
pub(super) fn lines(policy: &Policy) -> Vec<String> {
    let mut out = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(policy) {
        for (key, value) in &fields {
            field(key, value, "", "", &mut out);
        }
    }
    out
}

/// A field behind the given start of its line; what follows it is indented as far.
fn field(key: &str, value: &Value, start: &str, indent: &str, out: &mut Vec<String>) {
    let key = scalar(key);
    match value {
        Value::Object(fields) if !fields.is_empty() => {
            out.push(format!("{start}{key}:"));
            let indent = format!("{indent}  ");
            for (key, value) in fields {
                field(key, value, &indent, &indent, out);
            }
        }
        Value::Array(items) if items.iter().any(Value::is_object) => {
            out.push(format!("{start}{key}:"));
            for item in items {
                element(item, indent, out);
            }
        }
        value => out.push(format!("{start}{key}: {}", inline(value))),
    }
}

/// An item of a list, its first field behind the dash.
fn element(item: &Value, indent: &str, out: &mut Vec<String>) {
    let dash = format!("{indent}- ");
    let below = format!("{indent}  ");
    match item.as_object().filter(|fields| !fields.is_empty()) {
        None => out.push(format!("{dash}{}", inline(item))),
        Some(fields) => {
            for (place, (key, value)) in fields.iter().enumerate() {
                let start = if place == 0 { &dash } else { &below };
                field(key, value, start, &below, out);
            }
        }
    }
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => scalar(text),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(inline).collect();
            format!("[{}]", items.join(", "))
        }
        other => other.to_string(),
    }
}

/// A text, bare where it is sure to be read as one. YAML 1.1 has more words for booleans than one thinks.
fn scalar(text: &str) -> String {
    let is_part =
        |letter: char| letter.is_ascii_alphanumeric() || matches!(letter, '.' | '-' | '/' | '_');
    let is_name =
        text.starts_with(|letter: char| letter.is_ascii_alphabetic()) && text.chars().all(is_part);
    let is_boolean = ["y", "n", "yes", "no", "on", "off", "true", "false", "null"]
        .iter()
        .any(|word| word.eq_ignore_ascii_case(text));
    if is_name && !is_boolean {
        text.to_owned()
    } else {
        Value::from(text).to_string()
    }
}
