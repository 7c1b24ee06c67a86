//! The one-line text format: `--audit-log-format=legacy`. It ignores the level, and shows no bodies.

use std::borrow::Cow;

use audit_log::{Event, json, time};

/// The event in the legacy format, line end included.
pub fn legacy_line(event: &Event<'_>) -> String {
    let field = |raw: Option<&str>| {
        raw.and_then(json::string)
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
                    .filter_map(json::string)
                    .map(|group| quoted(&group))
                    .collect();
                each.join(",")
            })
    };
    let or = |text: String, absent: &str| {
        if text.is_empty() {
            absent.to_owned()
        } else {
            text
        }
    };
    let user = name(event.user);
    let user_groups = groups(event.user).filter(|groups| !user.is_empty() && !groups.is_empty());
    let first_ip = event.source_ips.and_then(|ips| json::elements(ips).next());
    let (as_user, as_groups) = match event.impersonated_user {
        None => ("<self>".to_owned(), None),
        user => (name(user), groups(user)),
    };
    format!(
        "{} AUDIT: id={} stage={} ip={} method={} user={} groups={} as={} asgroups={} user-agent={} namespace={} uri={} response=\"{}\"\n",
        timestamp(&field(event.request_received)),
        quoted(&field(event.audit_id)),
        quoted(&field(event.stage)),
        quoted(&or(field(first_ip), "<unknown>")),
        quoted(&field(event.verb)),
        quoted(&or(user, "<none>")),
        quoted(&user_groups.unwrap_or_else(|| "<none>".to_owned())),
        quoted(&as_user),
        quoted(&as_groups.unwrap_or_else(|| "<lookup>".to_owned())),
        quoted(&field(event.user_agent)),
        quoted(&or(
            field(member(event.object_ref, "namespace").as_deref()),
            "<none>"
        )),
        quoted(&field(event.request_uri)),
        match event.response_status {
            None => "<deferred>".to_owned(),
            status => member(status, "code")
                .filter(|code| code.parse::<i32>().is_ok())
                .unwrap_or_else(|| "0".to_owned()),
        },
    )
}

/// Go's RFC3339Nano leaves out trailing zeros of the fraction. What is no time is Go's zero time, as where there is none.
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

/// A Go string literal, as `%q` prints it.
fn quoted(text: &str) -> String {
    let mut literal = String::with_capacity(text.len() + 2);
    literal.push('"');
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
            plain if is_printable(plain) => literal.push(plain),
            other => literal.push_str(&match u32::from(other) {
                code @ ..0x80 => format!("\\x{code:02x}"),
                code @ 0x80..0x10000 => format!("\\u{code:04x}"),
                code => format!("\\U{code:08x}"),
            }),
        }
    }
    literal.push('"');
    literal
}

/// Whether Go calls the character printable: letters, marks, numbers, punctuation, symbols and the ASCII space.
fn is_printable(character: char) -> bool {
    if character.is_ascii() {
        return matches!(character, ' '..='~');
    }
    // `str::escape_debug` escapes what is not printable, and combining marks only at the start of the string.
    let mut text = String::from("a");
    text.push(character);
    !text.escape_debug().any(|part| part == '\\')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn absent_values_have_names() {
        let event = Event::new(
            r#"{"auditID":"1","stage":"RequestReceived","user":{},"requestReceivedTimestamp":"2024-01-02T03:04:05.600000Z"}"#,
        );
        assert_eq!(
            legacy_line(&event),
            "2024-01-02T03:04:05.6Z AUDIT: id=\"1\" stage=\"RequestReceived\" ip=\"<unknown>\" method=\"\" user=\"<none>\" groups=\"<none>\" \
             as=\"<self>\" asgroups=\"<lookup>\" user-agent=\"\" namespace=\"<none>\" uri=\"\" response=\"<deferred>\"\n"
        );
    }

    #[test]
    fn an_event_is_one_line_whatever_it_holds() {
        let hostile = Event::new(
            r#"{"requestReceivedTimestamp":"2024-01-02T03\n:04:05Z","userAgent":"\u0085\u200b\u007fé","responseStatus":{"code":[
            ]}}"#,
        );
        let line = legacy_line(&hostile);
        assert!(line.starts_with("0001-01-01T00:00:00Z AUDIT: "), "{line}");
        assert!(
            line.contains(r#" user-agent="\u0085\u200b\x7fé" "#),
            "{line}"
        );
        assert!(line.ends_with(" response=\"0\"\n"), "{line}");
        assert_eq!(line.lines().count(), 1);
    }
}
