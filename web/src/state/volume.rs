//! The volume's side of the state: what was estimated last, for what it is wanted, and the one question under way.

use playground_protocol::volume::{SuggestionReport, VolumeReport, VolumeSettings};
use playground_protocol::{ClusterProfile, ModelReport, ToWorker};

use super::{AppState, Pane};
use crate::shared::Shared;

/// The volume.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct VolumeState {
    /// The newest estimate that came.
    pub shown: Option<Shared<VolumeReport>>,
    /// Price of a gigabyte taken in.
    pub price_ingested: Option<f64>,
    /// Price of a gigabyte in store for a month.
    pub price_stored: Option<f64>,
    /// The cluster of which a log was made last.
    pub profile: ClusterProfile,
    /// What the log that is open is made of, where it is a model's.
    pub model: Option<Shared<ModelReport>>,
    /// A policy is held against those to come.
    pub pinned: bool,
    /// Counts what makes an estimate old.
    stamp: u32,
    /// The worker sends an estimate behind every answer.
    follows: bool,
    /// The stamp of what is shown.
    have: Option<u32>,
    /// The same of the question under way.
    asked: Option<u32>,
    /// Rules that would save bytes.
    pub proposals: Option<Shared<SuggestionReport>>,
    /// The stamp of those that were asked for last, and whether they are under way.
    proposed: Option<(u32, bool)>,
}

impl VolumeState {
    /// The volume of another log: prices and the pinned policy stay.
    pub(super) fn of_new_log(&self) -> Self {
        Self {
            shown: None,
            have: None,
            proposals: None,
            model: None,
            stamp: self.stamp.wrapping_add(1),
            ..self.clone()
        }
    }

    /// What is shown is of something else than what there is now.
    pub(super) const fn outdate(&mut self) {
        self.stamp = self.stamp.wrapping_add(1);
    }

    /// There is another answer; an estimate of it comes by itself, where the worker sends them.
    pub(super) const fn follow(&mut self) {
        self.outdate();
        if self.follows {
            self.asked = Some(self.stamp);
        }
    }

    pub(super) const fn price(&mut self, ingested: Option<f64>, stored: Option<f64>) {
        self.price_ingested = ingested;
        self.price_stored = stored;
        self.outdate();
    }

    /// The question under way will not be answered.
    pub(super) const fn give_up(&mut self) {
        self.asked = None;
        self.proposed = None;
    }

    /// The worker knows of no volume any more, nor of a pinned policy, and will not answer.
    pub(super) const fn forget_worker(&mut self) {
        self.give_up();
        self.follows = false;
        self.pinned = false;
    }

    pub(super) fn receive_proposals(&mut self, proposals: SuggestionReport) {
        if let Some((_, under_way)) = &mut self.proposed {
            *under_way = false;
        }
        self.proposals = Some(Shared::new(proposals));
    }

    /// Asks for rules, once the estimate is of what there is now: the estimate comes first.
    fn ask_proposals(&mut self) -> Option<ToWorker> {
        let is_idle = self.proposed.is_none_or(|(_, under_way)| !under_way);
        let is_old = self.proposed.is_none_or(|(stamp, _)| stamp != self.stamp);
        if !(self.is_fresh() && is_idle && is_old) {
            return None;
        }
        self.proposed = Some((self.stamp, true));
        Some(ToWorker::Suggestions)
    }

    pub(super) fn receive(&mut self, report: VolumeReport) {
        self.have = self.asked.take();
        self.shown = Some(Shared::new(report));
    }

    /// Whether what is shown is of what there is now.
    pub fn is_fresh(&self) -> bool {
        self.have == Some(self.stamp)
    }
}

impl AppState {
    /// Asks for an estimate, where it is shown and older than the answer or the settings.
    pub(super) fn ask_volume(&mut self) -> Option<ToWorker> {
        let is_old = !self.volume.is_fresh();
        let is_lost = self.life.has_lost_log;
        if self.pane != Pane::Volume
            || self.answer.is_none()
            || self.volume.asked.is_some()
            || is_lost
        {
            return None;
        }
        if !is_old {
            return self.volume.ask_proposals();
        }
        let export = self.export_settings();
        let volume = &mut self.volume;
        volume.asked = Some(volume.stamp);
        volume.follows = true;
        Some(ToWorker::Volume(VolumeSettings {
            export,
            price_ingested: volume.price_ingested,
            price_stored: volume.price_stored,
        }))
    }

    /// Another part of the page is shown.
    pub(super) fn leave_volume(&mut self) -> Option<ToWorker> {
        let volume = &mut self.volume;
        if self.pane == Pane::Volume || !std::mem::take(&mut volume.follows) {
            return None;
        }
        volume.asked = None;
        volume.outdate();
        Some(ToWorker::HideVolume)
    }

    pub(super) fn pin(&mut self, pinned: bool) -> Vec<ToWorker> {
        self.volume.pinned = pinned;
        self.volume.outdate();
        let mut asks = vec![ToWorker::PinBaseline(pinned)];
        asks.extend(self.ask_volume());
        asks
    }
}
