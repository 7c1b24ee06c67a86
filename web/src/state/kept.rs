//! The workspaces that the browser keeps, and what is done with its storage.

use audit_workspace::{LogOrigin, Workspace};

use super::saving::Slot;

/// Name of a workspace without one.
const UNTITLED: &str = "Untitled";

/// A workspace that the browser keeps.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Key in the browser's storage.
    pub key: String,
    /// Its name, as [`title`] gives it; or the reason why it cannot be read.
    pub name: Result<String, String>,
    /// Local date and time of writing it last; `None` if that is not known.
    pub kept_at: Option<String>,
    /// Length of its text in bytes.
    pub bytes: usize,
    /// It is the workspace of this tab.
    pub is_current: bool,
}

/// A workspace that was removed from the storage.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Forgotten {
    /// Key that it had.
    pub key: String,
    /// Its text.
    pub text: String,
    /// Its name, as it is shown.
    pub name: String,
}

/// Continuation once the workspaces are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Next {
    /// The list is shown.
    Show,
    /// A new workspace is created, with a name that none has.
    New,
    /// A copy of the current workspace is created, with a name that none has.
    Duplicate,
    /// As [`Self::Duplicate`], while another tab has changed the current one.
    KeepBoth,
}

/// An access to the browser's storage of workspaces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StorageEffect {
    /// Reads the current workspace, which another tab has changed.
    Load,
    /// Allows writing over the current workspace, which another tab has changed or removed.
    Accept,
    /// Writes the current workspace, and continues with another one.
    Enter {
        /// Text to write first, if there are changes.
        save: Option<String>,
        /// Number of the other one.
        slot: Slot,
        /// Key and stored text, of one that was not open in this tab.
        kept: Option<(String, String)>,
    },
    /// Removes the text of a workspace that was open in this tab, if only this tab has written it.
    Discard(Slot),
    /// Removes the current workspace.
    ForgetCurrent,
    /// Lists all workspaces.
    List(Next),
    /// Reads a workspace to open it.
    Open(String),
    /// Changes the name of a workspace that is not open here.
    Rename(String, String),
    /// Copies a workspace.
    Duplicate(String),
    /// Removes a workspace that is not open here.
    Forget(String),
    /// Writes a workspace that was removed.
    Restore(Forgotten),
    /// Offers the text of a workspace as a file.
    Save(String),
}

/// Returns a name as it is shown.
pub fn shown_name(name: &str) -> &str {
    let name = name.trim();
    if name.is_empty() { UNTITLED } else { name }
}

/// Returns a name as it is shown; without one, the title of the workspace's example, or the name of its log.
pub fn title(name: &str, log: Option<&LogOrigin>) -> String {
    let name = name.trim();
    if !name.is_empty() {
        return name.to_owned();
    }
    match log {
        Some(LogOrigin::Example(title)) if !title.is_empty() => title.clone(),
        Some(LogOrigin::Files(names)) => match names.as_slice() {
            [] => UNTITLED.to_owned(),
            [name] => name.clone(),
            [first, others @ ..] => [first, " and ", &others.len().to_string(), " more"].concat(),
        },
        Some(LogOrigin::Generated) => "Generated log".to_owned(),
        Some(LogOrigin::Pasted) => "Pasted log".to_owned(),
        _ => UNTITLED.to_owned(),
    }
}

/// Returns the title of a workspace.
pub fn title_of(workspace: &Workspace) -> String {
    title(&workspace.name, workspace.log.as_ref())
}

/// Returns a name for a new workspace that none of these has.
pub fn new_name(kept: &[Kept]) -> String {
    unused(UNTITLED.to_owned(), kept)
}

/// Returns a name for a copy of a workspace that none of these has.
pub fn copy_name(name: &str, kept: &[Kept]) -> String {
    unused([shown_name(name), " copy"].concat(), kept)
}

/// Returns a name, with a number if it is used.
fn unused(name: String, kept: &[Kept]) -> String {
    let is_used = |name: &str| {
        let mut names = kept.iter().filter_map(|one| one.name.as_deref().ok());
        names.any(|other| shown_name(other) == name)
    };
    if !is_used(&name) {
        return name;
    }
    // One more name than there are workspaces is enough.
    let numbers = 2..=kept.len().saturating_add(2);
    let mut numbered = numbers.map(|number| [&name, " ", &number.to_string()].concat());
    let free = numbered.find(|name| !is_used(name));
    free.unwrap_or(name)
}
