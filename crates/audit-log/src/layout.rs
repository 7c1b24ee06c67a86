//! Detection of the layout of a file from its first bytes.

use memchr::memchr;

use crate::csv::{self, MAX_HEADER_BYTES};
use crate::extract::envelope::EnvelopeScanner;
use crate::extract::prefix::after_labels;
use crate::validator::{JsonValidator, Validation};

/// Arrangement of the values in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One value per line.
    Lines,
    /// Values one after another with any whitespace, or the items of an array.
    Values,
    /// Rows of a CSV file with this separator. The first row is the header.
    Rows(u8),
}

/// Detects the layout from the first line and the start of the second. The framer corrects it if the file deviates.
#[derive(Debug)]
pub(crate) struct LayoutDetector {
    /// Validates the first value.
    check: JsonValidator,
    /// Result of validating the first value.
    ended: Option<Validation>,
    /// Number of bytes that were searched for a line feed, or for the first item of an array.
    searched: usize,
    newline: Option<usize>,
    /// End of the whitespace after the first value that was searched; or start of the name in a first bracket.
    space: usize,
}

/// Returns `true` if a line ends with an opening bracket, as the lines of a pretty-printed value do.
fn ends_open(line: &[u8]) -> bool {
    matches!(line.trim_ascii_end().last(), Some(b'{' | b'['))
}

/// Returns the layout of a text whose first line starts with an object and is damaged.
fn of_damaged(first: &[u8]) -> Layout {
    let has_labels = str::from_utf8(first).is_ok_and(|first| after_labels(first).is_some());
    // A damaged document, or a pretty-printed value, may continue on the next lines.
    let may_continue = EnvelopeScanner::contains_list(first) || ends_open(first);
    if !has_labels && may_continue {
        Layout::Values
    } else {
        Layout::Lines
    }
}

impl LayoutDetector {
    /// Creates a detector at the start of a file.
    pub(crate) const fn new() -> Self {
        Self {
            check: JsonValidator::at(0),
            ended: None,
            searched: 0,
            newline: None,
            space: 0,
        }
    }

    /// Returns the layout of a text that does not start with whitespace. `None` until its first line is complete. Each call passes the same
    /// bytes and more. A first line longer than `limit` is judged by its start.
    pub(crate) fn layout(&mut self, bytes: &[u8], limit: usize, at_end: bool) -> Option<Layout> {
        match bytes.first()? {
            b'[' => return self.array(bytes, at_end),
            b'{' => {}
            0x1e => return Some(Layout::Values),
            _ => return self.text(bytes, at_end),
        }
        if self.newline.is_none() {
            let rest = bytes.get(self.searched..).unwrap_or_default();
            self.newline = memchr(b'\n', rest).map(|at| self.searched + at);
            self.searched = bytes.len();
        }
        let checked = match self.ended {
            Some(ended) => ended,
            None => self.check.run(bytes),
        };
        let at = self.check.at;
        let is_on_first_line = self.newline.is_none_or(|newline| at <= newline);
        let is_long = bytes.len() > limit;
        let found = match checked {
            Validation::Complete | Validation::Invalid(_) if !is_on_first_line => {
                Some(Layout::Values)
            }
            Validation::Complete => {
                self.ended = Some(checked);
                self.space = self.space.max(at);
                self.after_value(bytes)
            }
            Validation::Invalid(_) => {
                self.ended = Some(checked);
                let first = self.newline.map(|newline| newline.min(limit));
                first.map(|end| of_damaged(bytes.get(..end).unwrap_or_default()))
            }
            // The first value continues after the first line.
            Validation::Incomplete if self.newline.is_some() => Some(Layout::Values),
            Validation::Incomplete => {
                let start = bytes.get(..limit).unwrap_or_default();
                let has_no_list = is_long && !EnvelopeScanner::contains_list(start);
                has_no_list.then_some(Layout::Lines)
            }
        };
        if found.is_none() && at_end {
            return Some(Layout::Lines);
        }
        found.or(is_long.then_some(Layout::Values))
    }

    /// Returns the layout by what follows the first value on its line. `None` until that arrives.
    fn after_value(&mut self, bytes: &[u8]) -> Option<Layout> {
        while let Some(byte) = bytes.get(self.space) {
            match byte {
                b' ' | b'\t' | b'\r' => self.space += 1,
                b'{' | b',' => return Some(Layout::Values),
                _ => return Some(Layout::Lines),
            }
        }
        None
    }

    /// Distinguishes the header of a CSV file from other lines.
    fn text(&mut self, bytes: &[u8], at_end: bool) -> Option<Layout> {
        let rest = bytes.get(self.searched..).unwrap_or_default();
        let newline = memchr(b'\n', rest).map(|at| self.searched + at);
        self.searched = bytes.len();
        let end = match newline {
            Some(end) if csv::is_separator_line(bytes.get(..end).unwrap_or_default()) => {
                let separator = bytes.get(csv::SEPARATOR_LINE.len()).copied();
                return Some(separator.map_or(Layout::Lines, Layout::Rows));
            }
            Some(end) => end,
            None if at_end => bytes.len(),
            None if bytes.len() > MAX_HEADER_BYTES => return Some(Layout::Lines),
            None => return None,
        };
        let line = bytes.get(..end).unwrap_or_default().trim_ascii_end();
        let separator = str::from_utf8(line).ok().and_then(csv::separator);
        Some(separator.map_or(Layout::Lines, Layout::Rows))
    }

    /// Distinguishes an array from the `[pod/name]` before a line.
    fn array(&mut self, bytes: &[u8], at_end: bool) -> Option<Layout> {
        self.searched = self.searched.max(1);
        while let Some(byte) = bytes.get(self.searched) {
            let has_name = self.space > 0;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' if !has_name => {}
                // A name in brackets ends before any other token.
                b']' | b'\n' if has_name => return Some(Layout::Lines),
                b'{' if has_name => return Some(Layout::Values),
                _ if has_name => {}
                byte if byte.is_ascii_alphabetic() && self.searched == 1 => self.space = 1,
                _ => return Some(Layout::Values),
            }
            self.searched += 1;
        }
        at_end.then_some(if self.space > 0 {
            Layout::Lines
        } else {
            Layout::Values
        })
    }
}
