//! Tests of the selected event and the selected rows.

use super::*;
use crate::identity_rc::IdentityRc;

#[test]
fn a_row_out_of_sight_is_inspected_when_it_comes() {
    let mut state = with_log();
    assert_eq!(state.apply(Action::SelectRow(999)), vec![]);
    state.apply(Action::ShowRows {
        start: 960,
        count: 40,
    });
    assert_eq!(
        state.apply(rows(&state.clone(), 940, 60, 1000)),
        vec![ToWorker::Inspect {
            event: EventId::new(999)
        }]
    );
}

#[test]
fn the_first_written_row_is_selected_where_nothing_is() {
    let mut state = AppState::default();
    ready(&mut state, 0);
    state.apply(Action::PasteLog("{}".to_owned()));
    opened(&mut state);
    state.apply(answer(0));
    let mut dropped = row(0);
    dropped.outcome = Outcome::DroppedLevel;
    let first = Rows {
        total: 2,
        rows: vec![dropped, row(1)],
        ..Rows::default()
    };
    state.apply(Action::WorkerMessage(ToPage::Rows(first)));
    assert_eq!(state.selected_event(), Some(EventId::new(1)));
}

#[test]
fn rows_are_selected_from_where_the_selection_began() {
    let mut state = with_log();
    state.apply(Action::SelectRow(7));
    assert_eq!(state.table.selected(), Some((7, 7)));
    state.apply(Action::ExtendSelection(9));
    assert_eq!(state.table.selected(), Some((7, 9)));
    state.apply(Action::ExtendSelection(2));
    assert_eq!(state.table.selected(), Some((2, 7)));
    assert_eq!(state.selected_event(), Some(EventId::new(2)));
    state.apply(Action::ExtendSelection(7));
    assert_eq!(state.table.range, None);
    state.apply(Action::SelectAll);
    assert_eq!(state.table.selected(), Some((0, 999)));
    assert_eq!(state.selected_event(), Some(EventId::new(7)));
    state.apply(Action::ExtendSelection(8));
    assert_eq!(state.table.selected(), Some((7, 8)));
    // Another policy may move rows; the same one over more of the log does not.
    state.apply(answer(1));
    assert_eq!(state.table.selected(), Some((7, 8)));
    state.apply(answer(2));
    assert_eq!(state.table.range, None);
}

#[test]
fn the_inspector_is_empty_if_the_filter_leaves_nothing() {
    let mut state = with_log();
    state.apply(Action::SelectRow(7));
    state.inspection = Some(IdentityRc::new(inspection(row(7))));
    assert!(state.shown_inspection().is_some());
    let only = |state: &mut AppState, text: &str, total: usize| {
        state.apply(Action::SetFilter(text.to_owned()));
        let before = state.shown_inspection().is_some();
        let found = rows(&state.clone(), 0, total.min(60), total);
        state.apply(found);
        (before, state.shown_inspection().is_some())
    };
    // Until the rows arrive, what the filter leaves is not known.
    assert_eq!(only(&mut state, "verb:watch", 0), (true, false));
    assert_eq!(only(&mut state, "verb:wat", 0), (true, false));
    assert_eq!(only(&mut state, "verb:get", 3), (true, true));
    assert_eq!(only(&mut state, "", 1000), (true, true));
}
