//! The facets: whether they are open, the newest counts, and the one request in progress.

use playground_protocol::terms::{add_term, has_term, remove_term, term};
use playground_protocol::{Column, Facets, RuleFilter, View};

use crate::identity_rc::IdentityRc;

/// State of the facets.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct FacetsState {
    /// `true` if they are shown. Hidden facets are not counted.
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
    has_term(&view.text, &term(column, key)) || is_chosen(view, column, key)
}

/// Adds the value's term to a view, or removes whatever selects the value.
pub(super) fn toggle_value(view: &mut View, column: Column, key: &str) {
    let term = term(column, key);
    if !has_value(view, column, key) {
        add_term(&mut view.text, &term);
        return;
    }
    remove_term(&mut view.text, &term);
    if is_chosen(view, column, key) {
        match column {
            Column::Rule => view.rule = None,
            _ => view.outcome = None,
        }
    }
}

/// Returns whether the buttons for rules and outcomes select the value.
fn is_chosen(view: &View, column: Column, key: &str) -> bool {
    match column {
        Column::Rule => view.rule.is_some_and(|rule| match rule {
            RuleFilter::Rule(rule) => key == rule.saturating_add(1).to_string(),
            RuleFilter::NoRule => key == "none",
        }),
        Column::Outcome => view.outcome.is_some_and(|outcome| outcome.name() == key),
        _ => false,
    }
}
