//! Problems: the lines of the log that could not be read, with file and reason. None is left out silently.

use playground_figures::numbers;
use playground_protocol::{FileReport, LogReport, ProblemView};
use yew::prelude::*;

use super::common::markup;
use super::name::{marked, name};

/// Returns the number of problems: unreadable lines, and rejected files without one that is listed.
pub fn problem_count(log: &LogReport) -> usize {
    let listed = |file: &&FileReport| log.problems.iter().any(|problem| problem.file == file.name);
    let rejected = log.files.iter().filter(|file| file.rejection.is_some());
    let unlisted = rejected.filter(|file| !listed(file)).count();
    let places = log.unreadable.saturating_sub(log.rejected_texts);
    places.saturating_add(unlisted)
}

/// Returns whether the file's own message contains the problem already.
fn is_repeated(problem: &ProblemView, log: &LogReport) -> bool {
    log.files.iter().any(|file| {
        let rejection = file.rejection.as_deref().unwrap_or_default();
        file.name == problem.file && rejection.contains(&problem.reason)
    })
}

/// Renders rejected files, unreadable lines, and what was read nevertheless.
pub fn problems(log: Option<&LogReport>) -> Html {
    let Some(log) = log else {
        return html! { <p class="empty">{"Unreadable lines of a log are listed here with file, line and reason."}</p> };
    };
    let reported = log.problems.len().saturating_add(log.rejected_texts);
    let unlisted = log.unreadable.saturating_sub(reported);
    let new = |problem: &&ProblemView| !is_repeated(problem, log);
    let rows = log
        .problems
        .iter()
        .filter(new)
        .map(problem)
        .collect::<Vec<_>>();
    html! {
        <div class="problems">
            <ul class="files">{ for log.files.iter().map(file) }</ul>
            if log.unreadable == 0 {
                if log.files.iter().all(|file| file.rejection.is_none()) {
                    <p class="empty">{"All lines were read."}</p>
                }
            } else if !rows.is_empty() {
                <table>
                    <thead>
                        <tr>
                            <th scope="col">{"Place"}</th>
                            <th scope="col">{"Reason and text"}</th>
                        </tr>
                    </thead>
                    <tbody>{ for rows }</tbody>
                </table>
                if unlisted > 0 {
                    <p class="empty">{"and "}{numbers::count(unlisted)}{" more"}</p>
                }
            }
        </div>
    }
}

fn file(file: &FileReport) -> Html {
    html! {
        <li>
            <b>{ name(&file.name) }</b>{" · "}{numbers::bytes(file.bytes)}{" · "}
            if let Some(rejection) = &file.rejection {
                <span class="bad">{"✗ skipped: "}{ markup(rejection) }</span>
            } else {
                { name(&file.format) }
                { for file.losses.iter().map(|lost| html! { <p>{ markup(lost) }</p> }) }
            }
        </li>
    }
}

fn problem(problem: &ProblemView) -> Html {
    html! {
        <tr>
            <th scope="row">{ name(&problem.file) }{":"}{problem.line}</th>
            <td>{ markup(&problem.reason) }<pre>{ marked(&problem.excerpt) }</pre></td>
        </tr>
    }
}
