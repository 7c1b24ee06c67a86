//! The `responseStatus` of an event: what each version writes of it, and its size.

use audit_log::{Event, json};
use audit_policy::KubernetesVersion;
use memchr::memchr2;

use crate::encode::{Style, Styled, ordered, ordered_without, size};
use crate::style::style_of;

/// Members of a status, in the order in which the server prints them.
pub(crate) const STATUS: [&str; 6] = ["metadata", "status", "message", "reason", "details", "code"];

/// Members of a `Status` in a response that servers before 1.24 do not copy.
const UNBOUNDED: [&str; 2] = ["message", "details"];

/// The message at the end of a watch.
const CLOSED: &str = "\"Connection closed early\"";

/// Length of a status that consists of a code only, as the server writes it.
const BARE_STATUS: usize = "{\"metadata\":{},\"code\":200}".len();

/// Returns the members of `responseStatus` that a server does not write. Only since 1.24 does it copy message and details of a response
/// that is a `Status`; the texts of a panic and of a watch's end are always its own.
pub(crate) fn omitted_status_members(
    event: &Event<'_>,
    version: KubernetesVersion,
) -> &'static [&'static str] {
    let message = || {
        let status = event.response_status?;
        json::member(status, "message")
    };
    if version.at_least(24) || is_panic(event) || message() == Some(CLOSED) {
        &[]
    } else {
        &UNBOUNDED
    }
}

fn is_panic(event: &Event<'_>) -> bool {
    event.stage == Some("\"Panic\"")
}

/// Returns the size of message and details of the status, which are absent before 1.24.
pub(crate) fn status_text(event: &Event<'_>) -> u32 {
    let Some(raw) = event.response_status.filter(|raw| raw.len() > BARE_STATUS) else {
        return 0;
    };
    if event.canonical.is_some()
        && let Some(text) = StatusText::of(raw)
    {
        return if is_panic(event) { 0 } else { text.bytes() };
    }
    let left_out = omitted_status_members(event, KubernetesVersion::OLDEST);
    let all = size(&|out| ordered(raw, &STATUS, out));
    all.saturating_sub(size(&|out| ordered_without(raw, &STATUS, left_out, out)))
}

/// Returns the additional bytes of control characters in message and details of the status before 1.30.
pub(crate) fn status_controls(event: &Event<'_>) -> u32 {
    let Some(raw) = event.response_status else {
        return 0;
    };
    let left_out = omitted_status_members(event, KubernetesVersion::OLDEST);
    let [all, rest] = [&[][..], left_out].map(|left_out| {
        let [long, short] = [true, false].map(|has_long_controls| {
            let style = Style {
                has_long_controls,
                ..style_of(event, KubernetesVersion::NEWEST)
            };
            size(&|out| ordered_without(raw, &STATUS, left_out, &mut Styled { out, style }))
        });
        long.saturating_sub(short)
    });
    all.saturating_sub(rest)
}

/// Message and details of a status that is the server's own text.
#[derive(Debug, Default)]
struct StatusText<'a> {
    message: Option<&'a str>,
    details: Option<&'a str>,
}

impl<'a> StatusText<'a> {
    /// Parses a status; `None` if its members are not in the server's order.
    fn of(raw: &'a str) -> Option<Self> {
        let mut rest = raw.strip_prefix("{\"metadata\":{}")?;
        let mut text = Self::default();
        if let Some(after) = rest.strip_prefix(",\"status\":") {
            rest = after_string(after)?;
        }
        if let Some(after) = rest.strip_prefix(",\"message\":") {
            rest = after_string(after)?;
            text.message = after.get(..after.len() - rest.len());
        }
        if let Some(after) = rest.strip_prefix(",\"reason\":") {
            rest = after_string(after)?;
        }
        if let Some(after) = rest.strip_prefix(",\"details\":") {
            // The code is the last member, and a number.
            let end = after.rfind(",\"code\":")?;
            text.details = Some(json::value(after.get(..end)?).ok()?);
            rest = after.get(end..)?;
        }
        let code = rest.strip_prefix(",\"code\":")?.strip_suffix('}')?;
        code.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then_some(text)
    }

    /// Returns the size of both in the line, each with its comma, quotes and colon.
    fn bytes(&self) -> u32 {
        if self.message == Some(CLOSED) {
            return 0;
        }
        let member = |name: &str, value: Option<&str>| {
            value.map_or(0, |value| value.len() + name.len() + ",\"\":".len())
        };
        let bytes = member("message", self.message) + member("details", self.details);
        u32::try_from(bytes).unwrap_or(u32::MAX)
    }
}

/// Returns the text after the string that it starts with.
fn after_string(text: &str) -> Option<&str> {
    let mut rest = text.strip_prefix('"')?;
    loop {
        let at = memchr2(b'"', b'\\', rest.as_bytes())?;
        if rest.as_bytes().get(at) == Some(&b'"') {
            return rest.get(at + 1..);
        }
        rest = rest.get(at + 2..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_statuses_are_measured_without_encoding_them() {
        let rows = [
            (r#"{"metadata":{},"code":200}"#, Some(0)),
            (
                r#"{"metadata":{},"status":"Success","message":"Connection closed early","code":200}"#,
                Some(0),
            ),
            (
                r#"{"metadata":{},"status":"Failure","message":"a\"b\\","reason":"NotFound","code":404}"#,
                Some(19),
            ),
            (
                r#"{"metadata":{},"status":"Failure","reason":"NotFound","details":{"name":",\"code\":","kind":"pods"},"code":404}"#,
                Some(46),
            ),
            (r#"{"metadata":{},"code":404,"message":"late"}"#, None),
            (r#"{"metadata":{},"details":{},"more":{},"code":404}"#, None),
            (r#"{"status":"Failure","metadata":{},"code":404}"#, None),
        ];
        for (raw, bytes) in rows {
            assert_eq!(StatusText::of(raw).map(|text| text.bytes()), bytes, "{raw}");
        }
    }
}
