//! Changes of the volume.

use playground_protocol::{BaselinePolicy, ToWorker};

use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::ui::Pane;

impl AppState {
    /// Cancels the subscription to estimates if another part is shown.
    pub(super) fn unsubscribe_volume(&mut self) -> Option<Effect> {
        let volume = &mut self.volume;
        let is_shown = self.pane == Pane::Volume && !self.metrics.is_open();
        if is_shown || !std::mem::take(&mut volume.is_subscribed) {
            return None;
        }
        volume.pending_revision = None;
        volume.mark_outdated();
        Some(Effect::Send(ToWorker::HideVolume))
    }

    /// Compares later policies with the last accepted one, whose results are shown, or stops comparing.
    pub(super) fn pin(&mut self, pinned: bool) -> Vec<Effect> {
        self.volume.baseline = self.accepted.clone().filter(|_| pinned);
        self.volume.mark_outdated();
        self.analysis.baseline_name = None;
        self.analysis.mark_outdated();
        let mut effects = vec![self.send_baseline()];
        effects.extend(self.request_volume());
        effects.extend(self.request_shown_analysis());
        effects
    }

    /// Tells the worker what to compare with, for the chosen version.
    pub(super) fn send_baseline(&self) -> Effect {
        let baseline = self.volume.baseline.as_ref();
        Effect::Send(ToWorker::SetBaseline(baseline.map(|baseline| {
            BaselinePolicy {
                text: (*baseline.text).clone(),
                version: self.version,
                part: baseline.part,
            }
        })))
    }

    /// Tells the worker again what to compare with, if there is something.
    pub(super) fn send_baseline_again(&mut self) -> Option<Effect> {
        self.volume.baseline.as_ref()?;
        self.volume.mark_outdated();
        Some(self.send_baseline())
    }
}
