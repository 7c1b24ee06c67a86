//! Place and status of a workspace in the browser's storage.

/// Number of a workspace of this tab, by which the browser's storage knows where it is.
pub type Slot = usize;

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
    /// Another tab has forgotten it, or the browser's data were cleared.
    Removed,
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
            Self::Removed => {
                "This browser doesn't have this workspace any more: another tab has forgotten it, or the page's data were cleared. Your changes here are not saved until you keep it."
            }
        })
    }
}
