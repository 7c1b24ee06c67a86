//! Changes of the volume.

use playground_protocol::ToWorker;

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

    pub(super) fn pin(&mut self, pinned: bool) -> Vec<Effect> {
        self.volume.has_baseline = pinned;
        self.volume.mark_outdated();
        let mut effects = vec![Effect::Send(ToWorker::PinBaseline(pinned))];
        effects.extend(self.request_volume());
        effects
    }
}
