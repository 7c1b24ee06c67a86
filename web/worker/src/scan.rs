//! The interface of a scan of the log.

use playground_protocol::LogScanStatus;

use crate::log::Log;
use crate::log_pass::PassItem;

/// A result that is computed while the log is read.
pub(crate) trait Scan: Sized {
    /// `true` if parts of the log after the last event matter.
    const READS_TO_THE_END: bool;

    /// Adds a part of the log.
    fn push(&mut self, item: PassItem<'_>, log: &Log);

    /// Returns the result.
    fn finish(self, log: &mut Log) -> LogScanStatus;
}
