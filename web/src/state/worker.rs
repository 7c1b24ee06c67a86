//! The worker: whether it is running, and why it stopped.

/// Reason why a worker stopped.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// It ran out of memory.
    OutOfMemory,
    /// It failed with this message.
    Failed(String),
    /// It ended without a message.
    Terminated,
    /// The user stopped it.
    ByUser,
}

impl StopReason {
    /// Classifies the message of a worker's script. Browsers mention memory in their own errors, too.
    pub fn of(reason: String, is_memory: bool) -> Self {
        let said = reason.to_ascii_lowercase();
        if is_memory || said.contains("out of memory") || said.contains("allocation failed") {
            Self::OutOfMemory
        } else {
            Self::Failed(reason)
        }
    }
}

/// History of the workers.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerState {
    /// The worker no longer has the log that is shown, so its results do not change.
    pub has_lost_log: bool,
    /// Number of stops since a worker read a log to its end.
    pub(super) stops: u32,
    /// The log was complete and is to be reopened.
    pub(super) reopens: bool,
    /// The policy is not loaded before it changes.
    pub(super) waits: bool,
    /// A worker was ready before.
    pub(super) was_ready: bool,
}

/// Actions on the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerAction {
    /// It cannot start: one sentence.
    Unavailable(String),
    /// It has stopped.
    Stopped(StopReason),
    /// It has not replied for this number of seconds.
    Busy(u32),
    /// It is to be started again by the user.
    StartAgain,
}

/// Status of the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorkerStatus {
    /// It is starting.
    #[default]
    Starting,
    /// It is ready.
    Ready,
    /// It cannot start, or has stopped too often.
    Down,
}
