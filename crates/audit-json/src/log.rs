//! Reports of logs that were read: contents, fields that the wrapper lacks, and reasons why parts could not be read.

use audit_log::{LogSummary, Problem};
use serde::Serialize;

use crate::content::{Content, Contents};

/// Maximum number of distinct reasons in the report of a log.
const MAX_REASONS: usize = 20;

/// Reason why a log with bytes has no events.
const BLANK: &str = "the file contains only white space";

/// Report of one log.
#[derive(Debug, Serialize)]
pub struct LogReport {
    /// Name of the log.
    pub file: String,
    /// `JSON lines`, `AKS diagnostic records`; empty if the file could not be opened.
    pub format: String,
    /// Number of events.
    pub events: u64,
    /// Number of places that could not be read.
    pub unreadable: u64,
    /// Events without their end.
    #[serde(skip)]
    pub cut: u64,
    /// Parts of cut events that could not be joined with the start.
    #[serde(skip)]
    pub rests: u64,
    /// One sentence for each wrapper.
    pub lost: Vec<&'static str>,
    /// Reasons why something could not be read, each once.
    pub reasons: Vec<Reason>,
    /// True if nothing could be read although the file is not empty, or it could not be read to its end.
    #[serde(skip)]
    pub is_unread: bool,
    /// Why the log contains no audit events. `None` if it contains some, or is empty.
    #[serde(skip)]
    pub rejection: Option<String>,
}

/// A reason why something could not be read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reason {
    reason: String,
    /// Number of occurrences.
    count: u64,
    /// Line number of the first occurrence; null if it is about the whole file.
    line: Option<u64>,
}

/// Problems of a log while it is read.
#[derive(Debug, Default)]
pub struct LogProblems {
    reasons: Vec<Reason>,
    unreadable: u64,
    cut: u64,
    rests: u64,
    contents: Contents,
}

impl LogProblems {
    /// Records the kind of decompressed bytes, from the start of the log on.
    pub fn observe(&mut self, bytes: &[u8]) {
        self.contents.observe(bytes);
    }

    /// Counts a place that cannot be read.
    pub fn add(&mut self, problem: &Problem) {
        self.cut += u64::from(problem.reason.is_cut_event());
        self.rests += u64::from(problem.reason.is_rest_of_cut_event());
        self.count(problem.reason.to_string(), Some(problem.location.line));
    }

    /// Counts a problem of the whole log, such as damage of its compression.
    pub fn add_of_log(&mut self, reason: String) {
        self.count(reason, None);
    }

    fn count(&mut self, reason: String, line: Option<u64>) {
        self.unreadable += 1;
        self.note(reason, line);
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
    pub fn finish_unread(self, file: String, events: u64) -> LogReport {
        LogReport {
            file,
            format: String::new(),
            events,
            unreadable: self.unreadable,
            cut: self.cut,
            rests: self.rests,
            lost: Vec::new(),
            reasons: self.reasons,
            is_unread: true,
            rejection: None,
        }
    }

    /// Returns the report of a log that has been read to its end.
    pub fn finish(mut self, file: String, summary: &LogSummary) -> LogReport {
        let content = self.contents.most;
        let is_silent = matches!(content, Content::Blank | Content::Text)
            && self.unreadable == 0
            && !summary.has_documents;
        let is_unread = summary.events == 0
            && (self.unreadable > 0 || (is_silent && summary.rejection.is_some()));
        let is_blank = content == Content::Blank && self.unreadable == 0;
        let rejection = summary.rejection.as_ref().map(|why| match is_blank {
            true => BLANK.to_owned(),
            false => why.clone(),
        });
        if let Some(rejection) = rejection.as_ref().filter(|_| is_unread) {
            self.unreadable = self.unreadable.max(1);
            if self.reasons.is_empty() {
                self.note(rejection.clone(), None);
            }
        }
        LogReport {
            file,
            format: summary.description(),
            events: summary.events,
            unreadable: self.unreadable,
            cut: self.cut,
            rests: self.rests,
            lost: summary.limitations.clone(),
            reasons: self.reasons,
            is_unread,
            rejection,
        }
    }
}
