//! The event table: the chosen view, the loaded rows, and the one request in progress.

use playground_protocol::{Column, EventId, EventPosition, Outcome, RowView, Rows, ToWorker, View};

use crate::identity_rc::IdentityRc;

/// The selected row. Its index or its event may be unknown for a moment: a key can select a row that is not loaded, and a changed view
/// moves events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    /// Index in the view.
    pub index: Option<usize>,
    /// [`RowView::event`].
    pub event: Option<EventId>,
    /// The user selected it. A selection that comes with a log does not scroll: a log opens at its first line.
    pub is_chosen: bool,
}

impl Selection {
    /// Returns the selection of an event and its index in the view.
    pub const fn of_event(place: EventPosition) -> Self {
        Self {
            index: Some(place.position),
            event: Some(place.event),
            is_chosen: false,
        }
    }

    /// Returns the selection of an event that the user chose elsewhere.
    pub(super) const fn of_chosen(event: EventId) -> Self {
        Self {
            index: None,
            event: Some(event),
            is_chosen: true,
        }
    }
}

/// Several selected rows, by their indices in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectedRange {
    /// The first row.
    pub first: usize,
    /// The last row.
    pub last: usize,
    /// The end that stays when the selection is extended.
    anchor: usize,
}

/// State of the event table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableState {
    /// Filter and order.
    pub view: IdentityRc<View>,
    /// Newest loaded rows.
    pub rows: Option<IdentityRc<Rows>>,
    /// The selected row.
    pub selection: Option<Selection>,
    /// The rows selected with it, if there are several.
    pub range: Option<SelectedRange>,
    /// View that was last sent to the worker, which keeps it for new policies and new logs.
    messages: IdentityRc<View>,
    /// First row needed, and their number.
    window: (usize, usize),
    /// Increases with every reason to request rows: another view, other results.
    revision: u32,
    /// Revision of the loaded rows.
    rows_revision: u32,
    /// View and revision of the request in progress.
    pending: Option<(IdentityRc<View>, u32)>,
    /// Rows requested last, with their revision, so that a short response is not requested again and again.
    last_requested: Option<(u32, usize, usize)>,
}

/// Number of rows to request before the table has a size.
const FIRST_WINDOW: usize = 60;

impl TableState {
    /// Returns the table of another log: no filter, no rows.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            messages: self.messages.clone(),
            ..Self::default()
        }
    }

    /// Sets another view. The selected event stays selected; its index is found later.
    pub(super) fn set_view(&mut self, view: View) {
        self.view = IdentityRc::new(view);
        self.window.0 = 0;
        self.range = None;
        self.mark_outdated();
        if let Some(selection) = &mut self.selection {
            selection.index = None;
        }
    }

    /// Marks the loaded rows as outdated.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// Forgets the request in progress: there will be no response.
    pub(super) fn cancel_pending(&mut self) {
        if self.pending.take().is_some() {
            self.rows_revision = self.revision.wrapping_sub(1);
        }
    }

    /// Forgets what was sent to the worker, which has stopped.
    pub(super) fn reset_worker(&mut self) {
        self.cancel_pending();
        self.messages = IdentityRc::default();
        self.last_requested = None;
    }

    pub(super) const fn set_window(&mut self, start: usize, count: usize) {
        self.window = (start, count);
    }

    /// Returns the revision, which increases with every reason to request rows.
    pub(super) const fn revision(&self) -> u32 {
        self.revision
    }

    /// Returns whether the current view was sent to the worker.
    pub(super) fn is_view_sent(&self) -> bool {
        *self.messages == *self.view
    }

    /// Clears the selected range, since the rows may have moved.
    pub(super) const fn clear_range(&mut self) {
        self.range = None;
    }

    /// Selects the rows from the start of the selection to this one.
    pub(super) fn extend(&mut self, index: usize) {
        let lead = self.selection.and_then(|selection| selection.index);
        let anchor = self.range.map(|range| range.anchor).or(lead);
        self.select(index);
        let anchor = anchor.unwrap_or(index);
        self.range = (anchor != index).then(|| SelectedRange {
            first: anchor.min(index),
            last: anchor.max(index),
            anchor,
        });
    }

    /// Selects all rows of the view.
    pub(super) fn select_all(&mut self) {
        let lead = self.selection.and_then(|selection| selection.index);
        self.range = self.total().checked_sub(1).map(|last| SelectedRange {
            first: 0,
            last,
            anchor: lead.unwrap_or(0).min(last),
        });
    }

    /// Returns the first and the last selected row.
    pub fn selected(&self) -> Option<(usize, usize)> {
        if self.view.group_by.is_some() {
            return None;
        }
        let alone = self.selection.and_then(|selection| selection.index);
        let range = self.range.map(|range| (range.first, range.last));
        range.or(alone.map(|index| (index, index)))
    }

    pub(super) fn select(&mut self, index: usize) {
        self.range = None;
        self.selection = Some(Selection {
            index: Some(index),
            event: self.row(index).map(|row| row.event),
            is_chosen: true,
        });
    }

    /// Returns a row of the view, if it is loaded.
    pub fn row(&self, index: usize) -> Option<&RowView> {
        let rows = self.rows.as_deref()?;
        rows.rows.get(index.checked_sub(rows.start)?)
    }

    /// Returns whether these rows are requested already.
    pub const fn is_in_window(&self, start: usize, count: usize) -> bool {
        self.window.0 <= start
            && start.saturating_add(count) <= self.window.0.saturating_add(self.window.1)
    }

    /// Returns whether the view leaves events out.
    pub fn is_filtered(&self) -> bool {
        let view = &self.view;
        !view.text.trim().is_empty()
            || view.outcome.is_some()
            || view.rule.is_some()
            || view.contradiction.is_some()
            || view.finding.is_some()
    }

    /// Returns the number of rows in the view, as far as known.
    pub fn total(&self) -> usize {
        self.rows.as_deref().map_or(0, |rows| rows.total)
    }

    /// Returns whether the filter leaves out every event. While rows of another filter are shown, it is not known.
    pub fn is_empty(&self) -> bool {
        let rows = self.rows.as_deref();
        self.is_filtered() && rows.is_some_and(|rows| rows.view == *self.view && rows.total == 0)
    }

    pub(super) fn receive(&mut self, rows: Rows) {
        let Some((view, revision)) = self.pending.take_if(|(view, _)| **view == rows.view) else {
            return;
        };
        self.rows_revision = revision;
        if self.rows.is_none() && self.selection.is_none() {
            self.selection = initial_selection(&rows);
        }
        self.rows = Some(IdentityRc::new(rows));
        // Rows of an earlier view are shown until those of the current one are loaded, but do not complete the selection.
        if view == self.view {
            self.complete_selection();
        }
    }

    /// Completes the selection from the loaded rows.
    fn complete_selection(&mut self) {
        let (Some(selection), Some(rows)) = (&mut self.selection, self.rows.as_deref()) else {
            return;
        };
        match *selection {
            Selection {
                index: Some(index),
                event: None,
                ..
            } => {
                selection.event = index
                    .checked_sub(rows.start)
                    .and_then(|at| rows.rows.get(at))
                    .map(|row| row.event);
            }
            Selection {
                event: Some(event), ..
            } => {
                let at = rows.rows.iter().position(|row| row.event == event);
                let held = rows.start..rows.start.saturating_add(rows.rows.len());
                if let Some(at) = at {
                    selection.index = Some(rows.start.saturating_add(at));
                } else if selection.index.is_some_and(|index| held.contains(&index)) {
                    selection.index = None;
                }
            }
            Selection { .. } => {}
        }
    }

    /// Returns the next request, if there is one.
    pub(super) fn next_request(&mut self) -> Option<ToWorker> {
        if self.pending.is_some() {
            return None;
        }
        let (start, count) = self.window;
        let wanted = Some((self.revision, start, count));
        if *self.messages != *self.view {
            self.messages = self.view.clone();
            self.pending = Some((self.view.clone(), self.revision));
            return Some(ToWorker::View((*self.view).clone()));
        }
        let outdated = self.rows_revision != self.revision;
        let enough = self.view.group_by.is_some() || self.last_requested == wanted;
        if !outdated && (enough || self.covers(start, count)) {
            return None;
        }
        self.last_requested = wanted;
        self.pending = Some((self.view.clone(), self.revision));
        Some(ToWorker::Rows {
            start,
            count: count.max(FIRST_WINDOW),
        })
    }

    fn covers(&self, start: usize, count: usize) -> bool {
        self.rows.as_deref().is_some_and(|rows| {
            let end = start.saturating_add(count).min(rows.total);
            start >= end
                || (rows.start <= start && end <= rows.start.saturating_add(rows.rows.len()))
        })
    }
}

/// Rows that are visible on any screen.
const FIRST_SCREEN_ROWS: usize = 8;

/// Returns the row that a log opens with: the first written one if it is visible, otherwise the first.
fn initial_selection(rows: &Rows) -> Option<Selection> {
    let written = |row: &&RowView| row.outcome == Outcome::Written;
    let mut sight = rows.rows.iter().take(FIRST_SCREEN_ROWS);
    let row = sight.find(written).or(rows.rows.first())?;
    let at = rows
        .rows
        .iter()
        .position(|other| other.event == row.event)?;
    Some(Selection {
        index: Some(rows.start.saturating_add(at)),
        event: Some(row.event),
        is_chosen: false,
    })
}

/// Sorts by a column. The same column again reverses the order; a third time restores the order of the log.
pub(super) fn sort(view: &mut View, column: Column) {
    let largest_first = matches!(column, Column::Recorded | Column::Written | Column::Code);
    if view.sort != Some(column) {
        view.sort = Some(column);
        view.descending = largest_first;
    } else if view.descending == largest_first {
        view.descending = !largest_first;
    } else {
        view.sort = None;
        view.descending = false;
    }
}
