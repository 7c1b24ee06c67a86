//! Sharing: what goes into a link or a file, what the worker has prepared of it, and the link.

use playground_protocol::ShareReport;

use crate::identity_rc::IdentityRc;

/// State of the share dialog.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ShareState {
    /// Choice of what is shared.
    pub options: ShareOptions,
    /// Content that the worker has prepared for the current choice.
    pub report: Option<IdentityRc<ShareReport>>,
    /// The link with that content, or a sentence why there is none.
    pub link: Option<IdentityRc<Result<String, String>>>,
    /// Number of the newest request.
    pub(super) number: u32,
    /// Number that pseudonyms follow from, which nobody can guess.
    pub(super) key: u64,
}

/// Choice of what is shared. The policy and its version always are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ShareOptions {
    /// The open lesson from its first step, and nothing else.
    pub lesson: bool,
    /// Settings of the export, the cluster and the prices.
    pub settings: bool,
    /// The baseline.
    pub baseline: bool,
    /// The policy tests.
    pub tests: bool,
    /// Events.
    pub events: SharedEvents,
    /// Names, addresses and values are replaced.
    pub redact: bool,
}

impl Default for ShareOptions {
    fn default() -> Self {
        Self {
            lesson: false,
            settings: false,
            baseline: false,
            tests: false,
            events: SharedEvents::None,
            redact: true,
        }
    }
}

/// Events that are shared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SharedEvents {
    /// None.
    #[default]
    None,
    /// The selected rows.
    Selected,
    /// As many rows of the view, from its start.
    First(usize),
}

/// Actions on the share dialog.
#[derive(Debug, Clone, PartialEq)]
pub enum ShareAction {
    /// The dialog is to be opened; pseudonyms follow from this number.
    Open(u64),
    /// Another choice was made.
    Choose(ShareOptions),
    /// The link for the request of this number is ready, or cannot be made: a sentence.
    LinkReady(u32, Result<String, String>),
    /// The content is to be saved as a file.
    Save,
}
