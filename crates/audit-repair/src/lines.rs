//! Lines of a text with their numbers in the source.

use crate::types::{Change, ChangeKind};

/// A line. Its number stays that of the source while lines are inserted and removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Line {
    /// Number in the source, from 1.
    pub(crate) number: usize,
    /// Text without its end.
    pub(crate) text: String,
    /// Line end. Empty if the text ends without one.
    pub(crate) end: &'static str,
}

/// Line ends, the longest first. PowerPoint has vertical tabs, which YAML does not allow.
const ENDS: [&str; 7] = [
    "\r\n", "\n", "\r", "\u{b}", "\u{85}", "\u{2028}", "\u{2029}",
];

impl Line {
    /// Returns the number of spaces at the start.
    pub(crate) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches(' ').len()
    }

    /// Returns `true` if the line has only white space.
    pub(crate) fn is_blank(&self) -> bool {
        self.text.trim().is_empty()
    }
}

/// Splits a text into lines.
pub(crate) fn split(text: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    let mut rest = text;
    while !rest.is_empty() {
        let at = rest
            .find(['\n', '\r', '\u{b}', '\u{85}', '\u{2028}', '\u{2029}'])
            .unwrap_or(rest.len());
        let (line, tail) = rest.split_at_checked(at).unwrap_or((rest, ""));
        let end = ENDS.into_iter().find(|end| tail.starts_with(end));
        let end = end.unwrap_or_default();
        lines.push(Line {
            number: lines.len() + 1,
            text: line.to_owned(),
            end,
        });
        rest = tail.get(end.len()..).unwrap_or_default();
    }
    lines
}

/// Joins lines to a text.
pub(crate) fn join(lines: &[Line]) -> String {
    let length = lines.iter().map(|line| line.text.len() + line.end.len());
    let mut text = String::with_capacity(length.sum());
    for line in lines {
        text.push_str(&line.text);
        text.push_str(line.end);
    }
    text
}

/// Returns the line end of the first line, for lines that are inserted.
pub(crate) fn usual_end(lines: &[Line]) -> &'static str {
    match lines.first().map(|line| line.end) {
        Some("\r\n") => "\r\n",
        _ => "\n",
    }
}

/// Collects changes of one kind in a pass over the lines, and describes them as one change.
#[derive(Debug, Default)]
pub(crate) struct Counted {
    count: usize,
    first: usize,
    last: usize,
}

impl Counted {
    /// Counts a change in a line.
    pub(crate) fn add(&mut self, number: usize, count: usize) {
        if count == 0 {
            return;
        }
        if self.count == 0 {
            self.first = number;
        }
        self.last = number;
        self.count += count;
    }

    /// Returns the change. `None` if nothing was counted. The sentence gets the count and the ending of a plural.
    pub(crate) fn change(
        &self,
        kind: ChangeKind,
        sentence: impl Fn(usize, &str) -> String,
    ) -> Option<Change> {
        if self.count == 0 {
            return None;
        }
        let ending = if self.count == 1 { "" } else { "s" };
        Some(Change {
            kind,
            first_line: self.first,
            last_line: self.last,
            sentence: sentence(self.count, ending),
        })
    }
}
