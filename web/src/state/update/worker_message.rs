//! Handling of the worker's messages.

use playground_protocol::{
    AnswerReport, EventPosition, ExampleTitle, Inspection, KubernetesVersion, LogReport, ToPage,
};

use crate::deferred;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::{Effect, FileContent};
use crate::state::notices::NoticeKind;
use crate::state::table::Selection;
use crate::state::ui::Dialog;
use crate::state::worker::WorkerStatus;
use crate::state::workspace::{IncomingLink, WorkspaceAction};

impl AppState {
    pub(super) fn handle_message(&mut self, message: ToPage) -> Vec<Effect> {
        self.dismiss(NoticeKind::WorkerBusy);
        match message {
            ToPage::Pong => {}
            ToPage::Ready { examples, versions } => return self.worker_ready(examples, versions),
            ToPage::Policy(report) => return self.policy_loaded(report),
            ToPage::Example {
                policy,
                hint,
                event,
                index,
            } => return self.place_example(index, policy, hint, event),
            ToPage::Progress(progress) => {
                if self.reading.is_some() {
                    self.reading = Some(IdentityRc::new(progress));
                }
            }
            ToPage::Opened { log } => return self.opened(log),
            ToPage::NotOpened {
                log,
                report,
                reason,
            } => self.not_opened(log, report, reason),
            ToPage::Log(report) => self.log_read(report),
            // Results of another example's policy are of no use for this log.
            ToPage::Answer(answer) if answer.generation < self.oldest && !answer.stale => {}
            ToPage::Answer(answer) => {
                self.receive_answer(answer);
                return self.requests_for_answer();
            }
            ToPage::Rows(rows) => {
                self.table.receive(rows);
                return self.requests_for_answer();
            }
            ToPage::Facets(facets) => {
                self.facets.receive(facets);
                return self.request_facets().into_iter().collect();
            }
            ToPage::Values(values) => {
                let next = self.completion.receive(values);
                return next.map(Effect::Send).into_iter().collect();
            }
            ToPage::Inspection(inspection) => {
                self.receive_inspection(*inspection);
                return self.request_inspection().into_iter().collect();
            }
            ToPage::PartMissing => self.report_missing_part(),
            // The request was about a log that was replaced. The selected event is requested with the next results.
            ToPage::NoEvent { event } => {
                self.inspecting = self.inspecting.filter(|asked| *asked != event);
            }
            ToPage::RequestFailed { message } => self.request_failed(message),
            late => return deferred::handle_late_message(self, late),
        }
        Vec::new()
    }

    /// Opens the policy of an example in the editor, and selects an event of its log.
    fn place_example(
        &mut self,
        index: usize,
        policy: String,
        hint: String,
        event: Option<EventPosition>,
    ) -> Vec<Effect> {
        if std::mem::take(&mut self.openings.ignores_example) {
            return Vec::new();
        }
        let description = self.description.replace(hint);
        self.table.selection = event.map(Selection::of_event);
        let title = self.examples.get(index);
        let title = title.map_or_else(String::new, |example| example.title.clone());
        self.remember_replaced_policy(&policy, description, &title);
        let effects = self.place(policy);
        self.oldest = self.generation;
        effects
    }

    /// Keeps the report of a log that was read to its end.
    fn log_read(&mut self, report: LogReport) {
        if !self.openings.is_pending() {
            self.reading = None;
        }
        self.reset_stop_count();
        self.analysis.mark_outdated();
        self.log = Some(IdentityRc::new(report));
    }

    /// Shows why a request failed. Which one it was is not known, so that all are free to be sent again.
    fn request_failed(&mut self, message: String) {
        self.inspecting = None;
        self.table.cancel_pending();
        self.facets.cancel_pending();
        self.completion.cancel_pending();
        self.volume.cancel_pending();
        self.metrics.cancel_pending();
        self.analysis.cancel_pending();
        self.claims.cancel_pending();
        self.error_message = Some(message);
    }

    /// Handles a message that only the rest of the page asks for.
    pub(crate) fn handle_late_message(&mut self, message: ToPage) -> Vec<Effect> {
        match message {
            ToPage::CodePage(page) => {
                self.code_page = Some(IdentityRc::new(page));
                self.dialog = Some(Dialog::CodePage);
            }
            ToPage::Lines(chunk) => return self.chunk_received(chunk),
            ToPage::Archive { name, bytes } => {
                return vec![Effect::SaveFile(name, FileContent::Bytes(bytes))];
            }
            ToPage::Export(report) => self.export.report = Some(IdentityRc::new(*report)),
            ToPage::Imported(report) => return self.imported(report),
            ToPage::Model(report) => {
                self.description = Some(report.description.clone());
                self.volume.model = Some(IdentityRc::new(report));
            }
            ToPage::PolicyCheck(step) => return self.policy_check_step(step),
            ToPage::MetricsOpened => return self.metrics_opened(),
            ToPage::MetricsNotOpened(rejection) => self.metrics_not_opened(&rejection),
            ToPage::Metrics(report) => {
                self.metrics.receive(*report);
                return self.request_volume().into_iter().collect();
            }
            ToPage::Suggestions(proposals) => {
                self.volume.receive_proposals(proposals);
                return self.request_volume().into_iter().collect();
            }
            ToPage::Shared(report) => return self.shared(*report),
            ToPage::Analysis(reply) => return self.analyzed(&reply),
            ToPage::Volume(report) => {
                self.volume.receive(*report);
                return self.request_volume().into_iter().collect();
            }
            // All others are handled before.
            _ => {}
        }
        Vec::new()
    }

    pub(super) fn receive_answer(&mut self, answer: AnswerReport) {
        let before = self.answer.as_ref().map(|before| before.generation);
        // More of the same log is appended to the loaded rows; anything else may move them.
        if before != Some(answer.generation) || self.table.view.sort.is_some() {
            self.table.clear_range();
        }
        self.answer = Some(IdentityRc::new(answer));
        self.table.mark_outdated();
        self.volume.answer_changed();
    }

    pub(super) fn receive_inspection(&mut self, inspection: Inspection) {
        self.inspecting = None;
        if self.selected_event() == Some(inspection.row.event) {
            self.inspection = Some(IdentityRc::new(inspection));
        }
    }

    pub(super) fn worker_ready(
        &mut self,
        examples: Vec<ExampleTitle>,
        versions: Vec<KubernetesVersion>,
    ) -> Vec<Effect> {
        self.worker_status = WorkerStatus::Ready;
        let mut effects = self.restore_worker();
        self.examples = IdentityRc::new(examples);
        self.versions = IdentityRc::new(versions);
        match std::mem::take(&mut self.incoming_link) {
            IncomingLink::None => {}
            IncomingLink::Decoding => {
                self.incoming_link = IncomingLink::Decoding;
                return effects;
            }
            IncomingLink::Decoded(link) => {
                let open = WorkspaceAction::OpenLink(link);
                effects.extend(deferred::update_workspace(self, open));
                return effects;
            }
        }
        effects.extend(self.open_first_log());
        effects
    }

    /// Opens the log of the restored workspace, or the first example if there is nothing else.
    pub(super) fn open_first_log(&mut self) -> Vec<Effect> {
        if self.openings.current().is_some() || self.openings.is_pending() {
            return Vec::new();
        }
        // What the user did before the worker was ready is not overwritten.
        let is_unused = self.generation == 0
            && self.reading.is_none()
            && self.log.is_none()
            && self.workspace.sample.is_none();
        if is_unused && !self.examples.is_empty() {
            return self.open_example(0);
        }
        self.restore_log()
    }
}
