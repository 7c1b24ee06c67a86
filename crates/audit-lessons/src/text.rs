//! Text of a lesson as blocks and inlines, so that whoever shows it never makes HTML from a string.
//!
//! This is the part of Markdown that lessons use, about 150 lines: a Markdown library would add its tables, footnotes and HTML to the page's
//! download, and each of them would have to be rejected.

use audit_types::markup::{Piece, pieces};
use serde::{Deserialize, Serialize};

/// A text: blocks, one below the other.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Text(pub Vec<Block>);

/// A block of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Block {
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list: its items.
    List {
        /// True if the items are numbered.
        is_numbered: bool,
        /// The items.
        items: Vec<Vec<Inline>>,
    },
    /// Code, line by line as written.
    Code {
        /// Language such as `yaml`; may be empty.
        language: String,
        /// The code; each line ends with a line feed.
        code: String,
    },
}

/// A part of a paragraph or an item.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[non_exhaustive]
pub enum Inline {
    /// Plain text.
    Text(String),
    /// Code, such as the name of a field, a verb or a level.
    Code(String),
    /// Emphasis: a term, or a label of the page.
    Emphasis(String),
    /// Strong emphasis.
    Strong(String),
    /// A link.
    Link {
        /// Its text.
        text: String,
        /// An `https` address, or the path of a document relative to the lesson's file.
        to: String,
    },
}

impl Text {
    /// Parses Markdown: paragraphs, lists with `-` or `1.`, fenced code, `` `code` ``, `*emphasis*`, `**strong**` and `[links](https://…)`.
    /// Everything else is text.
    ///
    /// ```
    /// use audit_lessons::{Block, Inline, Text};
    ///
    /// let text = Text::parse("Keep `secrets` at *Metadata*.");
    /// let Block::Paragraph(parts) = &text.0[0] else { panic!() };
    /// assert_eq!(parts[1], Inline::Code("secrets".to_owned()));
    /// assert_eq!(parts[3], Inline::Emphasis("Metadata".to_owned()));
    /// assert_eq!(text.plain(), "Keep secrets at Metadata.");
    /// ```
    pub fn parse(markdown: &str) -> Self {
        let mut parser = Parser::default();
        for line in markdown.lines() {
            parser.line(line);
        }
        parser.end();
        Self(parser.blocks)
    }

    /// Returns true if there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Returns the text without its marks: blocks are separated by line feeds.
    pub fn plain(&self) -> String {
        let blocks = self.0.iter().map(|block| match block {
            Block::Paragraph(parts) => plain(parts),
            Block::List { items, .. } => {
                let items: Vec<String> = items.iter().map(|item| plain(item)).collect();
                items.join("\n")
            }
            Block::Code { code, .. } => code.trim_end().to_owned(),
        });
        blocks.collect::<Vec<String>>().join("\n")
    }

    /// Returns the links.
    pub fn links(&self) -> impl Iterator<Item = &str> {
        let inlines = self.0.iter().flat_map(|block| match block {
            Block::Paragraph(parts) => vec![parts.as_slice()],
            Block::List { items, .. } => items.iter().map(Vec::as_slice).collect(),
            Block::Code { .. } => Vec::new(),
        });
        inlines.flatten().filter_map(|inline| match inline {
            Inline::Link { to, .. } => Some(to.as_str()),
            _ => None,
        })
    }
}

fn plain(parts: &[Inline]) -> String {
    let texts = parts.iter().map(|part| match part {
        Inline::Text(text)
        | Inline::Code(text)
        | Inline::Emphasis(text)
        | Inline::Strong(text)
        | Inline::Link { text, .. } => text.as_str(),
    });
    texts.collect()
}

/// A block that is not yet complete.
#[derive(Default)]
enum Open {
    #[default]
    Nothing,
    Paragraph(String),
    List {
        is_numbered: bool,
        items: Vec<String>,
    },
    Code {
        fence: usize,
        language: String,
        code: String,
    },
}

#[derive(Default)]
struct Parser {
    blocks: Vec<Block>,
    open: Open,
}

impl Parser {
    fn line(&mut self, line: &str) {
        if let Open::Code { fence, code, .. } = &mut self.open {
            if is_closing(line, *fence) {
                self.end();
            } else {
                code.push_str(line);
                code.push('\n');
            }
            return;
        }
        let text = line.trim();
        if text.is_empty() {
            self.end();
        } else if let Some((fence, info)) = opening(line) {
            self.end();
            let language = info.split_whitespace().next().unwrap_or_default();
            self.open = Open::Code {
                fence,
                language: language.to_owned(),
                code: String::new(),
            };
        } else if let Some((is_numbered, item)) = item(line) {
            self.item(is_numbered, item);
        } else {
            self.words(text);
        }
    }

    fn item(&mut self, numbered: bool, item: &str) {
        let is_same =
            matches!(&self.open, Open::List { is_numbered, .. } if *is_numbered == numbered);
        if !is_same {
            self.end();
            self.open = Open::List {
                is_numbered: numbered,
                items: Vec::new(),
            };
        }
        if let Open::List { items, .. } = &mut self.open {
            items.push(item.to_owned());
        }
    }

    /// Continues a paragraph or an item, or starts a paragraph.
    fn words(&mut self, text: &str) {
        let continued = match &mut self.open {
            Open::Paragraph(paragraph) => Some(paragraph),
            Open::List { items, .. } => items.last_mut(),
            Open::Nothing | Open::Code { .. } => None,
        };
        match continued {
            Some(continued) => {
                continued.push(' ');
                continued.push_str(text);
            }
            None => self.open = Open::Paragraph(text.to_owned()),
        }
    }

    fn end(&mut self) {
        let block = match std::mem::take(&mut self.open) {
            Open::Nothing => return,
            Open::Paragraph(text) => Block::Paragraph(inlines(&text)),
            Open::List { is_numbered, items } => Block::List {
                is_numbered,
                items: items.iter().map(|item| inlines(item)).collect(),
            },
            Open::Code { language, code, .. } => Block::Code { language, code },
        };
        self.blocks.push(block);
    }
}

/// Returns the number of backticks that open a block of code, and the words behind them.
pub(crate) fn opening(line: &str) -> Option<(usize, &str)> {
    let rest = line.trim_start_matches('`');
    let fence = line.len() - rest.len();
    (fence >= 3 && !rest.contains('`')).then(|| (fence, rest.trim()))
}

/// Returns true if a line closes a block of code that as many backticks opened.
pub(crate) fn is_closing(line: &str, fence: usize) -> bool {
    let line = line.trim_end();
    line.len() >= fence && line.bytes().all(|byte| byte == b'`')
}

/// Returns the text of an item, and true if it is numbered.
fn item(line: &str) -> Option<(bool, &str)> {
    if let Some(text) = line.strip_prefix("- ").or_else(|| line.strip_prefix("* ")) {
        return Some((false, text.trim()));
    }
    let (number, text) = line.split_once(". ")?;
    let is_number =
        (1..=3).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| (true, text.trim()))
}

fn inlines(text: &str) -> Vec<Inline> {
    let mut out = Vec::new();
    for piece in pieces(text) {
        match piece {
            Piece::Code(code) => out.push(Inline::Code(code.to_owned())),
            Piece::Text(text) => marks(text, &mut out),
        }
    }
    out
}

/// Adds text with its emphasis and links.
fn marks(text: &str, out: &mut Vec<Inline>) {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(at) = rest.find(['*', '[']) {
        let (before, from) = rest.split_at_checked(at).unwrap_or((rest, ""));
        plain.push_str(before);
        match mark(from) {
            Some((inline, after)) => {
                push_text(&mut plain, out);
                out.push(inline);
                rest = after;
            }
            None => {
                // Several asterisks without an end are skipped together, so that the search stays linear.
                let skipped = from.len() - from.trim_start_matches('*').len();
                let (skipped, after) = from.split_at_checked(skipped.max(1)).unwrap_or((from, ""));
                plain.push_str(skipped);
                rest = after;
            }
        }
    }
    plain.push_str(rest);
    push_text(&mut plain, out);
}

fn push_text(plain: &mut String, out: &mut Vec<Inline>) {
    if !plain.is_empty() {
        out.push(Inline::Text(std::mem::take(plain)));
    }
}

/// Maximum number of bytes between the marks of emphasis or a link. Without it, many marks without an end would take quadratic time.
const MAX_MARKED_BYTES: usize = 300;

/// Returns the emphasis or link that a text begins with, and the rest.
fn mark(text: &str) -> Option<(Inline, &str)> {
    if let Some(inside) = text.strip_prefix("**") {
        let (strong, rest) = until(inside, "**")?;
        return Some((Inline::Strong(strong.to_owned()), rest));
    }
    if let Some(inside) = text.strip_prefix('*') {
        let (emphasis, rest) = until(inside, "*")?;
        return Some((Inline::Emphasis(emphasis.to_owned()), rest));
    }
    let (name, rest) = until(text.strip_prefix('[')?, "](")?;
    let (to, rest) = until(rest, ")").filter(|(to, _)| is_safe(to))?;
    let link = Inline::Link {
        text: name.to_owned(),
        to: to.to_owned(),
    };
    Some((link, rest))
}

/// Returns true for an `https` address, and for a path. Other schemes could run a script.
fn is_safe(address: &str) -> bool {
    let is_path = !address.contains(':') && !address.starts_with("//");
    (address.starts_with("https://") || is_path) && !address.contains(char::is_whitespace)
}

/// Returns the text before a mark, which neither begins nor ends with a space, and the text behind it.
fn until<'t>(text: &'t str, end: &str) -> Option<(&'t str, &'t str)> {
    let mut limit = text.len().min(MAX_MARKED_BYTES);
    while !text.is_char_boundary(limit) {
        limit -= 1;
    }
    let at = text.get(..limit)?.find(end)?;
    let (inside, rest) = text.split_at_checked(at)?;
    let is_tight = !inside.is_empty() && inside.trim() == inside;
    Some((inside, rest.strip_prefix(end)?)).filter(|_| is_tight)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn paragraph(text: &str) -> Vec<Inline> {
        match Text::parse(text).0.into_iter().next() {
            Some(Block::Paragraph(parts)) => parts,
            _ => Vec::new(),
        }
    }

    fn text(text: &str) -> Inline {
        Inline::Text(text.to_owned())
    }

    #[test]
    fn marks_are_read() {
        let link = |text: &str, to: &str| Inline::Link {
            text: text.to_owned(),
            to: to.to_owned(),
        };
        for (markdown, parts) in [
            ("plain", vec![text("plain")]),
            (
                "a `b` c",
                vec![text("a "), Inline::Code("b".to_owned()), text(" c")],
            ),
            ("*Why*", vec![Inline::Emphasis("Why".to_owned())]),
            (
                "**not** so",
                vec![Inline::Strong("not".to_owned()), text(" so")],
            ),
            ("2 * 3 * 4", vec![text("2 * 3 * 4")]),
            (
                "[docs](https://a.b/c).",
                vec![link("docs", "https://a.b/c"), text(".")],
            ),
            ("rules[2] (x)", vec![text("rules[2] (x)")]),
            ("`*.*`", vec![Inline::Code("*.*".to_owned())]),
            ("<b>bold</b>", vec![text("<b>bold</b>")]),
            ("[a](javascript:alert)", vec![text("[a](javascript:alert)")]),
            ("[a](//b.c)", vec![text("[a](//b.c)")]),
            ("[a](../b.md)", vec![link("a", "../b.md")]),
        ] {
            assert_eq!(paragraph(markdown), parts, "{markdown}");
        }
    }

    #[test]
    fn blocks_are_read() {
        let read = Text::parse("One\ntwo.\n\n- a\n  b\n- c\n1. d\n\n```yaml\n- x: 1\n```\nend\n");
        let item = |one: &str| vec![text(one)];
        assert_eq!(
            read.0,
            [
                Block::Paragraph(item("One two.")),
                Block::List {
                    is_numbered: false,
                    items: vec![item("a b"), item("c")]
                },
                Block::List {
                    is_numbered: true,
                    items: vec![item("d")]
                },
                Block::Code {
                    language: "yaml".to_owned(),
                    code: "- x: 1\n".to_owned()
                },
                Block::Paragraph(item("end")),
            ]
        );
        assert_eq!(read.plain(), "One two.\na b\nc\nd\n- x: 1\nend");
    }

    #[test]
    fn many_marks_without_an_end_take_linear_time() {
        let marks = ["*a ", "[a", "**", "[a]("].map(|mark| mark.repeat(100_000));
        for text in marks {
            assert_eq!(Text::parse(&text).0.len(), 1);
        }
    }
}
