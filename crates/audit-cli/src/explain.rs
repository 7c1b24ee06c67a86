//! `explain`: the pages of findings.

use std::io::Write;

use audit_types::{CodeInfo, Severity};
use serde::Serialize;

use crate::arguments::{Explain, TextOrJson};
use crate::codes;
use crate::error::{Error, Result};
use crate::output::Output;
use crate::program;

/// Code as a JSON object.
#[derive(Serialize)]
struct CodeReport {
    code: &'static str,
    severity: Severity,
    title: &'static str,
}

/// Prints the pages of the codes, or the list of all codes.
pub(crate) fn run(arguments: &Explain) -> Result {
    if arguments.list {
        return list(arguments.format);
    }
    let mut pages = Vec::new();
    for id in &arguments.codes {
        pages.push(codes::find(id).ok_or_else(|| unknown(id))?.page);
    }
    let mut out = Output::text();
    out.write_all(pages.join("\n").as_bytes())?;
    out.flush()?;
    Ok(())
}

/// Prints code, severity and title of all codes, one per line, in the order of the codes.
fn list(format: TextOrJson) -> Result {
    let mut out = match format {
        TextOrJson::Text => Output::text(),
        TextOrJson::Json => Output::json(),
    };
    let mut all: Vec<&CodeInfo> = codes::all().collect();
    all.sort_unstable_by_key(|code| code.id);
    for CodeInfo {
        id,
        severity,
        title,
        ..
    } in all
    {
        match format {
            TextOrJson::Text => writeln!(out, "{id}  {severity:<7}  {title}")?,
            TextOrJson::Json => {
                let report = CodeReport {
                    code: id,
                    severity: *severity,
                    title,
                };
                serde_json::to_writer(&mut out, &report)?;
                out.write_all(b"\n")?;
            }
        }
    }
    out.flush()?;
    Ok(())
}

fn unknown(id: &str) -> Error {
    Error::Usage(format!(
        "unknown code `{id}`: `{} explain --list` lists all codes",
        program::called()
    ))
}
