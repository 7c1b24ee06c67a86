//! Verdicts in words.

use audit_analysis::{NOT_PRODUCIBLE, not_served_note};
use audit_policy::{KubernetesVersion, Request, RuleIndex};

use crate::policy_file::{PolicyFile, rule_lines};

/// Returns the note after an example that cannot come, or that the server of a version does not serve; empty for others.
pub(crate) fn caution(
    witness: &Request,
    is_producible: bool,
    version: KubernetesVersion,
) -> String {
    if !is_producible {
        return format!(" ({NOT_PRODUCIBLE})");
    }
    let note = not_served_note(witness, version);
    note.map_or_else(String::new, |note| format!(" ({note})"))
}

/// Lines of the rules of a policy, from 1, for text that names rules.
#[derive(Debug)]
pub(crate) struct RuleLines(Vec<usize>);

impl RuleLines {
    /// Returns the lines in the file.
    pub(crate) fn of(file: &PolicyFile) -> Self {
        Self(file.rule_lines.clone())
    }

    /// Creates the lines of rules, in their order.
    pub(crate) const fn new(lines: Vec<usize>) -> Self {
        Self(lines)
    }

    /// Returns the lines in the policy, which can be inside another document.
    pub(crate) fn in_policy(file: &PolicyFile) -> Self {
        Self(rule_lines(&file.loaded))
    }

    /// Returns the line of the rule. `None` if no rule matches.
    pub(crate) fn line(&self, rule: Option<RuleIndex>) -> Option<usize> {
        rule.and_then(|rule| self.0.get(rule.get()).copied())
    }

    /// Returns the rule in words: `rule 3 (line 12)`, or `no rule`.
    pub(crate) fn words(&self, rule: Option<RuleIndex>) -> String {
        match rule.map(|rule| (rule, self.0.get(rule.get()))) {
            None => "no rule".to_owned(),
            Some((rule, Some(line))) => format!("{rule} (line {line})"),
            Some((rule, None)) => rule.to_string(),
        }
    }
}
