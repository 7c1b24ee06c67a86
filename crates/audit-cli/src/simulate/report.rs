//! A simulated event as one JSON object.

use std::io::Write;

use audit_policy::RuleIndex;
use audit_redact::secret_notes;
use audit_sim::impersonation_note;
use serde::Serialize;

use super::simulated::Simulated;
use crate::error::Result;
use crate::why::{RuleReport, why};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    file: &'a str,
    line: u64,
    #[serde(rename = "auditID")]
    audit_id: Option<&'a str>,
    stage: Option<&'a str>,
    recorded_level: Option<&'a str>,
    rule: Option<RuleIndex>,
    level: Option<&'a str>,
    outcome: &'a str,
    recorded_bytes: u64,
    written_bytes: Option<u64>,
    missing: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    derived: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    why: Option<Vec<RuleReport>>,
    /// Note on what rules see of an impersonated request.
    #[serde(skip_serializing_if = "Option::is_none")]
    impersonation: Option<String>,
    /// Notes on likely secrets in the event.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    secrets: Vec<String>,
}

/// Prints the object and a line end.
pub(super) fn print(simulated: &Simulated<'_>, out: &mut impl Write) -> Result {
    let id = simulated.event.id();
    let outcome = &simulated.result.outcome;
    let recorded = (simulated.result.derived_stage.is_none())
        .then(|| simulated.result.attributes.recorded_bytes());
    let report = Report {
        file: simulated.file,
        line: simulated.location.line,
        audit_id: id.as_deref(),
        stage: simulated.result.attributes.stage.map(|stage| stage.name()),
        recorded_level: recorded
            .and(simulated.result.attributes.level)
            .map(|level| level.name()),
        rule: simulated.result.verdict.and_then(|verdict| verdict.rule),
        level: simulated.result.verdict.map(|verdict| verdict.level.name()),
        outcome: outcome.outcome.name(),
        recorded_bytes: recorded.unwrap_or(0),
        written_bytes: outcome.written_bytes,
        missing: outcome.missing.fields(simulated.result.request.unknown),
        derived: simulated.result.derived_stage.is_some(),
        why: simulated.explained.map(|policy| {
            let seen = &simulated.result.request;
            why(policy, &seen.request, seen.unknown)
        }),
        impersonation: simulated
            .explained
            .and_then(|_| impersonation_note(simulated.event)),
        secrets: simulated
            .explained
            .map(|_| secret_notes(simulated.event.raw, None))
            .unwrap_or_default(),
    };
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}
