//! Reads the data of the conformance and replay tests.

#![forbid(unsafe_code)]

pub mod damage;
pub mod synthetic;

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use audit_policy::Verdict;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

/// Returns the folder of the data.
pub fn data() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("data")
}

/// Reads a file below the data folder, decompressed if it is a `.gz`.
///
/// # Errors
/// If the file cannot be read or decompressed.
pub fn read(path: impl AsRef<Path>) -> io::Result<Vec<u8>> {
    let path = data().join(path);
    let mut bytes = Vec::new();
    if path.extension().is_some_and(|extension| extension == "gz") {
        GzDecoder::new(File::open(path)?).read_to_end(&mut bytes)?;
    } else {
        File::open(path)?.read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Parses the lines of a JSON-lines file.
///
/// # Errors
/// If the file cannot be read, or a line is not JSON.
pub fn json_lines(path: impl AsRef<Path>) -> io::Result<Vec<Value>> {
    read(path)?
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).map_err(io::Error::from))
        .collect()
}

/// Returns a text field of a value.
///
/// # Panics
/// If the field is missing or not a text: an expectation without it would test nothing.
pub fn text<'v>(value: &'v Value, field: &str) -> &'v str {
    let text = value.get(field).and_then(Value::as_str);
    #[allow(clippy::panic, reason = "a test fails with it")]
    text.unwrap_or_else(|| panic!("no text `{field}` in {value}"))
}

/// Formats a verdict as the vectors do.
pub fn printed_verdict(verdict: Verdict) -> Value {
    let mut stages: Vec<&str> = verdict
        .omit_stages
        .iter()
        .map(|stage| stage.name())
        .collect();
    stages.sort_unstable();
    json!({
        "level": verdict.level.name(),
        "omitStages": stages,
        "omitManagedFields": verdict.omit_managed_fields,
        "rule": verdict.rule,
    })
}
