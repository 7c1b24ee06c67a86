//! Showing and dismissing notices.

use crate::state::app_state::AppState;
use crate::state::notices::{Notice, NoticeKind};

impl AppState {
    /// Shows a notice, which replaces the last one of its kind.
    pub(super) fn notify(&mut self, notice: Notice) {
        self.dismiss(notice.kind);
        self.notices.push(notice);
    }

    /// Dismisses a notice, if it is shown.
    pub(super) fn dismiss(&mut self, kind: NoticeKind) {
        self.notices.retain(|notice| notice.kind != kind);
    }

    /// Dismisses notices about earlier openings, which no longer apply.
    pub(super) fn dismiss_opening_notices(&mut self) {
        self.error_message = None;
        self.openings.refused = None;
        for kind in [
            NoticeKind::LogOpened,
            NoticeKind::PolicyOpened,
            NoticeKind::LogNotOpened,
            NoticeKind::FilesSkipped,
            NoticeKind::WorkspaceReplaced,
        ] {
            self.dismiss(kind);
        }
    }

    /// Returns the notice of a kind.
    #[cfg(test)]
    pub(in crate::state) fn notice(&self, kind: NoticeKind) -> Option<&Notice> {
        self.notices.iter().find(|notice| notice.kind == kind)
    }
}
