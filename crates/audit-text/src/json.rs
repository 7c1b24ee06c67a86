//! Pretty-printed JSON.

/// Values nested deeper than this are not indented further, so that the output stays linear in the input.
const MAX_INDENT: usize = 48;

/// Returns a JSON value as lines, indented by two spaces per level. Tokens are copied as they are, in one pass and without recursion;
/// text that is not JSON gives some lines, too.
pub(crate) fn pretty_lines(value: &str) -> Vec<String> {
    let bytes = value.as_bytes();
    let mut printer = Printer::default();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = token_end(bytes, at);
        let token = value.get(at..end).unwrap_or_default();
        at = end;
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => {
                let after = next_token(bytes, at);
                printer.line.push_str(token);
                if matches!(bytes.get(after), Some(b'}' | b']')) {
                    printer.line.push(if *byte == b'{' { '}' } else { ']' });
                    at = after + 1;
                } else {
                    printer.end_line();
                    printer.depth += 1;
                }
            }
            b'}' | b']' => {
                if !printer.line.is_empty() {
                    printer.end_line();
                }
                printer.depth = printer.depth.saturating_sub(1);
                printer.line.push_str(token);
            }
            b',' => {
                printer.line.push(',');
                printer.end_line();
            }
            b':' => printer.line.push_str(": "),
            _ => printer.line.push_str(token),
        }
    }
    printer.end_line();
    printer.lines
}

#[derive(Default)]
struct Printer {
    lines: Vec<String>,
    line: String,
    depth: usize,
}

impl Printer {
    fn end_line(&mut self) {
        let indent = "  ".repeat(self.depth.min(MAX_INDENT));
        self.lines.push(indent + &self.line);
        self.line.clear();
    }
}

fn next_token(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    let white = rest.iter().take_while(|byte| byte.is_ascii_whitespace());
    from + white.count()
}

fn token_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    match bytes.get(start) {
        Some(b'"') => {
            while let Some(byte) = bytes.get(at) {
                at += 1;
                match byte {
                    b'\\' => at += 1,
                    b'"' => break,
                    _ => {}
                }
            }
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t') => {}
        _ => {
            let is_plain =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
            while bytes.get(at).is_some_and(is_plain) {
                at += 1;
            }
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_and_items_are_indented() {
        let expected = ["{", "  \"a\": [", "    1,", "    {}", "  ]", "}"];
        assert_eq!(pretty_lines(r#"{"a":[1,{}]}"#), expected);
    }
}
