//! Diagnostics for values that validation rejects.

use super::context::{DiagnosticContext, finding as start, replace, value_name};
use crate::codes::PolicyCode;
use crate::url_path::{self, Problem};
use crate::validate::{self, InvalidValue};
use audit_types::KubernetesVersion;
use audit_types::Span;
use audit_types::spelling;
use audit_types::{Diagnostic, Fix, Path, Severity};
use audit_types::{Level, Stage};
use kube_yaml::tree::{Tree, Value};

/// AP005: the server's validation error at the value it is context.
pub(super) fn finding(invalid: &InvalidValue, context: DiagnosticContext<'_>) -> Diagnostic {
    let span = span_of(context.tree, &invalid.path);
    let message = format!("{}: {}", value_name(&invalid.path), explain(&invalid.body));
    let mut finding = start(PolicyCode::InvalidValue, Severity::Error, message, span);
    finding.path = invalid.path.clone();
    finding.help = advice(invalid, context.version);
    finding.fix = respell(invalid, context.tree, span);
    finding
}

/// Returns the span of the value, or of the nearest enclosing key or value.
fn span_of(tree: &Tree, path: &Path) -> Span {
    let mut steps = path.clone();
    loop {
        if let Some(located) = tree.locate(&steps) {
            let is_itself = steps == *path;
            if is_itself && located.value.start < located.value.end {
                return located.value;
            }
            return match located.key {
                Some(key) => key,
                None => first_key(tree, &steps).unwrap_or(located.value),
            };
        }
        if steps.0.pop().is_none() {
            return Span::default();
        }
    }
}

/// Returns the first key that is written in the mapping at the path.
fn first_key(tree: &Tree, path: &Path) -> Option<Span> {
    let span = tree.locate(path)?.value;
    let node = tree.node(path)?;
    match tree.get(node) {
        Value::Object(entries) => entries
            .iter()
            .map(|entry| entry.key_span)
            .filter(|key| span.start <= key.start && key.end <= span.end)
            .min_by_key(|key| key.start),
        _ => None,
    }
}

/// Returns the server's validation error in lowercase, with its regular expression left out.
fn explain(body: &str) -> String {
    let subdomain = "a lowercase RFC 1123 subdomain";
    match body.find(subdomain) {
        Some(at) => format!(
            "{}an API group may contain only lowercase letters, digits, `-` and `.`",
            uncapitalized(body.get(..at).unwrap_or_default())
        ),
        None => uncapitalized(body),
    }
}

/// Returns a text with its first letter in lowercase; the rest may quote a value.
fn uncapitalized(text: &str) -> String {
    let mut letters = text.chars();
    match letters.next() {
        Some(first) => format!("{}{}", first.to_lowercase(), letters.as_str()),
        None => String::new(),
    }
}

fn advice(invalid: &InvalidValue, version: KubernetesVersion) -> String {
    let path = invalid.path.to_string();
    if path.ends_with(".group") {
        return if invalid.body.contains("\"*\"") {
            format!("`*` as a group requires 1.36; {version} rejects it")
        } else if !invalid.body.contains('/')
            && invalid.body.split('"').nth(1).is_some_and(has_capital)
        {
            "groups are lowercase, as in URLs".to_owned()
        } else if invalid.body.contains("Invalid value: \"*") {
            "a group has no pattern: write the exact group, one entry per group".to_owned()
        } else {
            "write the group without its version, such as `apps`; the core group is `\"\"`"
                .to_owned()
        };
    }
    if path.ends_with(".level") {
        return "use `None`, `Metadata`, `Request` or `RequestResponse`; case matters".to_owned();
    }
    if path.ends_with(".resourceNames") {
        return "add the `resources` that the names belong to".to_owned();
    }
    if path.ends_with(".nonResourceURLs") {
        return "split the rule into one for resources and one for URLs".to_owned();
    }
    if path.contains("omitStages[") {
        return "use `RequestReceived`, `ResponseStarted`, `ResponseComplete` or `Panic`; case matters"
            .to_owned();
    }
    if path.contains("nonResourceURLs[") {
        let url = invalid.body.split('"').nth(1).unwrap_or_default();
        return url_help(url).to_owned();
    }
    String::new()
}

/// Returns the help for a URL that the server rejects.
fn url_help(url: &str) -> &'static str {
    match url_path::problem(url) {
        // Its start would match other requests than those that were meant.
        Some(Problem::Resource(_)) => {
            "this is the path of a resource, which only `resources` matches, in a rule without `nonResourceURLs`"
        }
        Some(_) => "write only the path of the URL, with no `*` but one at its end",
        None if !url.starts_with('/') => {
            "write the path of the URL, such as `/healthz`, with no `*` but one at its end"
        }
        None => "end the URL at its first `*`: it then matches every path that starts like this",
    }
}

fn has_capital(text: &str) -> bool {
    text.bytes().any(|byte| byte.is_ascii_uppercase())
}

/// Returns the name that a text is, except for its case or few letters.
fn meant(text: &str, names: impl Iterator<Item = &'static str> + Clone) -> Option<&'static str> {
    let text = text.trim();
    let exact = names.clone().find(|name| name.eq_ignore_ascii_case(text));
    exact.or_else(|| {
        let mut close = names.filter(|name| text.len() >= 4 && spelling::distance(name, text) <= 2);
        close.next()
    })
}

/// Fix for a value that is right except for its spelling, and for a group with a version.
fn respell(invalid: &InvalidValue, tree: &Tree, span: Span) -> Option<Fix> {
    let node = tree.node(&invalid.path)?;
    let Value::Text(text) = tree.get(node) else {
        return None;
    };
    let path = invalid.path.to_string();
    let wanted = if path.ends_with(".level") {
        meant(text, Level::ALL.into_iter().map(Level::name))?
    } else if path.contains("omitStages[") {
        meant(text, Stage::ALL.into_iter().map(Stage::name))?
    } else if path.ends_with(".group") {
        let (group, version) = text.split_once('/')?;
        let is_version = version.starts_with('v') && !group.is_empty();
        let is_group = group.bytes().all(|byte| {
            byte.is_ascii_lowercase() || byte.is_ascii_digit() || matches!(byte, b'-' | b'.')
        });
        (is_version && is_group).then_some(group)?
    } else if path.contains("nonResourceURLs[") {
        return with_slash(text, span);
    } else {
        return None;
    };
    Some(replace(
        format!("write `{wanted}`"),
        span,
        format!("\"{wanted}\""),
    ))
}

/// Fix for a URL without its leading slash.
fn with_slash(url: &str, span: Span) -> Option<Fix> {
    let wanted = format!("/{url}");
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-*".contains(&byte);
    let is_path = !url.starts_with('/') && !url.is_empty() && url.bytes().all(is_plain);
    let is_valid = is_path
        && validate::url_problems(&wanted).is_empty()
        && url_path::problem(&wanted).is_none();
    is_valid.then(|| {
        let title = format!("write `{wanted}`");
        replace(title, span, format!("\"{wanted}\""))
    })
}
