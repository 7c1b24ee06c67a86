//! What a server of an older version does not record, although newer ones do.

use std::borrow::Cow;

use audit_log::attributes::read_user;
use audit_log::{Attributes, Event, json};
use audit_policy::KubernetesVersion;
use memchr::memchr2;

use crate::body::printed_type;
use crate::derive::api_version;
use crate::encode::{Style, Styled, ordered, ordered_without, recode};
use crate::written::{STATUS, put_name, size, style_of};

/// What servers before 1.24 do not copy of an answer that is a `Status`.
const UNBOUNDED: [&str; 2] = ["message", "details"];

/// The message of a watch that has ended.
const CLOSED: &str = "\"Connection closed early\"";

/// A status that says no more than a code, as the server writes it, has this many bytes.
const BARE_STATUS: usize = "{\"metadata\":{},\"code\":200}".len();

/// The members of `responseStatus` that a server does not write. Only since 1.24 does it copy message and details of an answer that is
/// a `Status`; the texts of a panic and of a watch's end are its own at all times.
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

/// Whether a server records `authenticationMetadata`.
pub(crate) const fn records_authentication(version: KubernetesVersion) -> bool {
    version.at_least(35)
}

/// Whether a server leaves a null `creationTimestamp` out of what it prints of its own types: since 1.34 the field is `omitzero` in
/// `metav1.ObjectMeta`, before, a zero time is printed as null.
pub(crate) const fn omits_null_times(version: KubernetesVersion) -> bool {
    version.at_least(34)
}

/// Whether a server adds `apiserver.latency.k8s.io/` annotations to the events of slow requests.
pub(crate) const fn records_latency(version: KubernetesVersion) -> bool {
    version.at_least(24)
}

/// Whether a server is built with Go 1.22 or newer, whose `encoding/json` prints backspace and form feed as `\b` and `\f`.
pub(crate) const fn has_short_controls(version: KubernetesVersion) -> bool {
    version.at_least(SHORT_CONTROLS_SINCE)
}

/// The first minor version whose first release is built with Go 1.22.
pub(crate) const SHORT_CONTROLS_SINCE: u8 = 30;

/// Whether the legacy format has the user agent (`audit.EventString`).
pub(crate) const fn has_user_agent(version: KubernetesVersion) -> bool {
    version.at_least(22)
}

/// Whether a request with a `timeout` that is not a duration is answered by its ResponseStarted event alone
/// (`WithRequestDeadline`). Before 1.21 such a request is served, with a default.
pub(crate) const fn rejects_bad_timeouts(version: KubernetesVersion) -> bool {
    version.at_least(21)
}

/// How the annotations begin that say where the time of a slow request went.
pub(crate) const LATENCY_ANNOTATION: &str = "apiserver.latency.k8s.io/";

/// The group and version that servers give the `DeleteOptions` of a request's body.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum DeleteOptionsVersion {
    /// There are none, or they stay as recorded.
    AsRecorded,
    /// This one.
    Group(Cow<'static, str>),
    /// That of the client's body, which the record does not hold.
    Unknown,
}

/// The one that newer servers give: the internal version of the options' own group.
const INTERNAL_OPTIONS: &str = "meta.k8s.io/__internal";

/// Whether the request body of an event may be `DeleteOptions`.
pub(crate) fn may_delete(event: &Event<'_>) -> bool {
    matches!(event.verb, Some("\"delete\"" | "\"deletecollection\""))
}

/// The group and version of the `DeleteOptions` in an event's request body, as the last patch of a minor version prints it
/// (`handlers.DeleteResource`): since 1.25.0, 1.24.10 and 1.23.16 the internal one, in 1.22 the body's own, and before that the
/// resource's.
pub(crate) fn delete_options(
    event: &Event<'_>,
    version: KubernetesVersion,
) -> DeleteOptionsVersion {
    let Some(raw) = event.request_object.filter(|_| may_delete(event)) else {
        return DeleteOptionsVersion::AsRecorded;
    };
    let Some((kind, recorded)) = printed_type(raw) else {
        return DeleteOptionsVersion::AsRecorded;
    };
    if kind != "DeleteOptions" {
        return DeleteOptionsVersion::AsRecorded;
    }
    if version.at_least(23) {
        return DeleteOptionsVersion::Group(Cow::Borrowed(INTERNAL_OPTIONS));
    }
    if version.at_least(22) {
        return if recorded == INTERNAL_OPTIONS {
            DeleteOptionsVersion::Unknown
        } else {
            DeleteOptionsVersion::AsRecorded
        };
    }
    let Attributes {
        request, unknown, ..
    } = Attributes::from_event(event);
    let resource_version = api_version(&request.path);
    if unknown.url || resource_version.is_empty() {
        return DeleteOptionsVersion::Unknown;
    }
    DeleteOptionsVersion::Group(Cow::Owned(if request.api_group.is_empty() {
        resource_version.to_owned()
    } else {
        format!("{}/{resource_version}", request.api_group)
    }))
}

/// Whether an event is the one that a bad `timeout` in the URL leaves: without a user, since the request is rejected before anyone is
/// authenticated.
pub(crate) fn is_bad_timeout(event: &Event<'_>) -> bool {
    event.stage == Some("\"ResponseStarted\"")
        && event
            .request_uri
            .is_some_and(|uri| uri.contains("timeout="))
        && event.user.is_none_or(|user| read_user(user).0.is_none())
        && event
            .response_status
            .and_then(|status| json::member(status, "code"))
            == Some("400")
}

/// Whether a server can encode a request body of another API group than its URL's: the scale of a deployment, an eviction, a token
/// request. Before 1.22 it logged an error of its own and left the body out (kubernetes/kubernetes#102040).
pub(crate) const fn encodes_cross_group(version: KubernetesVersion) -> bool {
    version.at_least(22)
}

/// What goes with the message and the details of the status before 1.24.
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

/// By how much control characters lengthen the message and the details of the status before 1.30.
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
    /// None where the members do not stand in the server's order.
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

    /// What the two add to the line: each goes with a comma, its quotes and its colon.
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

/// What follows a string that the text begins with.
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

/// What goes with `authenticationMetadata` before 1.35; a field of 64 KiB or more, which no server writes, counts as 64 KiB less one byte.
pub(crate) fn authentication(event: &Event<'_>) -> u16 {
    let Some(raw) = event.authentication_metadata else {
        return 0;
    };
    const NAME: &str = "authenticationMetadata";
    let size = if event.canonical.is_some() {
        u32::try_from(raw.len() + NAME.len() + ",\"\":".len()).unwrap_or(u32::MAX)
    } else {
        size(&|out| {
            put_name(NAME, out);
            recode(raw, out);
        })
    };
    u16::try_from(size).unwrap_or(u16::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_servers_own_statuses_are_measured_without_taking_them_apart() {
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
