//! Actions: everything that changes the state.

use playground_protocol::ClusterProfile;
use playground_protocol::{
    Column, Edit, KubernetesVersion, LineRequest, OutcomeFilter, RuleIndex, ToPage, ValuesRequest,
};

use super::analysis::AnalysisAction;
use super::claims::ClaimsAction;
use super::download::{ChunkWritten, Destination};
use super::embed::EmbedAction;
use super::export::ExportAction;
use super::goals::GoalsAction;
use super::lessons::LessonsAction;
use super::log_scan::LogScanAction;
use super::logs_place::PlaceAction;
use super::metrics::MetricsAction;
use super::notices::NoticeKind;
use super::opening::Skipped;
use super::policy_check::PolicyCheckAction;
use super::repair::RepairAction;
use super::seal::SealAction;
use super::share::ShareAction;
use super::ui::{BreakdownBy, Dialog, Pane, Tab, Unit};
use super::worker::WorkerAction;
use super::workspace::WorkspaceAction;

/// An action of the user, the worker or the browser.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The worker sent a message.
    WorkerMessage(ToPage),
    /// An action on the worker.
    Worker(WorkerAction),
    /// An action on the workspace as a whole.
    Workspace(WorkspaceAction),
    /// The browser went to another entry of its history, which has the number of a place.
    GoTo(usize),
    /// The browser went to an entry of its history that an earlier load of the page has made, with this pane.
    GoToPane(Pane),
    /// The rest of the interface was loaded, or could not be.
    PartLoaded(bool),
    /// An action on the seal of the page.
    Seal(SealAction),
    /// The browser has a newer version of the page.
    FoundNewVersion,
    /// The newer version of the page is to be loaded.
    LoadNewVersion,
    /// The text in the editor changed.
    EditPolicy(String),
    /// A policy was dropped or pasted outside the editor.
    ReplacePolicy(String),
    /// A policy was opened as a file: its name, and its text.
    OpenPolicy(String, String),
    /// The policy before the one that was opened is to be restored.
    UndoPolicy,
    /// One of the policies of a document was selected.
    SelectPolicy(usize),
    /// An action on the repair of the policy.
    Repair(RepairAction),
    /// An action on the goals of a new policy.
    Goals(GoalsAction),
    /// An action on the place where logs live.
    Place(PlaceAction),
    /// An action on the lessons.
    Lessons(LessonsAction),
    /// A Kubernetes version was selected.
    SelectVersion(KubernetesVersion),
    /// An example was opened.
    OpenExample(usize),
    /// Log files were opened. The worker client has the files themselves.
    OpenFiles {
        /// Number under which the files are stored.
        files: u32,
        /// Their names.
        names: Vec<String>,
        /// Files that were left out.
        skipped: Skipped,
    },
    /// The log that was open before is to be reopened.
    ReopenPreviousLog,
    /// A log was pasted.
    PasteLog(String),
    /// Reading is to stop.
    CancelReading,
    /// The filter's text changed.
    SetFilter(String),
    /// Values of a field are to complete the filter.
    RequestValues(ValuesRequest),
    /// An outcome was selected, or selected again to clear it.
    ToggleOutcome(OutcomeFilter),
    /// A rule was selected, or selected again to clear it; `None` is "no rule matched".
    ToggleRule(Option<RuleIndex>),
    /// All filters are to be cleared.
    ClearFilters,
    /// A column to sort by was selected.
    SortBy(Column),
    /// A column to group by was selected.
    GroupBy(Option<Column>),
    /// A group was opened: its events are listed by this term.
    OpenGroup(String),
    /// The table shows these rows, or is about to.
    ShowRows {
        /// The first row.
        start: usize,
        /// Number of rows.
        count: usize,
    },
    /// A row was selected, by its index in the view.
    SelectRow(usize),
    /// The selection was extended to this row.
    ExtendSelection(usize),
    /// All rows of the view were selected.
    SelectAll,
    /// The facets were opened or closed.
    ToggleFacets,
    /// The facets were closed, and the focus goes back to their button.
    CloseFacets,
    /// A value of a field was selected, or selected again to clear it.
    ToggleValue(Column, String),
    /// The selected values of a field are to be cleared.
    ClearField(Column),
    /// Lines are to be copied or saved.
    RequestDownload(LineRequest, Destination),
    /// The destination of a download is open.
    StartDownload(LineRequest, Destination),
    /// A chunk of a download was written.
    ChunkWritten(ChunkWritten),
    /// The download is to be cancelled.
    CancelDownload,
    /// A tab of the inspector was selected.
    ShowTab(Tab),
    /// A part was selected on a narrow screen.
    ShowPane(Pane),
    /// A part is shown and gets the focus.
    FocusPane(Pane),
    /// The filter gets the focus.
    FocusFilter,
    /// The event table gets the focus.
    FocusEvents,
    /// A range of the policy is to be shown, in UTF-16 code units.
    RevealText(usize, usize),
    /// The fix of a finding is to be applied.
    ApplyFix(Vec<Edit>),
    /// A suggested rule is to be put into the policy.
    ApplySuggestion(Edit),
    /// The last edit is to be undone.
    UndoEdit,
    /// Files are to be chosen.
    ChooseFiles,
    /// A text is to be saved under a file name.
    SaveFile(String, String),
    /// The policy is to be saved as a file.
    SavePolicy,
    /// A dialog was opened or closed.
    ShowDialog(Option<Dialog>),
    /// The explanation of a finding's code is to be shown.
    Explain(String),
    /// The bar is to be broken down differently.
    SetBreakdown(BreakdownBy),
    /// The bar is to use another unit.
    SetUnit(Unit),
    /// An action on the export.
    Export(ExportAction),
    /// An action on the share dialog.
    Share(ShareAction),
    /// An action on the check whether the log was written by the policy.
    PolicyCheck(PolicyCheckAction),
    /// An action on findings about the log or a timeline.
    LogScan(LogScanAction),
    /// An action on *Ask* or *Compare*.
    Analysis(AnalysisAction),
    /// An action on the tests and the claims of standards.
    Claims(ClaimsAction),
    /// The page around this one sent a message.
    Embed(EmbedAction),
    /// An action on metrics.
    Metrics(MetricsAction),
    /// A log is to be generated for a cluster.
    GenerateLog(ClusterProfile),
    /// Prices per gigabyte ingested, and per gigabyte stored for a month.
    SetPrices(Option<f64>, Option<f64>),
    /// The current policy was set as the baseline, or the baseline was cleared.
    PinBaseline(bool),
    /// The error message was dismissed.
    DismissError,
    /// A notice was dismissed.
    DismissNotice(NoticeKind),
    /// Something failed: one sentence.
    ShowError(String),
}

impl Action {
    /// Returns whether the rest of the page handles it.
    pub fn needs_all_parts(&self) -> bool {
        match self {
            Self::Workspace(_)
            | Self::Export(_)
            | Self::Share(_)
            | Self::PolicyCheck(_)
            | Self::LogScan(_)
            | Self::Analysis(_)
            | Self::Goals(_)
            | Self::Place(_)
            | Self::Metrics(_)
            | Self::Embed(_) => true,
            // What is left is kept as a workspace.
            Self::OpenExample(_) | Self::GoTo(_) => true,
            // It renders them, so opening one loads it again if that has failed.
            Self::ShowDialog(Some(_)) => true,
            Self::ShowPane(pane) | Self::FocusPane(pane) | Self::GoToPane(pane) => {
                pane.replaces_events()
            }
            Self::WorkerMessage(message) => matches!(
                message,
                ToPage::CodePage(_)
                    | ToPage::Lines(_)
                    | ToPage::Archive { .. }
                    | ToPage::Export(_)
                    | ToPage::Imported(_)
                    | ToPage::Model(_)
                    | ToPage::PolicyCheck(_)
                    | ToPage::Shared(_)
                    | ToPage::MetricsOpened
                    | ToPage::MetricsNotOpened(_)
                    | ToPage::Metrics(_)
                    | ToPage::Suggestions(_)
                    | ToPage::Volume(_)
                    | ToPage::Analysis(_)
            ),
            _ => false,
        }
    }

    /// Returns whether another policy may take the place of the one in the editor.
    pub fn leaves_policy(&self) -> bool {
        matches!(
            self,
            Self::OpenExample(_)
                | Self::GoTo(_)
                | Self::Workspace(_)
                | Self::ReopenPreviousLog
                | Self::UndoPolicy
                | Self::Embed(_)
        )
    }

    /// Returns whether it changes the policy or the settings, which the user could not restore at once.
    pub(super) const fn changes_settings(&self) -> bool {
        matches!(
            self,
            Self::ReplacePolicy(_)
                | Self::OpenPolicy(..)
                | Self::UndoPolicy
                | Self::SelectVersion(_)
                | Self::SetPrices(..)
                | Self::PinBaseline(_)
                | Self::Export(_)
        )
    }

    /// Returns `true` if the action changes the log or the view, which a workspace contains, too.
    pub(super) const fn changes_view_or_log(&self) -> bool {
        matches!(
            self,
            Self::OpenExample(_)
                | Self::OpenFiles { .. }
                | Self::PasteLog(_)
                | Self::GenerateLog(_)
                | Self::ReopenPreviousLog
                | Self::SetFilter(_)
                | Self::ToggleValue(..)
                | Self::ClearField(_)
                | Self::ToggleOutcome(_)
                | Self::ToggleRule(_)
                | Self::ClearFilters
                | Self::SortBy(_)
                | Self::GroupBy(_)
                | Self::OpenGroup(_)
                | Self::Analysis(
                    AnalysisAction::Type(_)
                        | AnalysisAction::SetQuery(_)
                        | AnalysisAction::SetOnlyPossible(_)
                )
        )
    }

    /// Returns whether the user continues with something else, so that the last messages can go.
    pub(super) const fn clears_messages(&self) -> bool {
        matches!(
            self,
            Self::EditPolicy(_)
                | Self::SelectRow(_)
                | Self::ExtendSelection(_)
                | Self::SelectAll
                | Self::SetFilter(_)
                | Self::GroupBy(_)
                | Self::ToggleValue(..)
                | Self::ClearField(_)
        )
    }
}
