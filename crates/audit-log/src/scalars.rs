//! JSON without objects, which cannot be an audit event.

use crate::json;

/// Returns `true` if a text is a JSON value without objects, or the rest of one whose opening brackets are missing.
pub(crate) fn is_without_objects(text: &str) -> bool {
    let items = text.trim_end_matches([',', ' ', '\n', '\r', '\t']);
    if items.is_empty() || items.contains('{') {
        return false;
    }
    let missing = missing_brackets(items);
    let is_json = |text: &str| json::value(text).is_ok();
    if missing > 0 {
        return is_json(&("[".repeat(missing) + items));
    }
    // Numbers between commas are rather a row of a table.
    is_json(items) || items.starts_with('"') && is_json(&format!("[{items}]"))
}

/// Returns the number of closing brackets without an opening one.
fn missing_brackets(items: &str) -> usize {
    let (mut depth, mut missing) = (0_usize, 0_usize);
    let (mut is_in_string, mut is_escaped) = (false, false);
    for byte in items.bytes() {
        match byte {
            _ if is_escaped => is_escaped = false,
            b'\\' if is_in_string => is_escaped = true,
            b'"' => is_in_string = !is_in_string,
            _ if is_in_string => {}
            b'[' => depth += 1,
            b']' if depth == 0 => missing += 1,
            b']' => depth -= 1,
            _ => {}
        }
    }
    missing
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_and_their_rests_are_recognized() {
        for (text, expected) in [
            ("1,2]", true),
            ("1", true),
            ("1,", true),
            ("1],[2]]", true),
            ("\"a\",\"]\"", true),
            ("\"a\\\"]\",null]", true),
            ("true", true),
            ("[1,2]", true),
            ("1,2", false),
            ("1 2]", false),
            ("x]", false),
            ("{}", false),
            (",]", false),
            ("", false),
        ] {
            assert_eq!(is_without_objects(text), expected, "{text}");
        }
    }
}
