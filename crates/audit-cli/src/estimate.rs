//! `estimate`: how much a policy writes of a log, a day, and by what.

mod text;

use std::io::{self, Write};

use audit_log::{Item, LogReader};
use audit_policy::{KubernetesVersion, Matcher, Verdicts};
use audit_sim::{EventTable, Window};
use audit_volume::estimate::{BodySizes, Estimate};

use crate::Outcome;
use crate::arguments::{self, TextOrJson};
use crate::failure::Failure;
use crate::input::policy;
use crate::logs::read_log;
use crate::terminal::safe;

/// Logs, read into one table.
#[derive(Default)]
struct Logs {
    table: EventTable,
    window: Window,
    unreadable: u64,
}

/// Reads the logs as one, and estimates them.
pub(crate) fn run(arguments: &arguments::Estimate, version: KubernetesVersion) -> Outcome {
    let policy = policy(&arguments.policy, version)?;
    let matcher = Matcher::new(&policy);
    let mut logs = Logs::default();
    for (number, name) in (0..).zip(&arguments.logs) {
        logs.read(number, name)?;
    }
    logs.table.finish();
    let Logs { table, window, .. } = &logs;
    let verdicts = Verdicts::of(&matcher, table.requests());
    let bodies = BodySizes::of(table);
    let estimate = Estimate::of(table, &verdicts, version, window, &bodies);
    let mut out = io::BufWriter::new(io::stdout().lock());
    match arguments.format {
        TextOrJson::Json => {
            serde_json::to_writer(&mut out, &estimate)?;
            out.write_all(b"\n")?;
        }
        TextOrJson::Text => text::print(&estimate, arguments.top, &mut out)?,
    }
    out.flush()?;
    Ok(())
}

impl Logs {
    fn read(&mut self, number: u16, file: &str) -> Result<(), Failure> {
        let mut reader = LogReader::new();
        let mut take = |item: Item<'_>| match item {
            Item::Event(place, event) => {
                self.window.note(event.time());
                self.table.push(number, place, event);
            }
            Item::Problem(problem) => {
                self.unreadable += 1;
                eprintln!(
                    "audit-policy: {file}:{}: {}",
                    problem.place.line,
                    safe(&problem.reason.to_string())
                );
            }
        };
        let unpacking = read_log(file, &mut |bytes| {
            reader.push(bytes, &mut take);
            Ok(())
        })?;
        let summary = reader.finish(&mut take);
        if let Err(error) = unpacking {
            eprintln!("audit-policy: {file}: {error}");
        }
        if let Some(refusal) = &summary.refusal {
            eprintln!("audit-policy: `{file}` holds no audit events: {refusal}");
        }
        Ok(())
    }
}
