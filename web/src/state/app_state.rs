//! The whole state of the page, and what follows from it.

use playground_protocol::export::ExportRequest;
use playground_protocol::{
    AnswerReport, ExampleTitle, Generation, Inspection, KubernetesVersion, LogReport, PolicyReport,
    Progress, View,
};

use super::download::Downloads;
use super::export::ExportState;
use super::facets::FacetsState;
use super::notices::Notice;
use super::opening::LogOpenings;
use super::table::TableState;
use super::ui::{BreakdownBy, Dialog, EditorDocument, Freshness, Pane, Tab, Unit};
use super::volume::VolumeState;
use super::worker::{WorkerState, WorkerStatus};
use super::workspace::WorkspaceState;
use crate::identity_rc::IdentityRc;

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
    pub versions: IdentityRc<Vec<KubernetesVersion>>,
    /// The version chosen; empty until the worker names one.
    pub version: KubernetesVersion,
    /// The policy's text as the editor has it.
    pub text: IdentityRc<String>,
    /// The last text that was put into the editor by something else than typing.
    pub editor_document: IdentityRc<EditorDocument>,
    /// Counts the edits.
    pub generation: Generation,
    /// Answers of policies before this one are not shown.
    pub(super) oldest: Generation,
    /// The edit that the worker is at.
    pub(super) loading: Option<Generation>,
    /// What loading the newest text said.
    pub policy: Option<IdentityRc<PolicyReport>>,
    /// What to look at in the example that is open. It goes once another policy is opened, or an edit leaves less than half of the
    /// policy in place.
    pub description: Option<String>,
    /// The policy before the one that was opened, and the story that belongs to it.
    pub(super) policy_before: Option<(IdentityRc<String>, Option<String>)>,
    /// How far reading has come, while it goes on.
    pub reading: Option<IdentityRc<Progress>>,
    /// What reading found.
    pub log: Option<IdentityRc<LogReport>>,
    /// What the policy does to the log.
    pub answer: Option<IdentityRc<AnswerReport>>,
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
    pub(super) inspecting: Option<usize>,
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
    pub fn figures(&self) -> Option<IdentityRc<AnswerReport>> {
        self.answer
            .clone()
            .filter(|answer| answer.recorded.events > 0)
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

    /// The event that is selected, where its number is known.
    pub fn selected_event(&self) -> Option<usize> {
        self.table.selection.and_then(|selection| selection.event)
    }

    /// What makes the figures partial: a sentence.
    pub fn partial(&self) -> Option<&'static str> {
        if self.worker.has_lost_log {
            return Some(
                "Partial: the engine stopped. Figures cover what was read before and don't follow the policy until a log is opened.",
            );
        }
        let log = self.log.as_deref()?;
        if log.out_of_memory {
            Some(
                "Partial: this tab ran out of memory. Figures cover what was read before; the rest of the log was not read.",
            )
        } else if log.cancelled {
            Some("Partial: reading was cancelled. Figures cover what was read before.")
        } else {
            None
        }
    }

    /// Whether the counts shown are of the answer and the view that are shown.
    pub fn has_fresh_facets(&self) -> bool {
        let answer = self.answer.as_ref().map(|answer| answer.generation);
        self.facets.shown.as_ref().is_some_and(|facets| {
            self.facets.shown_revision == Some(self.table.revision())
                && Some(facets.generation) == answer
                && is_same_filter(&facets.view, &self.table.view)
        })
    }

    pub(super) fn export_request(&self) -> ExportRequest {
        ExportRequest {
            version: self.version,
            settings: self.export.settings.clone(),
            target: self.export.target.clone(),
            manifest: (*self.export.manifest).clone(),
        }
    }
}

fn is_same_filter(one: &View, other: &View) -> bool {
    (&one.text, one.outcome, one.rule) == (&other.text, other.outcome, other.rule)
}
