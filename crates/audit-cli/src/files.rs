//! What each log turned out to hold, what its wrapper has lost, and why some of it could not be read.

use std::io::Write;

use audit_log::decompress::DecompressError;
use audit_log::{LogSummary, Problem};
use serde::Serialize;

use crate::Outcome;
use crate::failure::Failure;
use crate::file_name::FileName;
use crate::output::diagnostic;
use crate::terminal::safe;

/// Reasons that are kept of one log; standard error has the line of each problem.
const MAX_REASONS: usize = 20;

/// One log.
#[derive(Serialize)]
pub(crate) struct File {
    pub(crate) file: String,
    /// `JSON lines`, `AKS diagnostic records`; empty where the file could not be opened.
    format: String,
    events: u64,
    unreadable: u64,
    /// One sentence for each wrapper.
    lost: Vec<&'static str>,
    /// Why something could not be read, each reason once.
    reasons: Vec<Reason>,
    /// Whether nothing at all could be read, although there is something.
    #[serde(skip)]
    is_unread: bool,
}

/// Why something could not be read.
#[derive(Serialize)]
struct Reason {
    reason: String,
    /// How often.
    count: u64,
    /// The first line with it; null where it is about the whole file.
    line: Option<u64>,
}

/// A log that is being read: what is wrong with it, so far.
pub(crate) struct Reading<'n> {
    file: &'n FileName,
    reasons: Vec<Reason>,
    unreadable: u64,
    seen: Seen,
}

/// What the bytes of a log are, at most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Seen {
    /// There are none.
    Nothing,
    /// White space, and the mark that editors write before it.
    Blank,
    /// The brackets of a list, which can be read although nothing is in it.
    List,
    /// Something else.
    Text,
}

impl Seen {
    const fn of(byte: u8) -> Self {
        match byte {
            b'[' | b']' => Self::List,
            0xef | 0xbb | 0xbf => Self::Blank,
            _ if byte.is_ascii_whitespace() => Self::Blank,
            _ => Self::Text,
        }
    }
}

/// Why nothing was read of a log that has bytes.
const BLANK: &str = "the file contains only white space";

impl<'n> Reading<'n> {
    /// Nothing has been read.
    pub(crate) const fn new(file: &'n FileName) -> Self {
        Self {
            file,
            reasons: Vec::new(),
            unreadable: 0,
            seen: Seen::Nothing,
        }
    }

    /// The log's name.
    pub(crate) fn name(&self) -> &'n str {
        self.file
    }

    /// Takes note of bytes of the log, unpacked.
    pub(crate) fn see(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.seen == Seen::Text {
                break;
            }
            self.seen = self.seen.max(Seen::of(*byte));
        }
    }

    /// Says that a place cannot be read, and counts it.
    pub(crate) fn problem(&mut self, problem: &Problem) {
        let reason = problem.reason.to_string();
        let line = problem.location.line;
        diagnostic(&format!("{}:{line}: {reason}", self.file));
        self.unreadable += 1;
        self.note(reason, Some(line));
    }

    /// Says that the log could not be opened or read on, and that the call goes on without it.
    ///
    /// # Errors
    /// The failure, where it is not about the log.
    pub(crate) fn failed(&mut self, failure: Failure) -> Outcome {
        let Failure::File { error, .. } = &failure else {
            return Err(failure);
        };
        let reason = error.to_string();
        if let Some(message) = failure.message() {
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

    /// The log that could not be read to its end.
    pub(crate) fn broken_off(self, events: u64) -> File {
        File {
            file: self.file.to_string(),
            format: String::new(),
            events,
            unreadable: self.unreadable,
            lost: Vec::new(),
            reasons: self.reasons,
            is_unread: true,
        }
    }

    /// The log that has been read to its end.
    pub(crate) fn finish(mut self, summary: &LogSummary, damage: Option<&DecompressError>) -> File {
        if let Some(damage) = damage {
            diagnostic(&format!("{}: {damage}", self.file));
            self.unreadable += 1;
            self.note(damage.to_string(), None);
        }
        let is_silent = matches!(self.seen, Seen::Blank | Seen::Text)
            && self.unreadable == 0
            && !summary.has_documents;
        let is_unread = summary.events == 0
            && (self.unreadable > 0 || (is_silent && summary.rejection.is_some()));
        let is_blank = self.seen == Seen::Blank && self.unreadable == 0;
        let blank = is_blank.then(|| BLANK.to_owned());
        if let Some(refusal) = summary
            .rejection
            .as_ref()
            .map(|why| blank.as_ref().unwrap_or(why))
        {
            diagnostic(&format!("`{}` holds no audit events: {refusal}", self.file));
            if is_unread {
                self.unreadable = self.unreadable.max(1);
                if self.reasons.is_empty() {
                    self.note(refusal.clone(), None);
                }
            }
        }
        File {
            file: self.file.to_string(),
            format: summary.description(),
            events: summary.events,
            unreadable: self.unreadable,
            lost: summary.limitations.clone(),
            reasons: self.reasons,
            is_unread,
        }
    }
}

/// Places that could not be read in all logs.
pub(crate) fn unreadable(files: &[File]) -> u64 {
    files.iter().map(|file| file.unreadable).sum()
}

/// Fails where nothing at all could be read of a log, although there is something in it.
pub(crate) fn all_read(files: &[File]) -> Outcome {
    if files.iter().any(|file| file.is_unread) {
        Err(Failure::Said)
    } else {
        Ok(())
    }
}

/// Says what was unwrapped. Logs as the server writes them need no word.
pub(crate) fn say(files: &[File], say: &mut dyn FnMut(String) -> Outcome) -> Outcome {
    for file in files.iter().filter(|file| !file.lost.is_empty()) {
        let (name, kind) = (safe(&file.file), safe(&file.format));
        let events = if file.events == 1 { "event" } else { "events" };
        say(format!("{name}: {kind}, {} {events}", file.events))?;
        for lost in &file.lost {
            say(format!("{name}: {lost}"))?;
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
