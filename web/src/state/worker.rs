//! The worker: whether it is running, and why it stopped.

/// Reason for a worker's end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopReason {
    /// The browser gave it no memory.
    OutOfMemory,
    /// It failed: its own words.
    Failed(String),
    /// It ended without a message.
    Terminated,
    /// The person has stopped it.
    ByUser,
}

impl StopReason {
    /// The reason that a worker's script has given; the browser's own errors name memory, too.
    pub fn of(reason: String, is_memory: bool) -> Self {
        let said = reason.to_ascii_lowercase();
        if is_memory || said.contains("out of memory") || said.contains("allocation failed") {
            Self::OutOfMemory
        } else {
            Self::Failed(reason)
        }
    }
}

/// The worker's side of the state.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct WorkerState {
    /// The log that is shown is no longer with the worker: its figures stay as they are.
    pub has_lost_log: bool,
    /// How often workers have stopped since one has read a log to its end.
    pub(super) stops: u32,
    /// The log that was whole is to be opened again.
    pub(super) reopens: bool,
    /// The policy waits for a change.
    pub(super) waits: bool,
    /// It was up before.
    pub(super) was_ready: bool,
}

/// What can happen to the worker.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkerAction {
    /// It cannot start: one sentence.
    Unavailable(String),
    /// It has stopped.
    Stopped(StopReason),
    /// It has not answered for so many seconds.
    Busy(u32),
    /// One is wanted after none was started any more.
    StartAgain,
}

/// Where the worker is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorkerStatus {
    /// It has not answered yet.
    #[default]
    Starting,
    /// It answers.
    Ready,
    /// It cannot start, or has died too often.
    Down,
}
