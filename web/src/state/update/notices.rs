//! Showing and dismissing notices.

use crate::state::app_state::AppState;
use crate::state::notices::{Notice, NoticeKind};

impl AppState {
    /// Shows a notice, and removes the previous one of its kind.
    pub(super) fn notify(&mut self, notice: Notice) {
        self.dismiss(notice.kind);
        self.notices.push(notice);
    }

    /// Dismisses a notice, if it is shown.
    pub(super) fn dismiss(&mut self, kind: NoticeKind) {
        self.notices.retain(|notice| notice.kind != kind);
    }

    /// Reports that a part of the page could not be loaded, whichever it is. The rest of the page works on.
    pub(super) fn report_missing_part(&mut self) {
        let sentence = "A part of the page could not be loaded, so some of it doesn't work yet. Check the connection and try again, or reload the page.";
        self.notify(Notice::new(NoticeKind::PartMissing, sentence.to_owned()));
    }

    /// Reports that the browser has a newer version of the page.
    pub(super) fn report_new_version(&mut self) {
        let sentence = "A new version of this page is ready. Loading it keeps your policies and settings; a log must be opened again.";
        self.notify(Notice::new(NoticeKind::NewVersion, sentence.to_owned()));
    }

    /// Dismisses notices about earlier openings, which no longer apply.
    pub(super) fn dismiss_opening_notices(&mut self) {
        self.error_message = None;
        self.openings.rejected = None;
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
