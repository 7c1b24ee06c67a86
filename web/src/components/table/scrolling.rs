//! Hooks that keep the browser's scroll bar, the visible rows and the selected row in sync.

use playground_figures::numbers;
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use crate::hooks::use_measured;
use crate::platform;
use crate::scroll::{ScrollGeometry, ScrollPosition};
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

/// Sets the lengths that depend on the number of rows and the position. The Content-Security-Policy forbids `style` attributes.
#[hook]
pub fn use_heights(grid: &NodeRef, geometry: ScrollGeometry, position: ScrollPosition) {
    let grid = grid.clone();
    use_effect_with((geometry, position), move |(geometry, position)| {
        let Some(grid) = grid.cast::<Element>() else {
            return;
        };
        let set = |selector: &str, property: &str, value: &str| {
            let found = grid.query_selector(selector).ok().flatten();
            if let Some(element) = found.and_then(|found| found.dyn_into::<HtmlElement>().ok()) {
                let _ = element.style().set_property(property, value);
            }
        };
        set(
            ".strip",
            "height",
            &numbers::pixels(geometry.element_height()),
        );
        let view = geometry.view.min(geometry.element_height());
        set(".view", "height", &numbers::pixels(view));
        let mut shift = "translateY(".to_owned();
        shift.push_str(&numbers::pixels(geometry.first_row_offset(*position)));
        shift.push(')');
        set(".rows", "transform", &shift);
    });
}

/// Scrolls another view to its top.
#[hook]
pub fn use_reset_on_view_change(
    grid: &NodeRef,
    position: &UseStateHandle<ScrollPosition>,
    table: &TableState,
) {
    let (grid, position) = (grid.clone(), position.setter());
    use_effect_with(table.view.clone(), move |_| {
        go(&grid, &position, ScrollPosition::default())
    });
}

fn go(grid: &NodeRef, set: &UseStateSetter<ScrollPosition>, position: ScrollPosition) {
    set.set(position);
    if let Some(element) = grid.cast::<Element>() {
        #[allow(
            clippy::cast_possible_truncation,
            reason = "far below the limit of an i32"
        )]
        element.set_scroll_top(position.scroll_top as i32);
    }
}

/// Scrolls a row that the user selects into view.
#[hook]
pub fn use_selection_in_view(
    grid: &NodeRef,
    position: &UseStateHandle<ScrollPosition>,
    geometry: ScrollGeometry,
    table: &TableState,
) {
    let chosen = table.selection.filter(|selection| selection.is_chosen);
    let index = chosen.and_then(|selection| selection.index);
    let (grid, position) = (grid.clone(), position.clone());
    let possible = geometry.rows > 0 && geometry.view > 0.0;
    use_effect_with((index, possible), move |(index, possible)| {
        let Some(index) = index.filter(|_| *possible) else {
            return;
        };
        let there =
            geometry.with_row_visible(*position, index.min(geometry.rows.saturating_sub(1)));
        if there != *position {
            go(&grid, &position.setter(), there);
        }
    });
}

/// Corrects the scroll bar of a scaled table once scrolling ends.
#[hook]
pub fn use_scroll_correction(
    grid: &NodeRef,
    position: &UseStateHandle<ScrollPosition>,
    geometry: ScrollGeometry,
) {
    let (grid, handle) = (grid.clone(), position.clone());
    use_effect_with(**position, move |position| {
        let settled = geometry.at(position.top);
        let timer = (geometry.is_scaled()
            && (settled.scroll_top - position.scroll_top).abs() >= 1.0)
            .then(|| {
                gloo::timers::callback::Timeout::new(200, move || {
                    go(&grid, &handle.setter(), settled);
                })
            });
        move || drop(timer)
    });
}

/// Requests the visible rows, and a screen of them on either side.
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
