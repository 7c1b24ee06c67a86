//! The volume of a report, estimated from logs.

use audit_policy::{KubernetesVersion, Matcher, Policy};
use audit_sim::Verdicts;
use audit_volume::estimate::{BodySizes, Estimate};
use audit_volume::report::volume;

use super::document::{Block, Cell, Section};
use crate::chunks::thread_count;
use crate::error::{Error, Result};
use crate::estimate::read::Logs;
use crate::file_name::FileName;
use crate::files::all_read;

/// Reads the logs and returns the section, and an error if one of the logs could not be read.
pub(super) fn section(
    names: &[FileName],
    policy: &Policy,
    version: KubernetesVersion,
) -> Result<(Section, Result), Error> {
    let logs = Logs::read(names, None, thread_count(None))?;
    let table = &logs.table;
    let verdicts = Verdicts::new(&Matcher::new(policy), table.requests());
    let bodies = BodySizes::measure(table);
    let estimate = Estimate::new(table, &verdicts, version, &logs.window, &bodies);
    let rows = volume(&estimate).rows.into_iter().map(|row| {
        let value = row.value_text();
        vec![Cell::words(row.label), Cell::words(value)]
    });
    let files: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    let blocks = vec![
        Block::Paragraph(format!(
            "Volume that the policy writes of the events in {}.",
            files.join(", ")
        )),
        Block::Table {
            head: vec!["Figure", "Value"],
            rows: rows.collect(),
        },
    ];
    Ok((Section::new("Volume", blocks), all_read(&logs.files)))
}
