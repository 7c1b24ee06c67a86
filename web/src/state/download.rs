//! Lines on their way to the clipboard or to a file: which, how far they have come, and what is said in the end.

use playground_protocol::{Account, Ask, Form, Lines, Which};

use super::AppState;
use crate::numbers;

/// Where lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Destination {
    /// To the clipboard.
    Clipboard,
    /// To a file.
    File,
}

/// Lines on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct Download {
    /// Tells it from others.
    pub id: u32,
    /// Which lines.
    pub lines: Lines,
    /// Where they go.
    pub destination: Destination,
    /// How far they have come.
    pub account: Account,
    /// Bytes that have arrived.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
}

/// A piece has arrived where it belongs, or has not.
#[derive(Debug, Clone, PartialEq)]
pub struct ChunkWritten {
    /// [`Download::id`].
    pub download: u32,
    /// How far the lines have come with it.
    pub account: Account,
    /// Bytes that have arrived in all.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
    /// Why the errand ends before its time: a sentence.
    pub failure: Option<String>,
}

/// The errands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Downloads {
    /// The one under way.
    pub current: Option<Download>,
    /// What is said of the last one.
    pub last_result: Option<String>,
    count: u32,
}

impl AppState {
    pub(super) fn start_download(&mut self, lines: Lines, destination: Destination) -> Vec<Ask> {
        if self.worker.has_lost_log {
            self.error_message = Some(
                "The engine has stopped since this log was read: open the log again to copy or save its events."
                    .to_owned(),
            );
            return Vec::new();
        }
        let downloads = &mut self.downloads;
        downloads.count = downloads.count.wrapping_add(1);
        downloads.last_result = None;
        self.error_message = None;
        downloads.current = Some(Download {
            id: downloads.count,
            lines,
            destination,
            account: Account::default(),
            bytes: 0.0,
            changed: Vec::new(),
        });
        vec![Ask::Lines {
            errand: downloads.count,
            lines,
        }]
    }

    /// Asks for the next piece once the last one has arrived, so that nothing piles up.
    pub(super) fn chunk_written(&mut self, arrival: ChunkWritten) -> Vec<Ask> {
        let Some(download) = &mut self.downloads.current else {
            return Vec::new();
        };
        if download.id != arrival.download {
            return Vec::new();
        }
        download.account = arrival.account;
        download.bytes = arrival.bytes;
        download.changed = arrival.changed;
        if let Some(failure) = arrival.failure {
            self.downloads.current = None;
            self.error_message = Some(failure);
            return vec![Ask::DropLines];
        }
        if download.account.done < download.account.total {
            return vec![Ask::Lines {
                errand: download.id,
                lines: download.lines,
            }];
        }
        self.downloads.last_result = Some(outcome(download));
        self.downloads.current = None;
        Vec::new()
    }

    /// Ends the errand under way, if there is one.
    pub(super) fn cancel_download(&mut self, said: &str) -> Vec<Ask> {
        if self.downloads.current.take().is_none() {
            return Vec::new();
        }
        self.downloads.last_result = Some(said.to_owned());
        vec![Ask::DropLines]
    }
}

/// What came of it: how much, and what was left out, and why.
fn outcome(download: &Download) -> String {
    let Download {
        lines,
        destination,
        account,
        bytes,
        changed,
        ..
    } = download;
    let done = match destination {
        Destination::Clipboard => "Copied ",
        Destination::File => "Saved ",
    };
    let mut said = [
        done,
        &numbers::counted(account.lines, "line"),
        ", ",
        &numbers::bytes(*bytes),
        ".",
    ]
    .concat();
    let mut left_out = |count, why| {
        if count > 0 {
            said.push(' ');
            said.push_str(&numbers::counted(count, "event"));
            said.push_str(" left out: ");
            said.push_str(why);
        }
    };
    left_out(
        account.incomplete,
        "the policy would record bodies or fields that the log lacks.",
    );
    left_out(
        account.unknowable,
        "the log lacks what the policy asks about.",
    );
    left_out(account.derived, "derived, so the log does not hold it.");
    if lines.form == Form::Written && lines.which != Which::Log {
        left_out(account.dropped, "the policy writes nothing of it.");
    }
    left_out(account.gone, "the file has changed since it was opened.");
    if !changed.is_empty() {
        said.push_str(&what_changed(changed, account.gone));
    }
    said
}

/// Files that have changed: what was saved is what was read of them, or is without them.
fn what_changed(changed: &[String], gone: usize) -> String {
    let names: Vec<String> = changed
        .iter()
        .take(3)
        .map(|name| ["`", name, "`"].concat())
        .collect();
    let more = changed.len().saturating_sub(names.len());
    let mut said = " ".to_owned() + &names.join(", ");
    if more > 0 {
        said.push_str(" and ");
        said.push_str(&numbers::counted(more, "other file"));
    }
    said.push_str(if changed.len() == 1 { " has" } else { " have" });
    said.push_str(" changed since the log was opened");
    said.push_str(if gone == 0 {
        ": these are the events that were read then. Open the log again to read what was added."
    } else {
        ". Open the log again to save the rest."
    });
    said
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_out_is_said() {
        let download = Download {
            id: 1,
            lines: Lines {
                which: Which::Log,
                form: Form::Written,
            },
            destination: Destination::File,
            account: Account {
                done: 10,
                total: 10,
                lines: 6,
                incomplete: 1,
                dropped: 3,
                ..Account::default()
            },
            bytes: 6143.0,
            changed: Vec::new(),
        };
        let said = "Saved 6 lines, 6.1 KB. 1 event left out: the policy would record bodies or fields that the log lacks.";
        assert_eq!(outcome(&download), said);
        // A log that has grown since it was read.
        let grown = Download {
            changed: vec!["audit.log".to_owned()],
            ..download.clone()
        };
        assert_eq!(
            outcome(&grown),
            said.to_owned()
                + " `audit.log` has changed since the log was opened: these are the events that were read then. Open the log again to read what was added."
        );
        // One that is too large to be kept.
        let mut rotated = grown;
        rotated.account.gone = 2;
        assert_eq!(
            outcome(&rotated),
            said.to_owned()
                + " 2 events left out: the file has changed since it was opened. `audit.log` has changed since the log was opened. Open the log again to save the rest."
        );
    }
}
