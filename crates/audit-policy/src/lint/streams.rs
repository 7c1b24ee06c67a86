//! `AP040`: the URL of an exec contains the command. `AP041`: a level for bodies, for requests that have none.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, quote, rule_name};
use super::subsume::EarlierRules;
use crate::codes::PolicyCode;
use crate::matcher::Matcher;
use crate::policy::{GroupResources, Policy, Rule};
use audit_types::{Level, Path, Request, Severity};

/// Subresources of the core group whose requests and responses have no body that is logged: the connection is upgraded, streamed or
/// proxied.
const STREAMS: [&str; 7] = [
    "pods/exec",
    "pods/attach",
    "pods/portforward",
    "pods/proxy",
    "pods/log",
    "services/proxy",
    "nodes/proxy",
];

/// Subresources with the same meaning for every resource.
const ANY_STREAMS: [&str; 5] = ["*/exec", "*/attach", "*/portforward", "*/proxy", "*/log"];

/// Verbs of an exec: `create` over SPDY, `get` over WebSockets.
const EXEC_VERBS: [&str; 2] = ["create", "get"];

/// Patterns that list the subresource with the command of an exec.
const EXEC: [&str; 3] = ["pods/exec", "pods/*", "*/exec"];

/// Returns true if the patterns of the entry only match requests that stream.
pub(super) fn is_stream(entry: &GroupResources, pattern: &str) -> bool {
    is_core(entry) && (STREAMS.contains(&pattern) || ANY_STREAMS.contains(&pattern))
}

/// Returns true if a rule only matches long-running requests.
pub(super) fn is_long_running(rule: &Rule) -> bool {
    let is_watch = !rule.verbs.is_empty() && rule.verbs.iter().all(|verb| verb == "watch");
    is_watch || is_stream_only(rule)
}

/// Returns true if a rule only matches requests that stream.
pub(super) fn is_stream_only(rule: &Rule) -> bool {
    !rule.resources.is_empty()
        && rule.resources.iter().all(|entry| {
            let mut patterns = entry.resources.iter();
            !entry.resources.is_empty() && patterns.all(|pattern| is_stream(entry, pattern))
        })
}

fn is_core(entry: &GroupResources) -> bool {
    entry.group.is_empty() || entry.group == "*"
}

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let mut is_exec_reported = false;
    let may_match = unread_for_exec(lint);
    let mut earlier = None;
    for (index, rule) in policy.rules.iter().enumerate() {
        let level = lint.doubts.level(index, rule).unwrap_or(Level::None);
        if level == Level::None || lint.is_shadowed(index) || lint.may_omit_all(index, rule) {
            continue;
        }
        let may_be_first = lint.doubts.is_read(index) && may_match.is_none_or(|at| index < at);
        if !is_exec_reported && may_be_first {
            let earlier = earlier.get_or_insert_with(|| EarlierRules::new(lint.widest));
            is_exec_reported = exec(lint, earlier, index, rule);
        }
        if level > Level::Metadata {
            bodies(lint, index, rule, level);
        }
    }
}

/// Returns the first rule that was not read and may match every exec.
fn unread_for_exec(lint: &Lint) -> Option<usize> {
    let mut rules = lint.widest.rules.iter().enumerate();
    let (index, _) = rules.find(|(index, rule)| {
        if lint.doubts.is_read(*index) {
            return false;
        }
        let namespace = rule.namespaces.first().cloned().unwrap_or_default();
        let exec = Request::for_resource("create", "", "pods")
            .with_subresource("exec")
            .with_namespace(namespace);
        let of_anyone = Rule {
            resources: rule.resources.clone(),
            namespaces: rule.namespaces.clone(),
            non_resource_urls: rule.non_resource_urls.clone(),
            ..Rule::default()
        };
        let policy = Policy {
            rules: vec![of_anyone],
            ..Policy::default()
        };
        Matcher::new(&policy).evaluate(&exec).rule.is_some()
    })?;
    Some(index)
}

/// Returns the first pattern of a rule that lists exec, unless earlier rules match all these requests: its entry and its place in it.
fn logged_exec(
    lint: &Lint,
    earlier: &mut EarlierRules,
    index: usize,
    rule: &Rule,
) -> Option<(usize, usize)> {
    let verbs: Vec<&str> = EXEC_VERBS
        .into_iter()
        .filter(|verb| rule.verbs.is_empty() || rule.verbs.iter().any(|own| own == verb))
        .collect();
    let mut entries = rule.resources.iter().enumerate();
    entries.find_map(|(at, entry)| {
        let mut patterns = entry.resources.iter();
        let pattern = patterns.position(|pattern| EXEC.contains(&pattern.as_str()))?;
        let is_first = |verb: &str| {
            let part = Rule {
                verbs: vec![verb.to_owned()],
                resources: vec![GroupResources {
                    group: String::new(),
                    resources: vec!["pods/exec".to_owned()],
                    resource_names: entry.resource_names.clone(),
                }],
                ..rule.clone()
            };
            earlier.cover(&part, index, |rule| lint.doubts.is_read(rule)) == Some(false)
        };
        (is_core(entry) && verbs.iter().copied().any(is_first)).then_some((at, pattern))
    })
}

/// Reports the first rule that names exec. Returns true if there is a finding.
fn exec(lint: &mut Lint, earlier: &mut EarlierRules, index: usize, rule: &Rule) -> bool {
    let Some((at, pattern)) = logged_exec(lint, earlier, index, rule) else {
        return false;
    };
    let path = Path::rule(index).field("resources").index(at);
    let message = format!(
        "{} logs the commands of exec with their arguments: `requestURI` contains them, even at level `Metadata`",
        rule_name(index)
    );
    lint.report.add(
        path.field("resources").index(pattern),
        DiagnosticBuilder {
            code: PolicyCode::LoggedCommands,
            severity: Severity::Info,
            message,
            help: "passwords and tokens on a command line end up in the log; restrict who reads it, and pass secrets through standard \
                   input or files"
                .to_owned(),
        },
        None,
    );
    true
}

/// Reports a level for bodies in a rule whose requests have none, or that lists streaming subresources.
fn bodies(lint: &mut Lint, index: usize, rule: &Rule, level: Level) {
    let is_for_resources = !rule.resources.is_empty() || !rule.namespaces.is_empty();
    if is_stream_only(rule) || !lint.doubts.is_read(index) {
        streams(lint, index, rule, level);
    } else if !is_for_resources && !rule.non_resource_urls.is_empty() {
        let message = format!(
            "non-resource requests have no body to log: {} logs the same of them at level `{level}` as at `Metadata`",
            rule_name(index)
        );
        report(
            lint,
            Path::rule(index).field("level"),
            message,
            "write `level: Metadata`".to_owned(),
        );
    } else if let Some((message, help)) = bodiless_verbs(index, rule, level) {
        report(lint, Path::rule(index).field("level"), message, help);
    } else {
        streams(lint, index, rule, level);
    }
}

/// Returns message and help for a rule whose verbs have no body at its level: no read has a request body, and a watch has no response
/// body.
fn bodiless_verbs(index: usize, rule: &Rule, level: Level) -> Option<(String, String)> {
    let (bodiless, what): (&[&str], _) = if level == Level::Request {
        (&["get", "list", "watch"], "no request body")
    } else {
        (&["watch"], "no body")
    };
    let is_bodiless = |verb: &String| bodiless.contains(&verb.as_str());
    if rule.verbs.is_empty() || !rule.verbs.iter().all(is_bodiless) {
        return None;
    }
    let lists = |verb: &&&str| rule.verbs.iter().any(|own| own == *verb);
    let names: Vec<String> = bodiless
        .iter()
        .filter(lists)
        .map(|verb| quote(verb))
        .collect();
    let (has, them) = if names.len() == 1 {
        ("has", "it")
    } else {
        ("have", "them")
    };
    let message = format!(
        "{} {has} {what} to log: {} logs the same of {them} at level `{level}` as at `Metadata`",
        join_and(&names),
        rule_name(index)
    );
    let is_watch_only = names.len() == 1 && lists(&&"watch");
    let help = if is_watch_only {
        "write `level: Metadata`; the events of a watch are not logged at any level"
    } else {
        "write `level: Metadata`, or `RequestResponse` to log the objects that are returned"
    };
    Some((message, help.to_owned()))
}

/// Reports streaming subresources in a rule with a level for bodies.
fn streams(lint: &mut Lint, index: usize, rule: &Rule, level: Level) {
    let mut names: Vec<String> = Vec::new();
    let mut place = None;
    for (at, entry) in rule.resources.iter().enumerate() {
        for (pattern_at, pattern) in entry.resources.iter().enumerate() {
            let shown = quote(pattern);
            if is_stream(entry, pattern) && names.len() < STREAMS.len() && !names.contains(&shown) {
                names.push(shown);
                let path = Path::rule(index).field("resources").index(at);
                place.get_or_insert_with(|| path.field("resources").index(pattern_at));
            }
        }
    }
    let Some(place) = place else {
        return;
    };
    let help = if is_stream_only(rule) {
        "their options are the query of `requestURI`, which `level: Metadata` logs as well"
    } else {
        "their options are the query of `requestURI`, which `Metadata` logs as well; the level matters for the other resources of the rule"
    };
    let (have, them) = if names.len() == 1 {
        ("has", "it")
    } else {
        ("have", "them")
    };
    let message = format!(
        "{} {have} no body to log: level `{level}` logs the same of {them} as `Metadata`",
        join_and(&names)
    );
    report(lint, place, message, help.to_owned());
}

fn report(lint: &mut Lint, place: Path, message: String, help: String) {
    lint.report.add(
        place,
        DiagnosticBuilder {
            code: PolicyCode::NoBodies,
            severity: Severity::Info,
            message,
            help,
        },
        None,
    );
}
