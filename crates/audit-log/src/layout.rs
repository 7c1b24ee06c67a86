//! Telling how the values of a file follow each other, from its first bytes.

use memchr::memchr;

use crate::unwrap::envelope::{Extent, Walk};

/// How values follow each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// One value a line.
    Lines,
    /// Values one after another with any white space, or the items of an array.
    Values,
}

/// Tells the layout from the first line and the start of the second; none while those have not come. A first line longer than
/// `limit` is judged by its start.
pub(crate) fn guess_layout(bytes: &[u8], limit: usize, at_end: bool) -> Option<Layout> {
    let text = bytes.trim_ascii_start();
    match text.first() {
        None => return at_end.then_some(Layout::Lines),
        Some(b'[') => return guess_array(text, at_end),
        Some(b'{') => {}
        Some(0x1e) => return Some(Layout::Values),
        Some(_) => return Some(Layout::Lines),
    }
    let newline = memchr(b'\n', text.get(..limit.min(text.len())).unwrap_or_default());
    let is_long = newline.is_none() && text.len() > limit;
    if newline.is_none() && !at_end && !is_long {
        return None;
    }
    let (first, after) = text.split_at(newline.unwrap_or(text.len().min(limit)));
    let mut value = Extent::at(0, b'{');
    match value.run(first) {
        true => {
            let rest = first.get(value.at..).unwrap_or_default();
            let continues = matches!(rest.trim_ascii_start().first(), Some(b'{' | b','));
            Some(if continues {
                Layout::Values
            } else {
                Layout::Lines
            })
        }
        _ if is_long => Some(if Walk::finds_list(first) {
            Layout::Values
        } else {
            Layout::Lines
        }),
        _ if value.in_string => Some(Layout::Lines),
        _ => match after.trim_ascii_start().first() {
            None if !at_end => None,
            None => Some(Layout::Lines),
            // The records of a document may start lines; else the first line is broken.
            Some(b'{') if after.get(1) == Some(&b'{') && !Walk::finds_list(first) => {
                Some(Layout::Lines)
            }
            Some(_) => Some(Layout::Values),
        },
    }
}

/// An array, unless it is the `[pod/name]` in front of a line.
fn guess_array(text: &[u8], at_end: bool) -> Option<Layout> {
    match text.get(1..).unwrap_or_default().trim_ascii_start().first() {
        None => at_end.then_some(Layout::Values),
        Some(byte) if byte.is_ascii_alphabetic() => Some(Layout::Lines),
        Some(_) => Some(Layout::Values),
    }
}
