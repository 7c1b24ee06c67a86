//! Reports of the logs that were read: contents, fields that the wrapper lacks, and reasons why parts could not be read.

use std::io::Write;

use audit_log::decompress::DecompressError;
use audit_log::{LogSummary, Problem};
use serde::Serialize;

use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::output::diagnostic;
use crate::terminal::safe;

/// Maximum number of distinct reasons in the report of a log; standard error has a line for each problem.
const MAX_REASONS: usize = 20;

/// Maximum number of problems that wait for the first event.
const MAX_WAITING: usize = 100_000;

/// Maximum number of problems that are printed of a file without events.
const MAX_WITHOUT_EVENTS: usize = 20;

/// Report of one log.
#[derive(Serialize)]
pub(crate) struct LogReport {
    pub(crate) file: String,
    /// `JSON lines`, `AKS diagnostic records`; empty if the file could not be opened.
    format: String,
    events: u64,
    unreadable: u64,
    /// Events without their end.
    #[serde(skip)]
    cut: u64,
    /// Parts of cut events that could not be joined with the start.
    #[serde(skip)]
    rests: u64,
    /// One sentence for each wrapper.
    lost: Vec<&'static str>,
    /// Reasons why something could not be read, each once.
    reasons: Vec<Reason>,
    /// True if nothing could be read although the file is not empty, or it could not be read to its end.
    #[serde(skip)]
    is_unread: bool,
}

/// A reason why something could not be read.
#[derive(Serialize)]
struct Reason {
    reason: String,
    /// Number of occurrences.
    count: u64,
    /// Line number of the first occurrence; null if it is about the whole file.
    line: Option<u64>,
}

/// Problems of a log while it is read.
pub(crate) struct LogProblems<'n> {
    file: &'n FileName,
    reasons: Vec<Reason>,
    unreadable: u64,
    cut: u64,
    rests: u64,
    content: Content,
    /// Number of open brackets while the log contains no text.
    depth: u32,
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

/// Kind of bytes that a log contains, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Content {
    /// No bytes.
    Nothing,
    /// White space and byte order marks.
    Blank,
    /// Brackets of a list of events, which is valid even if it is empty. Lists in it are not events.
    List,
    /// Anything else.
    Text,
}

impl Content {
    const fn of(byte: u8) -> Self {
        match byte {
            b'[' | b']' => Self::List,
            0xef | 0xbb | 0xbf => Self::Blank,
            _ if byte.is_ascii_whitespace() => Self::Blank,
            _ => Self::Text,
        }
    }
}

/// Reason why a log with bytes has no events.
const BLANK: &str = "the file contains only white space";

impl<'n> LogProblems<'n> {
    /// Creates an empty report.
    pub(crate) const fn new(file: &'n FileName) -> Self {
        Self {
            file,
            reasons: Vec::new(),
            unreadable: 0,
            cut: 0,
            rests: 0,
            content: Content::Nothing,
            depth: 0,
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
        for byte in bytes {
            if self.content == Content::Text {
                break;
            }
            match byte {
                b'[' => self.depth += 1,
                b']' => self.depth = self.depth.saturating_sub(1),
                _ => {}
            }
            let is_nested = self.depth > 1;
            let content = if is_nested {
                Content::Text
            } else {
                Content::of(*byte)
            };
            self.content = self.content.max(content);
        }
    }

    /// Counts a location that cannot be read, and prints it once the log has an event.
    pub(crate) fn problem(&mut self, problem: &Problem) {
        let reason = problem.reason.to_string();
        let line = problem.location.line;
        match &mut self.waiting {
            Some(waiting) if waiting.len() < MAX_WAITING => waiting.push(Waiting {
                line,
                reason: reason.clone(),
                is_text: problem.is_text,
            }),
            // Text is left out in the end, and most of it is the same.
            Some(_) => self.unprinted += u64::from(!problem.is_text),
            None => diagnostic(&format!("{}:{line}: {reason}", self.file)),
        }
        self.unreadable += 1;
        self.cut += u64::from(problem.reason.is_cut_event());
        self.rests += u64::from(problem.reason.is_rest_of_cut_event());
        self.note(reason, Some(line));
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
        self.unreadable += 1;
        self.note(reason, None);
        Ok(())
    }

    fn note(&mut self, reason: String, line: Option<u64>) {
        let known = self.reasons.iter_mut().find(|known| known.reason == reason);
        if let Some(known) = known {
            known.count += 1;
        } else if self.reasons.len() < MAX_REASONS {
            self.reasons.push(Reason {
                reason,
                count: 1,
                line,
            });
        }
    }

    /// Returns the report of a log that could not be read to its end.
    pub(crate) fn finish_after_read_error(self, events: u64) -> LogReport {
        LogReport {
            file: self.file.to_string(),
            format: String::new(),
            events,
            unreadable: self.unreadable,
            cut: self.cut,
            rests: self.rests,
            lost: Vec::new(),
            reasons: self.reasons,
            is_unread: true,
        }
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
            self.unreadable += 1;
            self.note(damage.to_string(), None);
        }
        let is_silent = matches!(self.content, Content::Blank | Content::Text)
            && self.unreadable == 0
            && !summary.has_documents;
        let is_unread = summary.events == 0
            && (self.unreadable > 0 || (is_silent && summary.rejection.is_some()));
        let is_blank = self.content == Content::Blank && self.unreadable == 0;
        let blank = is_blank.then(|| BLANK.to_owned());
        if let Some(rejection) = summary
            .rejection
            .as_ref()
            .map(|why| blank.as_ref().unwrap_or(why))
        {
            diagnostic(&format!(
                "`{}` does not contain audit events: {rejection}",
                self.file
            ));
            if is_unread {
                self.unreadable = self.unreadable.max(1);
                if self.reasons.is_empty() {
                    self.note(rejection.clone(), None);
                }
            }
        }
        LogReport {
            file: self.file.to_string(),
            format: summary.description(),
            events: summary.events,
            unreadable: self.unreadable,
            cut: self.cut,
            rests: self.rests,
            lost: summary.limitations.clone(),
            reasons: self.reasons,
            is_unread,
        }
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
