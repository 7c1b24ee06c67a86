//! Opening and closing metrics, and estimates from them.

use playground_protocol::{MetricsFile, MetricsRejection, ToWorker};

use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::metrics::{MetricsAction, name, title};
use crate::state::notices::{Notice, NoticeKind};
use crate::state::ui::Pane;

impl AppState {
    pub(crate) fn update_metrics(&mut self, action: MetricsAction) -> Vec<Effect> {
        match action {
            MetricsAction::Open(files) => self.open_metrics(IdentityRc::new(files)),
            MetricsAction::Close => {
                let mut effects = self.close_metrics("Closed ");
                effects.extend(self.request_volume());
                // Its button is gone.
                effects.push(Effect::Focus(dom_ids::VOLUME_BODY));
                effects
            }
            MetricsAction::Reopen => match self.metrics.closed.clone() {
                Some(files) => self.open_metrics(files),
                None => Vec::new(),
            },
            MetricsAction::SetHours(hours) => {
                self.metrics.hours = hours;
                self.metrics.mark_outdated();
                self.request_metrics().into_iter().collect()
            }
        }
    }

    fn open_metrics(&mut self, files: IdentityRc<Vec<MetricsFile>>) -> Vec<Effect> {
        self.dismiss(NoticeKind::MetricsNotOpened);
        self.dismiss(NoticeKind::MetricsClosed);
        self.dialog = None;
        self.error_message = None;
        let request = ToWorker::OpenMetrics((*files).clone());
        self.metrics.opening = Some(files);
        vec![Effect::Send(request)]
    }

    /// Shows the metrics that the worker has read. After a restart of the worker, the view stays.
    pub(super) fn metrics_opened(&mut self) -> Vec<Effect> {
        if self.metrics.opening.is_none() {
            return Vec::new();
        }
        let is_reload = self.metrics.opening == self.metrics.files;
        let hours = self.metrics.hours.filter(|_| is_reload);
        self.metrics.opened();
        self.metrics.hours = hours;
        let mut effects: Vec<Effect> = self.unsubscribe_volume().into_iter().collect();
        if !is_reload {
            self.pane = Pane::Volume;
            effects.push(Effect::Focus(dom_ids::VOLUME_BODY));
        }
        effects.extend(self.request_metrics());
        effects
    }

    /// Reports that metrics cannot be used. What was shown stays.
    pub(super) fn metrics_not_opened(&mut self, rejection: &MetricsRejection) {
        self.metrics.opening = None;
        let named = name(&rejection.name);
        let named = named
            .strip_prefix("the ")
            .map_or_else(|| named.clone(), |rest| ["The ", rest].concat());
        let were = if rejection.name.is_empty() {
            " were not opened: "
        } else {
            " was not opened: "
        };
        let sentence = [&named, were, &rejection.reason, "."].concat();
        self.notify(Notice::new(NoticeKind::MetricsNotOpened, sentence));
    }

    /// Closes the metrics, since a log was opened.
    pub(super) fn replace_metrics(&mut self) -> Vec<Effect> {
        self.dismiss(NoticeKind::MetricsNotOpened);
        self.dismiss(NoticeKind::MetricsClosed);
        self.close_metrics("The volume is that of the log again, without ")
    }

    fn close_metrics(&mut self, reason: &str) -> Vec<Effect> {
        let Some(files) = &self.metrics.files else {
            return Vec::new();
        };
        let sentence = [reason, &title(files), "."].concat();
        self.metrics.close();
        self.notify(Notice::new(NoticeKind::MetricsClosed, sentence));
        vec![Effect::Send(ToWorker::CloseMetrics)]
    }

    /// Requests an estimate if the shown one is older than the policy or the settings, and the policy is accepted.
    pub(super) fn request_metrics(&mut self) -> Option<Effect> {
        let is_accepted = self
            .policy
            .as_ref()
            .is_some_and(|policy| policy.accepted && policy.generation == self.generation);
        if self.pane != Pane::Volume || !is_accepted || !self.metrics.begin_request() {
            return None;
        }
        Some(Effect::Send(ToWorker::EstimateFromMetrics {
            hours: self.metrics.hours,
            version: self.version,
        }))
    }
}
