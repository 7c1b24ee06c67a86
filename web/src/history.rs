//! The browser's history: entries for the places that the state names. The address stays as it is.
//!
//! The state of an entry is a text: a mark of this load of the page, the number of the place, and the pane, which another load can show.

use crate::platform;
use crate::state::trail::HistoryEffect;
use crate::state::{Action, Pane};

const PREFIX: &str = "audit-policy-playground";

/// Changes the history. A page in a frame leaves it alone: it is that of the page around it.
pub fn follow(change: HistoryEffect) {
    if platform::is_framed() {
        return;
    }
    match change {
        HistoryEffect::Push(number, pane) => platform::push_history(&entry(number, pane)),
        HistoryEffect::Replace(number, pane) => platform::replace_history(&entry(number, pane)),
        HistoryEffect::Back => {
            // Never to another page.
            let current = platform::history_state().and_then(|state| action(&state));
            if matches!(current, Some(Action::GoTo(1..))) {
                platform::go_back();
            }
        }
    }
}

/// Returns the action for the state of the entry that the browser went to; `None` if the page has not made it.
pub fn action(state: &str) -> Option<Action> {
    let mut parts = state.split(' ');
    if parts.next() != Some(PREFIX) {
        return None;
    }
    let (load, number, pane) = (parts.next()?, parts.next()?, parts.next()?);
    if load == platform::load_mark() {
        return number.parse().ok().map(Action::GoTo);
    }
    Pane::named(pane).map(Action::GoToPane)
}

/// Makes the current entry the first place.
pub fn start() {
    follow(HistoryEffect::Replace(0, Pane::default()));
}

fn entry(number: usize, pane: Pane) -> String {
    let (load, number) = (platform::load_mark(), number.to_string());
    [PREFIX, &load, &number, pane.name()].join(" ")
}
