//! Lines that stand for themselves, told without what comes before them.

use crate::extract::prefix;
use crate::extract::record::{self, holds_event};
use crate::extract::wrapper::Wrapper;
use crate::json;

/// A shorter line is neither: a container runtime's line starts with a time of 20 bytes, its stream and a tag.
const MIN_WRAPPED_BYTES: usize = 24;

/// Whether a line is an event with something in front, or a part of one.
pub(super) fn is_wrapped_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    // Not worth a look: damage may be followed by millions of blank lines.
    if line.len() < MIN_WRAPPED_BYTES {
        return false;
    }
    let Ok(line) = str::from_utf8(line) else {
        return false;
    };
    let Some(parsed) = prefix::parse(line).filter(|_| !line.starts_with(['{', '"', '}', ']']))
    else {
        return false;
    };
    if parsed.wrapper == Wrapper::Cri {
        return true;
    }
    let before = line
        .get(..parsed.start)
        .unwrap_or_default()
        .trim_ascii_end();
    // `"key": {` is a member of an object; `process[1]: {` and `tag: {` are not.
    let is_member = before
        .strip_suffix(':')
        .is_some_and(|key| key.trim_ascii_end().ends_with('"'));
    if is_member || before.contains("\":") || before.contains("\",") {
        return false;
    }
    parsed.wrapper == Wrapper::Journal
        || holds_event(parsed.rest) && json::value(parsed.rest).is_ok()
}

/// Whether a line is a whole record of a writer that splits long lines: never an item of a list.
fn is_part_record(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.first() == Some(&b'{')
        && line.last() == Some(&b'}')
        && str::from_utf8(line)
            .ok()
            .and_then(|line| json::value(line).ok())
            .is_some_and(|value| record::fragment(value).is_some())
}

/// Whether a line can only stand for itself, whatever seems to be open in front of it.
pub(super) fn stands_alone(line: &[u8]) -> bool {
    is_wrapped_line(line) || is_part_record(line)
}
