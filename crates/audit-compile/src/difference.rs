//! Parts of a policy that a target cannot express.

use std::fmt;

use audit_policy::{Policy, Rule};
use audit_types::RuleIndex;

use crate::target::Target;

/// A part of a policy that the program treats differently from the server.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Difference {
    /// The rule.
    pub rule: RuleIndex,
    /// The field of the rule.
    pub field: &'static str,
    /// The reason, in words.
    pub reason: &'static str,
}

impl fmt::Display for Difference {
    /// Writes rule, field and reason: "rule 2: `users`: …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            rule,
            field,
            reason,
        } = self;
        write!(f, "{rule}: `{field}`: {reason}")
    }
}

const JQ: &str =
    "a text contains U+FFFD, which jq also reads where an event has bytes that are not UTF-8";

const VECTOR: &str =
    "a text contains U+FFFD, which Vector also reads where an event has bytes that are not UTF-8";

/// Returns the differences of a policy, in the order of its rules.
pub(crate) fn of(policy: &Policy, target: Target) -> Vec<Difference> {
    let reason = match target {
        Target::Jq => JQ,
        Target::Vector => VECTOR,
        _ => return Vec::new(),
    };
    let rules = policy.rules.iter().enumerate();
    rules
        .flat_map(|(number, rule)| {
            let has_replacement = |texts: &[String]| texts.iter().any(|t| t.contains('\u{fffd}'));
            let fields = texts(rule).into_iter();
            fields
                .filter(move |(_, texts)| has_replacement(texts))
                .map(move |(field, _)| Difference {
                    rule: RuleIndex::new(number),
                    field,
                    reason,
                })
        })
        .collect()
}

/// Returns the texts of a rule that are compared with those of events, by field. `resources` can only be those of a path.
fn texts(rule: &Rule) -> Vec<(&'static str, Vec<String>)> {
    let entries = &rule.resources;
    let names = entries.iter().flat_map(|entry| &entry.resource_names);
    let resources = entries.iter().flat_map(|entry| &entry.resources);
    vec![
        ("users", rule.users.clone()),
        ("userGroups", rule.user_groups.clone()),
        ("verbs", rule.verbs.clone()),
        ("namespaces", rule.namespaces.clone()),
        ("resources", resources.cloned().collect()),
        ("resourceNames", names.cloned().collect()),
        ("nonResourceURLs", rule.non_resource_urls.clone()),
    ]
}
