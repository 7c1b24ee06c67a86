//! The line under the events: what is open, how much of it is listed, how far reading has come.

use playground_protocol::{LogReport, Progress};
use yew::prelude::*;

use super::problems::problem_count;
use crate::numbers;
use crate::shared::Shared;
use crate::state::{Action, Tab};

/// Properties of [`StatusLine`].
#[derive(Properties, PartialEq)]
pub struct StatusProps {
    /// Events listed.
    pub total: usize,
    /// Whether groups are listed instead.
    pub grouped: bool,
    /// Whether a filter is set.
    pub filtered: bool,
    /// How far reading has come.
    pub reading: Option<Shared<Progress>>,
    /// What reading found.
    pub log: Option<Shared<LogReport>>,
    /// Where actions go.
    pub on: Callback<Action>,
}

/// The line under the events.
#[function_component]
pub fn StatusLine(props: &StatusProps) -> Html {
    let content = if let Some(progress) = &props.reading {
        if props.total > 0 {
            html! { <Reading progress={progress.clone()} on={props.on.clone()} /> }
        } else {
            html! { <span>{"Reading…"}</span> }
        }
    } else if let Some(log) = props.log.as_deref() {
        read(log, props)
    } else {
        html! { <span>{"No log is open"}</span> }
    };
    html! { <div class="status">{content}</div> }
}

fn read(log: &LogReport, props: &StatusProps) -> Html {
    let mut listed = numbers::count(props.total);
    if props.grouped {
        listed = numbers::counted(props.total, "group");
    } else if props.filtered {
        listed.push_str(" of ");
        listed.push_str(&numbers::counted(log.events, "event"));
    } else {
        listed = numbers::counted(log.events, "event");
    }
    let bytes: f64 = log.files.iter().map(|file| file.bytes).sum();
    let source = match log.files.as_slice() {
        // The format also names the count, which stands at the line's beginning.
        [file] => {
            let format = file.format.split(',').next().unwrap_or_default();
            [file.name.as_str(), ", ", format].concat()
        }
        files => numbers::counted(files.len(), "file"),
    };
    let problems = problem_count(log);
    let show = props.on.reform(|_| Action::ShowTab(Tab::Problems));
    html! {
        <>
            <span class="listed" role="status">{listed}</span>
            <span class="source" title={source.clone()}>{source}</span>
            <span>{numbers::bytes(bytes)}</span>
            if log.cancelled {
                <span class="warn">{"▲ cancelled, the rest was not read"}</span>
            }
            <span class="grow"></span>
            if problems > 0 {
                <button type="button" class="quiet warn" onclick={show}>
                    {"▲ "}{numbers::counted(problems, "problem")}
                </button>
            }
        </>
    }
}

/// Properties of [`Reading`].
#[derive(Properties, PartialEq)]
pub struct ReadingProps {
    /// How far reading has come.
    pub progress: Shared<Progress>,
    /// Where actions go.
    pub on: Callback<Action>,
    /// Whether it stands alone in an empty table.
    #[prop_or_default]
    pub large: bool,
}

/// Progress with bytes, events, rate, time left, and a way to stop.
#[function_component]
pub fn Reading(props: &ReadingProps) -> Html {
    let progress = &*props.progress;
    let known = progress.total_bytes > 0.0;
    let cancel = props.on.reform(|_| Action::Cancel);
    html! {
        <div class={classes!("reading", props.large.then_some("large"))}>
            if known {
                <progress aria-label="Reading" max={numbers::whole(progress.total_bytes).to_string()}
                    value={numbers::whole(progress.bytes).to_string()}></progress>
            } else {
                <progress aria-label="Reading"></progress>
            }
            <span class="file">{if progress.file.is_empty() { "opening…" } else { &progress.file }}</span>
            <span class="facts">{facts(progress)}</span>
            <button type="button" onclick={cancel}>{"Cancel"}</button>
        </div>
    }
}

/// `412 MB of 1.3 GB · 1,204,003 events · 310 MB/s · 3 s left`
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
    // A rate of the first moments says nothing.
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
