//! Result of a repair: the text, what was changed and why, and what only a person can decide.

use audit_policy::KubernetesVersion;

/// Settings of a repair.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Options {
    /// Version whose server decides whether a policy is accepted.
    pub version: KubernetesVersion,
    /// Answers to questions of an earlier repair of the same text.
    pub answers: Vec<Answer>,
}

/// Answer to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Answer {
    /// [`Question::line`].
    pub line: usize,
    /// Index in [`Question::readings`].
    pub reading: usize,
}

/// A repaired text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repair {
    /// The text with all changes. Equal to the source if there are none.
    pub text: String,
    /// Changes in the order of their first lines.
    pub changes: Vec<Change>,
    /// Lines with more than one reading that are not answered. They are as printed.
    pub questions: Vec<Question>,
    /// Result.
    pub outcome: Outcome,
}

/// A change of some lines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Kind of damage that it repairs.
    pub kind: ChangeKind,
    /// First line of the source that is changed, or before which a line is inserted, from 1.
    pub first_line: usize,
    /// Last line of the source that is changed.
    pub last_line: usize,
    /// Description: lowercase, without a full stop, with the user's text in backquotes.
    pub sentence: String,
}

/// Kind of damage that a change repairs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[non_exhaustive]
pub enum ChangeKind {
    /// Spaces that YAML does not take for one, such as no-break spaces.
    Spaces,
    /// Zero-width characters, byte order marks, and control characters.
    HiddenCharacters,
    /// Typographic quotes.
    Quotes,
    /// Typographic dashes and bullets.
    Dashes,
    /// Tabs.
    Tabs,
    /// Line numbers.
    LineNumbers,
    /// Signs at the start of each line, such as the `>` of a quoted message.
    LinePrefix,
    /// Lines with a shell prompt, and the ends of here-documents.
    Prompt,
    /// The text around a code block of Markdown.
    CodeBlock,
    /// The command around a here-document.
    HereDocument,
    /// Text around a policy.
    Prose,
    /// An `apiVersion` that the server does not read anymore.
    ApiVersion,
    /// Missing `apiVersion`, `kind` or `rules`.
    Header,
    /// Lost or wrong indentation.
    Indentation,
    /// A line that was broken in two.
    WrappedLine,
    /// A lost or doubled dash of a list.
    ListDash,
    /// A lost space after a colon or a dash.
    LostSpace,
}

impl ChangeKind {
    /// Returns the name in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Spaces => "spaces",
            Self::HiddenCharacters => "hidden-characters",
            Self::Quotes => "quotes",
            Self::Dashes => "dashes",
            Self::Tabs => "tabs",
            Self::LineNumbers => "line-numbers",
            Self::LinePrefix => "line-prefix",
            Self::Prompt => "prompt",
            Self::CodeBlock => "code-block",
            Self::HereDocument => "here-document",
            Self::Prose => "prose",
            Self::ApiVersion => "api-version",
            Self::Header => "header",
            Self::Indentation => "indentation",
            Self::WrappedLine => "wrapped-line",
            Self::ListDash => "list-dash",
            Self::LostSpace => "lost-space",
        }
    }
}

/// A line with more than one reading.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Question {
    /// Line of the source, from 1.
    pub line: usize,
    /// Description of the problem: lowercase, without a full stop.
    pub sentence: String,
    /// Readings, at least two. Each is chosen by an [`Answer`] with its index.
    pub readings: Vec<Reading>,
}

impl Question {
    /// Returns the index of the reading that was chosen. `None` if the question is not answered.
    pub(crate) fn chosen(&self, answers: &[Answer]) -> Option<usize> {
        let answer = answers.iter().find(|answer| answer.line == self.line)?;
        (answer.reading < self.readings.len()).then_some(answer.reading)
    }
}

/// One reading of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// Meaning of the line in this reading: lowercase, without a full stop.
    pub label: String,
    /// The line in this reading.
    pub text: String,
    /// `true` if the line is not changed.
    pub is_as_printed: bool,
}

/// Result of a repair.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outcome {
    /// The text shows no damage. The server may reject it for other reasons.
    Intact,
    /// The server accepts the repaired text.
    Repaired,
    /// Something was repaired, and the server still rejects the text.
    Partial(Understanding),
    /// The text is damaged, and too little of it was understood to change anything.
    TooDamaged(Understanding),
    /// The text is not a policy.
    NotPolicy,
    /// The text is a template, which has to be rendered before it is a policy.
    Template,
    /// The text is larger than [`MAX_TEXT_BYTES`](crate::MAX_TEXT_BYTES), or has more than [`MAX_LINES`](crate::MAX_LINES) lines.
    TooLarge,
}

/// Parts of a damaged text that were understood.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Understanding {
    /// Number of rules.
    pub rules: usize,
    /// Lines that could not be placed, from the first to the last.
    pub unplaced: Vec<Unplaced>,
}

/// A line that could not be placed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unplaced {
    /// Line of the source, from 1.
    pub line: usize,
    /// Reason: lowercase, without a full stop, with the user's text in backquotes.
    pub reason: String,
}

/// Maximum number of lines that a sentence lists.
const MAX_LISTED: usize = 5;

impl Understanding {
    /// Returns a sentence such as `found 3 rules; line 14 could not be placed`.
    pub fn sentence(&self) -> String {
        let rules = match self.rules {
            0 => "found no rule".to_owned(),
            1 => "found 1 rule".to_owned(),
            rules => format!("found {rules} rules"),
        };
        let listed: Vec<String> = self
            .unplaced
            .iter()
            .take(MAX_LISTED)
            .map(|unplaced| unplaced.line.to_string())
            .collect();
        let more = self.unplaced.len().saturating_sub(MAX_LISTED);
        match listed.as_slice() {
            [] => rules,
            [line] => format!("{rules}; line {line} could not be placed"),
            lines if more > 0 => {
                let lines = lines.join(", ");
                format!("{rules}; lines {lines} and {more} more could not be placed")
            }
            [lines @ .., last] => {
                let lines = lines.join(", ");
                format!("{rules}; lines {lines} and {last} could not be placed")
            }
        }
    }
}

impl Change {
    /// Returns the lines of the source, such as `line 4` or `lines 4 to 52`.
    pub fn lines(&self) -> String {
        if self.first_line == self.last_line {
            format!("line {}", self.first_line)
        } else {
            format!("lines {} to {}", self.first_line, self.last_line)
        }
    }
}

impl Outcome {
    /// Returns the name in JSON.
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Intact => "intact",
            Self::Repaired => "repaired",
            Self::Partial(_) => "partial",
            Self::TooDamaged(_) => "too-damaged",
            Self::NotPolicy => "not-policy",
            Self::Template => "template",
            Self::TooLarge => "too-large",
        }
    }

    /// Returns what was understood of a text that the server rejects nevertheless.
    pub const fn understanding(&self) -> Option<&Understanding> {
        match self {
            Self::Partial(understanding) | Self::TooDamaged(understanding) => Some(understanding),
            _ => None,
        }
    }
}

impl Repair {
    /// Returns `true` if the text looks as if copying had damaged it: more than a header or an old `apiVersion` is to be repaired, or a question
    /// is open, or too little was understood.
    pub fn is_damaged(&self) -> bool {
        let mut kinds = self.changes.iter().map(|change| change.kind);
        let is_damage = |kind| !matches!(kind, ChangeKind::Header | ChangeKind::ApiVersion);
        let is_unclear = || match &self.outcome {
            Outcome::TooDamaged(understanding) => {
                understanding.rules > 1 && !understanding.unplaced.is_empty()
            }
            _ => false,
        };
        kinds.any(is_damage) || !self.questions.is_empty() || is_unclear()
    }

    /// Returns the first message for a reader, such as `this looks like a damaged paste: 3 repairs possible`. `None` if it does not look damaged.
    ///
    /// ```
    /// use audit_repair::{Options, repair};
    ///
    /// let headline = |text| repair(text, &Options::default()).headline();
    /// let damaged = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n– level: Metadata\n";
    /// assert_eq!(headline(damaged).unwrap(), "this looks like a damaged paste: 1 repair possible");
    /// assert_eq!(headline(&damaged.replace('–', "-")), None);
    /// ```
    pub fn headline(&self) -> Option<String> {
        if !self.is_damaged() {
            return None;
        }
        let counted = |count: usize, what: &str| match count {
            1 => format!("1 {what}"),
            count => format!("{count} {what}s"),
        };
        let (changes, questions) = (self.changes.len(), self.questions.len());
        let mut possible = Vec::new();
        if changes > 0 {
            possible.push(counted(changes, "repair") + " possible");
        }
        if questions > 0 {
            possible.push(counted(questions, "line") + " with more than one reading");
        }
        if let Some(understanding) = self.outcome.understanding() {
            possible.push(understanding.sentence());
        }
        Some(format!(
            "this looks like a damaged paste: {}",
            possible.join("; ")
        ))
    }
}
