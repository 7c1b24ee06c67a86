//! A report without its format: sections of paragraphs, tables and verbatim texts.

/// A report.
pub(super) struct Document {
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
}

/// A section.
pub(super) struct Section {
    pub(super) title: String,
    pub(super) blocks: Vec<Block>,
}

impl Section {
    pub(super) fn new(title: impl Into<String>, blocks: Vec<Block>) -> Self {
        Self {
            title: title.into(),
            blocks,
        }
    }
}

/// A part of a section.
pub(super) enum Block {
    /// A paragraph, with code between backticks.
    Paragraph(String),
    /// A table.
    Table {
        head: Vec<&'static str>,
        rows: Vec<Vec<Cell>>,
    },
    /// A text that is shown as it is, with numbers of lines.
    Verbatim(String),
}

/// A cell of a table.
pub(super) struct Cell {
    pub(super) lines: Vec<Line>,
    /// Emphasis.
    pub(super) mark: Option<Mark>,
}

/// A line of a cell.
pub(super) enum Line {
    /// Words, with code between backticks.
    Words(String),
    /// Words that explain the line before.
    Detail(String),
    /// Code, which may contain backticks.
    Code(String),
}

/// Emphasis of a cell.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mark {
    Good,
    Bad,
    Open,
}

impl Mark {
    /// Returns the class of the cell.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Bad => "bad",
            Self::Open => "open",
        }
    }
}

impl Cell {
    /// Creates a cell of one line.
    pub(super) fn words(words: impl Into<String>) -> Self {
        Self::lines(vec![Line::Words(words.into())])
    }

    /// Creates a cell of code.
    pub(super) fn code(code: impl Into<String>) -> Self {
        Self::lines(vec![Line::Code(code.into())])
    }

    pub(super) const fn lines(lines: Vec<Line>) -> Self {
        Self { lines, mark: None }
    }

    pub(super) const fn marked(mut self, mark: Mark) -> Self {
        self.mark = Some(mark);
        self
    }
}
