//! A recorded audit event whose fields are raw JSON text, parsed on demand.

use std::borrow::Cow;

use audit_types::{Level, Stage, time};

use crate::canonical::Canonical;
use crate::json;

/// Parts of an event that its wrapper did not keep. Nothing is missing from an event that is recorded as the server wrote it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub struct MissingFields {
    /// The user's groups.
    pub groups: bool,
    /// The query of the URL, including a field selector that names a single object.
    pub query: bool,
    /// Fields that count towards the size of the server's line, so that the size is unknown.
    pub size: bool,
    /// The stage is missing, but it is not RequestReceived, because the record describes the response.
    pub is_response_stage: bool,
}

/// A recorded event. Fields contain the raw JSON text of the recorded value. Null counts as absent, except for the body of a patch. Of
/// duplicate fields, the last one counts.
#[derive(Debug, Clone, Default)]
pub struct Event<'a> {
    /// The whole event as recorded.
    pub raw: &'a str,
    /// `level`
    pub level: Option<&'a str>,
    /// `auditID`
    pub audit_id: Option<&'a str>,
    /// `stage`
    pub stage: Option<&'a str>,
    /// `requestURI`
    pub request_uri: Option<&'a str>,
    /// `verb`
    pub verb: Option<&'a str>,
    /// `user`
    pub user: Option<&'a str>,
    /// `impersonatedUser`
    pub impersonated_user: Option<&'a str>,
    /// `authenticationMetadata`, since 1.35
    pub authentication_metadata: Option<&'a str>,
    /// `sourceIPs`
    pub source_ips: Option<&'a str>,
    /// `userAgent`
    pub user_agent: Option<&'a str>,
    /// `objectRef`
    pub object_ref: Option<&'a str>,
    /// `responseStatus`
    pub response_status: Option<&'a str>,
    /// `requestObject`
    pub request_object: Option<&'a str>,
    /// `responseObject`
    pub response_object: Option<&'a str>,
    /// `requestReceivedTimestamp`, or `timestamp` of `v1alpha1` and `v1beta1`
    pub request_received: Option<&'a str>,
    /// `stageTimestamp`
    pub stage_timestamp: Option<&'a str>,
    /// `annotations`
    pub annotations: Option<&'a str>,
    /// Decoded path of the URL, from a record that has it instead of `requestURI`.
    pub path: Option<&'a str>,
    /// Parts that the wrapper did not keep.
    pub missing: MissingFields,
    /// The recorded text is not valid UTF-8; placeholders replace its invalid bytes (see [`crate::placeholder`]).
    pub has_placeholders: bool,
    /// The event is in OpenShift's flattened form: `level` was overwritten, and `k8s_audit_level` has the audit level.
    pub is_flattened: bool,
    /// Sizes, if the text is exactly as the server writes it.
    pub canonical: Option<Canonical>,
}

impl<'a> Event<'a> {
    /// Parses the fields of an object that [`json::value`] accepts.
    pub fn new(raw: &'a str) -> Self {
        let mut event = Self {
            raw,
            ..Self::default()
        };
        let mut old_timestamp = None;
        let mut true_level = None;
        let mut null_body = None;
        for (key, value) in json::members(raw) {
            let field = match key.as_ref() {
                "level" => &mut event.level,
                "auditID" => &mut event.audit_id,
                "stage" => &mut event.stage,
                "requestURI" => &mut event.request_uri,
                "verb" => &mut event.verb,
                "user" => &mut event.user,
                "impersonatedUser" => &mut event.impersonated_user,
                "authenticationMetadata" => &mut event.authentication_metadata,
                "sourceIPs" => &mut event.source_ips,
                "userAgent" => &mut event.user_agent,
                "objectRef" => &mut event.object_ref,
                "responseStatus" => &mut event.response_status,
                "requestObject" => &mut event.request_object,
                "responseObject" => &mut event.response_object,
                "requestReceivedTimestamp" => &mut event.request_received,
                "stageTimestamp" => &mut event.stage_timestamp,
                "annotations" => &mut event.annotations,
                "timestamp" => &mut old_timestamp,
                "k8s_audit_level" => &mut true_level,
                _ => continue,
            };
            if key == "requestObject" {
                null_body = (value == "null").then_some(value);
            }
            *field = (value != "null").then_some(value);
        }
        event.request_received = event.request_received.or(old_timestamp);
        // OpenShift's log forwarder overwrites `level` with a severity and adds the audit level in a field of its own.
        event.is_flattened = true_level.is_some();
        event.level = true_level.or(event.level);
        event.request_object = event
            .request_object
            .or(null_body.filter(|_| event.may_patch_null()));
        event
    }

    /// Returns `true` if the server may have recorded `null` as the request body. It records a patch as received and omits every other
    /// absent body (`LogRequestPatch`, `runtime.Unknown`). At a level without bodies, there is no body, whatever a forwarder has added.
    fn may_patch_null(&self) -> bool {
        self.verb == Some("\"patch\"")
            && self.recorded_stage() != Some(Stage::RequestReceived)
            && self
                .recorded_level()
                .is_some_and(|level| level >= Level::Request)
    }

    /// Level that the event was recorded at. `None` if the record does not have it.
    pub fn recorded_level(&self) -> Option<Level> {
        parse_string(self.level?, Level::from_name)
    }

    /// Stage that the event was recorded at. `None` if the record does not have it.
    pub fn recorded_stage(&self) -> Option<Stage> {
        parse_string(self.stage?, Stage::from_name)
    }

    /// Audit ID: any text, not always unique.
    pub fn id(&self) -> Option<Cow<'a, str>> {
        text(self.audit_id)
    }

    /// HTTP status of the response, if the stage has one.
    pub fn code(&self) -> Option<u16> {
        let status = self.response_status?;
        trailing_code(status.as_bytes()).or_else(|| json::member(status, "code")?.parse().ok())
    }

    /// Time at which the request was received or, if that is missing, at which the stage was reached, in microseconds since 1970.
    pub fn time(&self) -> Option<i64> {
        let parse = |raw| parse_string(raw, time::parse);
        self.request_received
            .and_then(parse)
            .or_else(|| parse(self.stage_timestamp?))
    }
}

/// Parses the content of a raw string, decoding escapes only if needed.
fn parse_string<T>(raw: &str, read: impl Fn(&str) -> Option<T>) -> Option<T> {
    let inner = raw.strip_prefix('"')?.strip_suffix('"')?;
    read(inner).or_else(|| match json::unescaped(inner)? {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => read(&text),
    })
}

/// Returns the code of a status if it is the last member, where the server writes it.
fn trailing_code(status: &[u8]) -> Option<u16> {
    let [
        b'{' | b',',
        b'"',
        b'c',
        b'o',
        b'd',
        b'e',
        b'"',
        b':',
        hundreds @ b'1'..=b'9',
        tens @ b'0'..=b'9',
        ones @ b'0'..=b'9',
        b'}',
    ] = status.last_chunk()?
    else {
        return None;
    };
    let digits = [hundreds, tens, ones].map(|digit| u16::from(digit - b'0'));
    Some(digits.into_iter().fold(0, |code, digit| code * 10 + digit))
}

/// Decodes a raw string field.
pub(crate) fn text(raw: Option<&str>) -> Option<Cow<'_, str>> {
    json::string(raw?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_top_level_fields_are_read() {
        let raw = r#"{"requestObject":{"level":"None","stage":"Panic"},"level":"Metadata","stage":"ResponseComplete",
            "responseStatus":{"metadata":{},"code":201},"annotations":null,
            "requestReceivedTimestamp":"1970-01-01T00:00:01.5Z","stageTimestamp":"1970-01-01T00:00:09Z"}"#;
        let event = Event::new(raw);
        assert_eq!(event.recorded_level(), Some(Level::Metadata));
        assert_eq!(event.recorded_stage(), Some(Stage::ResponseComplete));
        assert_eq!(event.code(), Some(201));
        assert_eq!(event.time(), Some(1_500_000));
        assert_eq!(
            event.request_object,
            Some(r#"{"level":"None","stage":"Panic"}"#)
        );
        assert_eq!(event.annotations, None);
    }

    #[test]
    fn the_body_of_a_patch_may_be_null() {
        for (fields, body) in [
            (r#""verb":"patch","level":"Request""#, Some("null")),
            (r#""verb":"patch","level":"RequestResponse""#, Some("null")),
            (r#""verb":"patch","level":"Metadata""#, None),
            (
                r#""verb":"patch","level":"Request","stage":"RequestReceived""#,
                None,
            ),
            (r#""verb":"update","level":"Request""#, None),
            (r#""verb":"patch""#, None),
        ] {
            let raw = format!(r#"{{{fields},"requestObject":null,"responseObject":null}}"#);
            let event = Event::new(&raw);
            assert_eq!(event.request_object, body, "{raw}");
            assert_eq!(event.response_object, None);
        }
    }
}
