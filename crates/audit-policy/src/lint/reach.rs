//! `AP020`: rules that never match. `AP027`: requests that no rule matches.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, rule_name};
use super::subsume::search;
use crate::codes::PolicyCode;
use crate::policy::{Policy, Rule};
use audit_types::{Level, StageSet};
use audit_types::{Path, Severity};

pub(super) fn lint(lint: &mut Lint) {
    let (shadows, unseen) = search(lint.widest, |rule| lint.doubts.is_read(rule));
    lint.shadows = shadows;
    for later in 0..lint.shadows.len() {
        if let Some(earlier) = lint.shadows.get(later).copied().flatten() {
            unreachable(lint, earlier, later);
        }
    }
    if let Some(rule) = unseen {
        lint.report.add_for_rule(
            rule,
            DiagnosticBuilder {
                code: PolicyCode::UnreachableRule,
                severity: Severity::Info,
                message: format!(
                    "rules from {} on were not compared with earlier rules",
                    rule_name(rule)
                ),
                help: "the policy is too long; some of these rules may never match".to_owned(),
            },
        );
    }
    catch_all(lint);
}

fn unreachable(lint: &mut Lint, earlier: usize, later: usize) {
    // Building the message compares both rules; a long earlier rule may cover many later ones.
    if lint.report.is_full(PolicyCode::UnreachableRule) {
        return;
    }
    let policy = lint.policy;
    let (Some(first), Some(second)) = (policy.rules.get(earlier), policy.rules.get(later)) else {
        return;
    };
    let why = reason(earlier, first);
    let effects = effects(lint, (earlier, first), (later, second));
    let diagnostic = if effects == Effects::Same {
        DiagnosticBuilder {
            code: PolicyCode::UnreachableRule,
            severity: Severity::Info,
            message: format!(
                "{} is redundant: {} matches all its requests first, with the same effect",
                rule_name(later),
                rule_name(earlier)
            ),
            help: format!("{why}; remove {}", rule_name(later)),
        }
    } else {
        let difference = match effects {
            Effects::Levels => {
                format!(", at level `{}` instead of `{}`", first.level, second.level)
            }
            Effects::Rest => ", with different omitted stages or fields".to_owned(),
            Effects::Same | Effects::Unknown => String::new(),
        };
        let is_same = lint.doubts.is_read(later) && same_requests(first, second);
        DiagnosticBuilder {
            code: PolicyCode::UnreachableRule,
            severity: Severity::Warning,
            message: format!(
                "{} can never match: {} matches all its requests first{difference}",
                rule_name(later),
                rule_name(earlier)
            ),
            help: if is_same {
                format!("{why}; both have the same conditions, so remove one of them")
            } else {
                format!(
                    "{why}; move {} above {}, or remove it",
                    rule_name(later),
                    rule_name(earlier)
                )
            },
        }
    };
    lint.report
        .add_for_rules(later, earlier, "this rule matches first", diagnostic);
}

/// States why an earlier rule matches everything that a later one could match.
fn reason(earlier: usize, first: &Rule) -> String {
    let conditions = constraints(first);
    if conditions.is_empty() {
        format!(
            "{} has no conditions, so it matches every request",
            rule_name(earlier)
        )
    } else {
        format!(
            "everything it could match is covered by the {} of {}",
            join_and(&conditions),
            rule_name(earlier)
        )
    }
}

/// Comparison of what two rules log.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Effects {
    Same,
    /// The levels differ.
    Levels,
    /// Omitted stages or fields differ.
    Rest,
    /// A level or stage that decides it was not read.
    Unknown,
}

fn effects(
    lint: &Lint,
    (earlier, first): (usize, &Rule),
    (later, second): (usize, &Rule),
) -> Effects {
    let doubts = lint.doubts;
    let levels = (doubts.level(earlier, first), doubts.level(later, second));
    let (Some(one), Some(other)) = levels else {
        return Effects::Unknown;
    };
    let is_rest_read = |index: usize| {
        let fields = Path::rule(index).field("omitManagedFields");
        doubts.are_stages_read(index) && !doubts.is_rejected(&fields)
    };
    if one != other {
        Effects::Levels
    } else if one != Level::None && !(is_rest_read(earlier) && is_rest_read(later)) {
        Effects::Unknown
    } else if same_effect(lint.policy, first, second) {
        Effects::Same
    } else {
        Effects::Rest
    }
}

/// Returns true if both rules have the same conditions, written in the same way.
fn same_requests(a: &Rule, b: &Rule) -> bool {
    let conditions = |rule: &Rule| Rule {
        level: Level::None,
        omit_stages: Vec::new(),
        omit_managed_fields: None,
        ..rule.clone()
    };
    conditions(a) == conditions(b)
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

/// Returns the fields in which a rule has conditions.
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

/// Reports a policy without a catch-all: neither a rule without conditions, nor one for all resources and one for all URLs.
///
/// A rule with conditions that are not known may be the catch-all, if its other conditions allow that.
fn catch_all(lint: &mut Lint) {
    let plain = |rule: &&Rule| {
        rule.users.is_empty() && rule.user_groups.is_empty() && rule.verbs.is_empty()
    };
    let plain: Vec<&Rule> = lint.widest.rules.iter().filter(plain).collect();
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
            code: PolicyCode::NoCatchAll,
            severity: Severity::Info,
            message: "no catch-all rule: requests that match no rule are not logged".to_owned(),
            help: "to log them, end with a rule that has only a level, such as `- level: Metadata`"
                .to_owned(),
        },
        None,
    );
}
