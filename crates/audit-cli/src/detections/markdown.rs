//! The table as Markdown.

use std::io::Write;

use audit_tests::Claim;

use super::row::{Row, causes, totals};
use crate::error::Result;
use crate::markdown::{code, words};
use crate::verdict::RuleLines;

pub(super) fn print(rows: &[Row<'_>], lines: &RuleLines, out: &mut impl Write) -> Result {
    writeln!(out, "### Detections\n\n{}.\n", totals(rows))?;
    writeln!(
        out,
        "| pack | detection | result | blinded by | change | source |"
    )?;
    writeln!(out, "| --- | --- | --- | --- | --- | --- |")?;
    for row in rows {
        let mut line = String::from("| ");
        code(&row.pack.id, &mut line);
        let cells = [
            row.case.name.clone(),
            row.words().to_owned(),
            reasons(row, lines),
        ];
        for cell in cells {
            line.push_str(" | ");
            words(&cell, &mut line);
        }
        line.push_str(" | ");
        change(row, &mut line);
        line.push_str(" | ");
        words(row.case.source.as_deref().unwrap_or_default(), &mut line);
        writeln!(out, "{line} |")?;
    }
    Ok(())
}

fn reasons(row: &Row<'_>, lines: &RuleLines) -> String {
    match (&row.case.claim, &row.case.why) {
        (Claim::Undecidable, Some(why)) => why.clone(),
        _ => causes(row, lines).join("; "),
    }
}

/// Writes the change with its rules in one line each.
fn change(row: &Row<'_>, out: &mut String) {
    let Some(change) = row.change() else { return };
    words(&change.words(), out);
    for rule in &change.rules {
        out.push_str("<br>");
        let rule = serde_json::to_string(rule).unwrap_or_default();
        code(&format!("- {rule}"), out);
    }
}
