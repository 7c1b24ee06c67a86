//! An estimate as one JSON object.

use std::io::Write;

use audit_types::EventId;
use audit_volume::compression::Compression;
use audit_volume::consequences::Consequences;
use audit_volume::estimate::Estimate;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::read::Logs;
use super::results::Results;
use crate::error::Result;
use crate::files::{LogReport, unreadable};

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct EstimateObject<'a> {
    #[serde(flatten)]
    estimate: &'a Estimate,
    baseline: Value,
    /// Compression of a sample of written lines.
    compression: Option<Compression>,
    #[serde(flatten)]
    consequences: &'a Consequences,
    truncation: Value,
    proposals: Value,
    unreadable: u64,
    /// Contents of each log.
    files: &'a [LogReport],
}

/// Prints the object and a newline. What was not asked for, or can't be determined, is null.
pub(super) fn print(results: &Results<'_>, out: &mut impl Write) -> Result {
    let logs = results.logs;
    let baseline = results.baseline.as_ref();
    let object = EstimateObject {
        estimate: &results.estimate,
        baseline: with_locations(baseline.map(|(_, comparison)| comparison), logs)?,
        compression: results.compression,
        consequences: &results.consequences,
        truncation: with_locations(results.truncation.as_ref(), logs)?,
        proposals: with_locations(results.suggestions.as_ref(), logs)?,
        unreadable: unreadable(&logs.files),
        files: &logs.files,
    };
    serde_json::to_writer(&mut *out, &object)?;
    out.write_all(b"\n")?;
    Ok(())
}

/// Serializes a value with examples as places in files; their event ids mean nothing outside this run.
fn with_locations(value: Option<impl Serialize>, logs: &Logs) -> Result<Value, serde_json::Error> {
    let mut value = serde_json::to_value(value)?;
    locate_examples(&mut value, logs);
    Ok(value)
}

fn locate_examples(value: &mut Value, logs: &Logs) {
    match value {
        Value::Array(items) => items
            .iter_mut()
            .for_each(|item| locate_examples(item, logs)),
        Value::Object(members) => {
            for (key, member) in members {
                match member {
                    Value::Array(items) if key.starts_with("examples") => {
                        items.iter_mut().for_each(|item| locate(item, logs));
                    }
                    member => locate_examples(member, logs),
                }
            }
        }
        _ => {}
    }
}

fn locate(example: &mut Value, logs: &Logs) {
    let event = EventId::deserialize(&*example).ok();
    if let Some((file, line)) = event.and_then(|event| logs.place(event)) {
        *example = json!({"file": file, "line": line});
    }
}
