//! What the page knows, and how every event changes it. Plain data, no browser: [`AppState::apply`] takes an [`Action`] and says what
//! to ask the worker.
//!
//! At most one question of a kind is under way; what changes meanwhile is asked next, once. So typing never queues up work.

mod action;
pub mod errand;
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
    AnswerReport, ExampleTitle, Generation, Inspection, LogReport, PolicyReport, Progress, ToPage,
    ToWorker, View,
};

use self::errand::Errands;
use self::export::ExportState;
use self::facets::FacetsState;
use self::notices::{Notice, NoticeKind};
use self::opening::{LogSource, Openings};
use self::volume::VolumeState;
use self::worker::WorkerState;
use self::workspace::WorkspaceState;
use crate::shared::Shared;
pub use action::Action;
pub use table::{Selection, TableState};

/// Where the worker is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Worker {
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
    Model,
}

/// What the bar in the answer divides by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Divide {
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
pub struct Placed {
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
    pub worker: Worker,
    /// What came of workers before.
    pub life: WorkerState,
    /// The examples menu.
    pub examples: Shared<Vec<ExampleTitle>>,
    /// The versions menu, newest first.
    pub versions: Shared<Vec<String>>,
    /// The version chosen; empty until the worker names one.
    pub version: String,
    /// The policy's text as the editor has it.
    pub text: Shared<String>,
    /// The last text that was put into the editor by something else than typing.
    pub placed: Shared<Placed>,
    /// Counts the edits.
    pub generation: Generation,
    /// Answers of policies before this one are not shown.
    oldest: Generation,
    /// The edit that the worker is at.
    loading: Option<Generation>,
    /// What loading the newest text said.
    pub policy: Option<Shared<PolicyReport>>,
    /// What to look at in the example that is open. It goes once another policy is opened, or an edit leaves less than half of the
    /// policy in place.
    pub story: Option<String>,
    /// The policy before the one that was opened, and the story that belongs to it.
    policy_before: Option<(Shared<String>, Option<String>)>,
    /// How far reading has come, while it goes on.
    pub reading: Option<Shared<Progress>>,
    /// What reading found.
    pub log: Option<Shared<LogReport>>,
    /// What the policy does to the log.
    pub answer: Option<Shared<AnswerReport>>,
    /// The table.
    pub table: TableState,
    /// What the view's events share.
    pub facets: FacetsState,
    /// How much is written.
    pub volume: VolumeState,
    /// Lines to copy and to save.
    pub errands: Errands,
    /// What the inspector shows.
    pub inspection: Option<Shared<Inspection>>,
    /// The event asked about.
    inspecting: Option<usize>,
    /// The inspector's tab.
    pub tab: Tab,
    /// The part shown on a narrow screen.
    pub pane: Pane,
    /// What lies over the page.
    pub dialog: Option<Dialog>,
    /// Division of the bar.
    pub divide: Divide,
    /// Unit of the bar.
    pub unit: Unit,
    /// The export.
    pub export: ExportState,
    /// Whether and where all this is kept.
    pub workspace: WorkspaceState,
    /// Logs that were asked for, and those that were opened.
    pub openings: Openings,
    /// The last thing that could not be done.
    pub failure: Option<String>,
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
        } else if answer.generation < self.generation && !self.life.has_lost_log {
            Freshness::Pending
        } else {
            Freshness::Fresh
        }
    }

    /// The answer, where there is an event that it is about.
    pub fn figures(&self) -> Option<Shared<AnswerReport>> {
        self.answer
            .clone()
            .filter(|answer| answer.recorded.events > 0)
    }

    /// Whether what was asked of the worker will bring rows, unless the policy is refused or nothing was readable.
    pub fn expects_rows(&self) -> bool {
        match self.worker {
            Worker::Starting => true,
            Worker::Ready => self.loading.is_some() || self.answer.is_some(),
            Worker::Down => false,
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
    pub fn apply(&mut self, action: Action) -> Vec<ToWorker> {
        if action.moves_on() {
            self.errands.said = None;
            self.failure = None;
        }
        if action.is_work() {
            self.touch();
        }
        self.workspace.is_touched |= action.is_choice();
        match action {
            Action::Tell(tell) => return self.hear(tell),
            Action::Worker(action) => {
                self.apply_to_worker(action);
                return Vec::new();
            }
            Action::Workspace(action) => return self.apply_to_workspace(action),
            Action::Edit(text) => return self.edit(text),
            Action::PlacePolicy(text) => return self.open_policy(None, text),
            Action::OpenPolicy(name, text) => return self.open_policy(Some(&name), text),
            Action::UndoPolicy => return self.undo_policy(),
            Action::Version(version) => return self.choose_version(version),
            Action::OpenExample(index) => return self.open_example(index),
            Action::OpenFiles {
                files,
                names,
                skipped,
            } => return self.open(LogSource::Files(files, names), false, skipped),
            Action::PasteLog(text) => return self.open_text(text),
            Action::OpenModel(profile) => return self.open_model(profile),
            Action::ReopenPrevious => return self.reopen_previous(),
            Action::Cancel => return vec![ToWorker::Cancel],
            Action::Begin(lines, purpose) => return self.begin_errand(lines, purpose),
            Action::Arrived(arrival) => return self.piece_arrived(arrival),
            Action::DropLines => return self.drop_errand("Cancelled."),
            Action::ToggleFacets => self.facets.toggle(),
            Action::ShowTab(tab) => self.tab = tab,
            Action::ShowPane(pane) => {
                self.pane = pane;
                let asks = self.leave_volume().into_iter().chain(self.ask_volume());
                return asks.collect();
            }
            Action::Prices(ingested, stored) => {
                self.volume.price(ingested, stored);
                return self.ask_volume().into_iter().collect();
            }
            Action::Pin(pinned) => return self.pin(pinned),
            Action::Show(dialog) => return self.show(dialog),
            Action::Divide(divide) => self.divide = divide,
            Action::Count(unit) => self.unit = unit,
            Action::Export(action) => return self.apply_to_export(action),
            Action::Dismiss => self.failure = None,
            Action::DismissNotice(kind) => self.dismiss(kind),
            Action::Fail(sentence) => self.failure = Some(sentence),
            Action::Select(index) => {
                self.table.select(index);
                return self.ask_inspection().into_iter().collect();
            }
            Action::Extend(index) => {
                self.table.extend(index);
                return self.ask_inspection().into_iter().collect();
            }
            Action::SelectAll => self.table.select_all(),
            Action::Window { start, count } => self.table.show(start, count),
            other => self.apply_to_view(other),
        }
        self.ask_about_view()
    }

    /// What changes which events are listed, and how.
    fn apply_to_view(&mut self, action: Action) {
        match action {
            Action::Filter(text) => self.change_view(|view| view.text = text),
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
            Action::Sort(column) => self.change_view(|view| table::sort(view, column)),
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

    fn hear(&mut self, tell: ToPage) -> Vec<ToWorker> {
        self.dismiss(NoticeKind::Busy);
        match tell {
            ToPage::Pong => {}
            ToPage::Ready { examples, versions } => return self.worker_ready(examples, versions),
            ToPage::Policy(report) => return self.policy_loaded(report),
            ToPage::Example {
                policy,
                hint: story,
                event,
                ..
            } => {
                self.story = Some(story);
                self.table.selection = event.map(Selection::of_event);
                self.note_replaced_policy(&policy);
                let asks = self.place(policy);
                self.oldest = self.generation;
                return asks;
            }
            ToPage::Progress(progress) => {
                if self.reading.is_some() {
                    self.reading = Some(Shared::new(progress));
                }
            }
            ToPage::Opened { log } => return self.opened(log),
            ToPage::NotOpened {
                log,
                report,
                reason,
            } => self.not_opened(log, report, reason),
            ToPage::Log(report) => {
                if !self.openings.is_pending() {
                    self.reading = None;
                }
                self.note_health();
                self.log = Some(Shared::new(report));
            }
            // What another example's policy says of this log is of no use.
            ToPage::Answer(answer) if answer.generation < self.oldest && !answer.stale => {}
            ToPage::Answer(answer) => {
                self.take_answer(answer);
                return self.ask_about_answer();
            }
            ToPage::Rows(rows) => {
                self.table.receive(rows);
                return self.ask_about_answer();
            }
            ToPage::Facets(facets) => {
                self.facets.receive(facets);
                return self.ask_facets().into_iter().collect();
            }
            // What is saved goes straight to where it belongs; see `crate::link`.
            ToPage::Lines(_) | ToPage::Archive(..) => {}
            ToPage::Inspection(inspection) => {
                self.take_inspection(*inspection);
                return self.ask_inspection().into_iter().collect();
            }
            ToPage::Export(report) => self.export.report = Some(Shared::new(*report)),
            ToPage::Imported(report) => return self.imported(report),
            ToPage::Model(report) => {
                self.story = Some(report.description.clone());
                self.volume.model = Some(Shared::new(report));
            }
            ToPage::Suggestions(proposals) => {
                self.volume.receive_proposals(proposals);
                return self.ask_volume().into_iter().collect();
            }
            ToPage::Volume(report) => {
                self.volume.receive(*report);
                return self.ask_volume().into_iter().collect();
            }
            // An answer to a question about a log that was replaced; the selected event is asked about with the next answer.
            ToPage::NoEvent { event } => {
                self.inspecting = self.inspecting.filter(|asked| *asked != event);
            }
            ToPage::RequestFailed { message } => {
                self.inspecting = None;
                self.table.give_up();
                self.facets.give_up();
                self.volume.give_up();
                self.failure = Some(message);
            }
        }
        Vec::new()
    }

    fn take_answer(&mut self, answer: AnswerReport) {
        let before = self.answer.as_ref().map(|before| before.generation);
        // More of the same log comes behind the rows that are there; all else may move them.
        if before != Some(answer.generation) || self.table.view.sort.is_some() {
            self.table.collapse();
        }
        self.answer = Some(Shared::new(answer));
        self.table.outdate();
        self.volume.follow();
    }

    fn take_inspection(&mut self, inspection: Inspection) {
        self.inspecting = None;
        if self.selected_event() == Some(inspection.row.event) {
            self.inspection = Some(Shared::new(inspection));
        }
    }

    fn worker_ready(
        &mut self,
        examples: Vec<ExampleTitle>,
        versions: Vec<String>,
    ) -> Vec<ToWorker> {
        self.worker = Worker::Ready;
        let mut asks = self.tell_again();
        if !versions.contains(&self.version) {
            let newest = default_version(&versions);
            if self.version.is_empty() {
                self.version = newest;
            } else {
                self.note_unknown_version(&newest);
                asks = self.choose_version(newest);
            }
        }
        let any = !examples.is_empty();
        self.examples = Shared::new(examples);
        self.versions = Shared::new(versions);
        // What the reader did before the worker was up is not overwritten.
        if any && self.generation == 0 && self.reading.is_none() && self.log.is_none() {
            return self.open_example(0);
        }
        if self.openings.current().is_none() && !self.openings.is_pending() {
            asks.extend(self.restore_log());
        }
        asks
    }

    fn show(&mut self, dialog: Option<Dialog>) -> Vec<ToWorker> {
        self.dialog = dialog;
        self.ask_shown_export().into_iter().collect()
    }

    fn change_view(&mut self, change: impl FnOnce(&mut View)) {
        let mut view = (*self.table.view).clone();
        change(&mut view);
        self.table.choose(view);
    }

    /// The view has changed, or what of it is shown.
    fn ask_about_view(&mut self) -> Vec<ToWorker> {
        let mut asks: Vec<ToWorker> = self.ask_rows().into_iter().collect();
        asks.extend(self.ask_facets());
        asks.extend(self.leave_volume());
        asks
    }

    /// The answer has changed, or rows of it have come.
    fn ask_about_answer(&mut self) -> Vec<ToWorker> {
        let mut asks: Vec<ToWorker> = self.ask_rows().into_iter().collect();
        asks.extend(self.ask_inspection());
        asks.extend(self.ask_facets());
        asks.extend(self.ask_volume());
        asks
    }

    fn ask_rows(&mut self) -> Option<ToWorker> {
        let answer = self.answer.as_ref().filter(|_| !self.life.has_lost_log);
        answer.and_then(|_| self.table.ask())
    }

    /// The event that is selected, where its number is known.
    pub fn selected_event(&self) -> Option<usize> {
        self.table.selection.and_then(|selection| selection.event)
    }

    /// Asks about the selected event, unless it is shown as of the newest answer or a question is under way.
    fn ask_inspection(&mut self) -> Option<ToWorker> {
        let event = self.selected_event()?;
        let answer = self.answer.as_ref()?;
        if self.life.has_lost_log {
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
        Some(ToWorker::Inspect { event })
    }
}
