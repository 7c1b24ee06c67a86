//! Verdicts.

use audit_policy::{RuleIndex, Stage, Verdict};
use serde::Serialize;

/// A verdict, as `audit-policy evaluate` prints it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictReport {
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
