//! The volume: the newest estimate, its settings, and the one request in progress.

use playground_protocol::ToWorker;
use playground_protocol::volume::{SuggestionReport, VolumeReport};
use playground_protocol::{ClusterProfile, ModelReport};

use crate::identity_rc::IdentityRc;

/// A policy in the editor.
#[derive(Debug, Clone, PartialEq)]
pub struct PolicyText {
    /// Its text.
    pub text: IdentityRc<String>,
    /// Index of the policy in a document with several.
    pub part: usize,
}

/// State of the volume.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VolumeState {
    /// Newest estimate.
    pub shown: Option<IdentityRc<VolumeReport>>,
    /// Price per gigabyte ingested.
    pub price_ingested: Option<f64>,
    /// Price per gigabyte stored for a month.
    pub price_stored: Option<f64>,
    /// Cluster of the last generated log.
    pub profile: ClusterProfile,
    /// Report of the generated log that is open.
    pub model: Option<IdentityRc<ModelReport>>,
    /// Policy to compare with.
    pub baseline: Option<PolicyText>,
    /// Increases with every reason to request an estimate.
    pub(super) revision: u32,
    /// The worker sends an estimate with all results.
    pub(super) is_subscribed: bool,
    /// Revision of the shown estimate.
    pub(super) shown_revision: Option<u32>,
    /// Revision of the request in progress.
    pub(super) pending_revision: Option<u32>,
    /// Rules that would save bytes.
    pub proposals: Option<IdentityRc<SuggestionReport>>,
    /// Revision of the last request for proposals, and `true` if it is in progress.
    pub(super) suggestions_request: Option<(u32, bool)>,
}

impl VolumeState {
    /// Returns the volume of another log, with the same prices and baseline.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            shown: None,
            shown_revision: None,
            proposals: None,
            model: None,
            revision: self.revision.wrapping_add(1),
            ..self.clone()
        }
    }

    /// Marks the shown estimate as outdated.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Marks the estimate as outdated by new results. The worker sends the next one by itself if it is subscribed.
    pub(super) const fn answer_changed(&mut self) {
        self.mark_outdated();
        if self.is_subscribed {
            self.pending_revision = Some(self.revision);
        }
    }

    pub(super) const fn set_prices(&mut self, ingested: Option<f64>, stored: Option<f64>) {
        self.price_ingested = ingested;
        self.price_stored = stored;
        self.mark_outdated();
    }

    /// Forgets the request in progress: there will be no response.
    pub(super) const fn cancel_pending(&mut self) {
        self.pending_revision = None;
        self.suggestions_request = None;
    }

    /// Resets the state that was shared with a worker that has stopped.
    pub(super) const fn reset_worker(&mut self) {
        self.cancel_pending();
        self.is_subscribed = false;
    }

    pub(super) fn receive_proposals(&mut self, proposals: SuggestionReport) {
        if let Some((_, is_pending)) = &mut self.suggestions_request {
            *is_pending = false;
        }
        self.proposals = Some(IdentityRc::new(proposals));
    }

    /// Requests rules once the estimate is up to date: the estimate comes first.
    pub(super) fn request_proposals(&mut self) -> Option<ToWorker> {
        let is_idle = self
            .suggestions_request
            .is_none_or(|(_, is_pending)| !is_pending);
        let is_old = self
            .suggestions_request
            .is_none_or(|(revision, _)| revision != self.revision);
        if !(self.is_fresh() && is_idle && is_old) {
            return None;
        }
        self.suggestions_request = Some((self.revision, true));
        Some(ToWorker::Suggestions)
    }

    pub(super) fn receive(&mut self, report: VolumeReport) {
        self.shown_revision = self.pending_revision.take();
        self.shown = Some(IdentityRc::new(report));
    }

    /// Returns whether the shown estimate is up to date.
    pub fn is_fresh(&self) -> bool {
        self.shown_revision == Some(self.revision)
    }
}
