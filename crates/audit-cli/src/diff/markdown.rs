//! Differences for a pull request: at most 60 lines.

use std::io::Write;

use audit_analysis::request_words;
use audit_types::format;

use super::findings::Findings;
use super::text::{count_words, rules};
use crate::error::Result;
use crate::markdown::words;
use crate::verdict::caution;

/// Maximum number of rows of the table. With headings and the examples below, that stays under 60 lines.
const MAX_ROWS: usize = 20;

/// Maximum number of examples.
const MAX_EXAMPLES: usize = 10;

/// Maximum length of a cell in characters.
const MAX_CELL: usize = 400;

pub(super) fn print(findings: &Findings<'_>, out: &mut impl Write) -> Result {
    writeln!(out, "### Audit policy\n")?;
    print_classes(findings, out)
}

/// Prints what follows the heading.
pub(super) fn print_classes(findings: &Findings<'_>, out: &mut impl Write) -> Result {
    let summaries = findings.summaries;
    if summaries.is_empty() {
        writeln!(out, "No request is treated differently.")?;
        return Ok(());
    }
    let counted = format::counted(summaries.len() as f64, "class", "classes");
    writeln!(
        out,
        "{counted} of requests treated differently, losses first.\n"
    )?;
    let has_log = findings.log.is_some();
    let (log_head, log_rule) = if has_log {
        (" in the log |", " --- |")
    } else {
        ("", "")
    };
    writeln!(out, "| change | requests | an example's rules |{log_head}")?;
    writeln!(out, "| --- | --- | --- |{log_rule}")?;
    for (at, summary) in summaries.iter().enumerate().take(MAX_ROWS) {
        let log = findings
            .summary_count(at)
            .map(|count| format!(" {} |", count_words(count)))
            .unwrap_or_default();
        let rules = findings.first(summary).map(|first| rules(findings, first));
        writeln!(
            out,
            "| {}: {} | {} | {} |{log}",
            summary.change.title(),
            findings.words(summary),
            cell(&summary.class.words()),
            rules.unwrap_or_default(),
        )?;
    }
    if summaries.len() > MAX_ROWS {
        writeln!(out, "\nand {} more.", summaries.len() - MAX_ROWS)?;
    }
    print_examples(findings, out)
}

fn print_examples(findings: &Findings<'_>, out: &mut impl Write) -> Result {
    writeln!(out, "\n<details><summary>Examples</summary>\n")?;
    for (number, summary) in (1..).zip(findings.summaries).take(MAX_EXAMPLES) {
        let example = cell(&request_words(&summary.witness));
        let note = caution(&summary.witness, summary.is_producible, findings.version);
        let first = findings.first(summary);
        let words = first.map(|first| first.change_words()).unwrap_or_default();
        writeln!(out, "{number}. {example}{}: {words}", cell(&note))?;
    }
    writeln!(out, "\n</details>")?;
    Ok(())
}

/// Returns words for a cell of a table, at most [`MAX_CELL`] characters of them.
fn cell(text: &str) -> String {
    let mut shown: String = text.chars().take(MAX_CELL).collect();
    if shown.len() < text.len() {
        shown.push('…');
    }
    let mut out = String::new();
    words(&shown, &mut out);
    out
}
