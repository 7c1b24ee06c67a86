//! Detection of lines that are records on their own, without context.

use crate::extract::prefix;
use crate::extract::record::{self, holds_event};
use crate::extract::wrapper::Wrapper;
use crate::json;

/// Minimum length: the line of a container runtime starts with a time of 20 bytes, the stream and a tag.
const MIN_WRAPPED_BYTES: usize = 24;

/// Returns `true` if a line is an event, or part of one, with a prefix.
pub(super) fn is_wrapped_line(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    // Cheap rejection: damage may be followed by millions of blank lines.
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

/// Returns `true` if a line is a complete record of a format that splits long lines. Such records are never items of a list.
fn is_part_record(line: &[u8]) -> bool {
    let line = line.trim_ascii();
    line.first() == Some(&b'{')
        && line.last() == Some(&b'}')
        && str::from_utf8(line)
            .ok()
            .and_then(|line| json::value(line).ok())
            .is_some_and(|value| record::fragment(value).is_some())
}

/// Returns `true` if a line is a record on its own regardless of what is open before it.
pub(super) fn stands_alone(line: &[u8]) -> bool {
    is_wrapped_line(line) || is_part_record(line)
}
