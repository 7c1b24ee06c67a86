//! `AP020`: rules that never decide. `AP027`: requests that no rule decides.

use super::Lint;
use super::report::{DiagnosticBuilder, join_and, rule_name};
use super::subsume::search;
use crate::finding::{Path, Severity};
use crate::level::{Level, StageSet};
use crate::policy::{Policy, Rule};

pub(super) fn lint(lint: &mut Lint) {
    let (shadows, unseen) = search(lint.policy);
    for (later, earlier) in shadows.iter().enumerate() {
        if let Some(earlier) = earlier {
            unreachable(lint, *earlier, later);
        }
    }
    if let Some(rule) = unseen {
        lint.report.add_for_rule(
            rule,
            DiagnosticBuilder {
                code: "AP020",
                severity: Severity::Info,
                message: format!(
                    "from {} on, rules were not compared with the earlier ones",
                    rule_name(rule)
                ),
                help:
                    "the policy is too long for that; rules that can never match may be among them"
                        .to_owned(),
            },
        );
    }
    catch_all(lint);
}

fn unreachable(lint: &mut Lint, earlier: usize, later: usize) {
    // The two rules are compared for it, and the earlier one may be long and take many later ones.
    if lint.report.is_full("AP020") {
        return;
    }
    let policy = lint.policy;
    let (Some(first), Some(second)) = (policy.rules.get(earlier), policy.rules.get(later)) else {
        return;
    };
    let place = match lint.report.line_of_rule(earlier) {
        Some(line) => format!("{} (line {line})", rule_name(earlier)),
        None => rule_name(earlier),
    };
    let asks = constraints(first);
    let why = if asks.is_empty() {
        format!(
            "{} asks for nothing, so it takes every request",
            rule_name(earlier)
        )
    } else {
        format!(
            "whatever it could match is within the {} of {}",
            join_and(&asks),
            rule_name(earlier)
        )
    };
    let claim = if same_effect(policy, first, second) {
        DiagnosticBuilder {
            code: "AP020",
            severity: Severity::Info,
            message: format!(
                "{} is redundant: {place} catches all of it, with the same effect",
                rule_name(later)
            ),
            help: format!("{why}; it can be removed"),
        }
    } else {
        let difference = if first.level == second.level {
            "with other omitted stages or fields".to_owned()
        } else {
            format!("at level `{}` instead of `{}`", first.level, second.level)
        };
        DiagnosticBuilder {
            code: "AP020",
            severity: Severity::Warning,
            message: format!(
                "{} can never match: {place} catches all of it, {difference}",
                rule_name(later)
            ),
            help: if same_requests(first, second) {
                format!("{why}; both ask for the same, so one of them has to go")
            } else {
                format!("{why}; move it above {}, or remove it", rule_name(earlier))
            },
        }
    };
    lint.report.add_for_rule(later, claim);
}

/// Whether both rules ask for the same, word by word.
fn same_requests(a: &Rule, b: &Rule) -> bool {
    let asks = |rule: &Rule| Rule {
        level: Level::None,
        omit_stages: Vec::new(),
        omit_managed_fields: None,
        ..rule.clone()
    };
    asks(a) == asks(b)
}

fn same_effect(policy: &Policy, a: &Rule, b: &Rule) -> bool {
    let stages = |rule: &Rule| -> StageSet {
        let both = policy.omit_stages.iter().chain(&rule.omit_stages);
        both.copied().collect()
    };
    let fields = |rule: &Rule| {
        rule.omit_managed_fields
            .unwrap_or(policy.omit_managed_fields)
    };
    a.level == b.level
        && (a.level == Level::None || (stages(a) == stages(b) && fields(a) == fields(b)))
}

/// The fields in which a rule asks for something.
fn constraints(rule: &Rule) -> Vec<String> {
    [
        ("users", rule.users.is_empty()),
        ("userGroups", rule.user_groups.is_empty()),
        ("verbs", rule.verbs.is_empty()),
        ("namespaces", rule.namespaces.is_empty()),
        ("resources", rule.resources.is_empty()),
        ("nonResourceURLs", rule.non_resource_urls.is_empty()),
    ]
    .into_iter()
    .filter(|(_, is_empty)| !is_empty)
    .map(|(field, _)| format!("`{field}`"))
    .collect()
}

/// Whether every request finds a rule: by one that asks for nothing, or by one for every resource and one for every URL.
fn catch_all(lint: &mut Lint) {
    let plain = |rule: &&Rule| {
        rule.users.is_empty() && rule.user_groups.is_empty() && rule.verbs.is_empty()
    };
    let plain: Vec<&Rule> = lint.policy.rules.iter().filter(plain).collect();
    let urls = plain.iter().any(|rule| {
        rule.non_resource_urls
            .iter()
            .any(|url| url == "*" || url == "/*")
    });
    let resources = plain.iter().any(|rule| {
        let all = |patterns: &[String]| {
            patterns.is_empty() || patterns.iter().any(|pattern| pattern == "*")
        };
        let mut entries = rule.resources.iter();
        rule.namespaces.is_empty()
            && entries.any(|entry| {
                entry.group == "*" && all(&entry.resources) && entry.resource_names.is_empty()
            })
    });
    if (urls && resources) || plain.iter().any(|rule| constraints(rule).is_empty()) {
        return;
    }
    lint.report.add_for_key(
        Path::root().field("rules"),
        DiagnosticBuilder {
            code: "AP027",
            severity: Severity::Info,
            message: "no rule catches what the others leave: such requests are not recorded".to_owned(),
            help: "if that is not meant, end with a rule that has only a level, such as `- level: Metadata`".to_owned(),
        },
        None,
    );
}
