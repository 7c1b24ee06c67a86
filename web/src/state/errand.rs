//! Lines on their way to the clipboard or to a file: which, how far they have come, and what is said in the end.

use playground_protocol::{EventSelection, ExportSummary, LineFormat, LineRequest, ToWorker};

use super::AppState;
use crate::numbers;

/// Where lines go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// To the clipboard.
    Copy,
    /// To a file.
    Save,
}

/// Lines on their way.
#[derive(Debug, Clone, PartialEq)]
pub struct Errand {
    /// Tells it from others.
    pub number: u32,
    /// Which lines.
    pub lines: LineRequest,
    /// Where they go.
    pub purpose: Purpose,
    /// How far they have come.
    pub account: ExportSummary,
    /// Bytes that have arrived.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
}

/// A piece has arrived where it belongs, or has not.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// [`Errand::number`].
    pub errand: u32,
    /// How far the lines have come with it.
    pub account: ExportSummary,
    /// Bytes that have arrived in all.
    pub bytes: f64,
    /// Files that have changed since they were opened.
    pub changed: Vec<String>,
    /// Why the errand ends before its time: a sentence.
    pub failure: Option<String>,
}

/// The errands.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Errands {
    /// The one under way.
    pub current: Option<Errand>,
    /// What is said of the last one.
    pub said: Option<String>,
    count: u32,
}

impl AppState {
    pub(super) fn begin_errand(&mut self, lines: LineRequest, purpose: Purpose) -> Vec<ToWorker> {
        if self.life.has_lost_log {
            self.failure = Some(
                "The engine has stopped since this log was read: open the log again to copy or save its events."
                    .to_owned(),
            );
            return Vec::new();
        }
        let errands = &mut self.errands;
        errands.count = errands.count.wrapping_add(1);
        errands.said = None;
        self.failure = None;
        errands.current = Some(Errand {
            number: errands.count,
            lines,
            purpose,
            account: ExportSummary::default(),
            bytes: 0.0,
            changed: Vec::new(),
        });
        vec![ToWorker::Lines {
            job: errands.count,
            lines,
        }]
    }

    /// Asks for the next piece once the last one has arrived, so that nothing piles up.
    pub(super) fn piece_arrived(&mut self, arrival: Arrival) -> Vec<ToWorker> {
        let Some(errand) = &mut self.errands.current else {
            return Vec::new();
        };
        if errand.number != arrival.errand {
            return Vec::new();
        }
        errand.account = arrival.account;
        errand.bytes = arrival.bytes;
        errand.changed = arrival.changed;
        if let Some(failure) = arrival.failure {
            self.errands.current = None;
            self.failure = Some(failure);
            return vec![ToWorker::CancelExport];
        }
        if errand.account.done < errand.account.total {
            return vec![ToWorker::Lines {
                job: errand.number,
                lines: errand.lines,
            }];
        }
        self.errands.said = Some(outcome(errand));
        self.errands.current = None;
        Vec::new()
    }

    /// Ends the errand under way, if there is one.
    pub(super) fn drop_errand(&mut self, said: &str) -> Vec<ToWorker> {
        if self.errands.current.take().is_none() {
            return Vec::new();
        }
        self.errands.said = Some(said.to_owned());
        vec![ToWorker::CancelExport]
    }
}

/// What came of it: how much, and what was left out, and why.
fn outcome(errand: &Errand) -> String {
    let Errand {
        lines,
        purpose,
        account,
        bytes,
        changed,
        ..
    } = errand;
    let done = match purpose {
        Purpose::Copy => "Copied ",
        Purpose::Save => "Saved ",
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
    if lines.format == LineFormat::Written && lines.events != EventSelection::Log {
        left_out(account.dropped, "the policy writes nothing of it.");
    }
    left_out(
        account.unreadable,
        "the file has changed since it was opened.",
    );
    if !changed.is_empty() {
        said.push_str(&what_changed(changed, account.unreadable));
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
        let errand = Errand {
            number: 1,
            lines: LineRequest {
                events: EventSelection::Log,
                format: LineFormat::Written,
            },
            purpose: Purpose::Save,
            account: ExportSummary {
                done: 10,
                total: 10,
                lines: 6,
                incomplete: 1,
                dropped: 3,
                ..ExportSummary::default()
            },
            bytes: 6143.0,
            changed: Vec::new(),
        };
        let said = "Saved 6 lines, 6.1 KB. 1 event left out: the policy would record bodies or fields that the log lacks.";
        assert_eq!(outcome(&errand), said);
        // A log that has grown since it was read.
        let grown = Errand {
            changed: vec!["audit.log".to_owned()],
            ..errand.clone()
        };
        assert_eq!(
            outcome(&grown),
            said.to_owned()
                + " `audit.log` has changed since the log was opened: these are the events that were read then. Open the log again to read what was added."
        );
        // One that is too large to be kept.
        let mut rotated = grown;
        rotated.account.unreadable = 2;
        assert_eq!(
            outcome(&rotated),
            said.to_owned()
                + " 2 events left out: the file has changed since it was opened. `audit.log` has changed since the log was opened. Open the log again to save the rest."
        );
    }
}
