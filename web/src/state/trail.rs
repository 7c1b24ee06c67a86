//! The places that the browser's history leads to: what a person would name, such as a pane, a dialog, an example or another workspace.

use audit_workspace::Workspace;

use super::opening::LogSource;
use super::saving::{SaveStatus, Slot};
use super::ui::{Dialog, Pane};
use crate::identity_rc::IdentityRc;

/// Maximum number of documents that can be gone back to.
const MAX_DOCUMENTS: usize = 40;

/// A place: what is shown, without filters, edits and selections.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Place {
    pub(super) pane: Pane,
    pub(super) dialog: Option<Dialog>,
    /// Number of the document: increases with every example and every workspace that is opened.
    pub(super) document: usize,
}

/// A change of the browser's history. Numbers are those of the places.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HistoryEffect {
    /// Adds an entry.
    Push(usize, Pane),
    /// Makes this the place of the current entry.
    Replace(usize, Pane),
    /// Goes back to the entry before.
    Back,
}

/// A workspace that was left, with all that is needed to show it again.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Snapshot {
    pub(super) workspace: Workspace,
    /// Number by which the browser's storage knows it.
    pub(super) slot: Slot,
    /// The log that was open.
    pub(super) source: Option<LogSource>,
    /// Description of the example.
    pub(super) description: Option<String>,
    pub(super) save_status: SaveStatus,
    pub(super) is_modified: bool,
    pub(super) is_modified_here: bool,
}

impl Snapshot {
    /// Returns whether closing the tab would lose it.
    pub(super) fn is_at_risk(&self) -> bool {
        self.is_modified_here && self.save_status != SaveStatus::Saved
    }
}

/// The places since the page was loaded, and the documents of those that are not shown.
#[derive(Debug, Clone, PartialEq)]
pub struct Trail {
    places: Vec<Place>,
    /// Number of the current place.
    at: usize,
    documents: Vec<Option<IdentityRc<Snapshot>>>,
    /// Number of the current document.
    pub(super) document: usize,
}

impl Default for Trail {
    fn default() -> Self {
        Self {
            places: vec![Place::default()],
            at: 0,
            documents: vec![None],
            document: 0,
        }
    }
}

impl Trail {
    /// Returns a place, and makes it the current one. `None` if it is the current one already.
    pub(super) fn go_to(&mut self, at: usize) -> Option<Place> {
        let place = self.places.get(at).copied().filter(|_| at != self.at)?;
        self.at = at;
        Some(place)
    }

    /// Returns the change of the history after an action that led from one place to another; the user names the new place, or it follows
    /// from something else.
    pub(super) fn follow(
        &mut self,
        before: Place,
        after: Place,
        is_named: bool,
    ) -> Option<HistoryEffect> {
        if before == after {
            return None;
        }
        let is_closed = before.dialog.is_some() && after.dialog.is_none();
        let previous = self.at.checked_sub(1);
        if let Some(previous) = previous
            && is_closed
            && self.places.get(previous) == Some(&after)
        {
            self.at = previous;
            return Some(HistoryEffect::Back);
        }
        let is_opened = before.dialog.is_none() && after.dialog.is_some();
        let is_other = before.document != after.document;
        let is_new = is_opened || !is_closed && (is_other || is_named && before.pane != after.pane);
        if is_new {
            self.at = self.at.saturating_add(1);
            self.places.truncate(self.at);
            self.places.push(after);
            return Some(HistoryEffect::Push(self.at, after.pane));
        }
        if let Some(place) = self.places.get_mut(self.at) {
            *place = after;
        }
        Some(HistoryEffect::Replace(self.at, after.pane))
    }

    /// Keeps the document that is left for another one that is new.
    pub(super) fn leave(&mut self, snapshot: Snapshot) {
        self.keep(snapshot);
        self.document = self.document.saturating_add(1);
        self.documents.truncate(self.document);
        self.documents.push(None);
        if let Some(old) = self.document.checked_sub(MAX_DOCUMENTS)
            && let Some(place) = self.documents.get_mut(old)
        {
            *place = None;
        }
    }

    /// Removes the document that was left last: what follows takes its place.
    pub(super) fn unleave(&mut self) {
        self.document = self.document.saturating_sub(1);
        self.documents.truncate(self.document.saturating_add(1));
        if let Some(place) = self.documents.get_mut(self.document) {
            *place = None;
        }
    }

    /// Keeps the current document as it is now.
    pub(super) fn keep(&mut self, snapshot: Snapshot) {
        if let Some(place) = self.documents.get_mut(self.document) {
            *place = Some(IdentityRc::new(snapshot));
        }
    }

    /// Returns a document that was left.
    pub(super) fn document(&self, number: usize) -> Option<Snapshot> {
        let snapshot = self.documents.get(number)?.as_deref();
        snapshot.cloned()
    }

    /// Removes the documents of a workspace that is forgotten.
    pub(super) fn forget(&mut self, slot: Slot) {
        for place in &mut self.documents {
            if place.as_ref().is_some_and(|snapshot| snapshot.slot == slot) {
                *place = None;
            }
        }
    }

    /// Returns whether closing the tab would lose a document that is not shown.
    pub(super) fn is_at_risk(&self) -> bool {
        let left = self.documents.iter().enumerate();
        left.filter(|(number, _)| *number != self.document)
            .filter_map(|(_, snapshot)| snapshot.as_ref())
            .any(|snapshot| snapshot.is_at_risk())
    }
}
