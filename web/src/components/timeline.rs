//! Timeline tab: who did what to one object, and when, as a picture and a table.

use playground_figures::numbers;
use playground_protocol::{
    EventId, Inspection, Level, TimelineBucket, TimelineRequest, TimelineView,
};
use yew::prelude::*;

use super::common::markup;
use super::name::name;
use super::scan_progress::scan_progress;
use crate::state::log_scan::{LogScanAction, ScanState};
use crate::state::{Action, AppState};

/// Width of a lane of the picture in its own units; it is scaled to the available width.
const WIDTH: f64 = 960.0;
/// Height of a lane.
const HEIGHT: f64 = 28.0;

/// Data of the tab.
#[derive(Debug, Clone, PartialEq)]
pub struct TimelineData {
    /// State of the timeline.
    timeline: ScanState<TimelineView>,
    /// The log can be read again.
    is_ready: bool,
}

impl TimelineData {
    /// Returns the data of the tab.
    pub fn new(state: &AppState) -> Self {
        Self {
            timeline: state.log_scans.timeline.clone(),
            is_ready: state.can_scan_log(),
        }
    }
}

/// Renders the tab.
pub fn timeline(
    data: &TimelineData,
    inspection: Option<&Inspection>,
    on: &Callback<Action>,
) -> Html {
    let state = &data.timeline;
    let shown = state.shown.as_deref();
    let offered = inspection.and_then(|inspection| {
        let object = inspection.who.object.as_ref()?;
        let is_other = shown.is_none_or(|view| view.object != *object);
        (is_other && state.running.is_none()).then_some((object, inspection.row.event))
    });
    let cancel = on.reform(|_: MouseEvent| Action::LogScan(LogScanAction::CancelTimeline));
    html! {
        <div class="timeline">
            <div class="lead">
                <h3>
                    if let Some(view) = shown {
                        {"Timeline of "}{ markup(&view.object) }
                    } else {
                        {"Timeline of an object"}
                    }
                </h3>
                if let Some(running) = &state.running {
                    { scan_progress("Reading the log", (running.bytes, running.total_bytes), cancel) }
                }
                if let Some(view) = shown {
                    { list(view, on) }
                }
                if let Some((object, event)) = offered {
                    { timeline_button(object, event, data.is_ready, on) }
                }
            </div>
            if shown.is_none() && state.running.is_none() {
                <p class="note">{"Shows who did what to the object of a request, and when. Select an event about one object. The log is read once more."}</p>
            }
            <div role="status">
                if let Some(reason) = state.failure.as_ref().filter(|_| state.running.is_none()) {
                    <p class="warn"><span aria-hidden="true">{"▲ "}</span>{ markup(reason) }</p>
                }
                if let Some(view) = shown {
                    <p class="answer-line">{summary(view)}</p>
                }
            </div>
            if let Some(view) = shown {
                { picture(view) }
                { table(view, on) }
            }
        </div>
    }
}

/// Renders the button that shows the timeline of an object.
pub fn timeline_button(
    object: &str,
    event: EventId,
    is_ready: bool,
    on: &Callback<Action>,
) -> Html {
    let onclick =
        on.reform(move |_: MouseEvent| Action::LogScan(LogScanAction::ShowTimeline(event)));
    html! {
        <button type="button" {onclick} disabled={!is_ready} title="Who did what to it, and when; the log is read once more">{"Timeline of "}{ markup(object) }</button>
    }
}

/// Renders the button that sets the filter.
fn list(view: &TimelineView, on: &Callback<Action>) -> Html {
    let filter = view.filter.clone();
    let onclick = on.reform(move |_: MouseEvent| Action::SetFilter(filter.clone()));
    html! { <button type="button" {onclick} title="Sets the filter above the table">{"List the events"}</button> }
}

fn summary(view: &TimelineView) -> String {
    let mut text = numbers::counted(view.requests, "request");
    let (first, last) = &view.range;
    if !first.is_empty() {
        text.push_str(&[" from ", first, " to ", last, " (UTC)"].concat());
    }
    text.push('.');
    if view.omitted_events > 0 {
        let events = numbers::counted(view.omitted_events, "event");
        text.push_str(&[" ", &events, " of further requests are left out."].concat());
    }
    text
}

/// Renders the picture: requests over time, in lanes.
fn picture(view: &TimelineView) -> Html {
    if view.buckets.len() < 2 {
        return Html::default();
    }
    let most = view.buckets.iter().map(|part| part.reads.max(part.writes));
    let most = most.max().unwrap_or_default().max(1);
    let step = numbers::duration(float(view.bucket_seconds));
    let lane = |label: &'static str, class: &'static str, count: fn(&TimelineBucket) -> usize| {
        let total: usize = view.buckets.iter().map(count).sum();
        let highest = view.buckets.iter().map(count).max().unwrap_or_default();
        let spoken = [
            label,
            ": ",
            &numbers::count(total),
            ", at most ",
            &numbers::count(highest),
            " in ",
            &step,
        ]
        .concat();
        let width = WIDTH / float(view.buckets.len() as u64);
        let bars = view.buckets.iter().zip(0_u32..).filter_map(|(part, place)| {
            let count = count(part);
            (count > 0).then(|| {
                // A single request stays visible.
                let height = (float(count as u64) / float(most as u64) * HEIGHT).max(3.0);
                html! { <rect x={tenths(f64::from(place) * width)} y={tenths(HEIGHT - height)} width={tenths(width * 0.86)} height={tenths(height)} /> }
            })
        });
        html! {
            <>
                <span class="label" aria-hidden="true">{label}{" "}{numbers::count(total)}</span>
                <svg {class} viewBox={["0 0 ", &tenths(WIDTH), " ", &tenths(HEIGHT)].concat()} preserveAspectRatio="none" role="img" aria-label={spoken}>{ for bars }</svg>
            </>
        }
    };
    let (first, last) = &view.range;
    html! {
        <figure class="lanes" aria-labelledby="timeline-caption">
            <figcaption id="timeline-caption">{"Requests over time, in steps of "}{&step}{"; at most "}{numbers::count(most)}{" in one step"}</figcaption>
            { lane("Writes", "writes", |part| part.writes) }
            { lane("Reads", "reads", |part| part.reads) }
            { lane("Failed", "failed", |part| part.failed) }
            <p class="scale"><span>{first}</span><span>{last}{" UTC"}</span></p>
        </figure>
    }
}

#[allow(
    clippy::cast_precision_loss,
    reason = "counts and seconds are far below what an f64 holds exactly"
)]
const fn float(n: u64) -> f64 {
    n as f64
}

/// Rounds a length to tenths.
fn tenths(length: f64) -> String {
    ((length * 10.0).round() / 10.0).to_string()
}

fn table(view: &TimelineView, on: &Callback<Action>) -> Html {
    let row = |request: &TimelineRequest| row(request, on);
    html! {
        <table>
            <caption class="visually-hidden">{"Requests"}</caption>
            <thead>
                <tr>
                    <th scope="col">{"Time (UTC)"}</th>
                    <th scope="col">{"Verb"}</th>
                    <th scope="col">{"User"}</th>
                    <th scope="col">{"Status"}</th>
                    <th scope="col">{"Level"}</th>
                    <th scope="col">{"Stages"}</th>
                </tr>
            </thead>
            <tbody>
                { for view.first.iter().map(row) }
                if view.omitted > 0 {
                    <tr class="gap"><td colspan="6">{numbers::counted(view.omitted, "request")}{" not listed; the picture counts them"}</td></tr>
                }
                { for view.last.iter().map(row) }
            </tbody>
        </table>
    }
}

/// Renders a request; its time is a button that opens the event, and so does a click anywhere in the row.
fn row(request: &TimelineRequest, on: &Callback<Action>) -> Html {
    let event = request.event;
    let open = on.reform(move |_: MouseEvent| Action::LogScan(LogScanAction::Open(event)));
    let is_failed = request.code.is_some_and(|code| code >= 400);
    let code = request
        .code
        .map_or_else(|| "–".to_owned(), |code| code.to_string());
    let time = match request.time.as_str() {
        "" => "no time",
        time => time,
    };
    html! {
        <tr onclick={open}>
            <th scope="row"><button type="button" class="link" title="Open the event">{time}</button></th>
            <td>{ name(&request.verb) }{" "}{ name(&request.resource) }</td>
            <td>
                { name(request.user.as_deref().unwrap_or("–")) }
                if let Some(other) = &request.impersonated {
                    {" as "}{ name(other) }
                }
            </td>
            <td class={is_failed.then_some("bad")}>{code}</td>
            <td>{request.level.map_or("–", Level::name)}</td>
            <td class="stages">{&request.stages}</td>
        </tr>
    }
}
