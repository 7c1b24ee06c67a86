//! A loaded policy as a v1 policy in YAML that loads as an equal policy.

use audit_policy::Policy;
use serde_json::Value;

/// Formats a policy in v1 form, one element per line. Empty fields are omitted, as in the server's output.
pub(super) fn lines(policy: &Policy) -> Vec<String> {
    let mut out = Vec::new();
    if let Ok(Value::Object(fields)) = serde_json::to_value(policy) {
        for (key, value) in &fields {
            field(key, value, "", "", &mut out);
        }
    }
    out
}

/// Formats a field after the given start of its line. Lines of its value get the indent.
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

/// Formats an item of a list, with its first field after the dash.
fn element(item: &Value, indent: &str, out: &mut Vec<String>) {
    let dash = format!("{indent}- ");
    let below = format!("{indent}  ");
    match item.as_object().filter(|fields| !fields.is_empty()) {
        None => out.push(format!("{dash}{}", inline(item))),
        Some(fields) => {
            for (index, (key, value)) in fields.iter().enumerate() {
                let start = if index == 0 { &dash } else { &below };
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

/// Formats a string, without quotes if YAML 1.1 reads it as a string. YAML 1.1 has many words for booleans.
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
