//! Everything that can happen to the page.

use playground_protocol::ClusterProfile;
use playground_protocol::{Column, LineRequest, OutcomeTag, ToPage};

use super::errand::{Arrival, Purpose};
use super::export::ExportAction;
use super::notices::NoticeKind;
use super::opening::Skipped;
use super::worker::WorkerAction;
use super::workspace::WorkspaceAction;
use super::{Dialog, Divide, Pane, Tab, Unit};

/// Everything that can happen.
#[derive(Debug, Clone, PartialEq)]
pub enum Action {
    /// The worker said something.
    Tell(ToPage),
    /// Something happens to the worker.
    Worker(WorkerAction),
    /// Something happens to the workspace as a whole.
    Workspace(WorkspaceAction),
    /// The editor's text changed.
    Edit(String),
    /// A policy was dropped or pasted outside the editor.
    PlacePolicy(String),
    /// A policy was chosen or dropped as a file: its name, and its text.
    OpenPolicy(String, String),
    /// The policy before the one that was opened is wanted again.
    UndoPolicy,
    /// A Kubernetes version was chosen.
    Version(String),
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
    ReopenPrevious,
    /// A log was pasted.
    PasteLog(String),
    /// Reading shall stop.
    Cancel,
    /// The filter's text changed.
    Filter(String),
    /// An outcome was chosen, or chosen again to clear it.
    ToggleOutcome(OutcomeTag),
    /// A rule was chosen, or chosen again to clear it; none is "no rule matched".
    ToggleRule(Option<usize>),
    /// Every event shall be listed.
    ClearFilters,
    /// A column was chosen to order by.
    Sort(Column),
    /// A column was chosen to group by.
    GroupBy(Option<Column>),
    /// A group was chosen: list the events of this term.
    OpenGroup(String),
    /// The table shows these rows, or is about to.
    Window {
        /// The first.
        start: usize,
        /// How many.
        count: usize,
    },
    /// A row was chosen, by its place in the view.
    Select(usize),
    /// All rows up to this one were chosen.
    Extend(usize),
    /// Every row of the view was chosen.
    SelectAll,
    /// The facets open, or close.
    ToggleFacets,
    /// A value of a field was chosen, or chosen again to clear it.
    ToggleValue(Column, String),
    /// Lines shall be copied or saved.
    Begin(LineRequest, Purpose),
    /// A piece of them is where it belongs.
    Arrived(Arrival),
    /// They are no longer wanted.
    DropLines,
    /// A tab of the inspector was chosen.
    ShowTab(Tab),
    /// A part was chosen on a narrow screen.
    ShowPane(Pane),
    /// A dialog opens, or closes.
    Show(Option<Dialog>),
    /// The bar is divided otherwise.
    Divide(Divide),
    /// The bar counts otherwise.
    Count(Unit),
    /// Something happens to the export.
    Export(ExportAction),
    /// A log shall be made of a cluster.
    OpenModel(ClusterProfile),
    /// Prices of a gigabyte taken in, and in store for a month.
    Prices(Option<f64>, Option<f64>),
    /// The policy in force is held against those to come, or no longer.
    Pin(bool),
    /// A failure was read.
    Dismiss,
    /// A notice was read.
    DismissNotice(NoticeKind),
    /// Something in the page could not be done: one sentence.
    Fail(String),
}

impl Action {
    /// Whether it changes what cannot be had again at once: policy and settings.
    pub(super) const fn is_work(&self) -> bool {
        matches!(
            self,
            Self::PlacePolicy(_)
                | Self::OpenPolicy(..)
                | Self::UndoPolicy
                | Self::Version(_)
                | Self::Prices(..)
                | Self::Export(_)
        )
    }

    /// Whether it changes what else is worth keeping.
    pub(super) const fn is_choice(&self) -> bool {
        matches!(
            self,
            Self::OpenExample(_)
                | Self::OpenFiles { .. }
                | Self::PasteLog(_)
                | Self::OpenModel(_)
                | Self::ReopenPrevious
                | Self::Filter(_)
                | Self::ToggleValue(..)
                | Self::ToggleOutcome(_)
                | Self::ToggleRule(_)
                | Self::ClearFilters
                | Self::Sort(_)
                | Self::GroupBy(_)
                | Self::OpenGroup(_)
        )
    }

    /// Whether the reader goes on to something else, and needs no word any more of what was copied or saved.
    pub(super) const fn moves_on(&self) -> bool {
        matches!(
            self,
            Self::Edit(_)
                | Self::Select(_)
                | Self::Extend(_)
                | Self::SelectAll
                | Self::Filter(_)
                | Self::GroupBy(_)
                | Self::ToggleValue(..)
        )
    }
}
