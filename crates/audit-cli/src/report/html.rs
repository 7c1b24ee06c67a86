//! A report as one HTML page: no script, nothing that is loaded, every text escaped.

use std::fmt::Write as _;

use audit_types::markup::{Piece, pieces};

use super::document::{Block, Cell, Document, Line};
use crate::terminal::safe;

/// The page up to its title. The policy allows the style below, and nothing else.
const HEAD: &str = "<!DOCTYPE html>
<html lang=\"en\">
<head>
<meta charset=\"utf-8\">
<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">
<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">
";

const STYLE: &str = include_str!("report.css");

/// Renders the page.
pub(super) fn render(document: &Document) -> String {
    let mut out = String::from(HEAD);
    // Writing to a string cannot fail.
    let _ = write!(out, "<title>");
    escape(&document.title.replace('`', ""), &mut out);
    let _ = write!(
        out,
        "</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n<h1>"
    );
    words(&document.title, &mut out);
    out.push_str("</h1>\n");
    for section in &document.sections {
        out.push_str("<section>\n<h2>");
        words(&section.title, &mut out);
        out.push_str("</h2>\n");
        for block in &section.blocks {
            render_block(block, &mut out);
        }
        out.push_str("</section>\n");
    }
    out.push_str("</main>\n</body>\n</html>\n");
    out
}

fn render_block(block: &Block, out: &mut String) {
    match block {
        Block::Paragraph(text) => {
            out.push_str("<p>");
            words(text, out);
            out.push_str("</p>\n");
        }
        Block::Table { head, rows } => {
            // On narrow screens, cells of wide tables are blocks with the title of their column. Roles keep it a table for screen readers.
            let wide = if head.len() > 2 {
                " class=\"wide\""
            } else {
                ""
            };
            let _ = write!(
                out,
                "<table role=\"table\"{wide}>\n<thead role=\"rowgroup\"><tr role=\"row\">"
            );
            for title in head {
                out.push_str("<th role=\"columnheader\" scope=\"col\">");
                words(title, out);
                out.push_str("</th>");
            }
            out.push_str("</tr></thead>\n<tbody role=\"rowgroup\">\n");
            for row in rows {
                out.push_str("<tr role=\"row\">");
                for (cell, title) in row.iter().zip(head) {
                    render_cell(cell, title, out);
                }
                out.push_str("</tr>\n");
            }
            out.push_str("</tbody>\n</table>\n");
        }
        Block::Verbatim(text) => {
            out.push_str("<pre>");
            for line in text.lines() {
                out.push_str("<span>");
                escape(line, out);
                out.push_str("</span>\n");
            }
            out.push_str("</pre>\n");
        }
    }
}

fn render_cell(cell: &Cell, title: &str, out: &mut String) {
    out.push_str("<td role=\"cell\" data-title=\"");
    escape(title, out);
    out.push('"');
    if let Some(mark) = cell.mark {
        let _ = write!(out, " class=\"{}\"", mark.name());
    }
    out.push_str("><div>");
    for (at, line) in cell.lines.iter().enumerate() {
        if at > 0 {
            out.push_str("<br>");
        }
        match line {
            Line::Words(text) => words(text, out),
            Line::Detail(text) => {
                out.push_str("<small>");
                words(text, out);
                out.push_str("</small>");
            }
            Line::Code(text) => code(text, out),
        }
    }
    out.push_str("</div></td>");
}

fn words(text: &str, out: &mut String) {
    for piece in pieces(text) {
        match piece {
            Piece::Text(text) => escape(text, out),
            Piece::Code(text) => code(text, out),
        }
    }
}

fn code(text: &str, out: &mut String) {
    out.push_str("<code>");
    escape(text, out);
    out.push_str("</code>");
}

/// Escapes text for an element. Hidden characters become visible.
fn escape(text: &str, out: &mut String) {
    for character in safe(text).chars() {
        match character {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::document::{Mark, Section};

    #[test]
    fn every_text_is_escaped() {
        let hostile = "`<script>` </title><img src=x onerror='y'> & \u{202e}";
        let table = Block::Table {
            head: vec!["a"],
            rows: vec![vec![
                Cell::code("</code><script>").marked(Mark::Bad),
                Cell::words(hostile),
            ]],
        };
        let blocks = vec![
            Block::Paragraph(hostile.to_owned()),
            table,
            Block::Verbatim("</pre><script>\nb".to_owned()),
        ];
        let page = render(&Document {
            title: hostile.to_owned(),
            sections: vec![Section::new(hostile, blocks)],
        });
        assert!(
            !page.contains("<script") && !page.contains("<img"),
            "{page}"
        );
        assert_eq!(page.matches("</title>").count(), 1);
        assert!(page.contains("<code>&lt;script&gt;</code> &lt;/title&gt;"));
        assert!(
            page.contains(
                " class=\"bad\"><div><code>&lt;/code&gt;&lt;script&gt;</code></div></td>"
            )
        );
        assert!(page.contains("<span>&lt;/pre&gt;&lt;script&gt;</span>\n<span>b</span>"));
        assert!(page.contains("onerror=&#39;y&#39;&gt; &amp; \\u{202e}"));
    }
}
