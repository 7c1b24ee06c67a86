//! What the page knows, and how every event changes it. Plain data, no browser: [`AppState::apply`] takes an [`Action`] and says what
//! to ask the worker.
//!
//! At most one question of a kind is under way; what changes meanwhile is asked next, once. So typing never queues up work.

mod action;
pub mod download;
pub mod export;
pub mod facets;
pub mod notices;
pub mod opening;
mod policy;
mod table;
#[cfg(test)]
mod tests;
pub mod volume;
pub mod worker;
pub mod workspace;

use playground_protocol::terms::add_term;
use playground_protocol::verified::is_verified;
use playground_protocol::{
    Answer, Ask, ExampleTitle, Generation, Inspection, LogReport, PolicyReport, Progress, Tell,
    View,
};

use self::download::Downloads;
use self::export::ExportState;
use self::facets::FacetsState;
use self::notices::{Notice, NoticeKind};
use self::opening::{LogOpenings, LogSource};
use self::volume::VolumeState;
use self::worker::WorkerState;
use self::workspace::WorkspaceState;
use crate::identity_rc::IdentityRc;
pub use action::Action;
pub use table::{Selection, TableState};

/// Where the worker is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum WorkerStatus {
    /// It has not answered yet.
    #[default]
    Starting,
    /// It answers.
    Ready,
    /// It cannot start, or has died too often.
    Down,
}

/// A part of the page that can be shown alone, where the screen is narrow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Pane {
    /// The editor and its findings.
    Policy,
    /// The table.
    #[default]
    Events,
    /// What is known of one event.
    Inspector,
    /// How much is written; in place of events and inspector on a wide screen, too.
    Volume,
}

/// A tab of the inspector.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Tab {
    /// What each rule said.
    #[default]
    Why,
    /// The event as the server would write it.
    Written,
    /// The attributes that the policy saw.
    Request,
    /// What could not be read of the log.
    Problems,
}

/// What lies over the page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialog {
    /// Flags and manifests.
    Export,
    /// A box to paste into.
    Paste,
    /// Keys and terms.
    Help,
    /// What the engine was compared with.
    Verified,
    /// A cluster to make a log of.
    GenerateLog,
}

/// What the bar in the answer divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum BreakdownBy {
    /// Levels.
    #[default]
    Level,
    /// Rules.
    Rule,
}

/// What the bar in the answer counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Unit {
    /// Events caught.
    #[default]
    Events,
    /// Bytes written.
    Bytes,
}

/// How the answer relates to the text in the editor.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Freshness {
    /// It is the answer of this text.
    Fresh,
    /// The answer of this text is under way.
    Pending,
    /// This text is refused; it is the answer of the last one that was not.
    Stale,
}

/// A text for the editor; a new revision is a new text even where the words are the same.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct EditorDocument {
    /// Counts the texts placed.
    pub revision: u32,
    /// Nothing was there before it, so there is nothing to go back to.
    pub first: bool,
    /// The text.
    pub text: String,
}

/// What the page knows.
#[derive(Debug, Clone, Default)]
pub struct AppState {
    /// The worker.
    pub worker_status: WorkerStatus,
    /// What came of workers before.
    pub worker: WorkerState,
    /// The examples menu.
    pub examples: IdentityRc<Vec<ExampleTitle>>,
    /// The versions menu, newest first.
    pub versions: IdentityRc<Vec<String>>,
    /// The version chosen; empty until the worker names one.
    pub version: String,
    /// The policy's text as the editor has it.
    pub text: IdentityRc<String>,
    /// The last text that was put into the editor by something else than typing.
    pub editor_document: IdentityRc<EditorDocument>,
    /// Counts the edits.
    pub generation: Generation,
    /// Answers of policies before this one are not shown.
    oldest: Generation,
    /// The edit that the worker is at.
    loading: Option<Generation>,
    /// What loading the newest text said.
    pub policy: Option<IdentityRc<PolicyReport>>,
    /// What to look at in the example that is open. It goes once another policy is opened, or an edit leaves less than half of the
    /// policy in place.
    pub description: Option<String>,
    /// The policy before the one that was opened, and the story that belongs to it.
    policy_before: Option<(IdentityRc<String>, Option<String>)>,
    /// How far reading has come, while it goes on.
    pub reading: Option<IdentityRc<Progress>>,
    /// What reading found.
    pub log: Option<IdentityRc<LogReport>>,
    /// What the policy does to the log.
    pub answer: Option<IdentityRc<Answer>>,
    /// The table.
    pub table: TableState,
    /// What the view's events share.
    pub facets: FacetsState,
    /// How much is written.
    pub volume: VolumeState,
    /// Lines to copy and to save.
    pub downloads: Downloads,
    /// What the inspector shows.
    pub inspection: Option<IdentityRc<Inspection>>,
    /// The event asked about.
    inspecting: Option<usize>,
    /// The inspector's tab.
    pub tab: Tab,
    /// The part shown on a narrow screen.
    pub pane: Pane,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// Division of the bar.
    pub breakdown_by: BreakdownBy,
    /// Unit of the bar.
    pub unit: Unit,
    /// The export.
    pub export: ExportState,
    /// Whether and where all this is kept.
    pub workspace: WorkspaceState,
    /// Logs that were asked for, and those that were opened.
    pub openings: LogOpenings,
    /// The last thing that could not be done.
    pub error_message: Option<String>,
    /// What else is to be said, in the order in which it came.
    pub notices: Vec<Notice>,
}

/// The version that a new page starts with: the newest that was compared with upstream.
fn default_version(versions: &[String]) -> String {
    let verified = versions.iter().find(|version| is_verified(version));
    verified.cloned().unwrap_or_default()
}

impl AppState {
    /// How the figures relate to the text in the editor.
    pub fn freshness(&self) -> Freshness {
        let Some(answer) = &self.answer else {
            return Freshness::Fresh;
        };
        let refused = self
            .policy
            .as_ref()
            .is_some_and(|policy| policy.generation == self.generation && !policy.accepted);
        if answer.stale || refused {
            Freshness::Stale
        } else if answer.generation < self.generation && !self.worker.has_lost_log {
            Freshness::Pending
        } else {
            Freshness::Fresh
        }
    }

    /// The answer, where there is an event that it is about.
    pub fn figures(&self) -> Option<IdentityRc<Answer>> {
        self.answer
            .clone()
            .filter(|answer| answer.in_sum.events > 0)
    }

    /// Whether what was asked of the worker will bring rows, unless the policy is refused or nothing was readable.
    pub fn expects_rows(&self) -> bool {
        match self.worker_status {
            WorkerStatus::Starting => true,
            WorkerStatus::Ready => self.loading.is_some() || self.answer.is_some(),
            WorkerStatus::Down => false,
        }
    }

    /// Whether the first answer and its rows are there; or the policy, where there is no log or the policy is refused.
    pub fn settled(&self) -> bool {
        let is_refused = self
            .policy
            .as_ref()
            .is_some_and(|policy| !policy.accepted && self.loading.is_none());
        if self.reading.is_none() && self.openings.current().is_none() {
            return self.policy.is_some() && self.loading.is_none();
        }
        // A policy that is refused has no answer, unless one before it had.
        if is_refused && self.answer.is_none() {
            return self.reading.is_none() && self.log.is_some();
        }
        self.answer.is_some() && self.table.rows.is_some()
    }

    /// Takes in what happened; returns what to ask the worker, in order.
    pub fn apply(&mut self, action: Action) -> Vec<Ask> {
        if action.clears_messages() {
            self.downloads.last_result = None;
            self.error_message = None;
        }
        if action.changes_settings() {
            self.touch();
        }
        self.workspace.is_modified |= action.changes_view_or_log();
        match action {
            Action::WorkerMessage(tell) => return self.hear(tell),
            Action::Worker(action) => {
                self.update_worker(action);
                return Vec::new();
            }
            Action::Workspace(action) => return self.update_workspace(action),
            Action::EditPolicy(text) => return self.edit(text),
            Action::ReplacePolicy(text) => return self.open_policy(None, text),
            Action::OpenPolicy(name, text) => return self.open_policy(Some(&name), text),
            Action::UndoPolicy => return self.undo_policy(),
            Action::SelectVersion(version) => return self.select_version(version),
            Action::OpenExample(index) => return self.open_example(index),
            Action::OpenFiles {
                files,
                names,
                skipped,
            } => return self.open(LogSource::Files(files, names), false, skipped),
            Action::PasteLog(text) => return self.open_text(text),
            Action::GenerateLog(profile) => return self.open_model(profile),
            Action::ReopenPreviousLog => return self.reopen_previous(),
            Action::CancelReading => return vec![Ask::Cancel],
            Action::StartDownload(lines, purpose) => return self.start_download(lines, purpose),
            Action::ChunkWritten(arrival) => return self.chunk_written(arrival),
            Action::CancelDownload => return self.cancel_download("Cancelled."),
            Action::ToggleFacets => self.facets.toggle(),
            Action::ShowTab(tab) => self.tab = tab,
            Action::ShowPane(pane) => {
                self.pane = pane;
                let asks = self
                    .unsubscribe_volume()
                    .into_iter()
                    .chain(self.request_volume());
                return asks.collect();
            }
            Action::SetPrices(ingested, stored) => {
                self.volume.set_prices(ingested, stored);
                return self.request_volume().into_iter().collect();
            }
            Action::PinBaseline(pinned) => return self.pin(pinned),
            Action::ShowDialog(dialog) => return self.show(dialog),
            Action::SetBreakdown(breakdown_by) => self.breakdown_by = breakdown_by,
            Action::SetUnit(unit) => self.unit = unit,
            Action::Export(action) => return self.update_export(action),
            Action::DismissError => self.error_message = None,
            Action::DismissNotice(kind) => self.dismiss(kind),
            Action::ShowError(sentence) => self.error_message = Some(sentence),
            Action::SelectRow(index) => {
                self.table.select(index);
                return self.request_inspection().into_iter().collect();
            }
            Action::ExtendSelection(index) => {
                self.table.extend(index);
                return self.request_inspection().into_iter().collect();
            }
            Action::SelectAll => self.table.select_all(),
            Action::ShowRows { start, count } => self.table.set_window(start, count),
            other => self.update_view(other),
        }
        self.requests_for_view()
    }

    /// What changes which events are listed, and how.
    fn update_view(&mut self, action: Action) {
        match action {
            Action::SetFilter(text) => self.change_view(|view| view.text = text),
            Action::ToggleOutcome(outcome) => self.change_view(|view| {
                view.outcome = (view.outcome != Some(outcome)).then_some(outcome);
            }),
            Action::ToggleRule(rule) => {
                self.pane = Pane::Events;
                self.change_view(|view| {
                    view.rule = (view.rule != Some(rule)).then_some(rule);
                });
            }
            Action::ClearFilters => self.change_view(|view| {
                view.text.clear();
                view.outcome = None;
                view.rule = None;
            }),
            Action::SortBy(column) => self.change_view(|view| table::sort(view, column)),
            Action::GroupBy(column) => self.change_view(|view| view.group_by = column),
            Action::OpenGroup(term) => self.change_view(|view| {
                view.group_by = None;
                add_term(&mut view.text, &term);
            }),
            Action::ToggleValue(column, key) => {
                self.change_view(|view| facets::toggle_value(view, column, &key));
            }
            _ => {}
        }
    }

    fn hear(&mut self, tell: Tell) -> Vec<Ask> {
        self.dismiss(NoticeKind::WorkerBusy);
        match tell {
            Tell::Pong => {}
            Tell::Ready { examples, versions } => return self.worker_ready(examples, versions),
            Tell::Policy(report) => return self.policy_loaded(report),
            Tell::Example {
                policy,
                story,
                event,
                ..
            } => {
                self.description = Some(story);
                self.table.selection = event.map(Selection::of_event);
                self.remember_replaced_policy(&policy);
                let asks = self.place(policy);
                self.oldest = self.generation;
                return asks;
            }
            Tell::Progress(progress) => {
                if self.reading.is_some() {
                    self.reading = Some(IdentityRc::new(progress));
                }
            }
            Tell::Opened { log } => return self.opened(log),
            Tell::NotOpened {
                log,
                report,
                reason,
            } => self.not_opened(log, report, reason),
            Tell::Log(report) => {
                if !self.openings.is_pending() {
                    self.reading = None;
                }
                self.reset_stop_count();
                self.log = Some(IdentityRc::new(report));
            }
            // What another example's policy says of this log is of no use.
            Tell::Answer(answer) if answer.generation < self.oldest && !answer.stale => {}
            Tell::Answer(answer) => {
                self.receive_answer(answer);
                return self.requests_for_answer();
            }
            Tell::Rows(rows) => {
                self.table.receive(rows);
                return self.requests_for_answer();
            }
            Tell::Facets(facets) => {
                self.facets.receive(facets);
                return self.request_facets().into_iter().collect();
            }
            // What is saved goes straight to where it belongs; see `crate::link`.
            Tell::Piece(_) | Tell::Archive(..) => {}
            Tell::Inspection(inspection) => {
                self.receive_inspection(*inspection);
                return self.request_inspection().into_iter().collect();
            }
            Tell::Export(report) => self.export.report = Some(IdentityRc::new(*report)),
            Tell::Imported(report) => return self.imported(report),
            Tell::Model(report) => {
                self.description = Some(report.story.clone());
                self.volume.model = Some(IdentityRc::new(report));
            }
            Tell::Proposals(proposals) => {
                self.volume.receive_proposals(proposals);
                return self.request_volume().into_iter().collect();
            }
            Tell::Volume(report) => {
                self.volume.receive(*report);
                return self.request_volume().into_iter().collect();
            }
            // An answer to a question about a log that was replaced; the selected event is asked about with the next answer.
            Tell::NoEvent { event } => {
                self.inspecting = self.inspecting.filter(|asked| *asked != event);
            }
            Tell::Failure { message } => {
                self.inspecting = None;
                self.table.cancel_pending();
                self.facets.cancel_pending();
                self.volume.cancel_pending();
                self.error_message = Some(message);
            }
        }
        Vec::new()
    }

    fn receive_answer(&mut self, answer: Answer) {
        let before = self.answer.as_ref().map(|before| before.generation);
        // More of the same log comes behind the rows that are there; all else may move them.
        if before != Some(answer.generation) || self.table.view.sort.is_some() {
            self.table.clear_range();
        }
        self.answer = Some(IdentityRc::new(answer));
        self.table.mark_outdated();
        self.volume.answer_changed();
    }

    fn receive_inspection(&mut self, inspection: Inspection) {
        self.inspecting = None;
        if self.selected_event() == Some(inspection.row.event) {
            self.inspection = Some(IdentityRc::new(inspection));
        }
    }

    fn worker_ready(&mut self, examples: Vec<ExampleTitle>, versions: Vec<String>) -> Vec<Ask> {
        self.worker_status = WorkerStatus::Ready;
        let mut asks = self.restore_worker();
        if !versions.contains(&self.version) {
            let newest = default_version(&versions);
            if self.version.is_empty() {
                self.version = newest;
            } else {
                self.notify_unknown_version(&newest);
                asks = self.select_version(newest);
            }
        }
        let any = !examples.is_empty();
        self.examples = IdentityRc::new(examples);
        self.versions = IdentityRc::new(versions);
        // What the reader did before the worker was up is not overwritten.
        if any && self.generation == 0 && self.reading.is_none() && self.log.is_none() {
            return self.open_example(0);
        }
        if self.openings.current().is_none() && !self.openings.is_pending() {
            asks.extend(self.restore_log());
        }
        asks
    }

    fn show(&mut self, dialog: Option<Dialog>) -> Vec<Ask> {
        self.dialog = dialog;
        self.request_shown_export().into_iter().collect()
    }

    fn change_view(&mut self, change: impl FnOnce(&mut View)) {
        let mut view = (*self.table.view).clone();
        change(&mut view);
        self.table.set_view(view);
    }

    /// The view has changed, or what of it is shown.
    fn requests_for_view(&mut self) -> Vec<Ask> {
        let mut asks: Vec<Ask> = self.request_rows().into_iter().collect();
        asks.extend(self.request_facets());
        asks.extend(self.unsubscribe_volume());
        asks
    }

    /// The answer has changed, or rows of it have come.
    fn requests_for_answer(&mut self) -> Vec<Ask> {
        let mut asks: Vec<Ask> = self.request_rows().into_iter().collect();
        asks.extend(self.request_inspection());
        asks.extend(self.request_facets());
        asks.extend(self.request_volume());
        asks
    }

    fn request_rows(&mut self) -> Option<Ask> {
        let answer = self.answer.as_ref().filter(|_| !self.worker.has_lost_log);
        answer.and_then(|_| self.table.next_request())
    }

    /// The event that is selected, where its number is known.
    pub fn selected_event(&self) -> Option<usize> {
        self.table.selection.and_then(|selection| selection.event)
    }

    /// Asks about the selected event, unless it is shown as of the newest answer or a question is under way.
    fn request_inspection(&mut self) -> Option<Ask> {
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
        Some(Ask::Inspect { event })
    }
}
