//! The check whether the open log was written by the policy: the one in progress, and the last result.

use playground_protocol::{ContradictionView, EventId, PolicyCheckView, ToWorker};

use crate::identity_rc::IdentityRc;

/// State of the check.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PolicyCheckState {
    /// The check in progress.
    pub running: Option<RunningCheck>,
    /// Last result for the open log.
    pub shown: Option<IdentityRc<PolicyCheckView>>,
    /// Reason why the last check has no result: one sentence.
    pub failure: Option<String>,
    count: u32,
}

/// A check in progress.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct RunningCheck {
    /// Number of the check.
    pub(super) job: u32,
    /// Bytes read so far.
    pub bytes: f64,
    /// Bytes to read; 0 before they are known.
    pub total_bytes: f64,
}

/// Actions on the check.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyCheckAction {
    /// The log is to be checked against the policy.
    Start,
    /// The check is to be cancelled.
    Cancel,
    /// The events that contradict the policy in any way are to be listed.
    ListAll,
    /// The events of a contradiction are to be listed.
    List(ContradictionView),
    /// The first event of a contradiction is to be shown, among the others.
    Open(ContradictionView),
    /// An event with a likely secret is to be shown.
    OpenSecret(EventId),
    /// Events are to be listed whether they contradict the policy or not.
    ClearFilter,
}

impl PolicyCheckState {
    /// Returns the state of another log.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            count: self.count,
            ..Self::default()
        }
    }

    /// Starts a check and returns its first request.
    pub(super) fn start(&mut self) -> ToWorker {
        self.count = self.count.wrapping_add(1);
        self.failure = None;
        self.running = Some(RunningCheck {
            job: self.count,
            ..RunningCheck::default()
        });
        ToWorker::CheckPolicy { job: self.count }
    }

    /// Ends the check in progress without a result.
    pub(super) fn end(&mut self, reason: &str) {
        if self.running.take().is_some() {
            self.failure = Some(reason.to_owned());
        }
    }
}
