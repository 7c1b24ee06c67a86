//! Parts of a file that contain no event, and the reasons.

use std::borrow::Cow;
use std::fmt;

use crate::bad_column::BadColumn;
use crate::cut::CutEvent;
use crate::extract::record;
use crate::json::{self, JsonError};
use crate::limits::MAX_FRAME_BYTES;
use crate::location::Location;
use crate::placeholder;
use crate::unrecognized::UnrecognizedKind;

/// Maximum number of characters of an excerpt.
const EXCERPT_CHARACTERS: usize = 120;

/// Number of bytes of a part that are examined to distinguish text from damaged events.
const MAX_START_BYTES: usize = 64 << 10;

/// A part of a file that contains no event.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Position of the part.
    pub location: Location,
    /// Reason why it is not an event.
    pub reason: ProblemReason,
    /// First characters of the part.
    pub excerpt: String,
    /// The part is neither JSON nor seems to be a damaged event: text, which a file that is not a log consists of.
    pub is_text: bool,
}

/// Reason why a part of a file is not an event.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum ProblemReason {
    /// Not JSON.
    NotJson(JsonError),
    /// Not valid UTF-8.
    NotUtf8,
    /// NUL bytes only.
    NulBytes,
    /// Longer than the limit.
    TooLong,
    /// The file ends inside a list of records.
    UnclosedList,
    /// The start of an event. A service on the way to the file has cut the rest.
    Cut(Box<CutEvent>),
    /// The rest of a cut event, which continues no event before it.
    CutRest,
    /// A line of the legacy text format that ends inside a field.
    CutLine,
    /// A column of an event that was cut, or is not JSON.
    BadColumn(Box<BadColumn>),
    /// A problem of a row of a table in JSON, whose rows need not be lines: its number, from 1.
    InRow(u64, Box<Self>),
    /// Not a row of the CSV file.
    NotCsv,
    /// JSON, but not an audit event.
    Unrecognized(UnrecognizedKind),
}

impl fmt::Display for ProblemReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotJson(error) => write!(f, "not JSON: {error}"),
            Self::NotUtf8 => f.write_str("not valid UTF-8"),
            Self::NulBytes => {
                f.write_str("NUL bytes, as left by log rotation with `copytruncate` or by a crash")
            }
            Self::TooLong => write!(f, "longer than {} MiB, skipped", MAX_FRAME_BYTES >> 20),
            Self::UnclosedList => f.write_str("cut off: the file ends inside a list of records"),
            Self::Cut(event) => event.fmt(f),
            Self::CutRest => {
                f.write_str("the rest of an event that was cut; it cannot be joined with its start")
            }
            Self::BadColumn(column) => column.fmt(f),
            Self::InRow(row, reason) => write!(f, "row {row}: {reason}"),
            Self::CutLine => {
                f.write_str("cut off: this line of the legacy text format ends inside a field")
            }
            Self::NotCsv => {
                f.write_str("not a CSV row: a quote is not closed, or text follows a closing quote")
            }
            Self::Unrecognized(unrecognized) => unrecognized.fmt(f),
        }
    }
}

impl std::error::Error for ProblemReason {}

impl ProblemReason {
    /// Returns the reason for damaged text that is invalid JSON.
    pub(crate) fn from_damage(text: &[u8], error: JsonError) -> Self {
        if !text.is_empty() && text.iter().all(|byte| *byte == 0) {
            Self::NulBytes
        } else if str::from_utf8(text).is_err() {
            Self::NotUtf8
        } else {
            Self::NotJson(error)
        }
    }

    /// Returns the reason without the number of the row.
    pub fn without_row(&self) -> &Self {
        match self {
            Self::InRow(_, reason) => reason,
            reason => reason,
        }
    }

    /// Returns `true` if a part with this reason is text, and not a damaged event.
    pub(crate) fn is_of_text(&self, part: &[u8]) -> bool {
        // A damaged event has names of fields near its start.
        let start = part
            .get(..MAX_START_BYTES.min(part.len()))
            .unwrap_or_default();
        let text = || String::from_utf8_lossy(start);
        match self {
            Self::NotJson(_) | Self::NotUtf8 => {
                let text = text();
                !(record::holds_event(&text) && record::seems_damaged(&text))
            }
            Self::Unrecognized(UnrecognizedKind::NotAnObject) => json::value(&text()).is_err(),
            Self::Unrecognized(unrecognized) => unrecognized.is_text(),
            _ => false,
        }
    }

    /// Returns `true` for an event without its end.
    pub fn is_cut_event(&self) -> bool {
        matches!(self.without_row(), Self::Cut(_) | Self::CutLine)
    }

    /// Returns `true` for the rest of an event that was cut.
    pub fn is_rest_of_cut_event(&self) -> bool {
        matches!(self.without_row(), Self::CutRest)
    }

    /// Returns the reason with the number of the row, if it is in one.
    pub(crate) fn in_row(self, row: Option<u64>) -> Self {
        match (row, self) {
            (None, reason) | (Some(_), reason @ Self::InRow(..)) => reason,
            (Some(row), reason) => Self::InRow(row, Box::new(reason)),
        }
    }

    /// Returns the reason without details, for counting.
    pub fn category(&self) -> String {
        match self {
            // Whether text is called text depends on its words.
            Self::NotJson(_) | Self::Unrecognized(UnrecognizedKind::Text) => "not JSON".to_owned(),
            Self::Cut(event) => event.cause().to_owned(),
            Self::BadColumn(column) => column.cause(),
            Self::InRow(_, reason) => reason.category(),
            reason => reason.to_string(),
        }
    }
}

/// Returns `true` if a part is binary data: it has NUL bytes among others, or control characters next to bytes that are not UTF-8. Text in an
/// older encoding has no control characters.
pub(crate) fn is_binary(part: &[u8]) -> bool {
    let is_control = |byte: &u8| *byte < b' ' && !matches!(byte, b'\t'..=b'\r' | 0x1b);
    let has_others = || part.iter().any(|byte| *byte != 0);
    part.iter().any(is_control)
        && (part.contains(&0) && has_others() || str::from_utf8(part).is_err())
}

/// Returns the first characters of a part.
pub(crate) fn excerpt(bytes: &[u8]) -> String {
    let start = bytes.get(..EXCERPT_CHARACTERS * 16).unwrap_or(bytes);
    let text = start.utf8_chunks().next().map_or("", |chunk| chunk.valid());
    let rest = start.get(text.len()..).unwrap_or_default();
    // Text with placeholders is valid UTF-8, apart from a character that is divided here.
    let start = if rest.len() < 4 && placeholder::is_in(text) {
        Cow::Owned([&*placeholder::encode(text), rest].concat())
    } else {
        Cow::Borrowed(start)
    };
    String::from_utf8_lossy(&start)
        .chars()
        .take(EXCERPT_CHARACTERS)
        .collect()
}
