//! `AP042`: a resource that two API groups serve, in a rule that names one of them. `AP043`: `*`, or no resources, in the core group only.
//!
//! Both are reported only if an example request for the rule is logged differently in the other group, with any verb.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, quote_group, rule_name};
use super::witness::{self, LimitedMatcher};
use crate::codes::PolicyCode;
use crate::matcher::{Matcher, Verdict};
use crate::policy::{GroupResources, Rule};
use audit_types::{Fix, Level, Path, Request, RuleIndex, Severity};

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let mut limited = LimitedMatcher::new(lint.widest);
    let entries = policy.rules.iter().map(|rule| rule.resources.len());
    let size = policy.rules.len() + entries.sum::<usize>();
    for (index, rule) in policy.rules.iter().enumerate() {
        let has_no_effect = rule.level != Level::None && lint.may_omit_all(index, rule);
        if has_no_effect || lint.is_shadowed(index) || !lint.doubts.is_decided(index) {
            continue;
        }
        let mut verbs = None;
        for (at, entry) in rule.resources.iter().enumerate() {
            if !entry.resource_names.is_empty() || !is_candidate(lint, entry) {
                continue;
            }
            let Some(matcher) = limited.get(size) else {
                return;
            };
            let named = NamedResources {
                matcher,
                index,
                rule,
                verbs: verbs.get_or_insert_with(|| witness::verbs(rule)),
                entry,
                path: Path::rule(index).field("resources").index(at),
            };
            twin(lint, &named);
            core_only(lint, &named);
        }
    }
}

/// An entry of a rule, with what example requests for it need.
struct NamedResources<'a> {
    matcher: &'a Matcher,
    index: usize,
    rule: &'a Rule,
    /// Verbs that the rule matches.
    verbs: &'a [&'static str],
    entry: &'a GroupResources,
    path: Path,
}

impl NamedResources<'_> {
    /// Takes for each verb a request that the rule is the first to match, sends it to another group, and returns the first that is missed
    /// there, with its verdict.
    fn missed(
        &self,
        lint: &Lint,
        resource: (&str, &str),
        to: impl Fn(Request) -> Request,
        is_missed: fn(Level, Verdict) -> bool,
    ) -> Option<(Request, Verdict)> {
        let of_rule = (self.index, self.rule);
        let own = witness::first_matches(self.matcher, of_rule, self.entry, resource, self.verbs);
        let there = own.map(|own| {
            let there = to(own);
            let verdict = self.matcher.evaluate(&there);
            (there, verdict)
        });
        there
            .filter(|(_, verdict)| verdict.rule != Some(RuleIndex::new(self.index)))
            .find(|(_, verdict)| lint.is_certain(*verdict) && is_missed(self.rule.level, *verdict))
    }
}

/// Returns true if an entry may have a finding, so that policies without one need no matcher.
fn is_candidate(lint: &Lint, entry: &GroupResources) -> bool {
    entry.resources.is_empty() && entry.group.is_empty()
        || entry.resources.iter().take(64).any(|pattern| {
            let name = pattern.strip_suffix("/*").unwrap_or(pattern);
            pattern.starts_with('*') || lint.vocabulary.groups_with(name).len() > 1
        })
}

/// Reports a resource that another group serves as well.
fn twin(lint: &mut Lint, named: &NamedResources) {
    let NamedResources { entry, rule, .. } = named;
    for (at, pattern) in entry.resources.iter().enumerate().take(64) {
        let name = pattern.strip_suffix("/*").unwrap_or(pattern);
        let groups = lint.vocabulary.groups_with(name).to_vec();
        if groups.len() < 2 || !groups.contains(&entry.group.as_str()) {
            continue;
        }
        for other in groups.into_iter().filter(|group| *group != entry.group) {
            let to = |mut request: Request| {
                request.api_group = other.to_owned();
                request
            };
            let Some((there, verdict)) = named.missed(lint, (name, ""), to, is_less) else {
                continue;
            };
            let title = format!("add {} of the group {}", quote(name), quote_group(other));
            // The other group may have been left out on purpose.
            let fix = lint
                .report
                .insert_resources(&named.path, other, pattern, title)
                .map(Fix::as_choice);
            let diagnostic = DiagnosticBuilder {
                code: PolicyCode::EqualGroup,
                severity: Severity::Info,
                message: format!(
                    "{} is also in the API group {}, which {} does not match: {}",
                    quote(name),
                    quote_group(other),
                    rule_name(named.index),
                    instead(rule, &there, verdict)
                ),
                help: format!(
                    "both groups serve the same objects; list {} with the group {} as well",
                    quote(name),
                    quote_group(other)
                ),
            };
            lint.report
                .add(named.path.field("resources").index(at), diagnostic, fix);
        }
    }
}

/// Returns true if the rule's intention is not met: it drops requests that are logged, or logs requests that are logged at a lower level.
fn is_less(wanted: Level, found: Verdict) -> bool {
    if wanted == Level::None {
        found.level != Level::None
    } else {
        found.level < wanted
    }
}

/// States what happens to a request instead.
fn instead(rule: &Rule, request: &Request, verdict: Verdict) -> String {
    let is_of_anyone = rule.users.is_empty() && rule.user_groups.is_empty();
    let by = if is_of_anyone {
        String::new()
    } else {
        witness::sender(request, rule)
    };
    let verb = &request.verb;
    match verdict.rule {
        Some(other) => format!(
            "there, a `{verb}`{by} matches {other} at level `{}`",
            verdict.level
        ),
        None => format!("there, a `{verb}`{by} matches no rule, and is not logged"),
    }
}

/// Reports `*` and `*/status` in the core group, in a policy that does not do the same for other groups.
fn core_only(lint: &mut Lint, named: &NamedResources) {
    let NamedResources { entry, rule, .. } = named;
    let is_alone = rule.resources.iter().all(|entry| entry.group.is_empty());
    let wildcard = |pattern: &String| pattern == "*" || pattern.starts_with("*/");
    let at = entry.resources.iter().position(wildcard);
    // Without resources, an entry matches all of its group.
    if at.is_none() && !entry.resources.is_empty() {
        return;
    }
    if !is_alone || !entry.group.is_empty() || names_other_groups(lint, named.index) {
        return;
    }
    let listed = at.and_then(|at| entry.resources.get(at));
    let pattern = listed.map_or("*", String::as_str);
    let what = listed.map_or_else(
        || "an entry without `resources`".to_owned(),
        |pattern| quote(pattern),
    );
    let resources = named.path.field("resources");
    let path = at.map_or_else(|| named.path.clone(), |at| resources.index(at));
    let Some(there) = missed_elsewhere(lint, named, pattern) else {
        return;
    };
    let help = if lint.version.at_least(36) {
        "write `group: \"*\"` to match every group, or list the other groups".to_owned()
    } else {
        format!(
            "list the other groups as well; {} has no wildcard for groups",
            lint.version
        )
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::CoreOnly,
            severity: Severity::Info,
            message: format!(
                "{what} matches resources of the core group only: {} does not match, for example, `{}` of `apps`",
                rule_name(named.index),
                there.full_resource()
            ),
            help,
        },
        None,
    );
}

/// Returns a request for a resource of `apps` that is logged differently from the same request for the core group.
fn missed_elsewhere(lint: &Lint, named: &NamedResources, pattern: &str) -> Option<Request> {
    let subresource = pattern.strip_prefix("*/").unwrap_or_default();
    let names: &[&str] = match subresource {
        "" | "status" => &["pods", "nodes"],
        "scale" => &["replicationcontrollers"],
        // Other subresources are those of the core group.
        _ => return None,
    };
    let to = |mut request: Request| {
        request.api_group = "apps".to_owned();
        request.resource = "deployments".to_owned();
        request
    };
    let differs = |wanted: Level, verdict: Verdict| verdict.level != wanted;
    let mut found = names
        .iter()
        .filter_map(|name| named.missed(lint, (name, subresource), to, differs));
    found.next().map(|(there, _)| there)
}

/// Returns true if another rule of the policy has a wildcard for other groups, so that the limitation to core is probably meant.
fn names_other_groups(lint: &Lint, index: usize) -> bool {
    let rules = lint.widest.rules.iter().enumerate();
    rules.filter(|(at, _)| *at != index).any(|(_, rule)| {
        rule.resources.iter().any(|entry| {
            let is_wide = entry.resources.is_empty()
                || entry
                    .resources
                    .iter()
                    .any(|pattern| pattern.starts_with('*'));
            !entry.group.is_empty() && is_wide
        })
    })
}
