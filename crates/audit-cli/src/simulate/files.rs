//! What each log turned out to hold, and what its wrapper has lost.

use std::io::Write;

use audit_log::Summary;
use serde::Serialize;

use crate::Outcome;
use crate::terminal::safe;

/// One log.
#[derive(Serialize)]
pub(super) struct File {
    file: String,
    /// `JSON lines`, `AKS diagnostic records`.
    format: String,
    events: u64,
    unreadable: u64,
    /// One sentence for each wrapper.
    lost: Vec<&'static str>,
}

impl File {
    pub(super) fn new(file: &str, summary: &Summary) -> Self {
        Self {
            file: file.to_owned(),
            format: summary.kind(),
            events: summary.events,
            unreadable: summary.problems,
            lost: summary.losses.clone(),
        }
    }
}

/// Says what was unwrapped. Logs as the server writes them need no word.
pub(super) fn say(before: &str, files: &[File], out: &mut impl Write) -> Outcome {
    for file in files.iter().filter(|file| !file.lost.is_empty()) {
        let (name, kind) = (safe(&file.file), safe(&file.format));
        let events = if file.events == 1 { "event" } else { "events" };
        writeln!(out, "{before}{name}: {kind}, {} {events}", file.events)?;
        for lost in &file.lost {
            writeln!(out, "{before}{name}: {lost}")?;
        }
    }
    Ok(())
}
