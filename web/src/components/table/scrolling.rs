//! Where the table stands: the effects that keep the browser's scroll bar, the rows in sight and the selected row together.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::hooks::use_measured;
use crate::numbers;
use crate::platform;
use crate::scroll::{Place, ScrollGeometry};
use crate::state::{Action, TableState};

/// Returns the height of the part with rows and the height of a row, in pixels; zeros before they are known. The styles decide both:
/// rows of a narrow table are taller.
#[hook]
pub fn use_row_height(grid: &NodeRef) -> (f64, f64) {
    use_measured(grid, |grid| {
        let head = grid
            .query_selector(".head")
            .ok()
            .flatten()
            .and_then(|head| head.dyn_into::<HtmlElement>().ok())
            .map_or(0, |head| head.offset_height());
        let height = f64::from(grid.client_height().saturating_sub(head).max(0));
        (height, platform::length_of(grid, "--row-height"))
    })
}

/// Sets the lengths that depend on the number of rows and the place. The page's Content-Security-Policy forbids `style` attributes.
#[hook]
pub fn use_heights(grid: &NodeRef, measure: ScrollGeometry, place: Place) {
    let grid = grid.clone();
    use_effect_with((measure, place), move |(measure, place)| {
        let Some(grid) = grid.cast::<Element>() else {
            return;
        };
        let set = |selector: &str, property: &str, value: &str| {
            let found = grid.query_selector(selector).ok().flatten();
            if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
                let _ = element.style().set_property(property, value);
            }
        };
        set(".strip", "height", &numbers::pixels(measure.height()));
        let view = measure.view.min(measure.height());
        set(".view", "height", &numbers::pixels(view));
        let mut shift = "translateY(".to_owned();
        shift.push_str(&numbers::pixels(measure.offset(*place)));
        shift.push(')');
        set(".rows", "transform", &shift);
    });
}

/// Another view begins at its top.
#[hook]
pub fn use_reset_on_view_change(grid: &NodeRef, place: &UseStateHandle<Place>, table: &TableState) {
    let (grid, place) = (grid.clone(), place.setter());
    use_effect_with(table.view.clone(), move |_| {
        go(&grid, &place, Place::default())
    });
}

fn go(grid: &NodeRef, set: &UseStateSetter<Place>, place: Place) {
    set.set(place);
    if let Some(element) = grid.cast::<Element>() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "far below the limit of an i32"
        )]
        element.set_scroll_top(place.bar as i32);
    }
}

/// A row that a person selects is scrolled into sight.
#[hook]
pub fn use_selection_in_view(
    grid: &NodeRef,
    place: &UseStateHandle<Place>,
    measure: ScrollGeometry,
    table: &TableState,
) {
    let chosen = table.selection.filter(|selection| selection.is_chosen);
    let index = chosen.and_then(|selection| selection.index);
    let (grid, place) = (grid.clone(), place.clone());
    let possible = measure.rows > 0 && measure.view > 0.0;
    use_effect_with((index, possible), move |(index, possible)| {
        let Some(index) = index.filter(|_| *possible) else {
            return;
        };
        let there = measure.showing(*place, index.min(measure.rows.saturating_sub(1)));
        if there != *place {
            go(&grid, &place.setter(), there);
        }
    });
}

/// Where the scroll bar stands for more than itself, it moves to its true place once the scrolling ends.
#[hook]
pub fn use_scroll_correction(
    grid: &NodeRef,
    place: &UseStateHandle<Place>,
    measure: ScrollGeometry,
) {
    let (grid, handle) = (grid.clone(), place.clone());
    use_effect_with(**place, move |place| {
        let settled = measure.at(place.top);
        let timer = (measure.scaled() && (settled.bar - place.bar).abs() >= 1.0).then(|| {
            gloo::timers::callback::Timeout::new(200, move || {
                go(&grid, &handle.setter(), settled);
            })
        });
        move || drop(timer)
    });
}

/// Asks for the rows in sight, and a screen of them on either side.
#[hook]
pub fn use_row_window(table: &TableState, first: usize, count: usize, on: &Callback<Action>) {
    let kept = table.is_in_window(first, count);
    let on = on.clone();
    use_effect_with((first, count, kept), move |(first, count, kept)| {
        if !kept && *count > 0 {
            on.emit(Action::ShowRows {
                start: first.saturating_sub(*count),
                count: count.saturating_mul(3),
            });
        }
    });
}
