//! The workspace: whether the browser stores it, and what is restored later.

use audit_workspace::{LogOrigin, Workspace};
use playground_protocol::View;

use crate::identity_rc::IdentityRc;

/// Content of the browser's storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoredWorkspace {
    /// No workspace, or the storage is forbidden.
    Nothing,
    /// The text of a workspace.
    Text(String),
}

/// Status of saving the workspace in the browser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SaveStatus {
    /// It is saved.
    #[default]
    Saved,
    /// The page may not store anything.
    Forbidden,
    /// The storage is full.
    Full,
    /// Another tab has saved another workspace.
    ChangedInOtherTab,
    /// The stored text is unreadable and is not overwritten: it has a later version, or is damaged and could not be copied.
    ReadOnly,
}

impl SaveStatus {
    /// Returns the message for the user; `None` if there is nothing to report here.
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
            // Reported with the reason when the workspace is read.
            Self::ReadOnly => return None,
        })
    }
}

/// Actions on the workspace as a whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WorkspaceAction {
    /// The save status has changed.
    SaveStatusChanged(SaveStatus),
    /// A new workspace is to be created.
    New,
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
    /// The browser has copied an unreadable workspace to another key, or could not.
    BackedUp {
        /// Reason why it cannot be read.
        reason: String,
        /// The browser has a copy of it.
        is_backed_up: bool,
    },
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
    /// Events that the workspace contains, until they are opened.
    pub(super) sample: Option<IdentityRc<String>>,
    /// Names of what the user has to open again.
    pub missing: Option<String>,
    /// The previous workspace.
    pub(super) before: Option<Box<Workspace>>,
}
