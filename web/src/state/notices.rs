//! Messages above the page that belong to no panel: what was done and can be undone, what failed and why.
//! Each can be dismissed, and disappears once it no longer applies.

/// What a notice is about; there is at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// A log took the place of another, which can be opened again.
    LogOpened,
    /// A policy took the place of another, which can be brought back.
    PolicyOpened,
    /// The workspace is for a Kubernetes version that is not known.
    UnknownVersion,
    /// A log could not be opened.
    LogNotOpened,
    /// Some of what was chosen was left out.
    FilesSkipped,
    /// A workspace took the place of another.
    WorkspaceReplaced,
    /// The browser does not keep the workspace.
    NotSaved,
    /// Another tab has changed what the browser keeps.
    OtherTab,
    /// What the browser has kept cannot be read.
    StorageUnreadable,
    /// The worker has stopped, and another one takes over.
    WorkerStopped,
    /// The worker has stopped, and none takes over by itself.
    WorkerDown,
    /// The worker has not answered for a while.
    WorkerBusy,
}

impl NoticeKind {
    /// Whether something went wrong.
    pub const fn is_problem(self) -> bool {
        matches!(
            self,
            Self::LogNotOpened
                | Self::UnknownVersion
                | Self::NotSaved
                | Self::OtherTab
                | Self::StorageUnreadable
                | Self::WorkerStopped
                | Self::WorkerDown
        )
    }
}

/// A sentence over the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// What it is about.
    pub kind: NoticeKind,
    /// The sentence, backticks around names.
    pub sentence: String,
    /// One line for each thing that it is about.
    pub reasons: Vec<String>,
}

impl Notice {
    /// A notice of one sentence.
    pub const fn new(kind: NoticeKind, sentence: String) -> Self {
        Self {
            kind,
            sentence,
            reasons: Vec::new(),
        }
    }

    /// The notice with a line for each thing that it is about.
    pub fn with_reasons(self, reasons: Vec<String>) -> Self {
        Self { reasons, ..self }
    }
}
