//! Values that complete the filter: the newest ones, and the one request in progress.

use playground_protocol::{FieldValues, ToWorker, ValuesRequest};

use crate::identity_rc::IdentityRc;

/// State of the filter's completion.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CompletionState {
    /// Newest values.
    pub shown: Option<IdentityRc<FieldValues>>,
    /// Request for the text as typed now.
    wanted: Option<ValuesRequest>,
    /// Request in progress.
    pending: Option<ValuesRequest>,
}

impl CompletionState {
    /// Returns the state for another log, whose values are not known. A request in progress belongs to the last log.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            pending: self.pending.clone(),
            ..Self::default()
        }
    }

    /// Requests values, after those of a request in progress.
    pub(super) fn request(&mut self, wanted: ValuesRequest) -> Option<ToWorker> {
        self.wanted = Some(wanted);
        self.next_request()
    }

    pub(super) fn receive(&mut self, values: FieldValues) -> Option<ToWorker> {
        self.pending = None;
        if self.wanted.as_ref() == Some(&values.request) {
            self.wanted = None;
            self.shown = Some(IdentityRc::new(values));
        }
        self.next_request()
    }

    /// Forgets the request in progress: there will be no response.
    pub(super) fn cancel_pending(&mut self) {
        self.pending = None;
        self.wanted = None;
    }

    fn next_request(&mut self) -> Option<ToWorker> {
        let wanted = self.wanted.clone().filter(|_| self.pending.is_none())?;
        self.pending = Some(wanted.clone());
        Some(ToWorker::Values(wanted))
    }
}
