//! Reports of the logs that were read, on standard error and in results.

use std::io::Write;

use audit_json::LogProblems as Counted;
pub(crate) use audit_json::LogReport;
use audit_log::decompress::DecompressError;
use audit_log::{LogSummary, Problem};

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::diagnostic;
use crate::terminal::safe;

/// Maximum number of problems that wait for the first event.
const MAX_WAITING: usize = 100_000;

/// Maximum number of problems that are printed of a file without events.
const MAX_WITHOUT_EVENTS: usize = 20;

/// Problems of a log while it is read: standard error has a line for each.
pub(crate) struct LogProblems<'n> {
    file: &'n FileName,
    counted: Counted,
    /// Problems before the first event, which are not printed yet. `None` after it.
    waiting: Option<Vec<Waiting>>,
    /// Number of further problems before the first event, which are not printed.
    unprinted: u64,
}

/// A problem that is printed when it is known whether the file is a log.
struct Waiting {
    line: u64,
    reason: String,
    is_text: bool,
}

impl<'n> LogProblems<'n> {
    /// Creates an empty report.
    pub(crate) fn new(file: &'n FileName) -> Self {
        Self {
            file,
            counted: Counted::default(),
            waiting: Some(Vec::new()),
            unprinted: 0,
        }
    }

    /// Records that the log contains an event, so that its problems are those of a log.
    pub(crate) fn found_event(&mut self) {
        self.print_waiting(MAX_WAITING, |_| true);
    }

    /// Prints the problems that are waiting, up to a number, and later ones at once.
    fn print_waiting(&mut self, limit: usize, is_printed: impl Fn(&Waiting) -> bool) {
        let waiting = self.waiting.take().unwrap_or_default();
        let printed = waiting.iter().filter(|problem| is_printed(problem));
        for Waiting { line, reason, .. } in printed.clone().take(limit) {
            diagnostic(&format!("{}:{line}: {reason}", self.file));
        }
        let more = printed.skip(limit).count() as u64 + std::mem::take(&mut self.unprinted);
        if more > 0 {
            diagnostic(&format!(
                "{}: {more} more places could not be read",
                self.file
            ));
        }
    }

    /// Records the kind of decompressed bytes.
    pub(crate) fn observe(&mut self, bytes: &[u8]) {
        self.counted.observe(bytes);
    }

    /// Counts a location that cannot be read, and prints it once the log has an event.
    pub(crate) fn problem(&mut self, problem: &Problem) {
        let reason = problem.reason.to_string();
        let line = problem.location.line;
        match &mut self.waiting {
            Some(waiting) if waiting.len() < MAX_WAITING => waiting.push(Waiting {
                line,
                reason,
                is_text: problem.is_text,
            }),
            // Text is left out in the end, and most of it is the same.
            Some(_) => self.unprinted += u64::from(!problem.is_text),
            None => diagnostic(&format!("{}:{line}: {reason}", self.file)),
        }
        self.counted.add(problem);
    }

    /// Prints and records that the log could not be opened or read to its end.
    ///
    /// # Errors
    /// The error itself, if it is not about the log.
    pub(crate) fn read_error(&mut self, error: Error) -> Result {
        let Error::Read { error: reason, .. } = &error else {
            return Err(error);
        };
        let reason = reason.to_string();
        self.print_waiting(MAX_WITHOUT_EVENTS, |_| true);
        if let Some(message) = error.message() {
            diagnostic(&message);
        }
        self.counted.add_of_log(reason);
        Ok(())
    }

    /// Returns the report of a log that could not be read to its end.
    pub(crate) fn finish_after_read_error(self, events: u64) -> LogReport {
        self.counted.finish_unread(self.file.to_string(), events)
    }

    /// Returns the report of a log that has been read to its end.
    pub(crate) fn finish(
        mut self,
        summary: &LogSummary,
        damage: Option<&DecompressError>,
    ) -> LogReport {
        let has_texts = summary.rejected_texts == 0;
        self.print_waiting(MAX_WITHOUT_EVENTS, |problem| has_texts || !problem.is_text);
        if let Some(damage) = damage {
            diagnostic(&format!("{}: {damage}", self.file));
            self.counted.add_of_log(damage.to_string());
        }
        let report = self.counted.finish(self.file.to_string(), summary);
        if let Some(rejection) = &report.rejection {
            diagnostic(&format!(
                "`{}` does not contain audit events: {rejection}",
                self.file
            ));
        }
        report
    }
}

/// Counts the locations in all logs that could not be read.
pub(crate) fn unreadable(files: &[LogReport]) -> u64 {
    files.iter().map(|file| file.unreadable).sum()
}

/// Counts the events in all logs that were cut, and the other parts of cut events.
pub(crate) fn cut(files: &[LogReport]) -> (u64, u64) {
    let events = files.iter().map(|file| file.cut).sum();
    (events, files.iter().map(|file| file.rests).sum())
}

/// Fails if nothing could be read of a log that is not empty.
pub(crate) fn all_read(files: &[LogReport]) -> Result {
    if files.iter().any(|file| file.is_unread) {
        Err(Error::Reported)
    } else {
        Ok(())
    }
}

/// Prints the formats of wrapped logs and the fields that they lack. Logs as the server writes them are not mentioned.
pub(crate) fn print_wrappers(
    files: &[LogReport],
    print: &mut dyn FnMut(String) -> Result,
) -> Result {
    for file in files.iter().filter(|file| !file.lost.is_empty()) {
        let (name, kind) = (safe(&file.file), safe(&file.format));
        let events = if file.events == 1 { "event" } else { "events" };
        print(format!("{name}: {kind}, {} {events}", file.events))?;
        for lost in &file.lost {
            print(format!("{name}: {lost}"))?;
        }
    }
    Ok(())
}

/// Prints the number of locations that could not be read, if there are any.
pub(crate) fn print_unreadable(locations: u64, out: &mut impl Write) -> Result {
    match locations {
        0 => {}
        1 => writeln!(out, "1 place could not be read")?,
        locations => writeln!(out, "{locations} places could not be read")?,
    }
    Ok(())
}
