//! The report of a log that was read, as `audit-policy simulate --format summary` prints it.

use audit_log::{LogSummary, Problem};
use serde::Serialize;

/// Maximum number of distinct reasons.
const MAX_REASONS: usize = 20;

/// Report of a log.
#[derive(Debug, Serialize)]
pub(crate) struct LogReport {
    file: String,
    format: String,
    events: u64,
    pub(crate) unreadable: u64,
    lost: Vec<&'static str>,
    reasons: Vec<Reason>,
}

#[derive(Debug, Serialize)]
struct Reason {
    reason: String,
    count: u64,
    line: Option<u64>,
}

/// Kind of bytes that a log contains, from the least to the most.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
enum Content {
    #[default]
    Nothing,
    Blank,
    /// Brackets of a list of events, which is valid even if it is empty.
    List,
    Text,
}

/// Problems of a log while it is read.
#[derive(Debug, Default)]
pub(crate) struct LogProblems {
    reasons: Vec<Reason>,
    unreadable: u64,
    content: Content,
    depth: u32,
}

impl LogProblems {
    /// Records the kind of bytes.
    pub(crate) fn observe(&mut self, bytes: &[u8]) {
        for byte in bytes {
            if self.content == Content::Text {
                return;
            }
            let content = match byte {
                b'[' | b']' => Content::List,
                0xef | 0xbb | 0xbf => Content::Blank,
                _ if byte.is_ascii_whitespace() => Content::Blank,
                _ => Content::Text,
            };
            self.depth = match byte {
                b'[' => self.depth + 1,
                b']' => self.depth.saturating_sub(1),
                _ => self.depth,
            };
            let is_nested = self.depth > 1;
            let content = if is_nested { Content::Text } else { content };
            self.content = self.content.max(content);
        }
    }

    /// Counts a part that cannot be read.
    pub(crate) fn problem(&mut self, problem: &Problem) {
        self.unreadable += 1;
        self.note(problem.reason.to_string(), Some(problem.location.line));
    }

    fn note(&mut self, reason: String, line: Option<u64>) {
        let known = self.reasons.iter_mut().find(|known| known.reason == reason);
        if let Some(known) = known {
            known.count += 1;
        } else if self.reasons.len() < MAX_REASONS {
            let count = 1;
            self.reasons.push(Reason {
                reason,
                count,
                line,
            });
        }
    }

    /// Returns the report of a log that has been read to its end.
    ///
    /// # Errors
    /// The reason if nothing could be read of a log that is not empty.
    pub(crate) fn finish(self, file: String, summary: &LogSummary) -> Result<LogReport, String> {
        let is_silent = matches!(self.content, Content::Blank | Content::Text)
            && self.unreadable == 0
            && !summary.has_documents;
        let is_unread = summary.events == 0
            && (self.unreadable > 0 || (is_silent && summary.rejection.is_some()));
        if is_unread {
            let blank = self.content == Content::Blank && self.unreadable == 0;
            let reason = blank.then(|| "the file contains only white space".to_owned());
            let reason = reason.or_else(|| summary.rejection.clone());
            return Err(reason.unwrap_or_default());
        }
        Ok(LogReport {
            file,
            format: summary.description(),
            events: summary.events,
            unreadable: self.unreadable,
            lost: summary.limitations.clone(),
            reasons: self.reasons,
        })
    }
}
