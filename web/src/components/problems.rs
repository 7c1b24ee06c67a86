//! Problems: what of the log could not be read, file by file and line by line. Nothing is left out in silence.

use playground_protocol::{FileReport, LogReport, ProblemView};
use yew::prelude::*;

use super::bits::prose;
use crate::numbers;

/// Refused files, unreadable places, and what was read all the same.
pub fn problems(log: Option<&LogReport>) -> Html {
    let Some(log) = log else {
        return html! { <p class="empty">{"What cannot be read of a log is listed here, with file, line and reason."}</p> };
    };
    let unlisted = log.unreadable.saturating_sub(log.problems.len());
    html! {
        <div class="problems">
            <ul class="files">{ for log.files.iter().map(file) }</ul>
            if log.unreadable == 0 {
                if log.files.iter().all(|file| file.refusal.is_none()) {
                    <p class="empty">{"Every line was read."}</p>
                }
            } else {
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{"Place"}</th>
                            <th scope="col">{"Reason and text"}</th>
                        </tr>
                    </thead>
                    <tbody>{ for log.problems.iter().map(problem) }</tbody>
                </table>
                if unlisted > 0 {
                    <p class="empty">{"and "}{numbers::count(unlisted)}{" more of the kind"}</p>
                }
            }
        </div>
    }
}

fn file(file: &FileReport) -> Html {
    html! {
        <li>
            <b>{&file.name}</b>{" · "}{numbers::bytes(file.bytes)}{" · "}
            if let Some(refusal) = &file.refusal {
                <span class="bad">{"✗ not used: "}{ prose(refusal) }</span>
            } else {
                {&file.format}
            }
        </li>
    }
}

fn problem(problem: &ProblemView) -> Html {
    html! {
        <tr>
            <th scope="row">{&problem.file}{":"}{problem.line}</th>
            <td>{ prose(&problem.reason) }<pre>{&problem.excerpt}</pre></td>
        </tr>
    }
}
