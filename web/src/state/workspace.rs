//! The workspace: whether the browser stores it, and what is restored later.

use audit_workspace::LogOrigin;
use playground_protocol::View;

use super::kept::{Forgotten, Kept, Next};
pub use super::saving::{SaveStatus, Slot};
use super::trail::Snapshot;
use crate::identity_rc::IdentityRc;

/// Content of the browser's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredWorkspace {
    /// No workspace, or the storage is forbidden.
    Nothing,
    /// The text of a workspace.
    Text(String),
}

/// Actions on the workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceAction {
    /// The save status has changed.
    SaveStatusChanged(SaveStatus),
    /// A new workspace is to be created.
    New,
    /// The dialog with all workspaces is to be shown.
    Show,
    /// The dialog is to be shown with a field for the current workspace's name.
    ShowName,
    /// A copy of the current workspace is to be made and shown.
    Duplicate,
    /// The current workspace is to be forgotten.
    Forget,
    /// This tab's version is to be kept as a copy, and the other tab's as it is.
    KeepBoth,
    /// The browser has listed the workspaces that it keeps.
    Listed(Vec<Kept>, Next),
    /// A workspace was read to be opened: its key, and its JSON.
    OpenKept(String, String),
    /// A workspace is to be renamed: its key, and its name. Without a key, it is the current one.
    Rename(Option<String>, String),
    /// A workspace other than the current one was forgotten.
    Forgotten(Forgotten),
    /// The workspace that was forgotten last is to be kept again.
    UndoForget,
    /// A change of a workspace that is not open is impossible, for this reason.
    NotChanged(&'static str),
    /// The workspace that was left could not be saved.
    LeftUnsaved(SaveStatus),
    /// The browser's storage is to be accessed.
    Storage(super::kept::StorageEffect),
    /// A workspace was opened: its name, and its JSON.
    Open(String, String),
    /// A link was opened: its JSON, or a sentence without its full stop why it cannot be read.
    OpenLink(Result<String, String>),
    /// The workspace that another tab has saved: its JSON.
    LoadFromOtherTab(String),
    /// The workspace of another tab is to be used.
    UseOtherTab,
    /// The workspace of this tab is to be saved over that of another tab.
    KeepThisTab,
    /// It is to be saved as a file.
    Save,
    /// The previous workspace is to be restored.
    Undo,
}

/// Link that the page was opened with, until its workspace is.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum IncomingLink {
    /// There is none.
    #[default]
    None,
    /// It is being decoded.
    Decoding,
    /// It waits for the worker: its JSON, or a sentence without its full stop why it cannot be read.
    Decoded(Result<String, String>),
}

/// State of the workspace.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkspaceState {
    /// Name; may be empty.
    pub name: String,
    /// Status of saving it in the browser.
    pub save_status: SaveStatus,
    /// The user has changed it at some time.
    pub is_modified: bool,
    /// The user has changed it in this tab.
    pub(super) is_modified_here: bool,
    /// View for the next log.
    pub(super) view: Option<View>,
    /// Log that was open when the workspace was saved.
    pub(super) log: Option<LogOrigin>,
    /// Index of the event to select in the next log.
    pub(super) selected: Option<u64>,
    /// Events that the workspace contains.
    pub(super) sample: Option<IdentityRc<String>>,
    /// The browser keeps the events, too.
    pub(super) keeps_sample: bool,
    /// Names of what the user has to open again.
    pub missing: Option<String>,
    /// Number by which the browser's storage knows it.
    pub(super) slot: Slot,
    /// Largest slot so far.
    pub(super) last_slot: Slot,
    /// Text of the workspace when it was created in this tab.
    pub(super) created: Option<IdentityRc<String>>,
    /// The previous workspace.
    pub(super) before: Option<IdentityRc<Snapshot>>,
    /// The workspaces that the browser keeps, when they were listed last.
    pub kept: IdentityRc<Vec<Kept>>,
    /// The field for the current workspace's name is to be shown.
    pub is_renaming: bool,
    /// Workspaces that were forgotten, newest last.
    pub(super) forgotten: Vec<IdentityRc<Forgotten>>,
    /// Reason why the last change in the list was impossible.
    pub list_problem: Option<&'static str>,
}
