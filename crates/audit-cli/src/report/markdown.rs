//! A report as Markdown: no HTML but line breaks in tables, every text escaped.

use super::document::{Block, Cell, Document, Line};
use crate::markdown::{code, longest_run, words};

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
            Line::Words(text) | Line::Detail(text) => words(text, out),
            Line::Code(text) => code(text, out),
        }
    }
    out.push(' ');
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fence_is_longer_than_those_inside() {
        let mut out = String::new();
        render_block(&Block::Verbatim("a\n```\n<b>\n".to_owned()), &mut out);
        assert_eq!(out, "````yaml\na\n```\n<b>\n````\n");
    }
}
