//! The status line below the events: the open log, the number of listed events, and the progress.

use playground_figures::numbers;
use playground_protocol::{LogReport, Progress};
use yew::prelude::*;

use super::downloads::{download_menu, download_progress};
use super::name::{name, title};
use super::problems::problem_count;
use crate::deferred;
use crate::state::{Action, AppState, Tab};

/// Renders the status line.
pub fn status_line(state: &AppState, on: &Callback<Action>) -> Html {
    if let Some(download) = &state.downloads.current {
        return html! { <div class="status">{ download_progress(download, on) }</div> };
    }
    let content = match (&state.reading, &state.log) {
        (Some(progress), _) if state.table.total() > 0 => reading(progress, "reading", on),
        (Some(_), _) => html! { <span>{"Reading…"}</span> },
        (None, Some(log)) => read(log, state, on),
        (None, None) => html! { <span>{"No log is open"}</span> },
    };
    html! { <div class="status">{content}</div> }
}

fn read(log: &LogReport, state: &AppState, on: &Callback<Action>) -> Html {
    let total = state.table.total();
    let derived = state.answer.as_ref().map_or(0, |answer| answer.derived);
    let mut listed = numbers::count(total);
    if state.table.view.group_by.is_some() {
        listed = numbers::counted(total, "group");
    } else if state.table.is_filtered() {
        listed.push_str(" of ");
        listed.push_str(&numbers::counted(log.events + derived, "event"));
    } else {
        listed = numbers::counted(log.events, "event");
        if derived > 0 {
            listed.push_str(" and ");
            listed.push_str(&numbers::count(derived));
            listed.push_str(" derived");
        }
    }
    let bytes: f64 = log.files.iter().map(|file| file.bytes).sum();
    let source = match log.files.as_slice() {
        // The format also contains the count, which begins the line.
        [file] => {
            let format = file.format.split(',').next().unwrap_or_default();
            [file.name.as_str(), ", ", format].concat()
        }
        files => numbers::counted(files.len(), "file"),
    };
    let memory = (log.memory > 0.0).then(|| {
        [
            "the engine uses ",
            &numbers::bytes(log.memory),
            " of memory",
        ]
        .concat()
    });
    let problems = problem_count(log);
    let show = on.reform(|_| Action::ShowTab(Tab::Problems));
    html! {
        <>
            <span class="listed" role="status">{listed}</span>
            <span class="selected" aria-live="polite">{selected(state)}</span>
            <span class="source" title={title(&source)}>{ name(&source) }</span>
            <span class="size" title={memory}>{numbers::bytes(bytes)}</span>
            if log.out_of_memory {
                <span class="warn">{"▲ this tab ran out of memory; the rest was not read"}</span>
            }
            if log.cancelled {
                <span class="warn">{"▲ cancelled; the rest was not read"}</span>
            }
            <span class="grow"></span>
            if state.log_scans.warnings > 0 {
                { deferred::findings_chip(state.log_scans.warnings, on) }
            }
            if problems > 0 {
                <button type="button" class="quiet warn" onclick={show}>
                    {"▲ "}{numbers::counted(problems, "problem")}
                </button>
            }
            { download_menu(state, on) }
        </>
    }
}

/// Returns `12 selected`, unless it is only the row that the inspector shows.
fn selected(state: &AppState) -> Option<String> {
    let (first, last) = state.table.range.and(state.table.selected())?;
    let count = last.saturating_sub(first).saturating_add(1);
    Some(numbers::count(count) + " selected")
}

/// Renders the progress with bytes, events, rate, time left, and a button to cancel.
pub fn reading(progress: &Progress, class: &'static str, on: &Callback<Action>) -> Html {
    let known = progress.total_bytes > 0.0;
    let cancel = on.reform(|_| Action::CancelReading);
    html! {
        <div {class}>
            if known {
                <progress aria-label="Reading" max={numbers::whole(progress.total_bytes).to_string()}
                    value={numbers::whole(progress.bytes).to_string()}></progress>
            } else {
                <progress aria-label="Reading"></progress>
            }
            <span class="file">{ name(if progress.file.is_empty() { "opening…" } else { &progress.file }) }</span>
            <span class="facts">{facts(progress)}</span>
            <button type="button" onclick={cancel}>{"Cancel"}</button>
        </div>
    }
}

/// Returns `412 MB of 1.3 GB · 1,204,003 events · 310 MB/s · 3 s left`.
fn facts(progress: &Progress) -> String {
    if progress.total_bytes <= 0.0 {
        return String::new();
    }
    let mut facts = vec![
        [
            numbers::bytes(progress.bytes),
            " of ".to_owned(),
            numbers::bytes(progress.total_bytes),
        ]
        .concat(),
        numbers::counted(progress.events, "event"),
    ];
    // A rate after a moment is not meaningful.
    if progress.seconds >= 0.5 && progress.bytes > 0.0 {
        let rate = progress.bytes / progress.seconds;
        facts.push(numbers::bytes(rate) + "/s");
        let left = (progress.total_bytes - progress.bytes).max(0.0) / rate;
        facts.push(numbers::duration(left) + " left");
    }
    facts.join(" · ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_says_how_long_it_will_take() {
        let progress = Progress {
            file: "a.log".to_owned(),
            bytes: 300e6,
            total_bytes: 900e6,
            events: 1200,
            seconds: 2.0,
        };
        assert_eq!(
            facts(&progress),
            "300 MB of 900 MB · 1,200 events · 150 MB/s · 4 s left"
        );
        let early = Progress {
            seconds: 0.1,
            ..progress
        };
        assert_eq!(facts(&early), "300 MB of 900 MB · 1,200 events");
    }
}
