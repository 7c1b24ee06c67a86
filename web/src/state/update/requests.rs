//! Requests to the worker that follow from a change.

use playground_protocol::ToWorker;
use playground_protocol::volume::VolumeSettings;

use crate::deferred;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::ui::{Dialog, Pane};

impl AppState {
    /// Returns the requests after a change of the view.
    pub(super) fn requests_for_view(&mut self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.request_rows().into_iter().collect();
        effects.extend(self.request_facets());
        effects.extend(self.unsubscribe_volume());
        effects
    }

    /// Returns the requests after a new answer, or new rows of it.
    pub(super) fn requests_for_answer(&mut self) -> Vec<Effect> {
        let mut effects: Vec<Effect> = self.request_rows().into_iter().collect();
        effects.extend(self.request_inspection());
        effects.extend(self.request_facets());
        effects.extend(self.request_volume());
        effects.extend(self.request_shown_analysis());
        effects
    }

    /// Requests the answer of *Ask* or *Compare* if that is shown, and the results of the tests.
    pub(super) fn request_shown_analysis(&mut self) -> Vec<Effect> {
        let mut effects = Vec::new();
        if self.has_all_parts && matches!(self.pane, Pane::Ask | Pane::Compare) {
            effects.extend(deferred::request_analysis(self));
        }
        if self.has_all_parts && self.claims.is_used() {
            effects.extend(deferred::request_claims(self));
        }
        effects
    }

    /// Requests rows, unless those of the view are loaded or a request is in progress.
    pub(super) fn request_rows(&mut self) -> Option<Effect> {
        let answer = self.answer.as_ref().filter(|_| !self.worker.has_lost_log);
        let request = answer.and_then(|_| self.table.next_request());
        request.map(Effect::Send)
    }

    /// Requests the details of the selected event, unless those of the newest answer are shown or a request is in progress.
    pub(super) fn request_inspection(&mut self) -> Option<Effect> {
        let event = self.selected_event()?;
        let answer = self.answer.as_ref()?;
        if self.worker.has_lost_log {
            return None;
        }
        let shown = self
            .inspection
            .as_ref()
            .is_some_and(|shown| shown.row.event == event && shown.generation >= answer.generation);
        if shown || self.inspecting.is_some() {
            return None;
        }
        self.inspecting = Some(event);
        Some(Effect::Send(ToWorker::Inspect { event }))
    }

    /// Requests counts if the shown ones are older than the answer or the view. The worker counts the view that was sent last.
    pub(super) fn request_facets(&mut self) -> Option<Effect> {
        let revision = self.table.revision();
        let facets = &mut self.facets;
        let wanted = facets.open
            && facets.pending_revision.is_none()
            && facets.shown_revision != Some(revision);
        let is_lost = self.worker.has_lost_log;
        if !wanted || is_lost || self.answer.is_none() || !self.table.is_view_sent() {
            return None;
        }
        facets.pending_revision = Some(revision);
        Some(Effect::Send(ToWorker::Facets))
    }

    /// Requests an estimate if the shown one is older than the answer or the settings.
    pub(super) fn request_volume(&mut self) -> Option<Effect> {
        if self.metrics.is_open() {
            return self.request_metrics();
        }
        let is_old = !self.volume.is_fresh();
        let is_lost = self.worker.has_lost_log;
        if self.pane != Pane::Volume
            || self.answer.is_none()
            || self.volume.pending_revision.is_some()
            || is_lost
        {
            return None;
        }
        if !is_old {
            return self.volume.request_proposals().map(Effect::Send);
        }
        let export = self.export.settings.clone();
        let volume = &mut self.volume;
        volume.pending_revision = Some(volume.revision);
        volume.is_subscribed = true;
        Some(Effect::Send(ToWorker::Volume(VolumeSettings {
            version: self.version,
            export,
            price_ingested: volume.price_ingested,
            price_stored: volume.price_stored,
        })))
    }

    /// Requests the export.
    pub(super) fn request_export(&self) -> Effect {
        Effect::Send(ToWorker::Export(self.export_request()))
    }

    /// Requests the export if its dialog is open.
    pub(super) fn request_shown_export(&self) -> Option<Effect> {
        (self.dialog == Some(Dialog::Export)).then(|| self.request_export())
    }
}
