//! `explain`: the pages of findings.

use std::io::Write;

use crate::arguments::Explain;
use crate::codes;
use crate::error::{Error, Result};
use crate::output::Output;

/// Prints the pages of the codes, or the list of all codes.
pub(crate) fn run(arguments: &Explain) -> Result {
    let mut out = Output::text();
    if arguments.list {
        for code in codes::all() {
            writeln!(out, "{}  {}", code.id, code.title)?;
        }
    }
    let mut pages = Vec::new();
    for id in &arguments.codes {
        pages.push(codes::find(id).ok_or_else(|| unknown(id))?.page);
    }
    out.write_all(pages.join("\n").as_bytes())?;
    out.flush()?;
    Ok(())
}

fn unknown(id: &str) -> Error {
    Error::Usage(format!(
        "unknown code `{id}`: `audit-policy explain --list` lists all codes"
    ))
}
