//! The table as JSON lines.

use std::io::Write;

use audit_analysis::Class;
use audit_json::VerdictReport;
use audit_policy::{Request, RuleIndex, Stage};
use audit_tests::{Blinding, Change, Claim};
use serde::Serialize;

use super::row::Row;
use crate::error::Result;
use crate::verdict::RuleLines;

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct RowReport<'a> {
    pack: &'a str,
    id: Option<&'a str>,
    name: &'a str,
    source: Option<&'a str>,
    why: Option<&'a str>,
    /// `all`, `some` or `never`. Null if it cannot fire under any policy.
    fires: Option<&'static str>,
    classes: &'a [Class],
    needs: Option<NeedsReport<'a>>,
    blinded_by: Vec<BlindingReport<'a>>,
    change: Option<ChangeReport<'a>>,
}

#[derive(Serialize)]
struct NeedsReport<'a> {
    level: &'static str,
    /// Stages of which one is enough.
    stages: Vec<&'static str>,
    fields: &'a [String],
}

#[derive(Serialize)]
struct BlindingReport<'a> {
    cause: &'static str,
    message: String,
    line: Option<usize>,
    verdict: VerdictReport,
    witness: &'a Request,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeReport<'a> {
    message: String,
    recorded_stage: Option<&'static str>,
    /// The rule before which the rules are inserted; the number of rules for the end.
    before: RuleIndex,
    rules: &'a [audit_policy::Rule],
    /// The requests for which it can fire then.
    fires: &'static str,
    /// The changed policy. Null if the layout leaves no certain place for the change.
    text: Option<&'a str>,
}

pub(super) fn print(rows: &[Row<'_>], lines: &RuleLines, out: &mut impl Write) -> Result {
    for row in rows {
        serde_json::to_writer(&mut *out, &report(row, lines))?;
        out.write_all(b"\n")?;
    }
    Ok(())
}

fn report<'a>(row: &'a Row<'_>, lines: &RuleLines) -> RowReport<'a> {
    let detection = match &row.case.claim {
        Claim::Detection(detection) => Some(detection),
        _ => None,
    };
    let text = row
        .result
        .as_ref()
        .and_then(|(_, result)| result.text.as_deref());
    RowReport {
        pack: &row.pack.id,
        id: row.case.id.as_deref(),
        name: &row.case.name,
        source: row.case.source.as_deref(),
        why: row.case.why.as_deref(),
        fires: row.fires().map(audit_tests::Fires::name),
        classes: detection.map_or(&[], |detection| &detection.classes),
        needs: detection.map(|detection| NeedsReport {
            level: detection.level.name(),
            stages: detection.stages.iter().map(Stage::name).collect(),
            fields: &detection.fields,
        }),
        blinded_by: row
            .blinded_by()
            .iter()
            .map(|one| blinding(one, lines))
            .collect(),
        change: row.change().map(|one| change(one, text)),
    }
}

fn blinding<'a>(blinding: &'a Blinding, lines: &RuleLines) -> BlindingReport<'a> {
    BlindingReport {
        cause: blinding.cause.name(),
        message: blinding.cause.words(&lines.words(blinding.rule())),
        line: lines.line(blinding.rule()),
        verdict: blinding.verdict.into(),
        witness: &blinding.witness,
    }
}

fn change<'a>(change: &'a Change, text: Option<&'a str>) -> ChangeReport<'a> {
    ChangeReport {
        message: change.words(),
        recorded_stage: change.recorded_stage.map(Stage::name),
        before: change.before,
        rules: &change.rules,
        fires: change.fires.name(),
        text,
    }
}
