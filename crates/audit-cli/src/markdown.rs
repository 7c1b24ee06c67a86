//! Markdown: no HTML but line breaks in tables, every text escaped.

use audit_types::markup::{Piece, pieces};

use crate::terminal::safe;

/// Writes words with code in backticks.
pub(crate) fn words(text: &str, out: &mut String) {
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => escape(text, out),
            Piece::Code(text) => code(text, out),
        }
    }
}

/// Writes a code span. A pipe would end the cell, in code as well.
pub(crate) fn code(text: &str, out: &mut String) {
    let text = safe(text).replace('|', "\\|");
    let ticks = "`".repeat(longest_run(&text) + 1);
    let touches = |at: Option<char>| matches!(at, None | Some('`' | ' '));
    let pad = match touches(text.chars().next()) || touches(text.chars().next_back()) {
        true => " ",
        false => "",
    };
    out.push_str(&format!("{ticks}{pad}{text}{pad}{ticks}"));
}

/// Returns the length of the longest run of backticks.
pub(crate) fn longest_run(text: &str) -> usize {
    let runs = text.split(|character| character != '`').map(str::len);
    runs.max().unwrap_or_default()
}

/// Escapes text: every character that Markdown, its links or HTML could take for more than itself.
fn escape(text: &str, out: &mut String) {
    let text = safe(text);
    let mut characters = text.chars().peekable();
    let mut is_start = out.is_empty() || out.ends_with('\n');
    while let Some(character) = characters.next() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            // Addresses would become links.
            '@' => out.push_str("&#64;"),
            // A time is not an address.
            ':' if characters.peek().is_some_and(char::is_ascii_digit)
                && out.ends_with(|before: char| before.is_ascii_digit()) =>
            {
                out.push(':');
            }
            ':' if characters.peek().is_some_and(|next| *next != ' ') => out.push_str("&#58;"),
            '.' if ends_with_www(out) => out.push_str("&#46;"),
            '\\' | '`' | '*' | '_' | '{' | '}' | '[' | ']' | '#' | '!' | '|' | '~' | '$' => {
                out.push('\\');
                out.push(character);
            }
            // A line that begins with one of these would be a list, a heading or a rule.
            '-' | '+' | '=' if is_start => {
                out.push('\\');
                out.push(character);
            }
            _ => out.push(character),
        }
        is_start = is_start && character == ' ';
    }
}

/// Returns true if a dot would make an address of the text.
fn ends_with_www(text: &str) -> bool {
    let start = text.len().checked_sub(3);
    let end = start.and_then(|start| text.get(start..));
    end.is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_escaped() {
        for (text, expected) in [
            ("a `b|c` d", "a `b\\|c` d"),
            ("<img src=x>", "&lt;img src=x&gt;"),
            ("![x](http://y)", "\\!\\[x\\](http&#58;//y)"),
            ("a: b", "a: b"),
            ("WWW.a.b a@b", "WWW&#46;a.b a&#64;b"),
            ("- a - b", "\\- a - b"),
            ("===", "\\==="),
            ("a | b", "a \\| b"),
            ("`open", "\\`open"),
            ("``", "\\`\\`"),
            ("`` a`b ``", "``a`b``"),
            ("a\nb\u{202e}", "a\\\\nb\\\\u\\{202e\\}"),
        ] {
            let mut out = String::new();
            words(text, &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }

    #[test]
    fn code_ends_where_it_ends() {
        for (text, expected) in [
            ("{\"a\":\"b`c``d\"}", "```{\"a\":\"b`c``d\"}```"),
            ("`a", "`` `a ``"),
            ("a", "`a`"),
        ] {
            let mut out = String::new();
            code(text, &mut out);
            assert_eq!(out, expected, "{text}");
        }
    }
}
