//! An estimate as one JSON object.

use std::io::Write;

use audit_volume::Volume;
use audit_volume::estimate::Estimate;
use serde::Serialize;
use serde_json::{Value, json};

use super::Answer;
use super::consequences::Consequences;
use super::read::Logs;
use super::sample::Packing;
use crate::error::Result;
use crate::files::{LogReport, unreadable};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Report<'a> {
    #[serde(flatten)]
    estimate: &'a Estimate,
    /// Of those written: events that the logs lack.
    derived: Volume,
    baseline: Value,
    /// How well a sample of written lines packs.
    compression: Option<Packing>,
    #[serde(flatten)]
    consequences: &'a Consequences,
    truncation: Value,
    proposals: Value,
    unreadable: u64,
    /// What each log turned out to hold.
    files: &'a [LogReport],
}

/// Prints the object and a line end. What was not asked for, or cannot be known, is null.
pub(super) fn print(answer: &Answer<'_>, out: &mut impl Write) -> Result {
    let logs = answer.logs;
    let baseline = answer.baseline.as_ref();
    let report = Report {
        estimate: &answer.estimate,
        derived: answer.derived,
        baseline: placed(baseline.map(|(_, comparison)| comparison), logs)?,
        compression: answer.packing,
        consequences: &answer.consequences,
        truncation: placed(answer.truncation.as_ref(), logs)?,
        proposals: placed(answer.proposed.as_ref(), logs)?,
        unreadable: unreadable(&logs.files),
        files: &logs.files,
    };
    serde_json::to_writer(&mut *out, &report)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// The value, with examples as places in files: elsewhere nobody knows an event by its number.
fn placed(value: Option<impl Serialize>, logs: &Logs) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    place(&mut value, logs);
    Ok(value)
}

fn place(value: &mut Value, logs: &Logs) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| place(item, logs)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::Array(items) if key.starts_with("examples") => {
                        items.iter_mut().for_each(|item| place_example(item, logs));
                    }
                    member => place(member, logs),
                }
            }
        }
        _ => {}
    }
}

fn place_example(example: &mut Value, logs: &Logs) {
    let number = example
        .as_u64()
        .and_then(|number| usize::try_from(number).ok());
    if let Some((file, line)) = number.and_then(|number| logs.place(number)) {
        *example = json!({"file": file, "line": line});
    }
}
