//! Changes of the share dialog.

use audit_workspace::{LogOrigin, ViewSettings, Workspace};
use playground_protocol::{EventSelection, ShareReport, ShareRequest, ToWorker};

use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::{Effect, FileContent};
use crate::state::share::{ShareAction, ShareOptions, ShareState, SharedEvents};
use crate::state::ui::Dialog;

impl AppState {
    pub(crate) fn update_share(&mut self, action: ShareAction) -> Vec<Effect> {
        match action {
            ShareAction::Open(key) => {
                self.share = ShareState {
                    number: self.share.number,
                    key,
                    options: ShareOptions {
                        lesson: self.lessons.lesson.is_some(),
                        ..ShareOptions::default()
                    },
                    ..ShareState::default()
                };
                self.dialog = Some(Dialog::Share);
                vec![self.request_share()]
            }
            ShareAction::Choose(options) => {
                self.share.options = options;
                vec![self.request_share()]
            }
            ShareAction::LinkReady(number, link) => {
                if number == self.share.number {
                    self.share.link = Some(IdentityRc::new(link));
                }
                Vec::new()
            }
            ShareAction::Save => {
                let report = self.share.report.clone();
                let file = report.map(|report| self.shared_workspace(&report).to_json());
                let save =
                    |text| Effect::SaveFile(self.workspace_file_name(), FileContent::Text(text));
                file.map(save).into_iter().collect()
            }
        }
    }

    /// Requests the content for the current choice.
    fn request_share(&mut self) -> Effect {
        self.share.number = self.share.number.wrapping_add(1);
        self.share.report = None;
        self.share.link = None;
        let ShareOptions {
            baseline, redact, ..
        } = self.share.options;
        Effect::Send(ToWorker::Share(ShareRequest {
            number: self.share.number,
            version: self.version,
            policy: (*self.text).clone(),
            baseline: self.baseline_text().filter(|_| baseline).map(str::to_owned),
            events: self
                .shared_rows()
                .map(|(first, last)| EventSelection::Rows { first, last }),
            selected: self.selected_event(),
            key: redact.then_some(self.share.key),
        }))
    }

    /// Returns the first and the last row that is shared.
    fn shared_rows(&self) -> Option<(usize, usize)> {
        match self.share.options.events {
            SharedEvents::None => None,
            SharedEvents::Selected => self.table.selected(),
            SharedEvents::First(count) => Some((0, count.saturating_sub(1))),
        }
    }

    /// Takes over the content that the worker has prepared, and has the link made.
    pub(super) fn shared(&mut self, report: ShareReport) -> Vec<Effect> {
        if report.number != self.share.number {
            return Vec::new();
        }
        let number = report.number;
        let is_usable = report.error.is_none();
        let text = self.shared_workspace(&report).to_compact_json();
        self.share.report = Some(IdentityRc::new(report));
        is_usable
            .then_some(Effect::MakeLink(number, text))
            .into_iter()
            .collect()
    }

    /// Returns the current workspace with the content that was prepared, and nothing that was not chosen.
    pub(crate) fn shared_workspace(&self, report: &ShareReport) -> Workspace {
        let options = self.share.options;
        if let Some(lesson) = self.shared_lesson().filter(|_| options.lesson) {
            return lesson;
        }
        let current = self.to_workspace();
        let mut shared = Workspace {
            policy: report.policy.clone(),
            baseline: report.baseline.clone(),
            tests: current.tests.filter(|_| options.tests),
            kubernetes_version: current.kubernetes_version,
            sample: report.sample.clone(),
            // An example and a generated log need no events.
            log: current.log.filter(|log| {
                report.sample.is_none()
                    && matches!(log, LogOrigin::Example(_) | LogOrigin::Generated)
            }),
            ..Workspace::default()
        };
        if options.settings || shared.log == Some(LogOrigin::Generated) {
            shared.cluster = current.cluster;
        }
        if options.settings {
            shared.export = current.export;
            shared.prices = current.prices;
        }
        shared.view = ViewSettings {
            selected: report.selected,
            ..current.view
        };
        if options.redact {
            // They contain names.
            shared.view.filter = String::new();
            shared.view.query = None;
        } else {
            shared.name = current.name;
        }
        shared
    }
}
