//! As written tab: the event that the server would write, compared with the recorded one.

use playground_figures::numbers;
use playground_protocol::{DiffKind, DiffLine, Inspection};
use yew::prelude::*;

use super::common::{CopyButton, markup};
use super::name::marked;

/// Renders the difference, notes about it, and the line to copy.
pub fn written(inspection: &Inspection) -> Html {
    html! {
        <div class="written">
            <div class="lead">
                <span class="note">
                    if let Some(note) = &inspection.written_note {
                        { markup(note) }
                    } else {
                        { sizes(inspection) }
                    }
                </span>
                if let Some(line) = &inspection.line_as_written {
                    <CopyButton text={line.clone()} label="Copy line" />
                }
            </div>
            { diff(&inspection.written) }
        </div>
    }
}

/// Renders the lines of a comparison.
pub fn diff(lines: &[DiffLine]) -> Html {
    html! { <div class="diff">{ for lines.iter().map(line) }</div> }
}

fn sizes(inspection: &Inspection) -> Html {
    let written = inspection
        .row
        .written
        .map(|bytes| [numbers::exact_bytes(bytes), " written, ".to_owned()].concat());
    html! { <>{written}{numbers::exact_bytes(inspection.row.recorded)}{" recorded"}</> }
}

fn line(line: &DiffLine) -> Html {
    match line.kind {
        DiffKind::Same => {
            html! { <div><span aria-hidden="true">{" "}</span>{ marked(&line.text) }</div> }
        }
        DiffKind::Removed => html! { <del><span>{"−"}</span>{ marked(&line.text) }</del> },
        DiffKind::Added => html! { <ins><span>{"+"}</span>{ marked(&line.text) }</ins> },
        DiffKind::Gap => {
            html! { <div class="gap"><span aria-hidden="true">{"⋯"}</span>{&line.text}</div> }
        }
    }
}
