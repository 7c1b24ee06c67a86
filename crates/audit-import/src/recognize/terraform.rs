//! Terraform: policies in here-documents, in strings and in `jsonencode(…)`, as far as they are literal.
//!
//! An object of Terraform is converted to a mapping of YAML of the same length, so that its spans are those of the configuration: `=` becomes `:`,
//! and the end of a line becomes a comma. Expressions are unknown values.

use audit_types::Span;

/// Kinds of blocks at the top of a configuration.
const BLOCKS: [&str; 8] = [
    "resource",
    "module",
    "data",
    "variable",
    "locals",
    "provider",
    "terraform",
    "output",
];

/// Functions whose argument is an object that becomes a text.
const ENCODERS: [&str; 2] = ["jsonencode(", "yamlencode("];

/// Maximum number of objects and strings that are read.
const MAX_VALUES: usize = 200;

/// A value of an attribute.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Value {
    /// Name of the attribute.
    pub(super) name: String,
    /// Place of the value.
    pub(super) span: Span,
    /// The object as YAML, of the same length. `None` for a string.
    pub(super) object: Option<String>,
    /// Places of expressions, relative to the span.
    pub(super) unknown: Vec<Span>,
}

/// Returns whether a text is a Terraform configuration: a line starts a block.
pub(crate) fn is_configuration(text: &str) -> bool {
    text.lines().any(|line| {
        let mut words = line.split_whitespace();
        let first = words.next().unwrap_or_default();
        let mut labels = words.skip_while(|word| word.starts_with('"') && word.ends_with('"'));
        BLOCKS.contains(&first)
            && line.starts_with(first)
            && labels.next().is_some_and(|word| word.starts_with('{'))
    })
}

/// Returns the objects that are encoded as JSON or YAML.
pub(super) fn objects(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    for encoder in ENCODERS {
        for (at, _) in text.match_indices(encoder).take(MAX_VALUES) {
            let start = at + encoder.len();
            let rest = text.get(start..).unwrap_or_default();
            let Some(length) = closing(rest) else {
                continue;
            };
            let Some(source) = rest.get(..length) else {
                continue;
            };
            if source.contains("level") && source.contains("rules") {
                let (object, unknown) = as_yaml(source);
                values.push(Value {
                    name: attribute(text, at),
                    span: Span::new(start, start + length),
                    object: Some(object),
                    unknown,
                });
            }
        }
    }
    values
}

/// Returns the strings that contain a policy.
pub(super) fn strings(text: &str) -> Vec<Value> {
    let mut values = Vec::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if line.contains("audit.k8s.io/")
            && let Some(quote) = line.find('"')
            && line.get(..quote).is_some_and(|before| before.contains('='))
            && let Some(end) = line.get(quote + 1..).and_then(end_of_string)
            && values.len() < MAX_VALUES
        {
            values.push(Value {
                name: attribute(text, start + quote),
                span: Span::new(start + quote, start + quote + end + 2),
                object: None,
                unknown: Vec::new(),
            });
        }
        start += line.len();
    }
    values
}

/// Returns the position of the quote that ends a string.
fn end_of_string(text: &str) -> Option<usize> {
    let mut is_escaped = false;
    for (at, character) in text.char_indices() {
        match character {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return Some(at),
            '\n' => return None,
            _ => {}
        }
    }
    None
}

/// Returns the name of the attribute whose value starts before a position.
fn attribute(text: &str, at: usize) -> String {
    let before = text.get(..at).unwrap_or_default();
    let line = before.rsplit('\n').next().unwrap_or_default();
    let name = line.split('=').next().unwrap_or_default();
    name.trim().trim_matches('"').to_owned()
}

/// Returns the position of the parenthesis that closes the one before the text.
fn closing(text: &str) -> Option<usize> {
    let mut depth = 1_usize;
    let mut at = 0;
    while let Some(character) = text.get(at..)?.chars().next() {
        match character {
            '"' => at += 1 + end_of_string(text.get(at + 1..)?)?,
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(at);
        }
        at += character.len_utf8();
    }
    None
}

/// Converts an object to YAML of the same length. Returns the places of expressions, too.
fn as_yaml(source: &str) -> (String, Vec<Span>) {
    let mut out = source.as_bytes().to_vec();
    let mut unknown = Vec::new();
    let mut at = 0;
    // Last byte that is not white space, and the start of a value after `=`.
    let mut last = b'{';
    while let Some(byte) = out.get(at).copied() {
        let rest = source.get(at..).unwrap_or_default();
        let mut length = 1;
        match byte {
            b'"' => {
                let end = rest.get(1..).and_then(end_of_string);
                length = end.map_or(1, |end| end + 2);
                if rest.get(..length).is_some_and(|text| text.contains("${")) {
                    unknown.push(Span::new(at, at + length));
                }
            }
            b'#' => length = blank(&mut out, at, rest),
            b'/' if rest.starts_with("//") => length = blank(&mut out, at, rest),
            b'=' => set(&mut out, at, b':'),
            b'\n' => {
                let next = rest.trim_start();
                let ends_entry = !matches!(last, b'{' | b'[' | b',' | b'(' | b':' | b'=');
                if ends_entry && !next.starts_with(['}', ']', ',']) && !next.is_empty() {
                    set(&mut out, at, b',');
                }
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                length = word(rest);
                let text = rest.get(..length).unwrap_or_default();
                let is_expression = text.contains(['.', '(', '[']);
                if is_expression {
                    unknown.push(Span::new(at, at + length));
                    for index in at..at + length {
                        set(&mut out, index, b'x');
                    }
                }
            }
            _ => {}
        }
        let is_comment = matches!(byte, b'#') || rest.starts_with("//");
        if !byte.is_ascii_whitespace() && !is_comment {
            last = byte;
        } else if byte == b'\n' && out.get(at) == Some(&b',') {
            last = b',';
        }
        at += length.max(1);
    }
    (String::from_utf8(out).unwrap_or_default(), unknown)
}

fn set(bytes: &mut [u8], at: usize, byte: u8) {
    if let Some(old) = bytes.get_mut(at) {
        *old = byte;
    }
}

/// Blanks a comment. Returns its length.
fn blank(bytes: &mut [u8], at: usize, rest: &str) -> usize {
    let length = rest.find('\n').unwrap_or(rest.len());
    for index in at..at + length {
        set(bytes, index, b' ');
    }
    length
}

/// Returns the length of a word, or of an expression that starts with it: `var.level`, `concat(…)`, `local.a[0]`.
fn word(text: &str) -> usize {
    let is_word = |c: char| c.is_ascii_alphanumeric() || "_-.".contains(c);
    let mut end = text.find(|c| !is_word(c)).unwrap_or(text.len());
    while let Some(next) = text.get(end..).and_then(|rest| rest.chars().next()) {
        let close = match next {
            '(' => ')',
            '[' => ']',
            _ => break,
        };
        let rest = text.get(end + 1..).unwrap_or_default();
        let Some(length) = rest.find(close).filter(|at| *at < MAX_EXPRESSION) else {
            break;
        };
        end += length + 2;
    }
    end
}

/// Maximum length of the arguments of an expression.
const MAX_EXPRESSION: usize = 1 << 10;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn objects_become_yaml_of_the_same_length() {
        let source =
            "{\n  a = 1\n  \"b\" = [\n    \"x=y\", # c\n    \"z\"\n  ]\n  c = { d = var.e }\n}";
        let (yaml, unknown) = as_yaml(source);
        let expected =
            "{\n  a : 1,  \"b\" : [\n    \"x=y\",    \n    \"z\"\n  ],  c : { d : xxxxx }\n}";
        assert_eq!(yaml, expected);
        let places: Vec<_> = unknown
            .iter()
            .filter_map(|span| source.get(span.start..span.end))
            .collect();
        assert_eq!(places, ["var.e"]);
    }

    #[test]
    fn a_configuration_has_blocks() {
        for (text, is_one) in [
            ("resource \"a\" \"b\" {\n}\n", true),
            ("# c\nlocals {\n", true),
            ("data:\n  a: {\n", false),
            ("resource: {\n", false),
            ("  resource \"a\" {", false),
        ] {
            assert_eq!(is_configuration(text), is_one, "{text}");
        }
    }
}
