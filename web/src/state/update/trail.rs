//! Going back and forward between places.

use crate::state::action::Action;
use crate::state::app_state::AppState;
use crate::state::effect::Effect;
use crate::state::trail::Place;
use crate::state::ui::Pane;

impl AppState {
    /// Returns the place that is shown.
    pub(super) const fn current_place(&self) -> Place {
        Place {
            pane: self.pane,
            dialog: self.dialog,
            document: self.trail.document,
        }
    }

    /// Has the browser's history follow from one place to the current one.
    pub(super) fn follow(&mut self, before: Place, is_named: bool) -> Option<Effect> {
        let after = self.current_place();
        let change = self.trail.follow(before, after, is_named)?;
        Some(Effect::History(change))
    }

    /// Shows a place again.
    pub(crate) fn go_to(&mut self, at: usize) -> Vec<Effect> {
        let Some(place) = self.trail.go_to(at) else {
            return Vec::new();
        };
        let mut effects = Vec::new();
        if place.document != self.trail.document {
            effects.extend(self.go_to_document(place.document));
        }
        if self.pane != place.pane {
            effects.extend(self.show_pane(place.pane));
        }
        if self.dialog != place.dialog {
            effects.extend(self.show(place.dialog));
        }
        effects
    }

    /// Shows a document again. The one that is left is kept as it is now.
    fn go_to_document(&mut self, number: usize) -> Vec<Effect> {
        let Some(snapshot) = self.trail.document(number) else {
            self.trail.document = number;
            return Vec::new();
        };
        let left = self.snapshot();
        self.trail.keep(left);
        self.trail.document = number;
        self.restore(snapshot)
    }

    /// Keeps what is shown as a document to go back to: an example takes its place.
    pub(crate) fn leave_for_example(&mut self) {
        let snapshot = self.snapshot();
        self.trail.leave(snapshot);
    }
}

/// Returns whether the user names the pane that an action shows. On a wide screen, those that replace the events differ.
pub(super) fn names_pane(action: &Action, shown: Pane) -> bool {
    match action {
        Action::ShowPane(_) => true,
        Action::FocusPane(pane) => {
            *pane != shown && (pane.replaces_events() || shown.replaces_events())
        }
        _ => false,
    }
}
