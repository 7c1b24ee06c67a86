//! A judged event as one JSON object.

use std::io::Write;

use serde::Serialize;

use super::Judged;
use crate::Outcome;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    file: &'a str,
    line: u64,
    #[serde(rename = "auditID")]
    audit_id: Option<&'a str>,
    stage: Option<&'a str>,
    recorded_level: Option<&'a str>,
    rule: Option<usize>,
    level: Option<&'a str>,
    outcome: &'a str,
    recorded_bytes: u64,
    written_bytes: Option<u64>,
    missing: Option<String>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    derived: bool,
}

/// Prints the object and a line end.
pub(super) fn print(judged: &Judged<'_>, out: &mut impl Write) -> Outcome {
    let id = judged.event.id();
    let judgement = &judged.emission.event_outcome;
    let recorded = (!judged.is_derived).then(|| judged.facts.recorded_bytes());
    let report = Report {
        file: judged.file,
        line: judged.place.line,
        audit_id: id.as_deref(),
        stage: judged.facts.stage.map(|stage| stage.name()),
        recorded_level: recorded.and(judged.facts.level).map(|level| level.name()),
        rule: judged.verdict.and_then(|verdict| verdict.rule),
        level: judged.verdict.map(|verdict| verdict.level.name()),
        outcome: judgement.outcome.name(),
        recorded_bytes: recorded.unwrap_or(0),
        written_bytes: judgement.written_bytes,
        missing: judgement.missing.fields(judged.attributes.unknown),
        derived: judged.is_derived,
    };
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}
