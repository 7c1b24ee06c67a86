//! Copying and saving events: the menu, the progress, and the result.

use playground_figures::numbers;
use playground_protocol::{EventSelection, LineFormat, LineRequest};
use yew::prelude::*;

use super::common::markup;
use super::menu::{Entry, Menu};
use crate::state::download::{Destination, Download};
use crate::state::{Action, AppState, Freshness};

/// An entry of the menu.
#[derive(Debug, Clone, Copy)]
enum Choice {
    Lines(LineRequest, Destination),
    SelectAll,
}

/// Renders the menu if there is something to copy or to save.
pub fn download_menu(state: &AppState, on: &Callback<Action>) -> Html {
    if state.answer.is_none() || state.table.rows.is_none() {
        return Html::default();
    }
    let choices = choices(state);
    let policy = match state.freshness() {
        Freshness::Stale => "under the last accepted policy",
        _ => "under this policy",
    };
    let entries: Vec<Entry> = choices
        .iter()
        .map(|choice| entry(*choice, policy))
        .collect();
    let on = on.clone();
    let chosen = Callback::from(move |index: usize| match choices.get(index).copied() {
        Some(Choice::SelectAll) => on.emit(Action::SelectAll),
        Some(Choice::Lines(lines, destination)) => {
            on.emit(Action::RequestDownload(lines, destination));
        }
        None => {}
    });
    html! { <Menu label="Copy and save" {entries} {chosen} /> }
}

fn choices(state: &AppState) -> Vec<Choice> {
    let mut choices = Vec::new();
    if let Some((first, last)) = state.table.selected() {
        let which = EventSelection::Rows { first, last };
        for destination in [Destination::Clipboard, Destination::File] {
            for form in [LineFormat::Recorded, LineFormat::Written] {
                choices.push(Choice::Lines(
                    LineRequest {
                        events: which,
                        format: form,
                    },
                    destination,
                ));
            }
        }
    }
    if state.table.view.group_by.is_none() && state.table.total() > 1 {
        choices.push(Choice::SelectAll);
    }
    let whole = LineRequest {
        events: EventSelection::Log,
        format: LineFormat::Written,
    };
    choices.push(Choice::Lines(whole, Destination::File));
    choices
}

fn entry(choice: Choice, policy: &str) -> Entry {
    let (title, summary) = match choice {
        Choice::SelectAll => (
            "Select all rows",
            "All rows of the view (Ctrl+A)".to_owned(),
        ),
        Choice::Lines(
            LineRequest {
                events: which,
                format: form,
            },
            destination,
        ) => {
            let title = match (which, form, destination) {
                (EventSelection::Log, ..) => "Save the whole log as written",
                (_, LineFormat::Recorded, Destination::Clipboard) => "Copy as recorded",
                (_, LineFormat::Written, Destination::Clipboard) => "Copy as written",
                (_, LineFormat::Recorded, Destination::File) => "Save as recorded",
                (_, LineFormat::Written, Destination::File) => "Save as written",
            };
            (title, summary(which, form, policy))
        }
    };
    Entry {
        title: title.to_owned(),
        summary,
    }
}

fn summary(which: EventSelection, form: LineFormat, policy: &str) -> String {
    let of = match which {
        EventSelection::Log => {
            return [
                "Every line the server would write ",
                policy,
                "; streamed to disk if the browser supports it",
            ]
            .concat();
        }
        EventSelection::Rows { first, last } if first == last => "the selected row".to_owned(),
        EventSelection::Rows { first, last } => {
            let count = last.saturating_sub(first).saturating_add(1);
            numbers::count(count) + " selected rows"
        }
    };
    match form {
        LineFormat::Recorded => "As recorded in the log: ".to_owned() + &of,
        LineFormat::Written => ["As the server would write them ", policy, ": ", &of].concat(),
    }
}

/// Renders the progress of a download, with a button to cancel it.
pub fn download_progress(download: &Download, on: &Callback<Action>) -> Html {
    let Download {
        destination,
        summary,
        bytes,
        ..
    } = download;
    let cancel = on.reform(|_| Action::CancelDownload);
    let label = match destination {
        Destination::Clipboard => "Copying",
        Destination::File => "Saving",
    };
    html! {
        <div class="reading">
            <progress aria-label={label} max={summary.total.max(1).to_string()} value={summary.done.to_string()}></progress>
            <span class="file">{label}{"…"}</span>
            <span class="facts">
                {numbers::bytes(*bytes)}{" · "}{numbers::count(summary.done)}{" of "}{numbers::counted(summary.total, "event")}
            </span>
            <button type="button" onclick={cancel}>{"Cancel"}</button>
        </div>
    }
}

/// Renders the result of the last download.
pub fn download_result(state: &AppState) -> Html {
    let said = &state.downloads.last_result;
    html! {
        <p class={if said.is_some() { "download-result" } else { "visually-hidden" }} aria-live="polite">{ said.as_deref().map(markup) }</p>
    }
}
