//! The workspace: whether the browser stores it, and what is restored later.

use audit_workspace::{LogOrigin, Workspace};
use playground_protocol::View;

/// What the browser had of a workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredWorkspace {
    /// Nothing, or it may not be looked at.
    Nothing,
    /// A text.
    Text(String),
}

/// Whether the browser keeps the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveStatus {
    /// It does.
    #[default]
    Saved,
    /// The page may store nothing.
    Forbidden,
    /// There is no room for it.
    Full,
    /// Another tab has stored another workspace.
    ChangedInOtherTab,
    /// What is stored cannot be read and is not written over: it is of a later version, or damaged and could not be put aside.
    ReadOnly,
}

impl SaveStatus {
    /// What to say about it.
    pub(super) const fn sentence(self) -> Option<&'static str> {
        Some(match self {
            Self::Saved => return None,
            Self::Forbidden => {
                "This browser doesn't allow the page to store data. Your policy will be lost when you close this tab unless you save it as a file."
            }
            Self::Full => {
                "This browser's storage is full. Your policy will be lost when you close this tab unless you save it as a file."
            }
            Self::ChangedInOtherTab => {
                "Another tab has changed this workspace. Your changes here are not saved until you choose which to keep."
            }
            // Said with the reason, when the workspace is read.
            Self::ReadOnly => return None,
        })
    }
}

/// What can happen to the workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceAction {
    /// The browser has kept it, or has not.
    SaveStatusChanged(SaveStatus),
    /// An empty one is wanted.
    New,
    /// One was chosen: a name for it, and its JSON.
    Open(String, String),
    /// What another tab has kept is wanted here: its JSON.
    LoadFromOtherTab(String),
    /// The stored workspace of another tab is wanted.
    UseOtherTab,
    /// This tab's workspace is to be saved over that of another tab.
    KeepThisTab,
    /// It is to be saved as a file.
    Save,
    /// The browser has copied an unreadable workspace to another key, or could not.
    BackedUp {
        /// Reason why it cannot be read.
        reason: String,
        /// Whether there is a copy.
        is_backed_up: bool,
    },
    /// The one before the one that was opened is wanted again.
    Undo,
}

/// The workspace's side of the state.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct WorkspaceState {
    /// Its name; may be empty.
    pub name: String,
    /// Whether the browser keeps it.
    pub save_status: SaveStatus,
    /// A person has changed it since it came into being.
    pub is_modified: bool,
    /// A person has changed it in this tab.
    pub(super) is_modified_here: bool,
    /// The view for the next log.
    pub(super) view: Option<View>,
    /// The log that was open when it was kept.
    pub(super) log: Option<LogOrigin>,
    /// What has to be opened again by hand: a few words.
    pub missing: Option<String>,
    /// The workspace before the one that was opened.
    pub(super) before: Option<Box<Workspace>>,
}
