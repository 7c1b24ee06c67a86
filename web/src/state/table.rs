//! The event table: the chosen view, the loaded rows, and the one request in progress.

use playground_protocol::{Column, EventPosition, Outcome, RowView, Rows, ToWorker, View};

use crate::identity_rc::IdentityRc;

/// The row that is selected. Its place or its event may be unknown for a moment: a key can select a row that is not at hand yet,
/// and a changed view moves the event somewhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Selection {
    /// Its place in the view.
    pub index: Option<usize>,
    /// [`Row::event`].
    pub event: Option<usize>,
    /// A person chose it. One that comes with a log moves nothing: a log opens at its first line.
    pub is_chosen: bool,
}

impl Selection {
    /// An event at its place in the view.
    pub const fn of_event(place: EventPosition) -> Self {
        Self {
            index: Some(place.position),
            event: Some(place.event),
            is_chosen: false,
        }
    }
}

/// Several rows that are selected together, by their places in the view.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SelectedRange {
    /// The first.
    pub first: usize,
    /// The last.
    pub last: usize,
    /// Where it began; the other end moves.
    anchor: usize,
}

/// The table.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct TableState {
    /// What is chosen, and in which order.
    pub view: IdentityRc<View>,
    /// The newest rows that came.
    pub rows: Option<IdentityRc<Rows>>,
    /// The selected row.
    pub selection: Option<Selection>,
    /// The rows selected with it, where they are more than one.
    pub range: Option<SelectedRange>,
    /// The view that the worker has; it keeps it through new policies and new logs.
    messages: IdentityRc<View>,
    /// First row needed, and how many.
    window: (usize, usize),
    /// Counts the reasons to ask anew: another view, another answer.
    revision: u32,
    /// The revision of the rows at hand.
    rows_revision: u32,
    /// The view and revision of the question under way.
    pending: Option<(IdentityRc<View>, u32)>,
    /// The last wanted that was asked for, with its revision, so that a short answer is not asked for again and again.
    last_requested: Option<(u32, usize, usize)>,
}

/// Rows asked for before the table has said how many it shows.
const FIRST_WINDOW: usize = 60;

impl TableState {
    /// The table of another log: everything listed, nothing at hand.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            messages: self.messages.clone(),
            ..Self::default()
        }
    }

    /// Another view is chosen; the selected event stays selected, its place is found again.
    pub(super) fn set_view(&mut self, view: View) {
        self.view = IdentityRc::new(view);
        self.window.0 = 0;
        self.range = None;
        self.mark_outdated();
        if let Some(selection) = &mut self.selection {
            selection.index = None;
        }
    }

    /// The rows at hand are of an older answer.
    pub(super) const fn mark_outdated(&mut self) {
        self.revision = self.revision.wrapping_add(1);
    }

    /// The question under way will not be answered.
    pub(super) fn cancel_pending(&mut self) {
        if self.pending.take().is_some() {
            self.rows_revision = self.revision.wrapping_sub(1);
        }
    }

    /// The worker has no view any more, and will not answer.
    pub(super) fn reset_worker(&mut self) {
        self.cancel_pending();
        self.messages = IdentityRc::default();
        self.last_requested = None;
    }

    pub(super) const fn set_window(&mut self, start: usize, count: usize) {
        self.window = (start, count);
    }

    /// Counts the reasons to ask anew: another view, another answer.
    pub(super) const fn revision(&self) -> u32 {
        self.revision
    }

    /// Whether the worker was last_sent the view that is chosen.
    pub(super) fn is_view_sent(&self) -> bool {
        *self.messages == *self.view
    }

    /// The rows may have moved from their places.
    pub(super) const fn clear_range(&mut self) {
        self.range = None;
    }

    /// Selects all rows from where the selection began to this one.
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

    /// Selects every row of the view.
    pub(super) fn select_all(&mut self) {
        let lead = self.selection.and_then(|selection| selection.index);
        self.range = self.total().checked_sub(1).map(|last| SelectedRange {
            first: 0,
            last,
            anchor: lead.unwrap_or(0).min(last),
        });
    }

    /// The rows that are selected: the first and the last.
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

    /// A row of the view, where it is at hand.
    pub fn row(&self, index: usize) -> Option<&RowView> {
        let rows = self.rows.as_deref()?;
        rows.rows.get(index.checked_sub(rows.start)?)
    }

    /// Whether these rows are among those that are being kept at hand.
    pub const fn is_in_window(&self, start: usize, count: usize) -> bool {
        self.window.0 <= start
            && start.saturating_add(count) <= self.window.0.saturating_add(self.window.1)
    }

    /// Whether the view leaves events out.
    pub fn is_filtered(&self) -> bool {
        let view = &self.view;
        !view.text.trim().is_empty() || view.outcome.is_some() || view.rule.is_some()
    }

    /// Rows in the view, as far as is known.
    pub fn total(&self) -> usize {
        self.rows.as_deref().map_or(0, |rows| rows.total)
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
        // Rows of another view than the chosen one are shown until that one's come, but select nothing.
        if view == self.view {
            self.complete_selection();
        }
    }

    /// Completes the selection from the rows at hand.
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

    /// The question to ask now, if any.
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

/// Rows that any screen shows at once.
const FIRST_SCREEN_ROWS: usize = 8;

/// The row that a log opens with: the first that would be written, if it is in sight, else the first.
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

/// Orders by a column; the same column again turns the order around, a third time goes back to the log's own.
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
