//! The volume: the newest estimate, its settings, and the one request in progress.

use playground_protocol::volume::{SuggestionReport, VolumeReport};
use playground_protocol::{ClusterProfile, ModelReport, ToWorker};

use crate::identity_rc::IdentityRc;

/// The volume.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VolumeState {
    /// The newest estimate that came.
    pub shown: Option<IdentityRc<VolumeReport>>,
    /// Price of a gigabyte taken in.
    pub price_ingested: Option<f64>,
    /// Price of a gigabyte in store for a month.
    pub price_stored: Option<f64>,
    /// The cluster of which a log was made last.
    pub profile: ClusterProfile,
    /// What the log that is open is made of, where it is a model's.
    pub model: Option<IdentityRc<ModelReport>>,
    /// A policy is held against those to come.
    pub has_baseline: bool,
    /// Counts what makes an estimate old.
    pub(super) revision: u32,
    /// The worker sends an estimate behind every answer.
    pub(super) is_subscribed: bool,
    /// The revision of what is shown.
    pub(super) shown_revision: Option<u32>,
    /// The same of the question under way.
    pub(super) pending_revision: Option<u32>,
    /// Rules that would save bytes.
    pub proposals: Option<IdentityRc<SuggestionReport>>,
    /// The revision of those that were asked for last, and whether they are under way.
    pub(super) suggestions_request: Option<(u32, bool)>,
}

impl VolumeState {
    /// The volume of another log: prices and the pinned policy stay.
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

    /// What is shown is of something else than what there is now.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// There is another answer; an estimate of it comes by itself, where the worker sends them.
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

    /// The question under way will not be answered.
    pub(super) const fn cancel_pending(&mut self) {
        self.pending_revision = None;
        self.suggestions_request = None;
    }

    /// The worker knows of no volume any more, nor of a pinned policy, and will not answer.
    pub(super) const fn reset_worker(&mut self) {
        self.cancel_pending();
        self.is_subscribed = false;
        self.has_baseline = false;
    }

    pub(super) fn receive_proposals(&mut self, proposals: SuggestionReport) {
        if let Some((_, is_pending)) = &mut self.suggestions_request {
            *is_pending = false;
        }
        self.proposals = Some(IdentityRc::new(proposals));
    }

    /// Asks for rules, once the estimate is of what there is now: the estimate comes first.
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

    /// Whether what is shown is of what there is now.
    pub fn is_fresh(&self) -> bool {
        self.shown_revision == Some(self.revision)
    }
}
