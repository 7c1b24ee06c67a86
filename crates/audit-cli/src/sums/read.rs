//! Adds up logs, on several threads.

use audit_log::{Event, Location};
use audit_policy::{KubernetesVersion, Policy};
use audit_sim::{Tally, Totals, Window};

use crate::chunks::{ChunkReader, ChunkStart, LogSink, read_logs};
use crate::error::Result;
use crate::file_name::FileName;
use crate::files::LogReport;
use crate::progress::OnInterrupt;

/// Totals of all logs.
pub(super) struct Logs {
    pub(super) tally: Tally,
    pub(super) window: Window,
    pub(super) files: Vec<LogReport>,
    /// Adds up what is read in order.
    ordered: Adder,
}

/// Adds up events.
struct Adder {
    totals: Totals,
    window: Window,
}

/// Reads the logs on a number of threads.
///
/// # Errors
/// None: logs that cannot be read are in the reports.
pub(super) fn read(
    names: &[FileName],
    policy: &Policy,
    version: KubernetesVersion,
    threads: usize,
) -> Result<Logs> {
    let adder = || Adder {
        totals: Totals::new(policy, version),
        window: Window::default(),
    };
    let mut logs = Logs {
        tally: Tally::new(policy.rules.len()),
        window: Window::default(),
        files: Vec::new(),
        ordered: adder(),
    };
    let readers = (0..threads).map(|_| adder()).collect();
    read_logs(names, readers, (false, OnInterrupt::Exit), &mut logs)?;
    Ok(logs)
}

impl Adder {
    fn add(&mut self, event: &Event<'_>) {
        self.window.record(event.time());
        self.totals.add(event);
    }

    fn take(&mut self) -> (Tally, Window) {
        (self.totals.take(), std::mem::take(&mut self.window))
    }
}

impl ChunkReader for Adder {
    type Output = (Tally, Window);

    const NEEDS_EVENT_NUMBERS: bool = false;

    fn begin(&mut self, _: &ChunkStart) {}

    fn event(&mut self, _: Location, event: &Event<'_>) {
        self.add(event);
    }

    fn finish(&mut self) -> (Tally, Window) {
        self.take()
    }

    fn discard(&mut self) {
        self.take();
    }

    fn output_bytes((tally, _): &(Tally, Window)) -> usize {
        size_of_val(tally.by_rule.as_slice())
    }
}

impl Logs {
    fn add(&mut self, (tally, window): (Tally, Window)) {
        self.tally += &tally;
        self.window.merge(window);
    }
}

impl LogSink<(Tally, Window)> for Logs {
    fn event(&mut self, _: &str, _: Location, event: &Event<'_>) {
        self.ordered.add(event);
    }

    fn chunk(&mut self, _: usize, part: (Tally, Window)) {
        self.add(part);
    }

    fn discarded_chunk(&mut self, _: usize, _: (Tally, Window)) {}

    fn write_pending(&mut self) -> Result {
        let part = self.ordered.take();
        self.add(part);
        Ok(())
    }

    fn flush(&mut self) -> Result {
        Ok(())
    }

    fn report(&mut self, report: LogReport) {
        self.files.push(report);
    }
}
