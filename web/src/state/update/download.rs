//! Copying and saving lines.

use playground_figures::numbers;
use playground_protocol::{
    EventSelection, ExportSummary, LineChunk, LineFormat, LineRequest, ToWorker,
};

use crate::state::app_state::AppState;
use crate::state::download::{ChunkWritten, Destination, Download};
use crate::state::effect::Effect;

impl AppState {
    /// Opens the destination; the download starts once it is open.
    pub(super) fn request_download(
        &mut self,
        lines: LineRequest,
        destination: Destination,
    ) -> Vec<Effect> {
        if self.worker.has_lost_log {
            self.error_message = Some(
                "The engine has stopped since this log was read. Open the log again to copy or save its events."
                    .to_owned(),
            );
            return Vec::new();
        }
        vec![Effect::OpenDestination(lines, destination)]
    }

    /// Requests the first chunk: the destination is open.
    pub(super) fn start_download(
        &mut self,
        lines: LineRequest,
        destination: Destination,
    ) -> Vec<Effect> {
        let downloads = &mut self.downloads;
        downloads.count = downloads.count.wrapping_add(1);
        downloads.last_result = None;
        self.error_message = None;
        downloads.current = Some(Download {
            id: downloads.count,
            lines,
            destination,
            summary: ExportSummary::default(),
            bytes: 0.0,
            changed: Vec::new(),
        });
        vec![Effect::Send(ToWorker::Lines {
            job: downloads.count,
            lines,
        })]
    }

    /// Has a chunk written if it belongs to the download in progress.
    pub(super) fn chunk_received(&self, chunk: LineChunk) -> Vec<Effect> {
        let current = self.downloads.current.as_ref();
        match current.filter(|download| download.id == chunk.job) {
            Some(_) => vec![Effect::WriteChunk(chunk)],
            None => Vec::new(),
        }
    }

    /// Requests the next chunk once the last one is written, so that chunks never pile up.
    pub(super) fn chunk_written(&mut self, arrival: ChunkWritten) -> Vec<Effect> {
        let Some(download) = &mut self.downloads.current else {
            return Vec::new();
        };
        if download.id != arrival.download {
            return Vec::new();
        }
        download.summary = arrival.summary;
        download.bytes = arrival.bytes;
        download.changed = arrival.changed;
        if let Some(failure) = arrival.failure {
            self.downloads.current = None;
            self.error_message = Some(failure);
            return vec![Effect::Send(ToWorker::CancelExport), Effect::AbortDownload];
        }
        if download.summary.done < download.summary.total {
            return vec![Effect::Send(ToWorker::Lines {
                job: download.id,
                lines: download.lines,
            })];
        }
        self.downloads.last_result = Some(result_message(download));
        self.downloads.current = None;
        Vec::new()
    }

    /// Cancels the download in progress, if there is one.
    pub(super) fn cancel_download(&mut self, result: &str) -> Vec<Effect> {
        if self.downloads.current.take().is_none() {
            return Vec::new();
        }
        self.downloads.last_result = Some(result.to_owned());
        vec![Effect::Send(ToWorker::CancelExport), Effect::AbortDownload]
    }
}

/// Returns the result: how much was written, what was left out, and why.
fn result_message(download: &Download) -> String {
    let Download {
        lines,
        destination,
        summary,
        bytes,
        changed,
        ..
    } = download;
    let done = match destination {
        Destination::Clipboard => "Copied ",
        Destination::File => "Saved ",
    };
    let mut message = [
        done,
        &numbers::counted(summary.lines, "line"),
        ", ",
        &numbers::bytes(*bytes),
        ".",
    ]
    .concat();
    let mut left_out = |count, why| {
        if count > 0 {
            message.push(' ');
            message.push_str(&numbers::counted(count, "event"));
            message.push_str(" left out: ");
            message.push_str(why);
        }
    };
    left_out(
        summary.incomplete,
        "the log doesn't contain bodies or fields that the policy would record.",
    );
    left_out(
        summary.unknowable,
        "the log doesn't contain attributes that the policy needs.",
    );
    left_out(summary.derived, "derived, not in the log.");
    if lines.format == LineFormat::Written && lines.events != EventSelection::Log {
        left_out(summary.dropped, "not written under this policy.");
    }
    left_out(
        summary.unreadable,
        "the file has changed since it was opened.",
    );
    if !changed.is_empty() {
        message.push_str(&changed_files(changed, summary.unreadable));
    }
    message
}

/// Describes files that have changed: their events are as read before, or missing.
fn changed_files(changed: &[String], gone: usize) -> String {
    let names: Vec<String> = changed
        .iter()
        .take(3)
        .map(|name| ["`", name, "`"].concat())
        .collect();
    let more = changed.len().saturating_sub(names.len());
    let mut message = " ".to_owned() + &names.join(", ");
    if more > 0 {
        message.push_str(" and ");
        message.push_str(&numbers::counted(more, "other file"));
    }
    message.push_str(if changed.len() == 1 { " has" } else { " have" });
    message.push_str(" changed since the log was opened");
    message.push_str(if gone == 0 {
        ": these are the events read at that time. Open the log again to read new ones."
    } else {
        ". Open the log again to save the rest."
    });
    message
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn left_out_events_are_reported() {
        let download = Download {
            id: 1,
            lines: LineRequest {
                events: EventSelection::Log,
                format: LineFormat::Written,
            },
            destination: Destination::File,
            summary: ExportSummary {
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
        let message = "Saved 6 lines, 6.1 KB. 1 event left out: the log doesn't contain bodies or fields that the policy would record.";
        assert_eq!(result_message(&download), message);
        // A log that has grown since it was read.
        let grown = Download {
            changed: vec!["audit.log".to_owned()],
            ..download.clone()
        };
        assert_eq!(
            result_message(&grown),
            message.to_owned()
                + " `audit.log` has changed since the log was opened: these are the events read at that time. Open the log again to read new ones."
        );
        // A log that is too large to keep in memory.
        let mut rotated = grown;
        rotated.summary.unreadable = 2;
        assert_eq!(
            result_message(&rotated),
            message.to_owned()
                + " 2 events left out: the file has changed since it was opened. `audit.log` has changed since the log was opened. Open the log again to save the rest."
        );
    }
}
