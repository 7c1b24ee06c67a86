//! The server's text format, `--audit-log-format=legacy`, which is converted to events with the fields that it has.
//!
//! Since 1.7 (`audit.EventString` in k8s.io/apiserver) a line has the stage and the verb, and since 1.18 the user agent. Before, a request
//! was two lines, the first with the HTTP method and without a stage, the second with only the ID and the status.

use audit_types::Request;
use audit_types::time;

use crate::attributes::read_uri;
use crate::event::MissingFields;
use crate::extract::flat::{RebuiltEvent, quoted};
use crate::extract::prefix;
use crate::unrecognized::UnrecognizedKind;

/// Text between the time and the first field.
pub(crate) const MARK: &str = "AUDIT: id=";

/// Maximum length of the text before the mark.
const MAX_PREFIX_BYTES: usize = 1024;

/// Result of converting a line.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum LegacyLine {
    /// An event.
    Event(RebuiltEvent),
    /// A line without the request.
    Unrecognized(UnrecognizedKind),
    /// The line ends inside a field.
    Cut,
}

/// Returns the start of a line in this format, at its time, inside a text.
pub(crate) fn start(text: &str) -> Option<usize> {
    if text.starts_with(['{', '[', '"']) && !text.starts_with("[pod/") {
        return None;
    }
    let limit = (MAX_PREFIX_BYTES + MARK.len()).min(text.len());
    let at = memchr::memmem::find(text.as_bytes().get(..limit)?, MARK.as_bytes())?;
    let before = text.get(..at)?.trim_end();
    let time = before.rfind([' ', '\t']).map_or(0, |space| space + 1);
    let is_time = prefix::after_time(text.get(time..)?).is_some();
    Some(if is_time { time } else { at })
}

/// Converts a line that starts with its time.
pub(crate) fn convert(line: &str) -> LegacyLine {
    let (time, fields) = match prefix::after_time(line) {
        Some(rest) => line.split_at(line.len() - rest.len()),
        None => ("", line),
    };
    let Some(fields) = Fields::parse(fields.trim_start().trim_start_matches("AUDIT:")) else {
        return LegacyLine::Cut;
    };
    let (Some(method), Some(uri)) = (fields.get("method"), fields.get("uri")) else {
        return LegacyLine::Unrecognized(UnrecognizedKind::LegacyResponse);
    };
    let code = fields
        .get("response")
        .and_then(|code| code.parse::<u16>().ok());
    let present = |name: &str, absent: &str| fields.get(name).filter(|text| *text != absent);
    let user = present("user", "<none>").map_or_else(
        || "{}".to_owned(),
        |name| user_object(name, present("groups", "<none>")),
    );
    let members = [
        ("auditID", fields.get("id").map(quoted)),
        ("stage", fields.get("stage").map(quoted)),
        ("requestURI", Some(quoted(uri))),
        ("verb", Some(quoted(&verb(method, uri)))),
        ("user", fields.get("user").map(|_| user)),
        (
            "impersonatedUser",
            present("as", "<self>").map(|name| user_object(name, present("asgroups", "<lookup>"))),
        ),
        (
            "sourceIPs",
            present("ip", "<unknown>").map(|ip| format!("[{}]", quoted(ip))),
        ),
        ("userAgent", fields.get("user-agent").map(quoted)),
        (
            "responseStatus",
            code.map(|code| format!("{{\"metadata\":{{}},\"code\":{code}}}")),
        ),
        (
            "requestReceivedTimestamp",
            Some(time.trim())
                .filter(|time| time::parse(time).is_some())
                .map(quoted),
        ),
    ];
    LegacyLine::Event(RebuiltEvent {
        text: object(&members),
        missing: MissingFields {
            // Before 1.5, lines had no groups.
            groups: fields.get("groups").is_none(),
            query: false,
            size: true,
            is_response_stage: code.is_some(),
        },
        bad: Vec::new(),
    })
}

/// Writes the fields of an event that a line has.
fn object(members: &[(&str, Option<String>)]) -> String {
    let mut text = "{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"".to_owned();
    for (name, value) in members {
        if let Some(value) = value {
            text.push_str(&format!(",\"{name}\":{value}"));
        }
    }
    text.push('}');
    text
}

/// Writes a user with the groups, which are a list of quoted strings.
fn user_object(name: &str, groups: Option<&str>) -> String {
    let groups: Vec<String> = groups
        .map(|groups| {
            let mut rest = groups;
            let mut items = Vec::new();
            while let Some((item, after)) = unquoted(rest) {
                items.push(quoted(&item));
                rest = after.trim_start_matches([',', ' ']);
            }
            items
        })
        .unwrap_or_default();
    if groups.is_empty() {
        return format!("{{\"username\":{}}}", quoted(name));
    }
    format!(
        "{{\"username\":{},\"groups\":[{}]}}",
        quoted(name),
        groups.join(",")
    )
}

/// Returns the verb of a request. Before 1.7, lines had the HTTP method, from which the server derives the verb together with the URL
/// (`RequestInfoFactory`).
fn verb(method: &str, uri: &str) -> String {
    let is_method = method.bytes().all(|byte| byte.is_ascii_uppercase());
    if !is_method {
        return method.to_owned();
    }
    let mut request = Request::default();
    request.verb = "list".to_owned();
    read_uri(uri, &mut request);
    if !request.is_resource_request {
        return method.to_ascii_lowercase();
    }
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let is_old = |word: &str| path.split('/').skip(3).take(2).any(|part| part == word);
    if is_old("watch") || is_old("proxy") {
        return if is_old("watch") { "watch" } else { "proxy" }.to_owned();
    }
    // A field selector may name the object, but the URL does not.
    request.verb.clear();
    read_uri(path, &mut request);
    let is_watch = query
        .split('&')
        .any(|pair| matches!(pair, "watch=true" | "watch=1" | "watch"));
    match (method, request.name.is_empty()) {
        ("GET" | "HEAD", true) if is_watch => "watch",
        ("GET" | "HEAD", true) => "list",
        ("GET" | "HEAD", false) => "get",
        ("POST", _) => "create",
        ("PUT", _) => "update",
        ("PATCH", _) => "patch",
        ("DELETE", true) => "deletecollection",
        ("DELETE", false) => "delete",
        _ => "",
    }
    .to_owned()
}

/// The fields of a line.
struct Fields(Vec<(String, String)>);

impl Fields {
    /// Parses `name="value"` pairs. `None` if the text ends inside a value.
    fn parse(text: &str) -> Option<Self> {
        let mut fields = Vec::new();
        let mut rest = text.trim_ascii();
        while let Some((name, after)) = rest.split_once('=') {
            // In the oldest lines, the address is not quoted.
            // The content of a string whose start is missing.
            if after.starts_with('\\') {
                return None;
            }
            let (value, after) = if after.starts_with('"') {
                unquoted(after)?
            } else {
                let end = after.find(' ').unwrap_or(after.len());
                let (value, after) = after.split_at(end);
                (value.to_owned(), after)
            };
            fields.push((name.trim().to_owned(), value));
            rest = after.trim_start();
        }
        rest.is_empty().then_some(Self(fields))
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value.as_str())
    }
}

/// Decodes a string as Go's `%q` writes it at the start of a text, and returns the text after it. `None` if it does not end.
fn unquoted(text: &str) -> Option<(String, &str)> {
    let mut rest = text.strip_prefix('"')?;
    let mut out = String::new();
    loop {
        let at = rest.find(['"', '\\'])?;
        let (plain, after) = rest.split_at(at);
        out.push_str(plain);
        if let Some(end) = after.strip_prefix('"') {
            return Some((out, end));
        }
        let kind = after.chars().nth(1)?;
        let digits = match kind {
            'x' => 2,
            'u' => 4,
            'U' => 8,
            _ => 0,
        };
        let end = 1 + kind.len_utf8() + digits;
        let code = after.get(2..end).filter(|_| digits > 0);
        match code {
            Some(code) => {
                let code = u32::from_str_radix(code, 16).ok()?;
                // A byte that is not UTF-8 is only known as such in a recorded event.
                let is_byte = kind == 'x' && code > 0x7f;
                let character = char::from_u32(code).filter(|_| !is_byte);
                out.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
            }
            None => out.push(match kind {
                'n' => '\n',
                't' => '\t',
                'r' => '\r',
                'a' => '\u{7}',
                'b' => '\u{8}',
                'f' => '\u{c}',
                'v' => '\u{b}',
                other => other,
            }),
        }
        rest = after.get(end..)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::attributes::Attributes;
    use crate::event::Event;

    const LINE: &str = r#"2025-01-01T00:00:00.175532552Z AUDIT: id="8bc2fad3" stage="ResponseComplete" ip="192.0.2.61" method="watch" user="kubecfg" groups="\"system:masters\",\"system:authenticated\"" as="<self>" asgroups="<lookup>" user-agent="a \"b\"" namespace="<none>" uri="/api/v1/services?watch=true" response="200""#;

    #[test]
    fn a_line_is_an_event() {
        let LegacyLine::Event(rebuilt) = convert(LINE) else {
            panic!("{:?}", convert(LINE));
        };
        let event = Event::new(&rebuilt.text);
        let Attributes { request, unknown } = Attributes::from_event(&event);
        assert_eq!(request.user_name(), Some("kubecfg"));
        assert_eq!(request.groups, ["system:masters", "system:authenticated"]);
        assert_eq!(
            (request.verb.as_str(), request.resource.as_str()),
            ("watch", "services")
        );
        assert!(!unknown.any());
        assert_eq!(event.code(), Some(200));
        assert_eq!(event.level, None);
        assert_eq!(event.impersonated_user, None);
        assert_eq!(event.user_agent, Some(r#""a \"b\"""#));
        assert_eq!(event.time(), Some(1_735_689_600_175_532));
        assert_eq!(
            rebuilt.missing,
            MissingFields {
                size: true,
                is_response_stage: true,
                ..MissingFields::default()
            }
        );
    }

    #[test]
    fn absent_values_are_distinguished() {
        let line = r#"AUDIT: id="1" stage="ResponseStarted" ip="<unknown>" method="get" user="<none>" groups="<none>" as="bob" asgroups="\"x\"" namespace="d" uri="/x" response="<deferred>""#;
        let LegacyLine::Event(rebuilt) = convert(line) else {
            panic!("no event");
        };
        let event = Event::new(&rebuilt.text);
        assert_eq!(event.user, Some("{}"));
        assert_eq!(event.source_ips, None);
        assert_eq!(
            event.impersonated_user,
            Some(r#"{"username":"bob","groups":["x"]}"#)
        );
        assert_eq!(event.response_status, None);
        let response = r#"2017-01-01T00:00:00Z AUDIT: id="1" response="200""#;
        assert_eq!(
            convert(response),
            LegacyLine::Unrecognized(UnrecognizedKind::LegacyResponse)
        );
        assert_eq!(convert(&LINE[..150]), LegacyLine::Cut);
    }

    #[test]
    fn old_lines_have_http_methods() {
        for (method, uri, expected) in [
            ("GET", "/api/v1/pods", "list"),
            ("GET", "/api/v1/pods?watch=true", "watch"),
            ("GET", "/api/v1/watch/pods", "watch"),
            ("GET", "/api/v1/namespaces/d/pods/p", "get"),
            (
                "GET",
                "/api/v1/pods?fieldSelector=metadata.name%3Dp",
                "list",
            ),
            ("DELETE", "/api/v1/namespaces/d/pods", "deletecollection"),
            ("DELETE", "/api/v1/namespaces/d/pods/p", "delete"),
            ("POST", "/apis/apps/v1/namespaces/d/deployments", "create"),
            ("GET", "/healthz", "get"),
            ("POST", "/api/v1", "post"),
            ("list", "/api/v1/pods", "list"),
        ] {
            assert_eq!(verb(method, uri), expected, "{method} {uri}");
        }
    }

    #[test]
    fn the_start_of_a_line_is_found_behind_a_prefix() {
        for (text, at) in [
            (LINE.to_owned(), Some(0)),
            (format!("[pod/a/b] {LINE}"), Some(10)),
            (format!("x{}", &LINE[30..]), Some(2)),
            ("AUDIT: id=".to_owned(), Some(0)),
            (format!("{{{LINE}"), None),
            ("no".to_owned(), None),
        ] {
            assert_eq!(start(&text), at, "{text}");
        }
    }
}
