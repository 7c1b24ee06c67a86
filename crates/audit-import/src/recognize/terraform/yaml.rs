//! Converts an object of Terraform to YAML of the same length: `=` becomes `:`, and the end of a line a comma. Expressions are unknown values.

use audit_types::Span;

/// Returns the position of the quote that ends a string, whose expressions may contain strings.
pub(super) fn end_of_string(text: &str) -> Option<usize> {
    let (mut is_escaped, mut is_inner) = (false, false);
    let mut depth = 0_usize;
    let mut before = ' ';
    for (at, character) in text.char_indices() {
        match character {
            '\n' => return None,
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' if depth == 0 => return Some(at),
            '"' => is_inner = !is_inner,
            '{' if depth > 0 && !is_inner || matches!(before, '$' | '%') => depth += 1,
            '}' if !is_inner => depth = depth.saturating_sub(1),
            _ => {}
        }
        before = character;
    }
    None
}

/// Returns the length of the string that starts here, with its quotes. One without an end extends to the end of its line.
pub(super) fn string(text: &str) -> usize {
    let inside = text.get(1..).unwrap_or_default();
    match end_of_string(inside) {
        Some(end) => end + 2,
        None => text.find('\n').unwrap_or(text.len()),
    }
}

/// Returns the length of a comment that starts here.
pub(super) fn comment(text: &str) -> Option<usize> {
    if text.starts_with('#') || text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*")
        .then(|| text.find("*/").map_or(text.len(), |at| at + 2))
}

/// Converts an object. Returns the places of expressions, too.
pub(super) fn as_yaml(source: &str) -> (String, Vec<Span>) {
    let mut out = source.as_bytes().to_vec();
    let mut unknown = Vec::new();
    let mut at = 0;
    // Last byte that is not white space, and the next one.
    let (mut last, mut next) = (b'{', 0);
    while let Some(byte) = out.get(at).copied() {
        let rest = source.get(at..).unwrap_or_default();
        let mut length = 1;
        let comment = comment(rest);
        match byte {
            _ if comment.is_some() => {
                length = comment.unwrap_or(1);
                fill(&mut out, at, length, b' ');
            }
            b'"' => {
                length = string(rest);
                if rest.get(..length).is_some_and(|text| text.contains("${")) {
                    unknown.push(Span::new(at, at + length));
                    fill(&mut out, at + 1, length.saturating_sub(2), b'x');
                }
            }
            b'=' => set(&mut out, at, b':'),
            b'\n' => {
                if next <= at {
                    next = source.len() - rest.trim_start().len();
                }
                if ends_entry(last, source.get(next..).unwrap_or_default()) {
                    set(&mut out, at, b',');
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                length = word(rest);
                if is_expression(rest, length) {
                    length = expression(rest);
                    unknown.push(Span::new(at, at + length));
                    fill(&mut out, at, length, b'x');
                }
            }
            _ => {}
        }
        if byte == b'\n' && out.get(at) == Some(&b',') {
            last = b',';
        } else if !byte.is_ascii_whitespace() && comment.is_none() {
            last = byte;
        }
        at += length.max(1);
    }
    (String::from_utf8(out).unwrap_or_default(), unknown)
}

/// Returns whether the end of a line ends an entry of an object or a list; `next` is the text of the next line.
fn ends_entry(last: u8, next: &str) -> bool {
    let is_after_value = !matches!(last, b'{' | b'[' | b',' | b'(' | b':' | b'=');
    is_after_value && !next.starts_with(['}', ']', ',']) && !next.is_empty()
}

fn set(bytes: &mut [u8], at: usize, byte: u8) {
    fill(bytes, at, 1, byte);
}

fn fill(bytes: &mut [u8], at: usize, length: usize, byte: u8) {
    if let Some(part) = bytes.get_mut(at..at + length) {
        part.fill(byte);
    }
}

/// Returns the length of a name, or of a reference such as `var.level`.
fn word(text: &str) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    text.find(|c| !is_word(c)).unwrap_or(text.len())
}

/// Returns whether a word starts an expression: it is neither a key nor a literal.
fn is_expression(text: &str, length: usize) -> bool {
    let after = text.get(length..).unwrap_or_default();
    let after = after.trim_start_matches([' ', '\t']);
    let is_key = after.starts_with([':', '=']) && !after.starts_with("==");
    let is_literal = matches!(text.get(..length), Some("true" | "false" | "null"));
    !is_key
        && !(is_literal
            && (after.is_empty() || after.starts_with(['\n', '\r', ',', '}', ']', '#', '/'])))
}

/// Returns the length of an expression: up to a comma, a closing bracket or the end of the line that are not in brackets.
fn expression(text: &str) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    let mut end = 0;
    while let Some(character) = text.get(at..).and_then(|rest| rest.chars().next()) {
        let rest = text.get(at..).unwrap_or_default();
        let mut length = character.len_utf8();
        match character {
            '\n' | ',' if depth == 0 => break,
            '#' => length = comment(rest).unwrap_or(length),
            '"' => length = string(rest),
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => match depth.checked_sub(1) {
                Some(less) => depth = less,
                None => break,
            },
            _ => {}
        }
        at += length;
        if !character.is_whitespace() && character != '#' {
            end = at;
        }
    }
    end
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_yaml_of_the_same_length() {
        for (source, expected, expressions) in [
            (
                "{\n  a = 1\n  \"b\" = [\n    \"x=y\", # c\n    \"z\"\n  ]\n  c = { d = var.e }\n}",
                "{\n  a : 1,  \"b\" : [\n    \"x=y\",    \n    \"z\"\n  ],  c : { d : xxxxx }\n}",
                vec!["var.e"],
            ),
            (
                "{\n  a = var.b ? \"c\" : \"d\"\n  e = true\n}",
                "{\n  a : xxxxxxxxxxxxxxxxx,  e : true\n}",
                vec!["var.b ? \"c\" : \"d\""],
            ),
            (
                "{\n  a = concat([1], f(\n  2))\n  b = [for c in d : c]\n}",
                "{\n  a : xxxxxxxxxxxxxxxxxxxx,  b : [xxxxxxxxxxxxxx]\n}",
                vec!["concat([1], f(\n  2))", "for c in d : c"],
            ),
            (
                "{ a = \"${b[\"c\"]}\", /* d\n */ e = null }",
                "{ a : \"xxxxxxxxx\",          e : null }",
                vec!["\"${b[\"c\"]}\""],
            ),
        ] {
            let (yaml, unknown) = as_yaml(source);
            assert_eq!(yaml, expected);
            let places: Vec<_> = unknown
                .iter()
                .filter_map(|span| source.get(span.start..span.end))
                .collect();
            assert_eq!(places, expressions);
        }
    }
}
