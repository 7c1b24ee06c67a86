//! Everything that can happen to the page.

use playground_protocol::ClusterProfile;
use playground_protocol::{
    Column, EditView, KubernetesVersion, LineRequest, OutcomeFilter, ToPage,
};

use super::download::{ChunkWritten, Destination};
use super::export::ExportAction;
use super::notices::NoticeKind;
use super::opening::Skipped;
use super::ui::{BreakdownBy, Dialog, Pane, Tab, Unit};
use super::worker::WorkerAction;
use super::workspace::WorkspaceAction;

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The worker said something.
    WorkerMessage(ToPage),
    /// Something happens to the worker.
    Worker(WorkerAction),
    /// Something happens to the workspace as a whole.
    Workspace(WorkspaceAction),
    /// The editor's text changed.
    EditPolicy(String),
    /// A policy was dropped or pasted outside the editor.
    ReplacePolicy(String),
    /// A policy was chosen or dropped as a file: its name, and its text.
    OpenPolicy(String, String),
    /// The policy before the one that was opened is wanted again.
    UndoPolicy,
    /// A Kubernetes version was chosen.
    SelectVersion(KubernetesVersion),
    /// An example was chosen.
    OpenExample(usize),
    /// Log files were chosen. The files themselves go another way.
    OpenFiles {
        /// The number under which the files are kept.
        files: u32,
        /// Their names.
        names: Vec<String>,
        /// What was chosen with them and is not opened.
        skipped: Skipped,
    },
    /// The log that was open before is wanted again.
    ReopenPreviousLog,
    /// A log was pasted.
    PasteLog(String),
    /// Reading shall stop.
    CancelReading,
    /// The filter's text changed.
    SetFilter(String),
    /// An outcome was chosen, or chosen again to clear it.
    ToggleOutcome(OutcomeFilter),
    /// A rule was chosen, or chosen again to clear it; none is "no rule matched".
    ToggleRule(Option<usize>),
    /// Every event shall be listed.
    ClearFilters,
    /// A column was chosen to order by.
    SortBy(Column),
    /// A column was chosen to group by.
    GroupBy(Option<Column>),
    /// A group was chosen: list the events of this term.
    OpenGroup(String),
    /// The table shows these rows, or is about to.
    ShowRows {
        /// The first.
        start: usize,
        /// How many.
        count: usize,
    },
    /// A row was chosen, by its place in the view.
    SelectRow(usize),
    /// All rows up to this one were chosen.
    ExtendSelection(usize),
    /// Every row of the view was chosen.
    SelectAll,
    /// The facets open, or close.
    ToggleFacets,
    /// The facets close, and the focus goes back to their button.
    CloseFacets,
    /// A value of a field was chosen, or chosen again to clear it.
    ToggleValue(Column, String),
    /// Lines are to be copied or saved.
    RequestDownload(LineRequest, Destination),
    /// The destination of a download is open.
    StartDownload(LineRequest, Destination),
    /// A piece of them is where it belongs.
    ChunkWritten(ChunkWritten),
    /// They are no longer wanted.
    CancelDownload,
    /// A tab of the inspector was chosen.
    ShowTab(Tab),
    /// A part was chosen on a narrow screen.
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
    ApplyFix(Vec<EditView>),
    /// A suggested rule is to be put into the policy.
    ApplySuggestion(EditView),
    /// The last edit is to be undone.
    UndoEdit,
    /// Files are to be chosen.
    ChooseFiles,
    /// A text is to be saved under a file name.
    SaveFile(String, String),
    /// The policy is to be saved as a file.
    SavePolicy,
    /// A dialog opens, or closes.
    ShowDialog(Option<Dialog>),
    /// The bar is divided otherwise.
    SetBreakdown(BreakdownBy),
    /// The bar counts otherwise.
    SetUnit(Unit),
    /// Something happens to the export.
    Export(ExportAction),
    /// A log shall be made of a cluster.
    GenerateLog(ClusterProfile),
    /// Prices of a gigabyte taken in, and in store for a month.
    SetPrices(Option<f64>, Option<f64>),
    /// The policy in force is held against those to come, or no longer.
    PinBaseline(bool),
    /// A failure was read.
    DismissError,
    /// A notice was read.
    DismissNotice(NoticeKind),
    /// Something in the page could not be done: one sentence.
    ShowError(String),
}

impl Action {
    /// Whether it changes what cannot be had again at once: policy and settings.
    pub(super) const fn changes_settings(&self) -> bool {
        matches!(
            self,
            Self::ReplacePolicy(_)
                | Self::OpenPolicy(..)
                | Self::UndoPolicy
                | Self::SelectVersion(_)
                | Self::SetPrices(..)
                | Self::Export(_)
        )
    }

    /// Whether it changes what else is worth keeping.
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
                | Self::ToggleOutcome(_)
                | Self::ToggleRule(_)
                | Self::ClearFilters
                | Self::SortBy(_)
                | Self::GroupBy(_)
                | Self::OpenGroup(_)
        )
    }

    /// Whether the reader goes on to something else, and needs no word any more of what was copied or saved.
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
        )
    }
}
