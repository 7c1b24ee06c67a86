//! Charts of what is written over time, and of disk usage, each with a table of the same numbers.

use playground_figures::numbers;
use playground_protocol::Level;
use playground_protocol::volume::{DiskUsagePoint, TimeBucket, TimeRange, VolumeReport};
use yew::prelude::*;

use crate::components::common::level_class;

/// Levels that write, least first, in the order of [`TimeBucket::bytes`].
const LEVELS: [Level; 3] = [Level::Metadata, Level::Request, Level::RequestResponse];

/// Size of a chart in its own units; it is scaled to the available width.
const WIDTH: f64 = 960.0;
const HEIGHT: f64 = 120.0;

/// Maximum number of rows in a chart's table.
const ROWS: usize = 200;

/// Renders what is written over time, by level.
pub fn over_time(report: &VolumeReport) -> Html {
    let Some(TimeRange {
        start: first,
        end: last,
    }) = report
        .time_range
        .as_ref()
        .filter(|_| report.buckets.len() > 1)
    else {
        return Html::default();
    };
    let sum = |column: &TimeBucket| column.bytes.iter().sum::<f64>();
    let most = report.buckets.iter().map(sum).fold(0.0, f64::max);
    let width = WIDTH / report.buckets.len() as f64;
    let columns = report
        .buckets
        .iter()
        .enumerate()
        .map(|(place, column)| stacked(place as f64 * width, width, column, most));
    let step = numbers::duration(report.bucket_seconds);
    let label = [
        "Bytes written in steps of ",
        &step,
        ", from ",
        first,
        " to ",
        last,
        ", at most ",
        &numbers::bytes(most),
        " in one step",
    ]
    .concat();
    let legend = LEVELS.into_iter().map(|level| {
        html! { <span class="item"><span class={classes!("swatch", level_class(Some(level)))}></span><b>{level.abbreviation()}</b>{" "}{level.name()}</span> }
    });
    html! {
        <section class="part" aria-labelledby="over-time-title">
            <h3 id="over-time-title">{"Over time"}</h3>
            <div class="picture">
                <p class="top-of-scale">{numbers::bytes(most)}{" in "}{&step}</p>
                <svg viewBox={view_box()} preserveAspectRatio="none" role="img" aria-label={label}>{ for columns }</svg>
                <p class="scale"><span>{first}</span><span>{last}{" UTC"}</span></p>
            </div>
            <p class="legend colors">{ for legend }</p>
            { table(report) }
        </section>
    }
}

fn view_box() -> String {
    ["0 0 ", &WIDTH.to_string(), " ", &HEIGHT.to_string()].concat()
}

fn stacked(x: f64, width: f64, column: &TimeBucket, most: f64) -> Html {
    let mut y = HEIGHT;
    let part = |(level, bytes): (Level, &f64)| {
        let height = if most > 0.0 {
            bytes / most * HEIGHT
        } else {
            0.0
        };
        y -= height;
        html! {
            <rect class={level_class(Some(level))} x={tenths(x)} y={tenths(y)} width={tenths(width * 0.86)} height={tenths(height)} />
        }
    };
    LEVELS
        .into_iter()
        .zip(&column.bytes)
        .filter(|(_, bytes)| **bytes > 0.0)
        .map(part)
        .collect()
}

/// Rounds a length to tenths.
fn tenths(length: f64) -> String {
    ((length * 10.0).round() / 10.0).to_string()
}

fn table(report: &VolumeReport) -> Html {
    let row = |column: &TimeBucket| {
        let cell = |bytes: &f64| html! { <td class="num">{numbers::bytes(*bytes)}</td> };
        html! {
            <tr>
                <th scope="row">{&column.start}</th>
                <td class="num">{numbers::count(column.recorded)}</td>
                <td class="num">{numbers::count(column.events)}</td>
                { for column.bytes.iter().map(cell) }
            </tr>
        }
    };
    html! {
        <details class="numbers">
            <summary>{"Show as table"}</summary>
            <table>
                <thead>
                    <tr>
                        <th scope="col">{"From"}</th>
                        <th scope="col" class="num">{"Events"}</th>
                        <th scope="col" class="num">{"Events written"}</th>
                        { for LEVELS.iter().map(|level| html! { <th scope="col" class="num">{"Bytes at "}{level.name()}</th> }) }
                    </tr>
                </thead>
                <tbody>{ for report.buckets.iter().take(ROWS).map(row) }</tbody>
            </table>
        </details>
    }
}

/// Renders the disk usage of a node over time.
pub fn on_disk(report: &VolumeReport) -> Html {
    let moments = &report.timeline;
    let Some(last) = moments.last() else {
        return Html::default();
    };
    let most = moments
        .iter()
        .map(|moment| moment.bytes)
        .fold(0.0, f64::max);
    let label = [
        "Bytes on disk over ",
        &days(last.day),
        ", at most ",
        &numbers::bytes(most),
    ]
    .concat();
    html! {
        <section class="part" aria-labelledby="disk-title">
            <h3 id="disk-title">{"Disk usage over time"}</h3>
            <div class="picture">
                <p class="top-of-scale">{numbers::bytes(most)}</p>
                <svg viewBox={view_box()} preserveAspectRatio="none" role="img" aria-label={label}>
                    <polygon class="area" points={disk_area(moments, most)} />
                </svg>
                <p class="scale"><span>{"today"}</span><span>{"after "}{days(last.day)}</span></p>
            </div>
            { disk_table(moments) }
        </section>
    }
}

/// Formats a number of days.
fn days(days: f64) -> String {
    numbers::duration(days * 86_400.0)
}

/// Returns the corners of the area below the disk usage, which is at most `most`.
fn disk_area(moments: &[DiskUsagePoint], most: f64) -> String {
    let first = moments.first().map_or(0.0, |moment| moment.day);
    let last = moments.last().map_or(0.0, |moment| moment.day);
    let span = (last - first).max(f64::MIN_POSITIVE);
    let point = |moment: &DiskUsagePoint| {
        let x = (moment.day - first) / span * WIDTH;
        let y = if most > 0.0 {
            HEIGHT - moment.bytes / most * HEIGHT
        } else {
            HEIGHT
        };
        [tenths(x), ",".to_owned(), tenths(y)].concat()
    };
    let line = moments.iter().map(point).collect::<Vec<_>>().join(" ");
    let (width, height) = (WIDTH.to_string(), HEIGHT.to_string());
    ["0,", &height, " ", &line, " ", &width, ",", &height].concat()
}

fn disk_table(moments: &[DiskUsagePoint]) -> Html {
    let row = |moment: &DiskUsagePoint| {
        html! {
            <tr>
                <th scope="row">{days(moment.day)}</th>
                <td class="num">{numbers::count(moment.files)}</td>
                <td class="num">{numbers::bytes(moment.bytes)}</td>
            </tr>
        }
    };
    html! {
        <details class="numbers">
            <summary>{"Show as table"}</summary>
            <table>
                <thead><tr><th scope="col">{"After"}</th><th scope="col" class="num">{"Files"}</th><th scope="col" class="num">{"Bytes"}</th></tr></thead>
                <tbody>{ for moments.iter().step_by(5).map(row) }</tbody>
            </table>
        </details>
    }
}
