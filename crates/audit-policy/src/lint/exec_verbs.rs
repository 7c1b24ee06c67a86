//! `AP044`: a rule that logs exec, attach or port forwarding with one of its verbs, while requests with the other one are not logged.
//!
//! These subresources are opened with a POST over SPDY, which is a `create`, or with a GET over WebSockets, which is a `get`. kubectl uses
//! WebSockets since 1.31.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, rule_name};
use super::streams;
use super::witness::{self, LimitedMatcher};
use crate::codes::PolicyCode;
use crate::matcher::Matcher;
use crate::policy::{GroupResources, Rule};
use audit_types::{Fix, Level, Path, Request, Severity};

/// Subresources that are opened with either verb.
const SUBRESOURCES: [&str; 3] = ["exec", "attach", "portforward"];

/// A pattern of a rule that lists one of the subresources.
struct NamedStream<'a> {
    index: usize,
    rule: &'a Rule,
    entry: &'a GroupResources,
    subresource: &'static str,
    /// `pods/*` does not say which of the subresources is meant.
    is_wildcard: bool,
    /// Path of the pattern.
    path: Path,
}

/// Reports for each rule the first subresource of which one verb is not logged.
pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let mut limited = LimitedMatcher::new(lint.widest);
    for (index, rule) in policy.rules.iter().enumerate() {
        let is_known = lint.doubts.is_decided(index) && rule.level != Level::None;
        if !is_known || lint.is_shadowed(index) || lint.may_omit_all(index, rule) {
            continue;
        }
        let streams = named(index, rule);
        for stream in &streams {
            let Some(matcher) = limited.get(policy.rules.len()) else {
                return;
            };
            if check(lint, matcher, stream) {
                break;
            }
        }
    }
}

/// Returns the patterns of a rule that list the subresources, the first for each; or else `pods/*`, for exec.
fn named(index: usize, rule: &Rule) -> Vec<NamedStream<'_>> {
    let found = matching(index, rule, |pattern| {
        SUBRESOURCES.into_iter().find(|subresource| {
            matches!(pattern.split_once('/'), Some(("pods" | "*", own)) if own == *subresource)
        })
    });
    if !found.is_empty() {
        return found;
    }
    matching(index, rule, |pattern| {
        (pattern == "pods/*").then_some("exec")
    })
}

fn matching(
    index: usize,
    rule: &Rule,
    find: impl Fn(&str) -> Option<&'static str>,
) -> Vec<NamedStream<'_>> {
    let mut found: Vec<NamedStream> = Vec::new();
    for (at, entry) in rule.resources.iter().enumerate() {
        let is_core = entry.group.is_empty() || entry.group == "*";
        if !is_core || !entry.resource_names.is_empty() {
            continue;
        }
        for (pattern_at, pattern) in entry.resources.iter().enumerate() {
            let is_new = |one: &&'static str| found.iter().all(|other| other.subresource != *one);
            let Some(subresource) = find(pattern).filter(|one| is_new(one)) else {
                continue;
            };
            let path = Path::rule(index).field("resources").index(at);
            found.push(NamedStream {
                index,
                rule,
                entry,
                subresource,
                is_wildcard: pattern == "pods/*",
                path: path.field("resources").index(pattern_at),
            });
        }
    }
    found
}

/// Reports a subresource that the rule logs with one verb, if the same request with the other verb is not logged. Returns true if there is
/// a finding.
fn check(lint: &mut Lint, matcher: &Matcher, stream: &NamedStream) -> bool {
    [("create", "get"), ("get", "create")]
        .into_iter()
        .any(|(own, other)| {
            let Some(request) = unlogged(lint, matcher, stream, (own, other)) else {
                return false;
            };
            report(lint, matcher, stream, &request);
            true
        })
}

/// Returns a request with the other verb that is not logged, although the rule logs it with its own.
fn unlogged(
    lint: &Lint,
    matcher: &Matcher,
    stream: &NamedStream,
    (own, other): (&'static str, &'static str),
) -> Option<Request> {
    let is_listed =
        |verb| stream.rule.verbs.is_empty() || stream.rule.verbs.iter().any(|own| own == verb);
    if !is_listed(own) {
        return None;
    }
    let of_rule = (stream.index, stream.rule);
    let target = ("pods", stream.subresource);
    let verbs = [own];
    let mut logged = witness::first_matches(matcher, of_rule, stream.entry, target, &verbs);
    let mut request = logged.next()?;
    request.verb = other.to_owned();
    let verdict = matcher.evaluate(&request);
    (verdict.level == Level::None && lint.is_certain(verdict)).then_some(request)
}

fn report(lint: &mut Lint, matcher: &Matcher, stream: &NamedStream, request: &Request) {
    let NamedStream { index, rule, .. } = stream;
    let name = rule_name(*index);
    let verb = quote(&request.verb);
    let deciding = matcher.evaluate(request).rule;
    let is_earlier = deciding.is_some_and(|deciding| deciding.get() < *index);
    let why = match deciding {
        Some(deciding) if is_earlier => {
            format!("{deciding} matches it before {name}, at level `None`")
        }
        Some(deciding) => {
            format!("{name} does not list the verb, and {deciding} matches it at level `None`")
        }
        None => format!("{name} does not list the verb, and no other rule matches it"),
    };
    let is_get = request.verb == "get";
    let who = if is_get {
        "kubectl sends a `get` since 1.31, over WebSockets, and a `create` before"
    } else {
        "clients that use SPDY, such as kubectl before 1.31, send a `create`"
    };
    let remedy = match deciding {
        Some(deciding) if is_earlier => format!("move {name} above {deciding}"),
        _ => format!("add {verb} to `verbs`"),
    };
    let is_usual = is_get && lint.version.at_least(31);
    let severity = if is_usual && !stream.is_wildcard {
        Severity::Warning
    } else {
        Severity::Info
    };
    let fix = (is_usual && !is_earlier && streams::is_stream_only(rule))
        .then(|| with_verb(lint, stream, &request.verb))
        .flatten();
    lint.report.add(
        stream.path.clone(),
        DiagnosticBuilder {
            code: PolicyCode::UnloggedExec,
            severity,
            message: format!(
                "a {verb} of `pods/{}` is not logged: {why}",
                stream.subresource
            ),
            help: format!("{who}; {remedy}"),
        },
        fix,
    );
}

/// Fix that adds a verb to the rule.
fn with_verb(lint: &Lint, stream: &NamedStream, verb: &str) -> Option<Fix> {
    let mut verbs = stream.rule.verbs.clone();
    verbs.push(verb.to_owned());
    let path = Path::rule(stream.index).field("verbs");
    let title = format!("add {} to `verbs`", quote(verb));
    lint.report.replace_list(&path, "verbs", &verbs, title)
}
