//! The facets: whether they are open, the newest counts, and the one request in progress.

use playground_protocol::{Column, Facets, RuleFilter, View};

use crate::identity_rc::IdentityRc;

/// State of the facets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FacetsState {
    /// The facets are shown. Hidden facets are not counted.
    pub open: bool,
    /// Newest counts.
    pub shown: Option<IdentityRc<Facets>>,
    /// Revision of the table that the counts belong to.
    pub(super) shown_revision: Option<u32>,
    /// Revision of the request in progress.
    pub(super) pending_revision: Option<u32>,
}

impl FacetsState {
    /// Returns the facets of another log: open or closed as before, without counts. A request in progress belongs to the last log, and is
    /// answered before the results of this one.
    pub(super) fn for_new_log(&self) -> Self {
        Self {
            open: self.open,
            ..Self::default()
        }
    }

    pub(super) fn close(&mut self) {
        self.open = true;
        self.toggle();
    }

    /// Opens or closes. Earlier counts are not shown again.
    pub(super) fn toggle(&mut self) {
        self.open = !self.open;
        self.shown = None;
        self.shown_revision = None;
    }

    /// Forgets the request in progress: there will be no response.
    pub(super) const fn cancel_pending(&mut self) {
        self.pending_revision = None;
    }

    pub(super) fn receive(&mut self, facets: Facets) {
        let Some(revision) = self.pending_revision.take() else {
            return;
        };
        if self.open {
            self.shown_revision = Some(revision);
            self.shown = Some(IdentityRc::new(facets));
        }
    }
}

/// Returns whether a view selects the value, as a term or by the buttons for rules and outcomes.
pub fn has_value(view: &View, column: Column, key: &str) -> bool {
    let is_in_text = |field| audit_filter::has_value(&view.text, field, key);
    column.field().is_some_and(is_in_text) || is_chosen(view, column, key)
}

/// Returns whether a view selects values of a column.
pub fn has_selection(view: &View, column: Column) -> bool {
    let is_in_text = |field| !audit_filter::selected(&view.text, field).is_empty();
    column.field().is_some_and(is_in_text) || chosen(view, column).is_some()
}

/// Adds a value to those that a view selects, or removes it, however it was selected.
pub(super) fn toggle_value(view: &mut View, column: Column, key: &str) {
    let Some(field) = column.field() else {
        return;
    };
    // A choice by button becomes a term, which can have several values.
    if let Some(chosen) = chosen(view, column) {
        clear_chosen(view, column);
        if !audit_filter::has_value(&view.text, field, &chosen) {
            audit_filter::toggle_value(&mut view.text, field, &chosen);
        }
    }
    audit_filter::toggle_value(&mut view.text, field, key);
}

/// Clears the values of a column that a view selects.
pub(super) fn clear_field(view: &mut View, column: Column) {
    clear_chosen(view, column);
    if let Some(field) = column.field() {
        audit_filter::clear_field(&mut view.text, field);
    }
}

const fn clear_chosen(view: &mut View, column: Column) {
    match column {
        Column::Rule => view.rule = None,
        Column::Outcome => view.outcome = None,
        _ => {}
    }
}

/// Returns the value that the buttons for rules and outcomes select.
fn chosen(view: &View, column: Column) -> Option<String> {
    match column {
        Column::Rule => view.rule.map(|rule| match rule {
            RuleFilter::Rule(rule) => rule.number().to_string(),
            RuleFilter::NoRule => "none".to_owned(),
        }),
        Column::Outcome => view.outcome.map(|outcome| outcome.name().to_owned()),
        _ => None,
    }
}

/// Returns whether the buttons for rules and outcomes select the value.
fn is_chosen(view: &View, column: Column, key: &str) -> bool {
    chosen(view, column).is_some_and(|chosen| chosen == key)
}
