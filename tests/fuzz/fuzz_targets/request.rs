//! The request behind an event, compared with an implementation that follows the documentation literally.

#![no_main]

use audit_log::{Attributes, Event, placeholder};
use audit_policy::Request;
use libfuzzer_sys::fuzz_target;
use serde_json::json;

// The first line is the verb; the rest is the request URI.
fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // A character that stands for a byte elsewhere is taken for that byte: see `placeholder`.
    if placeholder::is_in(text) {
        return;
    }
    let (verb, uri) = text.split_once('\n').unwrap_or(("list", text));
    let request = read(verb, uri);
    let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
    let decoded = decoded(path).unwrap_or_else(|| path.to_owned());
    let expected = expected(verb, &decoded, query);
    match &expected {
        Some(expected) => assert_eq!(request, *expected),
        // The name comes from a query that the reference implementation does not support.
        None => assert!(request.is_resource_request),
    }

    // A path is the same regardless of its escapes.
    let bytes = placeholder::encode(&decoded);
    let escaped: String = bytes.iter().map(|byte| format!("%{byte:02x}")).collect();
    let again = read(verb, &escaped);
    assert_eq!(again.path, request.path);
    assert_eq!(again.resource, request.resource);
    assert_eq!(again.subresource, request.subresource);
});

fn read(verb: &str, uri: &str) -> Request {
    let event = json!({"verb": verb, "requestURI": uri, "user": {"username": "u"}}).to_string();
    let attributes = Attributes::from_event(&Event::new(&event));
    assert!(!attributes.unknown.any());
    attributes.request
}

/// Reference implementation of percent-decoding. `None` if an escape is invalid.
fn decoded(path: &str) -> Option<String> {
    let mut pieces = path.split('%');
    let mut bytes = pieces.next()?.as_bytes().to_vec();
    for piece in pieces {
        let digits = piece
            .get(..2)
            .filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()))?;
        bytes.push(u8::from_str_radix(digits, 16).ok()?);
        bytes.extend_from_slice(piece.as_bytes().get(2..)?);
    }
    Some(placeholder::decode(&bytes).into_owned())
}

/// Returns the request of a decoded path. `None` if the query determines the name and is not plain.
fn expected(verb: &str, path: &str, query: &str) -> Option<Request> {
    let mut request = Request::for_path(verb, path).with_user("u");
    let trimmed = path.trim_matches('/');
    let parts: Vec<&str> = trimmed.split('/').collect();
    let (group, mut parts) = match parts.as_slice() {
        ["api", _, rest @ ..] => ("", rest),
        ["apis", group, _, rest @ ..] => (*group, rest),
        _ => return Some(request),
    };
    let prefix = parts
        .first()
        .copied()
        .filter(|first| ["watch", "proxy"].contains(first));
    if prefix.is_some() {
        parts = &parts[1..];
    }
    if parts.is_empty() {
        return Some(request);
    }
    request.is_resource_request = true;
    request.api_group = group.to_owned();
    match parts {
        ["namespaces", namespace, "status" | "finalize", ..] | ["namespaces", namespace] => {
            request.namespace = (*namespace).to_owned();
        }
        ["namespaces", namespace, rest @ ..] => {
            request.namespace = (*namespace).to_owned();
            parts = rest;
        }
        _ => {}
    }
    let part = |at: usize| parts.get(at).copied().unwrap_or_default().to_owned();
    (request.resource, request.name) = (part(0), part(1));
    if prefix != Some("proxy") {
        request.subresource = part(2);
    }
    if prefix.is_none() && ["list", "watch"].contains(&verb) && request.name.is_empty() {
        // A label selector can invalidate the others, and the terms of a selector are sorted.
        if query.contains(['%', '+', ';', '\\', ',']) || query.contains("labelSelector") {
            return None;
        }
        request.name = selected_name(query).unwrap_or_default();
    }
    Some(request)
}

/// Returns the name that a query without escapes selects.
fn selected_name(query: &str) -> Option<String> {
    let value_of = |name: &str| {
        query
            .split('&')
            .find_map(|pair| match pair.split_once('=') {
                Some((key, value)) => (key == name).then_some(value),
                None => (pair == name && !pair.is_empty()).then_some(""),
            })
    };
    for number in ["limit", "timeoutSeconds"] {
        if let Some(value) = value_of(number) {
            value.parse::<i64>().ok()?;
        }
    }
    let mut name = None;
    for term in value_of("fieldSelector")?
        .split(',')
        .filter(|term| !term.is_empty())
    {
        let (field, value) = term.split_once('=')?;
        let (field, differs) = match field.strip_suffix('!') {
            Some(field) => (field, true),
            None => (field, false),
        };
        let value = if differs {
            value
        } else {
            value.strip_prefix('=').unwrap_or(value)
        };
        if value.contains('=') {
            return None;
        }
        if field == "metadata.name" && !differs {
            name = name.or(Some(value));
        }
    }
    name.filter(|name| ![".", ".."].contains(name) && !name.contains('/'))
        .map(str::to_owned)
}
