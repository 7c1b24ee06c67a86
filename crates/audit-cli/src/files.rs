//! What each log turned out to hold, and what its wrapper has lost.

use std::io::Write;

use audit_log::Summary;
use serde::Serialize;

use crate::Outcome;
use crate::terminal::safe;

/// One log.
#[derive(Serialize)]
pub(crate) struct File {
    pub(crate) file: String,
    /// `JSON lines`, `AKS diagnostic records`.
    format: String,
    events: u64,
    unreadable: u64,
    /// One sentence for each wrapper.
    lost: Vec<&'static str>,
}

impl File {
    pub(crate) fn new(file: &str, summary: &Summary) -> Self {
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
pub(crate) fn say(before: &str, files: &[File], out: &mut impl Write) -> Outcome {
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

/// Says how many places could not be read, if any.
pub(crate) fn say_unreadable(places: u64, out: &mut impl Write) -> Outcome {
    match places {
        0 => {}
        1 => writeln!(out, "1 place could not be read")?,
        places => writeln!(out, "{places} places could not be read")?,
    }
    Ok(())
}
