//! Detection of an extra bracket before a record, because of which the records after it are a level deeper.

use crate::extract::record::holds_event;
use crate::extract::wrapper::Wrapper;
use crate::recovery::Signature;

/// Maximum number of extra brackets per document. The list after each is parsed again.
pub(super) const MAX_EXTRA_BRACKETS: u8 = 4;

/// Maximum number of bytes after a list that are examined.
const MAX_AFTER_BYTES: usize = 256;

/// Returns `true` if an item is a list of records, and the list around it has no end of its own: the first bracket of the item is an extra
/// one. Lists inside lists that are closed are left alone. `None` if there are too few bytes to decide.
pub(super) fn extra_bracket(
    bytes: &[u8],
    (start, end): (usize, usize),
    (wrapper, record): (Option<Wrapper>, &Signature),
    at_end: bool,
) -> Option<bool> {
    let text = bytes.get(start..end).unwrap_or_default();
    let Some(inside) = text.strip_prefix(b"[").map(<[u8]>::trim_ascii_start) else {
        return Some(false);
    };
    let holds_event = || str::from_utf8(text).is_ok_and(holds_event);
    let is_list = match wrapper {
        // A record is an array itself.
        Some(wrapper) if wrapper.has_rows() => inside.starts_with(b"["),
        Some(_) => inside.starts_with(b"{") && holds_event(),
        None => record.fits(inside) && !record.fits(text),
    };
    if is_list {
        is_end_of_list(bytes.get(end..).unwrap_or_default(), at_end)
    } else {
        Some(false)
    }
}

/// Returns `true` if the end of the object around a list follows, or its next field. `None` if there are too few bytes to decide.
fn is_end_of_list(after: &[u8], at_end: bool) -> Option<bool> {
    let window = after.get(..MAX_AFTER_BYTES.min(after.len()));
    let is_token = |byte: &&u8| !byte.is_ascii_whitespace();
    let mut next = window.unwrap_or_default().iter().filter(is_token);
    match (next.next(), next.next()) {
        (Some(b'}'), _) | (Some(b','), Some(b'"')) => Some(true),
        (None, _) | (Some(b','), None) if after.len() < MAX_AFTER_BYTES && !at_end => None,
        _ => Some(false),
    }
}
