//! Progress on a terminal, and how far a command came that is interrupted.

use std::io::{self, IsTerminal};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use audit_types::format::{bytes as size, count};

use crate::file_name::FileName;
use crate::in_process;
use crate::output::{clear_status, diagnostic, status};

/// Time before the first report and between two.
const INTERVAL: Duration = Duration::from_millis(500);

/// Exit status of a command that was interrupted: 128 and the number of the signal.
const INTERRUPTED: i32 = 130;

/// Amount of the logs that was read so far.
pub(crate) struct Progress {
    /// Size of all logs as they are stored, in bytes; `None` if one is not a file.
    total_bytes: Option<u64>,
    /// Bytes of the current log as it is stored, and of those before it.
    bytes: u64,
    bytes_before: u64,
    file: String,
    /// Events of all logs.
    events: u64,
    is_shown: bool,
    last_report: Instant,
    on_interrupt: OnInterrupt,
    is_interrupted: Arc<AtomicBool>,
}

/// Effect of the first interrupt.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OnInterrupt {
    /// SIGINT ends the process, which says how far it came.
    Exit,
    /// SIGINT and SIGTERM end the reading; what was read is written.
    Stop,
}

impl Progress {
    /// Creates a progress of reading logs. It is shown if standard error is a terminal, and results are not printed on one meanwhile.
    pub(crate) fn new(logs: &[FileName], has_results: bool, on_interrupt: OnInterrupt) -> Self {
        let is_interrupted = Arc::default();
        // Within the process, the signal is for the server, which ends.
        let is_command = !in_process::is_active();
        #[cfg(unix)]
        if is_command {
            use signal_hook::consts::{SIGINT, SIGTERM};
            use signal_hook::flag;
            let signals: &[i32] = match on_interrupt {
                OnInterrupt::Exit => &[SIGINT],
                OnInterrupt::Stop => &[SIGINT, SIGTERM],
            };
            for signal in signals {
                // The second interrupt ends the process at once. Without the handlers, the first one does.
                let _ = flag::register_conditional_default(*signal, Arc::clone(&is_interrupted));
                let _ = flag::register(*signal, Arc::clone(&is_interrupted));
            }
        }
        let is_mixed = has_results && io::stdout().is_terminal();
        Self {
            total_bytes: logs.iter().map(stored_size).sum(),
            bytes: 0,
            bytes_before: 0,
            file: String::new(),
            events: 0,
            is_shown: is_command && io::stderr().is_terminal() && !is_mixed,
            last_report: Instant::now(),
            on_interrupt,
            is_interrupted,
        }
    }

    /// Begins a log.
    pub(crate) fn begin(&mut self, file: &str) {
        file.clone_into(&mut self.file);
        self.bytes_before += self.bytes;
        self.bytes = 0;
    }

    /// Records the number of bytes of the current log that were read, as it is stored, and the number of events of all logs.
    pub(crate) fn update(&mut self, bytes: u64, events: u64) {
        self.bytes = bytes;
        self.events = events;
        if self.is_shown && self.last_report.elapsed() >= INTERVAL {
            self.last_report = Instant::now();
            status(&format!("{}: {}", self.amount(), self.file));
        }
    }

    /// Returns `true` if the user has interrupted the command, and the process is to end.
    pub(crate) fn exits(&self) -> bool {
        self.on_interrupt == OnInterrupt::Exit && self.is_interrupted.load(Ordering::Relaxed)
    }

    /// Returns `true` if the user has interrupted the command, and what was read is still to be written.
    pub(crate) fn stops(&self) -> bool {
        self.on_interrupt == OnInterrupt::Stop && self.is_interrupted.load(Ordering::Relaxed)
    }

    /// Returns the function that tells another thread whether to stop reading.
    pub(crate) fn stop_signal(&self) -> impl Fn() -> bool + Send + 'static {
        let stops = self.on_interrupt == OnInterrupt::Stop;
        let is_interrupted = Arc::clone(&self.is_interrupted);
        move || stops && is_interrupted.load(Ordering::Relaxed)
    }

    /// Ends the process, and says how far it came.
    pub(crate) fn exit(&self) -> ! {
        diagnostic(&format!(
            "interrupted in `{}`: {}",
            self.file,
            self.amount()
        ));
        std::process::exit(INTERRUPTED)
    }

    /// Returns `1.20 GB of 4.00 GB read (30 %), 1,234 events`.
    fn amount(&self) -> String {
        let bytes = self.bytes_before + self.bytes;
        let events = count(self.events);
        let read = size(bytes as f64);
        match self.total_bytes.filter(|total| *total >= bytes.max(1)) {
            None => format!("{read} read, {events} events"),
            Some(total) => {
                // The quotient is at most 100.
                let percent = bytes.saturating_mul(100) / total;
                let total = size(total as f64);
                format!("{read} of {total} read ({percent} %), {events} events")
            }
        }
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        // Nobody looks at the first interrupt any more, so it ends the process, as the second one does.
        self.is_interrupted.store(true, Ordering::Relaxed);
        if self.is_shown {
            clear_status();
        }
    }
}

/// Returns the size of a log, unless it is a pipe.
fn stored_size(name: &FileName) -> Option<u64> {
    let found = std::fs::metadata(name.path()).ok();
    let found = found.filter(|found| found.is_file() && !name.is_stdin());
    found.map(|found| found.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_share_is_given_where_the_size_is_known() {
        let mut progress = Progress::new(&[], false, OnInterrupt::Exit);
        progress.begin("a.log");
        progress.update(1_000_000, 1_234);
        progress.begin("b.log");
        progress.update(500_000, 2_234);
        for (total, amount) in [
            (None, "1.50 MB read, 2,234 events"),
            (
                Some(6_000_000),
                "1.50 MB of 6.00 MB read (25 %), 2,234 events",
            ),
            // The log has grown.
            (Some(1_000_000), "1.50 MB read, 2,234 events"),
        ] {
            progress.total_bytes = total;
            assert_eq!(progress.amount(), amount);
        }
    }
}
