//! The table as text: those that never fire first.

use std::io::Write;

use audit_analysis::request_words;
use audit_tests::Fires;
use audit_text::escape;

use super::row::{Row, causes, totals};
use crate::error::Result;
use crate::verdict::RuleLines;

/// The order of the results. `None` fires under no policy.
const ORDER: [Option<Fires>; 4] = [
    Some(Fires::Never),
    Some(Fires::Some),
    Some(Fires::All),
    None,
];

pub(super) fn print(rows: &[Row<'_>], lines: &RuleLines, out: &mut impl Write) -> Result {
    for fires in ORDER {
        for row in rows.iter().filter(|row| row.fires() == fires) {
            print_row(row, lines, out)?;
        }
    }
    // Last, so that it is next to the prompt after a long list.
    writeln!(out, "{}", totals(rows))?;
    Ok(())
}

fn print_row(row: &Row<'_>, lines: &RuleLines, out: &mut impl Write) -> Result {
    let name = escape(&row.case.name);
    writeln!(out, "{}: {} {name}", row.words(), escape(&row.pack.id))?;
    if row.result.is_none() {
        let why = row.case.why.as_deref().unwrap_or_default();
        writeln!(out, "  {}", escape(why))?;
    }
    for cause in causes(row, lines) {
        writeln!(out, "  {}", escape(&cause))?;
    }
    if let (Some(Fires::Some), Some(first)) = (row.fires(), row.blinded_by().first()) {
        let example = request_words(&first.witness);
        writeln!(out, "  not seen, for example: {}", escape(&example))?;
    }
    if let Some(change) = row.change() {
        let extent = match change.fires {
            Fires::Some => " for some of its requests",
            _ => "",
        };
        writeln!(out, "  to let it fire{extent}, {}", change.words())?;
        for line in change.yaml().lines() {
            writeln!(out, "    {}", escape(line))?;
        }
    }
    Ok(())
}
