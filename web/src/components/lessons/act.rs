//! Buttons of lessons.

use yew::prelude::*;

use crate::state::Action;
use crate::state::lessons::LessonsAction;

/// Returns a callback that emits an action.
pub fn act(on: &Callback<Action>, action: LessonsAction) -> Callback<MouseEvent> {
    on.reform(move |_| Action::Lessons(action.clone()))
}
