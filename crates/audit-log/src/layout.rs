//! Telling how the values of a file follow each other, from its first bytes.

use memchr::memchr;

use crate::extract::envelope::EnvelopeScanner;
use crate::validator::{JsonValidator, Validation};

/// How values follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One value a line.
    Lines,
    /// Values one after another with any white space, or the items of an array.
    Values,
}

/// Tells the layout from the first line and the start of the second. It is told for good where that is worth it: the framer takes
/// another where the file does not keep to it.
#[derive(Debug)]
pub(crate) struct LayoutDetector {
    /// Follows the first value.
    check: JsonValidator,
    /// How the first value ended.
    ended: Option<Validation>,
    /// How far bytes were looked at for a line's end, or for the first item of an array.
    searched: usize,
    newline: Option<usize>,
    /// How far white space was looked through behind the first value; or where the name in a first bracket begins.
    space: usize,
}

impl LayoutDetector {
    /// Nothing seen yet.
    pub(crate) const fn new() -> Self {
        Self {
            check: JsonValidator::at(0),
            ended: None,
            searched: 0,
            newline: None,
            space: 0,
        }
    }

    /// The layout of a text that starts with something; none while its first line has not come. Each call gives the same bytes and
    /// more. A first line longer than `limit` is judged by its start.
    pub(crate) fn layout(&mut self, bytes: &[u8], limit: usize, at_end: bool) -> Option<Layout> {
        match bytes.first()? {
            b'[' => return self.array(bytes, at_end),
            b'{' => {}
            0x1e => return Some(Layout::Values),
            _ => return Some(Layout::Lines),
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
        match checked {
            Validation::Complete | Validation::Invalid(_) if !is_on_first_line => {
                return Some(Layout::Values);
            }
            Validation::Complete => {
                self.ended = Some(checked);
                self.space = self.space.max(at);
                while let Some(byte) = bytes.get(self.space) {
                    match byte {
                        b' ' | b'\t' | b'\r' => self.space += 1,
                        b'{' | b',' => return Some(Layout::Values),
                        _ => return Some(Layout::Lines),
                    }
                }
            }
            Validation::Invalid(_) => {
                self.ended = Some(checked);
                if let Some(newline) = self.newline {
                    let first = bytes.get(..newline.min(limit)).unwrap_or_default();
                    // A damaged document may go on below.
                    return Some(if EnvelopeScanner::contains_list(first) {
                        Layout::Values
                    } else {
                        Layout::Lines
                    });
                }
            }
            // The first line is not the whole value.
            Validation::Incomplete if self.newline.is_some() => return Some(Layout::Values),
            Validation::Incomplete => {
                if is_long
                    && !EnvelopeScanner::contains_list(bytes.get(..limit).unwrap_or_default())
                {
                    return Some(Layout::Lines);
                }
            }
        }
        if at_end {
            return Some(Layout::Lines);
        }
        is_long.then_some(Layout::Values)
    }

    /// An array, unless it is the `[pod/name]` in front of a line.
    fn array(&mut self, bytes: &[u8], at_end: bool) -> Option<Layout> {
        self.searched = self.searched.max(1);
        while let Some(byte) = bytes.get(self.searched) {
            let has_name = self.space > 0;
            match byte {
                b' ' | b'\t' | b'\r' | b'\n' if !has_name => {}
                // A name in brackets ends before anything else begins.
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
