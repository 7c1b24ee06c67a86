//! Verdicts, as every command prints them.

use audit_analysis::NOT_PRODUCIBLE;
use audit_policy::{LineIndex, RuleIndex, Stage, Verdict};
use serde::Serialize;

use crate::policy_file::PolicyFile;

/// Verdict as a JSON object.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct VerdictReport {
    level: &'static str,
    omit_stages: Vec<&'static str>,
    omit_managed_fields: bool,
    rule: Option<RuleIndex>,
}

impl From<Verdict> for VerdictReport {
    fn from(verdict: Verdict) -> Self {
        let mut omit_stages: Vec<_> = verdict.omit_stages.iter().map(Stage::name).collect();
        omit_stages.sort_unstable();
        Self {
            level: verdict.level.name(),
            omit_stages,
            omit_managed_fields: verdict.omit_managed_fields,
            rule: verdict.rule,
        }
    }
}

/// Returns the note after an example that cannot come; empty for others.
pub(crate) fn impossible(is_producible: bool) -> String {
    if is_producible {
        String::new()
    } else {
        format!(" ({NOT_PRODUCIBLE})")
    }
}

/// Lines of the rules of a policy, from 1, for text that names rules.
#[derive(Debug)]
pub(crate) struct RuleLines(Vec<usize>);

impl RuleLines {
    pub(crate) fn of(file: &PolicyFile) -> Self {
        let lines = LineIndex::new(&file.loaded.text);
        let spans = file.loaded.rule_spans();
        Self(
            spans
                .iter()
                .map(|span| lines.position(span.start).line)
                .collect(),
        )
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
