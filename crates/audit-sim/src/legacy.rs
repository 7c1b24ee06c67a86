//! The text format of `--audit-log-format=legacy` (`audit.EventString`), one line per event. It ignores the level and contains no bodies.

use std::borrow::Cow;

use audit_log::{Event, json, placeholder};
use audit_policy::KubernetesVersion;
use audit_types::time;

use crate::versions::has_user_agent;

/// Returns the event in the legacy format as a server of a version writes it, line end included.
///
/// Go's `%q` prints a byte that is not UTF-8 by its value, `\xe9`. A recorded event contains only `\ufffd` in its place, so the value is
/// `\x??` here, which has the same length.
pub fn legacy_line(event: &Event<'_>, version: KubernetesVersion) -> String {
    let quoted = |text: &str| quoted(text, event.has_placeholders);
    let field = |raw: Option<&str>| {
        raw.and_then(json::string_with_placeholders)
            .map(Cow::into_owned)
            .unwrap_or_default()
    };
    let member = |raw: Option<&str>, name: &str| {
        raw.and_then(|raw| json::member(raw, name))
            .map(str::to_owned)
    };
    let name = |raw| field(member(raw, "username").as_deref());
    let groups = |raw| {
        member(raw, "groups")
            .filter(|groups| groups.starts_with('['))
            .map(|groups| {
                let each: Vec<String> = json::elements(&groups)
                    .filter_map(json::string_with_placeholders)
                    .map(|group| quoted(&group))
                    .collect();
                each.join(",")
            })
    };
    let or = |text: String, absent: &str| {
        let is_absent = text.is_empty();
        if is_absent { absent.to_owned() } else { text }
    };
    let user = name(event.user);
    let user_groups = groups(event.user).filter(|groups| !user.is_empty() && !groups.is_empty());
    let first_ip = event.source_ips.and_then(|ips| json::elements(ips).next());
    let (as_user, as_groups) = match event.impersonated_user {
        None => ("<self>".to_owned(), None),
        user => (name(user), groups(user)),
    };
    let user_agent = has_user_agent(version)
        .then(|| format!(" user-agent={}", quoted(&field(event.user_agent))));
    format!(
        "{} AUDIT: id={} stage={} ip={} method={} user={} groups={} as={} asgroups={}{} namespace={} uri={} response=\"{}\"\n",
        timestamp(&field(event.request_received)),
        quoted(&field(event.audit_id)),
        quoted(&field(event.stage)),
        quoted(&or(field(first_ip), "<unknown>")),
        quoted(&field(event.verb)),
        quoted(&or(user, "<none>")),
        quoted(&user_groups.unwrap_or_else(|| "<none>".to_owned())),
        quoted(&as_user),
        quoted(&as_groups.unwrap_or_else(|| "<lookup>".to_owned())),
        user_agent.unwrap_or_default(),
        quoted(&or(
            field(member(event.object_ref, "namespace").as_deref()),
            "<none>"
        )),
        quoted(&field(event.request_uri)),
        response(event),
    )
}

/// Returns the code of the response.
fn response<'e>(event: &Event<'e>) -> &'e str {
    let Some(status) = event.response_status else {
        return "<deferred>";
    };
    let code = json::member(status, "code");
    code.filter(|code| code.parse::<i32>().is_ok())
        .unwrap_or("0")
}

/// Formats a time as Go's RFC3339Nano, without trailing zeros of the fraction. An invalid or absent time is Go's zero time.
fn timestamp(text: &str) -> String {
    if time::parse(text).is_none() {
        return "0001-01-01T00:00:00Z".to_owned();
    }
    match text.strip_suffix('Z').and_then(|text| text.split_once('.')) {
        Some((seconds, fraction)) => match fraction.trim_end_matches('0') {
            "" => format!("{seconds}Z"),
            fraction => format!("{seconds}.{fraction}Z"),
        },
        None => text.to_owned(),
    }
}

/// Returns a Go string literal, as `%q` prints it.
fn quoted(text: &str, has_stand_ins: bool) -> String {
    if !has_stand_ins {
        return format!("\"{}\"", escaped(text));
    }
    let mut literal = String::from('"');
    for chunk in placeholder::encode(text).utf8_chunks() {
        literal.push_str(&escaped(chunk.valid()));
        for byte in chunk.invalid() {
            literal.push_str(&format!("\\x{byte:02x}"));
        }
    }
    literal.push('"');
    literal
}

fn escaped(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    for character in text.chars() {
        match character {
            '"' => literal.push_str("\\\""),
            '\\' => literal.push_str("\\\\"),
            '\u{7}' => literal.push_str("\\a"),
            '\u{8}' => literal.push_str("\\b"),
            '\u{c}' => literal.push_str("\\f"),
            '\n' => literal.push_str("\\n"),
            '\r' => literal.push_str("\\r"),
            '\t' => literal.push_str("\\t"),
            '\u{b}' => literal.push_str("\\v"),
            placeholder::UNKNOWN_BYTE => literal.push_str("\\x??"),
            plain if is_printable(plain) => literal.push(plain),
            other => literal.push_str(&match u32::from(other) {
                code @ ..0x80 => format!("\\x{code:02x}"),
                code @ 0x80..0x10000 => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
        }
    }
    literal
}

/// Returns `true` if Go considers the character printable: letters, marks, numbers, punctuation, symbols and the ASCII space.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    // `str::escape_debug` escapes characters that are not printable, and combining marks only at the start of the string.
    let mut text = String::from("a");
    text.push(character);
    !text.escape_debug().any(|part| part == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_have_placeholders() {
        let event = Event::new(
            r#"{"auditID":"1","stage":"RequestReceived","user":{},"requestReceivedTimestamp":"2024-01-02T03:04:05.600000Z"}"#,
        );
        assert_eq!(
            legacy_line(&event, KubernetesVersion::NEWEST),
            "2024-01-02T03:04:05.6Z AUDIT: id=\"1\" stage=\"RequestReceived\" ip=\"<unknown>\" method=\"\" user=\"<none>\" groups=\"<none>\" \
             as=\"<self>\" asgroups=\"<lookup>\" user-agent=\"\" namespace=\"<none>\" uri=\"\" response=\"<deferred>\"\n"
        );
    }

    #[test]
    fn the_user_agent_is_printed_since_1_22() {
        let event = Event::new(r#"{"userAgent":"kubectl/v1.21"}"#);
        let line = |minor| legacy_line(&event, KubernetesVersion::from_minor(minor).unwrap());
        for minor in [20, 21] {
            assert!(line(minor).contains(" asgroups=\"<lookup>\" namespace="));
            assert!(!line(minor).contains("user-agent"));
        }
        assert!(
            line(22).contains(" asgroups=\"<lookup>\" user-agent=\"kubectl/v1.21\" namespace=")
        );
    }

    #[test]
    fn bytes_that_are_not_utf8_keep_their_length() {
        let line = |event: &Event<'_>| legacy_line(event, KubernetesVersion::NEWEST);
        let recorded = Event::new(r#"{"userAgent":"caf\ufffd","verb":"\ud800"}"#);
        let text = line(&recorded);
        assert!(text.contains(r#" user-agent="caf\x??" "#), "{text}");
        assert!(text.contains(" method=\"\u{fffd}\" "), "{text}");
        let raw = placeholder::decode(b"{\"userAgent\":\"caf\xe9\"}");
        let event = Event {
            has_placeholders: true,
            ..Event::new(&raw)
        };
        assert!(line(&event).contains(r#" user-agent="caf\xe9" "#));
    }

    #[test]
    fn an_event_is_always_one_line() {
        let hostile = Event::new(
            r#"{"requestReceivedTimestamp":"2024-01-02T03\n:04:05Z","userAgent":"\u0085\u200b\u007fé","responseStatus":{"code":[
            ]}}"#,
        );
        let line = legacy_line(&hostile, KubernetesVersion::NEWEST);
        assert!(line.starts_with("0001-01-01T00:00:00Z AUDIT: "), "{line}");
        assert!(
            line.contains(r#" user-agent="\u0085\u200b\x7fé" "#),
            "{line}"
        );
        assert!(line.ends_with(" response=\"0\"\n"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}
