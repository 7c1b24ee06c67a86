//! Messages above the page that belong to no panel: what was done and can be undone, what failed and why.
//! Each can be dismissed, and disappears once it no longer applies.

/// Kind of a notice; there is at most one of each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoticeKind {
    /// Another log was opened; the previous one can be reopened.
    LogOpened,
    /// Another policy was opened; the previous one can be restored.
    PolicyOpened,
    /// The workspace is for an unknown Kubernetes version.
    UnknownVersion,
    /// The workspace is for an unknown target of the export.
    UnknownTarget,
    /// A log could not be opened.
    LogNotOpened,
    /// Metrics could not be opened.
    MetricsNotOpened,
    /// Metrics were closed; they can be shown again.
    MetricsClosed,
    /// Some files were left out.
    FilesSkipped,
    /// Another workspace was opened; the previous one can be restored.
    WorkspaceReplaced,
    /// The browser does not save the workspace.
    NotSaved,
    /// Another tab has changed the saved workspace.
    OtherTab,
    /// The saved workspace was removed.
    Removed,
    /// A workspace other than the current one was forgotten; it can be kept again.
    Forgotten,
    /// The saved workspace is unreadable.
    StorageUnreadable,
    /// The browser has a newer version of the page.
    NewVersion,
    /// A part of the page or of the engine could not be loaded.
    PartMissing,
    /// The worker has stopped, and another one starts.
    WorkerStopped,
    /// The worker has stopped, and no other one starts automatically.
    WorkerDown,
    /// The worker has not replied for a while.
    WorkerBusy,
}

impl NoticeKind {
    /// Returns whether something went wrong.
    pub const fn is_problem(self) -> bool {
        matches!(
            self,
            Self::LogNotOpened
                | Self::MetricsNotOpened
                | Self::UnknownVersion
                | Self::UnknownTarget
                | Self::NotSaved
                | Self::OtherTab
                | Self::Removed
                | Self::StorageUnreadable
                | Self::PartMissing
                | Self::WorkerStopped
                | Self::WorkerDown
        )
    }
}

/// A notice above the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Kind.
    pub kind: NoticeKind,
    /// The message, with names in backticks.
    pub sentence: String,
    /// Details, one line each.
    pub reasons: Vec<String>,
}

impl Notice {
    /// Creates a notice of one sentence.
    pub const fn new(kind: NoticeKind, sentence: String) -> Self {
        Self {
            kind,
            sentence,
            reasons: Vec::new(),
        }
    }

    /// Adds the details, one line each.
    pub fn with_reasons(self, reasons: Vec<String>) -> Self {
        Self { reasons, ..self }
    }
}
