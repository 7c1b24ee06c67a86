//! The event table. Only visible rows are rendered, however many there are.

mod scrolling;

use playground_figures::numbers;
use playground_protocol::{Column, Outcome, RowView};
use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use self::scrolling::{
    use_heights, use_reset_on_view_change, use_row_height, use_row_window, use_scroll_correction,
    use_selection_in_view,
};
use super::common::chip;
use super::name::name;
use super::screen_reader::screen_reader_only;
use crate::dom_ids;
use crate::scroll::{ScrollGeometry, ScrollPosition};
use crate::state::{Action, Pane, TableState};

/// Columns, with the style class that places them.
const COLUMNS: [(Column, &str, &str); 10] = [
    (Column::Time, "Time", "time"),
    (Column::Verb, "Verb", "verb"),
    (Column::Resource, "Resource", "resource"),
    (Column::Namespace, "Namespace", "namespace"),
    (Column::User, "User", "user"),
    (Column::Stage, "Stage", "stage"),
    (Column::Code, "Code", "code num"),
    (Column::Rule, "Rule", "rule"),
    (Column::Recorded, "Recorded", "recorded num"),
    (Column::Written, "Written", "written num"),
];

/// Properties of [`Table`].
#[derive(Properties, PartialEq)]
pub struct TableProps {
    /// Rows, view and selection.
    pub table: TableState,
    /// Receives the actions.
    pub on: Callback<Action>,
}

/// The event table.
#[function_component]
pub fn Table(props: &TableProps) -> Html {
    let grid = use_node_ref();
    let (height, row_height) = use_row_height(&grid);
    let geometry = ScrollGeometry {
        rows: props.table.total(),
        row: row_height,
        view: height,
    };
    let position = use_state_eq(ScrollPosition::default);
    let (first, count) = geometry.visible_rows(*position);

    use_heights(&grid, geometry, *position);
    use_reset_on_view_change(&grid, &position, &props.table);
    use_selection_in_view(&grid, &position, geometry, &props.table);
    use_scroll_correction(&grid, &position, geometry);
    use_row_window(&props.table, first, count, &props.on);

    let onscroll = {
        let (grid, position) = (grid.clone(), position.clone());
        Callback::from(move |_| {
            if let Some(element) = grid.cast::<Element>() {
                let scroll_top = f64::from(element.scroll_top());
                position.set(geometry.after_scroll(*position, scroll_top));
            }
        })
    };
    let (onclick, onmousedown) = (on_click(&props.on), on_press(&grid));
    let onkeydown = on_key(props, geometry, first);
    let lead = props.table.selection.and_then(|selection| selection.index);
    let drawn = first..first.saturating_add(count);
    let selected = lead.filter(|index| drawn.contains(index));
    let unseen_lead = lead.filter(|index| !drawn.contains(index) && props.table.range.is_none());
    let rows = (first..first.saturating_add(count)).map(|index| {
        let how = row_selection(index, selected, props.table.selected());
        row(index, props.table.row(index), how)
    });
    html! {
        <div id={dom_ids::EVENTS_GRID} class={"grid"} ref={grid} role="grid" tabindex="0"
            aria-label="Events" aria-multiselectable="true" aria-rowcount={geometry.rows.saturating_add(1).to_string()}
            aria-activedescendant={selected.or(unseen_lead).map(row_id)} {onscroll} {onkeydown}>
            { head(props) }
            <div class="strip" role="presentation">
                <div class="view" role="rowgroup">
                    <div class="rows" role="presentation" {onclick} {onmousedown}>{ for rows }</div>
                </div>
            </div>
            if geometry.rows == 0 {
                { nothing(&props.on) }
            }
            { unseen_lead.map(out_of_sight).unwrap_or_default() }
        </div>
    }
}

/// Handles a click, which selects a row and shows it; with Shift, all rows up to it.
fn on_click(on: &Callback<Action>) -> Callback<MouseEvent> {
    let on = on.clone();
    Callback::from(move |event: MouseEvent| match clicked_row(&event) {
        Some(index) if event.shift_key() => on.emit(Action::ExtendSelection(index)),
        Some(index) => {
            on.emit(Action::SelectRow(index));
            on.emit(Action::ShowPane(Pane::Inspector));
        }
        None => {}
    })
}

/// Prevents that the browser selects the text between two clicks with Shift.
fn on_press(grid: &NodeRef) -> Callback<MouseEvent> {
    let grid = grid.clone();
    Callback::from(move |event: MouseEvent| {
        if event.shift_key() {
            event.prevent_default();
            if let Some(grid) = grid.cast::<HtmlElement>() {
                let _ = grid.focus();
            }
        }
    })
}

fn row_selection(index: usize, lead: Option<usize>, all: Option<(usize, usize)>) -> Selected {
    let is_within = all.is_some_and(|(from, to)| (from..=to).contains(&index));
    match (lead == Some(index), is_within) {
        (true, _) => Selected::Lead,
        (false, true) => Selected::Also,
        (false, false) => Selected::Not,
    }
}

fn row_id(index: usize) -> String {
    "row-".to_owned() + &index.to_string()
}

/// Renders the selected row while it is scrolled out of view, for screen readers: the focus is on it.
fn out_of_sight(index: usize) -> Html {
    html! {
        <div class="visually-hidden" role="row" id={row_id(index)} aria-selected="true">
            <div role="gridcell">{"Selected: row "}{numbers::count(index.saturating_add(1))}</div>
        </div>
    }
}

fn nothing(on: &Callback<Action>) -> Html {
    let clear = on.reform(|_| Action::ClearFilters);
    html! {
        <div class="empty" role="row">
            <div role="gridcell">
                <h3>{"No events match this filter"}</h3>
                <button type="button" onclick={clear}>{"Show all events"}</button>
            </div>
        </div>
    }
}

fn head(props: &TableProps) -> Html {
    let view = &props.table.view;
    let cell = |(column, label, class): &(Column, &'static str, &'static str)| {
        let column = *column;
        let (sort, sign) = match (view.sort == Some(column), view.descending) {
            (false, _) => ("none", ""),
            (true, false) => ("ascending", " ↑"),
            (true, true) => ("descending", " ↓"),
        };
        let onclick = props.on.reform(move |_| Action::SortBy(column));
        html! {
            <div role="columnheader" class={*class} aria-sort={sort}>
                <button type="button" {onclick}>{*label}{sign}</button>
            </div>
        }
    };
    html! {
        <div class="row head" role="row" aria-rowindex="1">{ for COLUMNS.iter().map(cell) }</div>
    }
}

/// Selection of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Selected {
    Not,
    /// Selected with others; the inspector shows another row.
    Also,
    /// The row that keys move from, and that the inspector shows.
    Lead,
}

fn row(index: usize, row: Option<&RowView>, selected: Selected) -> Html {
    let lead = (selected == Selected::Lead).then_some("lead");
    let selected = selected != Selected::Not;
    let Some(row) = row else {
        return html! {
            <div class={classes!("row", "loading", lead)} role="row" id={row_id(index)}
                aria-rowindex={index.saturating_add(2).to_string()} aria-selected={selected.to_string()}>
                <div role="gridcell" class="verb">{"…"}</div>
            </div>
        };
    };
    let is_dropped = row.outcome.is_dropped();
    html! {
        <div class={classes!("row", is_dropped.then_some("dropped"), lead)} role="row" id={row_id(index)}
            aria-rowindex={index.saturating_add(2).to_string()} aria-selected={selected.to_string()}>
            <div role="gridcell" class="time">{ name(&row.time) }</div>
            <div role="gridcell" class="verb">{ name(if row.verb.is_empty() { "–" } else { &row.verb }) }</div>
            <div role="gridcell" class="resource">
                { name(&row.resource) }
                if !row.name.is_empty() {
                    <span class="name">{" · "}{ name(&row.name) }</span>
                }
            </div>
            <div role="gridcell" class="namespace">{ name(&row.namespace) }</div>
            <div role="gridcell" class="user">{ name(row.user.as_deref().unwrap_or("(no user)")) }</div>
            <div role="gridcell" class="stage">{short_stage(&row.stage)}</div>
            <div role="gridcell" class="code num">{row.code}</div>
            <div role="gridcell" class="rule">{ chip(row.rule, row.level) }</div>
            <div role="gridcell" class="recorded num">{recorded(row)}</div>
            <div role="gridcell" class="written num">{ written(row) }</div>
        </div>
    }
}

/// Returns the size of the recorded event, or that it was not recorded.
fn recorded(row: &RowView) -> String {
    if row.derived {
        "derived".to_owned()
    } else {
        numbers::bytes(row.recorded)
    }
}

fn written(row: &RowView) -> Html {
    let what = match (row.outcome, row.written) {
        (outcome, _) if outcome.is_dropped() => "dropped".to_owned(),
        (Outcome::Written, Some(bytes)) => numbers::bytes(bytes),
        (Outcome::Written, None) => "written".to_owned(),
        _ => "not known".to_owned(),
    };
    html! { <><span class="to" aria-hidden="true">{"→ "}</span>{what}</> }
}

/// Renders a stage without the common part of all stages.
pub fn short_stage(stage: &str) -> Html {
    match stage
        .strip_prefix("Response")
        .or_else(|| stage.strip_prefix("Request"))
    {
        Some(short) if stage.starts_with("Response") => {
            html! { <>{ screen_reader_only("Response ") }{short.to_owned()}</> }
        }
        Some(short) => html! { <>{ screen_reader_only("Request ") }{short.to_owned()}</> },
        None => name(stage),
    }
}

fn clicked_row(event: &MouseEvent) -> Option<usize> {
    let target: Element = event.target()?.dyn_into().ok()?;
    let row = target.closest("[aria-rowindex]").ok()??;
    row.get_attribute("aria-rowindex")?
        .parse::<usize>()
        .ok()?
        .checked_sub(2)
}

/// Handles keys. Arrows, page keys, Home and End move the selection, with Shift they extend it; Ctrl+A selects all rows, Escape only
/// the current one, and Enter goes to the inspector.
fn on_key(props: &TableProps, geometry: ScrollGeometry, first: usize) -> Callback<KeyboardEvent> {
    let on = props.on.clone();
    let selected = props.table.selection.and_then(|selection| selection.index);
    let several = props.table.range.is_some();
    Callback::from(move |key: KeyboardEvent| {
        let own = key
            .target_dyn_into::<Element>()
            .is_some_and(|target| target.id() == dom_ids::EVENTS_GRID);
        let last = geometry.rows.saturating_sub(1);
        let from = |step: fn(usize, usize) -> usize, by| selected.map_or(first, |at| step(at, by));
        let next = match key.key().as_str() {
            _ if !own || geometry.rows == 0 || key.alt_key() => return,
            "a" | "A" if (key.ctrl_key() || key.meta_key()) && !key.shift_key() => {
                key.prevent_default();
                on.emit(Action::SelectAll);
                return;
            }
            _ if key.ctrl_key() || key.meta_key() => return,
            "Escape" if several => {
                if let Some(index) = selected {
                    on.emit(Action::SelectRow(index));
                }
                return;
            }
            "ArrowDown" => from(usize::saturating_add, 1),
            "ArrowUp" => from(usize::saturating_sub, 1),
            "PageDown" => from(usize::saturating_add, geometry.rows_per_page()),
            "PageUp" => from(usize::saturating_sub, geometry.rows_per_page()),
            "Home" => 0,
            "End" => last,
            "Enter" if selected.is_some() => {
                key.prevent_default();
                on.emit(Action::FocusPane(Pane::Inspector));
                return;
            }
            _ => return,
        };
        key.prevent_default();
        let next = next.min(last);
        on.emit(if key.shift_key() {
            Action::ExtendSelection(next)
        } else {
            Action::SelectRow(next)
        });
    })
}
