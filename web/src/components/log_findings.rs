//! Log findings tab: what is odd about the open log, with the events concerned.

use audit_filter::{Field, selected};
use playground_figures::numbers;
use playground_protocol::{
    FoundEvents, FoundPlace, LogFindingKind, LogFindingView, LogFindingsView, LogReport, Severity,
};
use yew::prelude::*;

use super::common::{markup, sign};
use super::name::{name, title};
use super::scan_progress::scan_progress;
use super::screen_reader::screen_reader_only;
use crate::state::log_scan::{LogScanAction, ScanState};
use crate::state::{Action, AppState};

/// Data of the tab.
#[derive(Debug, Clone, PartialEq)]
pub struct LogFindingsData {
    /// State of the search.
    search: ScanState<LogFindingsView>,
    /// The log can be searched.
    is_ready: bool,
    /// Number of warnings.
    pub warnings: usize,
}

impl LogFindingsData {
    /// Returns the data of the tab.
    pub fn new(state: &AppState) -> Self {
        Self {
            search: state.log_scans.findings.clone(),
            is_ready: state.can_scan_log(),
            warnings: state.log_scans.warnings,
        }
    }
}

/// Renders the tab.
pub fn log_findings(
    data: &LogFindingsData,
    log: Option<&LogReport>,
    on: &Callback<Action>,
) -> Html {
    let act =
        |action: LogScanAction| on.reform(move |_: MouseEvent| Action::LogScan(action.clone()));
    let search = &data.search;
    html! {
        <div class="log-findings">
            <div class="lead">
                <h3>{"What is odd about this log?"}</h3>
                if let Some(running) = &search.running {
                    { scan_progress("Searching the log", (running.bytes, running.total_bytes), act(LogScanAction::CancelSearch)) }
                } else if search.shown.is_none() {
                    <button type="button" onclick={act(LogScanAction::Search)} disabled={!data.is_ready}>{"Search the log"}</button>
                }
            </div>
            if search.shown.is_none() {
                <p class="note">{"Finds different requests with one audit ID, gaps in time, stages that no event has, anonymous requests that were allowed, secrets in URLs, events that were cut, and names that look like others. The log is read once more."}</p>
                if !data.is_ready && search.running.is_none() {
                    <p class="note">{"Open a log and wait until it has been read."}</p>
                }
            }
            <div role="status">
                if let Some(reason) = search.failure.as_ref().filter(|_| search.running.is_none()) {
                    <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(reason) }</p>
                }
                if let Some(report) = &search.shown {
                    <p class="answer-line">{summary(report, log)}</p>
                }
            </div>
            if let Some(report) = &search.shown {
                <ul aria-label="Log findings">{ for report.findings.iter().map(|found| finding(found, on)) }</ul>
                { for report.not_examined.iter().map(|sentence| html! { <p class="note">{ markup(sentence) }</p> }) }
            }
        </div>
    }
}

/// Returns the number of findings and of the events that were searched.
fn summary(report: &LogFindingsView, log: Option<&LogReport>) -> String {
    let count = match report.findings.len() {
        0 => "No findings".to_owned(),
        count => numbers::counted(count, "finding"),
    };
    let events = numbers::counted(report.events, "event");
    let is_part = log.is_some_and(|log| log.cancelled || log.out_of_memory);
    let rest = match is_part {
        true => ". The rest of the log was not read.",
        false => ".",
    };
    [&count, " in ", &events, rest].concat()
}

fn finding(found: &LogFindingView, on: &Callback<Action>) -> Html {
    let finding = &found.finding;
    let (mark, class, word) = sign(finding.severity);
    let about = ["About ", &finding.code].concat();
    let explain = {
        let code = finding.code.to_string();
        on.reform(move |_| Action::Explain(code.clone()))
    };
    html! {
        <li class="finding">
            <span {class} aria-hidden="true">{mark.trim_end()}</span>
            <div class="text">
                <p class="message">{ screen_reader_only(word) }{ markup(&finding.message) }</p>
                <p class="place">{&*finding.code}{" · "}{ markup(&finding.help) }</p>
                if !found.first.is_empty() {
                    <p class="place">{ first(found, on) }</p>
                }
            </div>
            <span class="actions">
                { list(found, on) }
                <button type="button" class="quiet square" aria-label={about.clone()} title={about} onclick={explain}>{"?"}</button>
            </span>
        </li>
    }
}

/// Renders the places of the first events, as buttons that open them.
fn first(found: &LogFindingView, on: &Callback<Action>) -> Html {
    let place = |(index, found): (usize, &FoundPlace)| {
        let shown = match found.event {
            Some(event) => {
                let open =
                    on.reform(move |_: MouseEvent| Action::LogScan(LogScanAction::Open(event)));
                html! { <button type="button" class="link" title={title(&found.place)} onclick={open}>{ name(&found.place) }</button> }
            }
            None => name(&found.place),
        };
        html! { <>{if index > 0 { ", " } else { "" }}{shown}</> }
    };
    let more = found.count > found.first.len();
    html! {
        <>
            {if found.count == 1 { "At " } else { "First: " }}
            { for found.first.iter().enumerate().map(place) }
            if more {
                {" …"}
            }
        </>
    }
}

/// Renders the button that lists the events.
fn list(found: &LogFindingView, on: &Callback<Action>) -> Html {
    let label = match &found.events {
        FoundEvents::Unlisted => return Html::default(),
        FoundEvents::Kind(_) => ["List ", &numbers::counted(found.count, "event")].concat(),
        // The count is that of gaps or names.
        FoundEvents::Filter(filter) if !selected(filter, Field::Time).is_empty() => {
            "List the events around".to_owned()
        }
        FoundEvents::Filter(_) => "List the events".to_owned(),
        FoundEvents::Problems => "Show the places".to_owned(),
    };
    let events = found.events.clone();
    let onclick =
        on.reform(move |_: MouseEvent| Action::LogScan(LogScanAction::List(events.clone())));
    let spoken = [&label, ": ", &found.finding.message.replace('`', "")].concat();
    html! { <button type="button" aria-label={spoken} {onclick}>{label}</button> }
}

/// Returns the title of the tab, with the number of warnings.
pub fn tab_title(warnings: usize) -> String {
    match warnings {
        0 => "Log findings".to_owned(),
        count => ["Log findings ", &numbers::count(count)].concat(),
    }
}

/// Renders the number of warnings, as a button that shows the findings.
pub fn findings_chip(warnings: usize, on: &Callback<Action>) -> Html {
    if warnings == 0 {
        return Html::default();
    }
    let (mark, class, _) = sign(Severity::Warning);
    let show = on.reform(|_: MouseEvent| Action::LogScan(LogScanAction::ShowFindings));
    html! {
        <button type="button" class={classes!("quiet", class)} title="What is odd about this log" onclick={show}>
            {mark}{numbers::counted(warnings, "finding")}
        </button>
    }
}

/// Renders the finding that the table is filtered by, as a button that clears it.
pub fn finding_facet(kind: LogFindingKind, on: &Callback<Action>) -> Html {
    let onclick = on.reform(|_: MouseEvent| Action::LogScan(LogScanAction::ClearFilter));
    html! {
        <button type="button" class="facet contradiction" aria-pressed="true" title="Show all events" {onclick}>
            <span class="name">{ kind.label() }</span><span aria-hidden="true">{" ✕"}</span>
        </button>
    }
}
