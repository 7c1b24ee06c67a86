//! The whole state of the page, and what can be derived from it.

use playground_protocol::export::ExportRequest;
use playground_protocol::{
    AnswerReport, CodePage, EventId, ExampleTitle, Generation, Inspection, KubernetesVersion,
    LogReport, PolicyReport, Progress, View,
};

use super::analysis::AnalysisState;
use super::claims::ClaimsState;
use super::completion::CompletionState;
use super::download::Downloads;
use super::embed::EmbedState;
use super::export::ExportState;
use super::facets::FacetsState;
use super::goals::GoalsState;
use super::lessons::LessonsState;
use super::log_scan::LogScans;
use super::logs_place::PlaceState;
use super::metrics::MetricsState;
use super::notices::Notice;
use super::opening::LogOpenings;
use super::policy_check::PolicyCheckState;
use super::repair::RepairState;
use super::seal::SealState;
use super::share::ShareState;
use super::table::TableState;
use super::trail::Trail;
use super::ui::{BreakdownBy, Dialog, EditorDocument, Freshness, Pane, Tab, Unit};
use super::volume::{PolicyText, VolumeState};
use super::worker::{WorkerState, WorkerStatus};
use super::workspace::{IncomingLink, WorkspaceState};
use crate::identity_rc::IdentityRc;

/// State of the page.
#[derive(Debug, Clone, Default)]
pub struct AppState {
    /// Status of the worker.
    pub worker_status: WorkerStatus,
    /// History of earlier workers.
    pub worker: WorkerState,
    /// `true` if all of the interface is loaded.
    pub has_all_parts: bool,
    /// The seal, after which the page can't connect to a server.
    pub seal: SealState,
    /// Entries of the examples menu.
    pub examples: IdentityRc<Vec<ExampleTitle>>,
    /// Versions that can be chosen, newest first.
    pub versions: IdentityRc<Vec<KubernetesVersion>>,
    /// Chosen version.
    pub version: KubernetesVersion,
    /// Text of the policy in the editor.
    pub text: IdentityRc<String>,
    /// Last text that was put into the editor other than by typing.
    pub editor_document: IdentityRc<EditorDocument>,
    /// Number of edits so far.
    pub generation: Generation,
    /// Oldest generation whose answers are shown.
    pub(super) oldest: Generation,
    /// Generation that the worker is loading.
    pub(super) loading: Option<Generation>,
    /// Last policy that the server accepts, as it was loaded.
    pub(super) accepted: Option<PolicyText>,
    /// Index of the policy that is loaded, of a document with several.
    pub(super) policy_part: usize,
    /// Report of loading the newest text.
    pub policy: Option<IdentityRc<PolicyReport>>,
    /// Description of the open example. It disappears when another policy is opened, or when an edit leaves less than half of the policy
    /// unchanged.
    pub description: Option<String>,
    /// The policy before the one that was opened, and its description.
    pub(super) policy_before: Option<(IdentityRc<String>, Option<String>)>,
    /// Progress of reading, while it goes on.
    pub reading: Option<IdentityRc<Progress>>,
    /// Report of reading the log.
    pub log: Option<IdentityRc<LogReport>>,
    /// Results of the policy for the log.
    pub answer: Option<IdentityRc<AnswerReport>>,
    /// The event table.
    pub table: TableState,
    /// Completion of the filter.
    pub completion: CompletionState,
    /// The facets of the view.
    pub facets: FacetsState,
    /// The volume.
    pub volume: VolumeState,
    /// Questions about every possible request.
    pub analysis: AnalysisState,
    /// Tests of the policy and claims of standards.
    pub claims: ClaimsState,
    /// Goals of a new policy.
    pub goals: GoalsState,
    /// The place where the reader's logs live.
    pub place: PlaceState,
    /// Lessons.
    pub lessons: LessonsState,
    /// Repair of the policy.
    pub repair: RepairState,
    /// The check whether the log was written by the policy.
    pub policy_check: PolicyCheckState,
    /// Findings about the log, and the timeline of an object.
    pub log_scans: LogScans,
    /// Metrics that the volume is estimated from instead of the log.
    pub metrics: MetricsState,
    /// Copying and saving of lines.
    pub downloads: Downloads,
    /// Details of the selected event.
    pub inspection: Option<IdentityRc<Inspection>>,
    /// Event whose details were requested.
    pub(super) inspecting: Option<EventId>,
    /// Tab of the inspector.
    pub tab: Tab,
    /// Part that is shown on a narrow screen.
    pub pane: Pane,
    /// Explanation that was requested last.
    pub code_page: Option<IdentityRc<CodePage>>,
    /// Open dialog.
    pub dialog: Option<Dialog>,
    /// Dimension that the bar is broken down by.
    pub breakdown_by: BreakdownBy,
    /// Unit of the bar.
    pub unit: Unit,
    /// The export.
    pub export: ExportState,
    /// The share dialog.
    pub share: ShareState,
    /// The places that the user was at.
    pub(super) trail: Trail,
    /// The workspace, and whether it is saved.
    pub workspace: WorkspaceState,
    /// Link that the page was opened with.
    pub incoming_link: IncomingLink,
    /// Settings of the page around this one.
    pub embed: EmbedState,
    /// Requested and opened logs.
    pub openings: LogOpenings,
    /// Message about the last action that failed.
    pub error_message: Option<String>,
    /// Notices, oldest first.
    pub notices: Vec<Notice>,
}

impl AppState {
    /// Returns how the results relate to the text in the editor.
    pub fn freshness(&self) -> Freshness {
        let Some(answer) = &self.answer else {
            return Freshness::Fresh;
        };
        let is_rejected = self
            .policy
            .as_ref()
            .is_some_and(|policy| policy.generation == self.generation && !policy.accepted);
        if answer.stale || is_rejected {
            Freshness::Stale
        } else if answer.generation < self.generation && !self.worker.has_lost_log {
            Freshness::Pending
        } else {
            Freshness::Fresh
        }
    }

    /// Returns whether the log can be checked against the policy: both are loaded, and the policy is accepted.
    pub fn can_check_policy(&self) -> bool {
        self.reading.is_none()
            && self.log.is_some()
            && self.answer.is_some()
            && !self.worker.has_lost_log
            && self.freshness() == Freshness::Fresh
    }

    /// Returns whether the log can be read once more: it was read to its end.
    pub fn can_scan_log(&self) -> bool {
        self.reading.is_none() && self.log.is_some() && !self.worker.has_lost_log
    }

    /// Returns whether a log was read that was not considered for a search for findings.
    pub(super) fn needs_search(&self) -> bool {
        !self.log_scans.is_considered && self.can_scan_log() && self.is_ready()
    }

    /// Returns the results, if there is an event.
    pub fn figures(&self) -> Option<IdentityRc<AnswerReport>> {
        self.answer
            .clone()
            .filter(|answer| answer.recorded.events > 0)
    }

    /// Returns whether pending requests will bring rows, unless the policy is rejected or nothing was readable.
    pub fn expects_rows(&self) -> bool {
        match self.worker_status {
            WorkerStatus::Starting => true,
            WorkerStatus::Ready => self.loading.is_some() || self.answer.is_some(),
            WorkerStatus::Down => false,
        }
    }

    /// Returns whether the first results and rows are loaded; without a log or an accepted policy, whether the policy is.
    pub fn settled(&self) -> bool {
        let is_rejected = self
            .policy
            .as_ref()
            .is_some_and(|policy| !policy.accepted && self.loading.is_none());
        if self.reading.is_none() && self.openings.current().is_none() {
            return self.policy.is_some() && self.loading.is_none();
        }
        // A rejected policy has no results, unless an earlier policy had.
        if is_rejected && self.answer.is_none() {
            return self.reading.is_none() && self.log.is_some();
        }
        self.answer.is_some() && self.table.rows.is_some()
    }

    /// Returns whether the first results are there with all that the page shows of them.
    pub fn is_ready(&self) -> bool {
        let is_linted = |policy: &IdentityRc<PolicyReport>| policy.is_linted;
        self.settled() && self.has_all_parts && self.policy.as_ref().is_some_and(is_linted)
    }

    /// Returns whether the rest of the interface is needed: the first results are there, or something is shown that it renders.
    pub fn needs_all_parts(&self) -> bool {
        self.settled()
            || self.worker_status == WorkerStatus::Down
            || self.dialog.is_some()
            || self.pane.replaces_events()
            || self.workspace.is_modified
    }

    /// Returns whether there is nothing to show but the first example, which has not arrived. The static page shows that.
    pub fn awaits_first_example(&self) -> bool {
        !self.needs_all_parts()
            && self.openings.are_first_example()
            && self.notices.is_empty()
            && self.error_message.is_none()
    }

    /// Returns whether the text is another one than that of the newest repair, and the server's verdict on it is known.
    pub(super) fn needs_repair(&self) -> bool {
        let policy = self.policy.as_ref();
        self.repair.generation != self.generation
            && policy.is_some_and(|policy| policy.is_linted && policy.generation == self.generation)
    }

    /// Returns the selected event, if its index is known.
    pub fn selected_event(&self) -> Option<EventId> {
        self.table.selection.and_then(|selection| selection.event)
    }

    /// Returns the details of the selected event. `None` if the view has no events: one outside of it is not shown.
    pub fn shown_inspection(&self) -> Option<&IdentityRc<Inspection>> {
        let has_no_events = self.table.is_empty();
        self.inspection.as_ref().filter(|_| !has_no_events)
    }

    /// Returns a sentence if the results are partial.
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

    /// Returns whether the shown counts belong to the shown results and view.
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
            target: self.export.target,
            manifest: (*self.export.manifest).clone(),
        }
    }
}

fn is_same_filter(one: &View, other: &View) -> bool {
    (&one.text, one.outcome, one.rule) == (&other.text, other.outcome, other.rule)
        && (one.contradiction, one.finding) == (other.contradiction, other.finding)
}
