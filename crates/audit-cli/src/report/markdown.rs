//! A report as Markdown: no HTML but line breaks in tables, every text escaped.

use super::document::{Block, Cell, Document, Line, Run, runs};
use crate::terminal::safe;

/// Renders the report.
pub(super) fn render(document: &Document) -> String {
    let mut out = String::from("# ");
    words(&document.title, &mut out);
    out.push('\n');
    for section in &document.sections {
        out.push_str("\n## ");
        words(&section.title, &mut out);
        out.push('\n');
        for block in &section.blocks {
            out.push('\n');
            render_block(block, &mut out);
        }
    }
    out
}

fn render_block(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph(text) => {
            words(text, out);
            out.push('\n');
        }
        Block::Table { head, rows } => {
            for title in head {
                out.push_str("| ");
                words(title, out);
                out.push(' ');
            }
            out.push_str("|\n");
            out.push_str(&"| --- ".repeat(head.len()));
            out.push_str("|\n");
            for row in rows {
                row.iter().for_each(|cell| render_cell(cell, out));
                out.push_str("|\n");
            }
        }
        Block::Verbatim(text) => {
            let text = audit_text::escape_lines(text);
            let fence = "`".repeat((longest_run(&text) + 1).max(3));
            out.push_str(&format!(
                "{fence}yaml\n{}\n{fence}\n",
                text.trim_end_matches('\n')
            ));
        }
    }
}

fn render_cell(cell: &Cell, out: &mut String) {
    out.push_str("| ");
    for (at, line) in cell.lines.iter().enumerate() {
        if at > 0 {
            out.push_str("<br>");
        }
        match line {
            Line::Words(text) if cell.mark.is_some() => {
                out.push_str("**");
                words(text, out);
                out.push_str("**");
            }
            Line::Words(text) => words(text, out),
            Line::Code(text) => code(text, out),
        }
    }
    out.push(' ');
}

fn words(text: &str, out: &mut String) {
    for run in runs(text) {
        match run {
            Run::Text(text) => escape(text, out),
            Run::Code("") => out.push_str("\\`\\`"),
            Run::Code(text) => code(text, out),
        }
    }
}

/// Writes a code span. A pipe would end the cell, in code as well.
fn code(text: &str, out: &mut String) {
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
fn longest_run(text: &str) -> usize {
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

    #[test]
    fn a_fence_is_longer_than_those_inside() {
        let mut out = String::new();
        render_block(&Block::Verbatim("a\n```\n<b>\n".to_owned()), &mut out);
        assert_eq!(out, "````yaml\na\n```\n<b>\n````\n");
    }
}
