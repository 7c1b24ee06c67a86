//! The page in Chromium: `tests/bench/run.mjs` measures it, this module formats the results as tables.

use std::path::Path;

use serde_json::Value;

use super::figures::{Figures, Target, grouped, machine, target_table};
use super::{load, logs};
use crate::install::system;
use crate::page;
use crate::project::Project;
use crate::run::{self, Error};

/// The two large logs: names in the results, and names in the report.
const LOGS: [(&str, &str); 2] = [("bodies", "with bodies"), ("metadata", "metadata only")];

/// Largest allowed ratio between the times per megabyte of two sizes.
const FLAT: f64 = 1.5;

/// Time in seconds that every log costs independently of its size, and that the ratio does not count.
const ONCE: f64 = 0.1;

/// Builds the page, generates the logs and measures.
pub(super) fn measure(project: &Project, gib: u64, yes: bool) -> Result<Figures, Error> {
    system::install(project, &system::missing_chromium(), yes);
    let chromium = system::needed_chromium()?;
    page::prepare(project, false, "the build for the bench")?;
    page::build(project, false)?;
    let logs = logs::ready(project, gib)?;
    let result = project.result_file("bench.json");
    if let Some(folder) = result.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Error::at(folder, &error))?;
    }
    let mut node = project.command("node");
    node.arg("tests/bench/run.mjs").arg(&logs).arg(&result);
    run::run(node.env("CHROMIUM", chromium))?;
    let found = read(&result)?;
    Ok(Figures {
        text: text(&found, gib, &machine()),
        is_complete: found.failed() == 0,
    })
}

fn read(path: &Path) -> Result<Results, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::at(path, &error))?;
    serde_json::from_str(&text)
        .map(Results)
        .map_err(|error| Error::new(format!("`{}`: {error}", path.display())))
}

/// Results, read by path.
struct Results(Value);

impl Results {
    /// Returns a figure of a measurement: `number("reading bodies", "/one/seconds")`.
    fn number(&self, measure: &str, path: &str) -> Option<f64> {
        self.measure(measure)?.pointer(path)?.as_f64()
    }

    fn list(&self, measure: &str, path: &str) -> &[Value] {
        let list = self
            .measure(measure)
            .and_then(|found| found.pointer(path)?.as_array());
        list.map_or(&[], Vec::as_slice)
    }

    fn measure(&self, name: &str) -> Option<&Value> {
        self.0.get("measures")?.get(name)
    }

    /// Counts the measurements that did not complete.
    fn failed(&self) -> usize {
        let measures = self.0.get("measures").and_then(Value::as_object);
        measures.map_or(1, |all| {
            all.values()
                .filter(|one| one.get("failed").is_some())
                .count()
        })
    }

    /// Returns the largest value of a figure over both logs. `None` if one of them does not have it.
    fn most(&self, kind: &str, path: &str) -> Option<f64> {
        self.of_both(kind, path)?.into_iter().reduce(f64::max)
    }

    fn of_both(&self, kind: &str, path: &str) -> Option<Vec<f64>> {
        let one = |(log, _): &(&str, &str)| self.number(&format!("{kind} {log}"), path);
        LOGS.iter().map(one).collect()
    }
}

fn text(found: &Results, gib: u64, machine: &str) -> String {
    let version = found.0.get("chromium").and_then(Value::as_str);
    let mut text = format!(
        "On {machine}{}; Chromium {}, headless, drawing without a graphics card.\n",
        load::note(found.0.get("busy").and_then(Value::as_f64)),
        version.unwrap_or("of unknown version")
    );
    for (title, table) in [
        (
            format!("A log of {gib} GiB, from file to complete answer"),
            reading(found),
        ),
        ("While it is read".to_owned(), meanwhile(found)),
        ("Time per megabyte".to_owned(), sizes(found)),
        (
            "An edit with a million events open".to_owned(),
            edits(found),
        ),
        ("Scrolling a million events".to_owned(), scrolls(found)),
        (
            "Against the targets".to_owned(),
            target_table(&targets(found)),
        ),
    ] {
        text.push_str(&format!("\n### {title}\n\n{table}"));
    }
    text
}

const NONE: &str = "could not be measured";

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| NONE.to_owned())
}

/// Readers of the log, by name in the results.
const READERS: [&str; 3] = ["parse", "one", "all"];

fn reading(found: &Results) -> String {
    let mut text = "| log | JSON.parse in a worker | the page, one core | the page, every core |\n\
         | --- | --- | --- | --- |\n"
        .to_owned();
    let mut row = |name: &str, cell: &dyn Fn(&str) -> Option<String>| {
        let cells = READERS.map(|who| or_none(cell(who)));
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    };
    for (log, name) in LOGS {
        let measure = format!("reading {log}");
        let number = |path: &str| found.number(&measure, path);
        let times = |who: &str, field: &str| {
            let times = number(&format!("/parse/{field}"))? / number(&format!("/{who}/{field}"))?;
            (who != "parse").then(|| format!(", {times:.1} times JSON.parse"))
        };
        let events = found
            .measure(&measure)
            .and_then(|found| found.get("events")?.as_u64());
        let events = events.map_or_else(String::new, |events| {
            format!(", {} events", grouped(events))
        });
        row(&format!("{name}{events}"), &|who| {
            let seconds = number(&format!("/{who}/seconds"))?;
            let rate = number("/bytes")? / seconds / 1e9;
            let times = times(who, "seconds").unwrap_or_default();
            Some(format!("{seconds:.2} s, {rate:.2} GB/s{times}"))
        });
        row("– processor time of the tab for it", &|who| {
            let seconds = number(&format!("/{who}/processor"))?;
            let times = times(who, "processor").unwrap_or_default();
            Some(format!("{seconds:.2} s{times}"))
        });
    }
    text
}

fn meanwhile(found: &Results) -> String {
    let mut text = "| | with bodies | metadata only |\n| --- | --- | --- |\n".to_owned();
    let mut row = |name: &str, cell: &dyn Fn(&str) -> Option<String>| {
        let cells: Vec<String> = LOGS.iter().map(|(log, _)| or_none(cell(log))).collect();
        text.push_str(&format!("| {name} | {} |\n", cells.join(" | ")));
    };
    row("first rows on the screen", &|log| {
        let seconds = found.number(&format!("reading {log}"), "/all/firstRows")?;
        Some(format!("after {seconds:.2} s"))
    });
    row("WebAssembly memory, all workers", &|log| {
        found
            .number(&format!("memory {log}"), "/heap")
            .map(megabytes)
    });
    row("memory of the tab, at most", &|log| {
        let measure = format!("memory {log}");
        let before = megabytes(found.number(&measure, "/before")?);
        let most = megabytes(found.number(&measure, "/tab")?);
        Some(format!("{most}, before it {before}"))
    });
    let cancel = found.number("cancel", "/median").and_then(|median| {
        let longest = found.number("cancel", "/longest")?;
        Some(format!("{median:.0} ms, at most {longest:.0} ms"))
    });
    text.push_str(&format!(
        "| from Cancel to its confirmation | | {} |\n",
        or_none(cancel)
    ));
    text
}

fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}

/// Returns the points of the series of sizes: bytes and seconds.
fn points(found: &Results) -> Vec<(f64, f64)> {
    let point = |point: &Value| {
        let number = |name| point.get(name).and_then(Value::as_f64);
        Some((number("bytes")?, number("seconds")?))
    };
    found
        .list("sizes", "/points")
        .iter()
        .filter_map(point)
        .collect()
}

fn sizes(found: &Results) -> String {
    let mut text =
        "| log, with bodies | file → complete answer | per megabyte |\n| --- | --- | --- |\n"
            .to_owned();
    for (bytes, seconds) in points(found) {
        text.push_str(&format!(
            "| {} | {seconds:.2} s | {:.2} ms |\n",
            megabytes(bytes),
            seconds * 1e9 / bytes
        ));
    }
    text
}

fn edits(found: &Results) -> String {
    let mut text = "| from the key to | median | longest |\n| --- | --- | --- |\n".to_owned();
    for (name, path) in [
        ("the new answer in the answer bar, on the screen", "shown"),
        ("of that: request to response of the worker", "worker"),
        ("rows and inspector shown, too", "settled"),
    ] {
        let number = |which: &str| {
            let found = found.number("editing", &format!("/{path}/{which}"));
            or_none(found.map(|found| format!("{found:.0} ms")))
        };
        text.push_str(&format!(
            "| {name} | {} | {} |\n",
            number("median"),
            number("longest")
        ));
    }
    text
}

fn scrolls(found: &Results) -> String {
    let mut text = "| way | frames | 99 % of them within | longest | with rows still loading |\n\
         | --- | --- | --- | --- | --- |\n"
        .to_owned();
    for way in found.list("scrolling", "/ways") {
        let name = way.get("name").and_then(Value::as_str).unwrap_or_default();
        let number = |name| way.get(name).and_then(Value::as_f64).unwrap_or_default();
        text.push_str(&format!(
            "| {name} | {:.0} | {:.1} ms | {:.1} ms | {:.0} % |\n",
            number("frames"),
            number("p99"),
            number("longest"),
            number("waiting") * 100.0,
        ));
    }
    text
}

fn targets(found: &Results) -> Vec<Target> {
    let limit = |value: Option<f64>, most: f64, print: fn(f64) -> String| {
        value.map(|value| (print(value), value <= most))
    };
    let milliseconds = |value: f64| format!("{value:.0} ms");
    vec![
        compared_with_parse(
            found,
            "one",
            4.0,
            "file → complete answer, one core",
            "≥ 4 times JSON.parse",
        ),
        compared_with_parse(
            found,
            "all",
            6.0,
            "file → complete answer, every core",
            "≥ 6 times JSON.parse with two",
        ),
        Target {
            name: "WebAssembly memory, the larger of both logs",
            required: "≤ 160 MB",
            measured: limit(found.most("memory", "/heap"), 160e6, megabytes),
        },
        Target {
            name: "first rows",
            required: "≤ 1 s",
            measured: limit(found.most("reading", "/all/firstRows"), 1.0, |value| {
                format!("{value:.2} s")
            }),
        },
        Target {
            name: "cancel, the longest",
            required: "≤ 100 ms",
            measured: limit(found.number("cancel", "/longest"), 100.0, milliseconds),
        },
        Target {
            name: "an edit with a million events, the longest",
            required: "≤ 50 ms",
            measured: limit(
                found.number("editing", "/shown/longest"),
                50.0,
                milliseconds,
            ),
        },
        Target {
            name: "scrolling, 99 % of frames, the worst way",
            required: "< 20 ms",
            measured: worst_frames(found).map(|worst| (format!("{worst:.1} ms"), worst < 20.0)),
        },
        Target {
            name: "time per megabyte from the smallest to the largest log",
            required: "flat",
            measured: flatness(&points(found)),
        },
    ]
}

fn compared_with_parse(
    found: &Results,
    who: &str,
    least: f64,
    name: &'static str,
    required: &'static str,
) -> Target {
    let parse = found.of_both("reading", "/parse/seconds");
    let page = found.of_both("reading", &format!("/{who}/seconds"));
    let times = parse.zip(page).map(|(parse, page)| {
        let each = parse.iter().zip(&page);
        each.map(|(parse, page)| parse / page).collect::<Vec<_>>()
    });
    let found = times.map(|times| {
        let each: Vec<String> = times.iter().map(|times| format!("{times:.1}")).collect();
        let met = times.iter().all(|times| *times >= least);
        (format!("{} times", each.join(" and ")), met)
    });
    Target {
        name,
        required,
        measured: found,
    }
}

fn worst_frames(found: &Results) -> Option<f64> {
    let ways = found.list("scrolling", "/ways").iter();
    ways.filter_map(|way| way.get("p99")?.as_f64())
        .reduce(f64::max)
}

/// Compares the time per megabyte of all sizes, without the time that every log costs once.
fn flatness(points: &[(f64, f64)]) -> Option<(String, bool)> {
    let a_megabyte = |(bytes, seconds): &(f64, f64)| seconds * 1e9 / bytes;
    let beyond_once = |(bytes, seconds): &(f64, f64)| (seconds - ONCE).max(0.0) * 1e9 / bytes;
    let least = points.iter().map(a_megabyte).reduce(f64::min)?;
    let most = points.iter().map(a_megabyte).reduce(f64::max)?;
    let met = points
        .iter()
        .all(|point| beyond_once(point) <= FLAT * least);
    Some((format!("{least:.1} to {most:.1} ms"), met))
}

#[cfg(test)]
mod tests {
    use super::*;

    const RESULT: &str = r#"{"chromium": "150.0", "busy": 0.25, "measures": {
        "reading bodies": {"bytes": 1e9, "events": 1180390, "parse": {"seconds": 4.0, "processor": 5.0},
            "one": {"seconds": 1.0, "processor": 2.0, "firstRows": 0.2}, "all": {"seconds": 0.5, "firstRows": 0.3}},
        "reading metadata": {"bytes": 1e9, "events": 1631034, "parse": {"seconds": 5.0},
            "one": {"seconds": 1.0, "firstRows": 0.2}, "all": {"seconds": 1.0, "firstRows": 1.3}},
        "memory bodies": {"failed": "no worker"},
        "memory metadata": {"heap": 1.5e8, "tab": 4e8, "before": 1e8},
        "cancel": {"median": 30, "longest": 60},
        "editing": {"shown": {"median": 30, "longest": 51}},
        "scrolling": {"ways": [{"name": "wheel", "frames": 599, "p99": 16.7, "longest": 33.3, "waiting": 0.015}]},
        "sizes": {"points": [{"bytes": 1e6, "seconds": 0.05}, {"bytes": 1e9, "seconds": 1.0}]}
    }}"#;

    #[test]
    fn figures_become_tables() {
        let found = Results(serde_json::from_str(RESULT).unwrap());
        assert_eq!(found.failed(), 1);
        let text = text(&found, 1, "a machine, 2 cores");
        for line in [
            "On a machine, 2 cores, which other work kept 25 % busy; Chromium 150.0, headless, drawing without a graphics card.",
            "| with bodies, 1,180,390 events | 4.00 s, 0.25 GB/s | 1.00 s, 1.00 GB/s, 4.0 times JSON.parse | 0.50 s, 2.00 GB/s, 8.0 times JSON.parse |",
            "| – processor time of the tab for it | 5.00 s | 2.00 s, 2.5 times JSON.parse | could not be measured |",
            "| WebAssembly memory, all workers | could not be measured | 150 MB |",
            "| from Cancel to its confirmation | | 30 ms, at most 60 ms |",
            "| 1000 MB | 1.00 s | 1.00 ms |",
            "| wheel | 599 | 16.7 ms | 33.3 ms | 2 % |",
            "| rows and inspector shown, too | could not be measured | could not be measured |",
            "| file → complete answer, one core | ≥ 4 times JSON.parse | 4.0 and 5.0 times | met |",
            "| file → complete answer, every core | ≥ 6 times JSON.parse with two | 8.0 and 5.0 times | **not met** |",
            "| WebAssembly memory, the larger of both logs | ≤ 160 MB | could not be measured | **open** |",
            "| first rows | ≤ 1 s | 1.30 s | **not met** |",
            "| an edit with a million events, the longest | ≤ 50 ms | 51 ms | **not met** |",
        ] {
            assert!(text.lines().any(|found| found == line), "{line}\n{text}");
        }
    }

    #[test]
    fn time_that_every_log_costs_once_does_not_count() {
        let flat = |points: &[(f64, f64)]| flatness(points).map(|(_, met)| met);
        assert_eq!(flat(&[(1e6, 0.1), (1e7, 0.11), (1e9, 1.0)]), Some(true));
        assert_eq!(flat(&[(1e6, 0.2), (1e9, 1.0)]), Some(false));
        assert_eq!(flat(&[(1e8, 0.1), (1e9, 2.0)]), Some(false));
        assert_eq!(flat(&[]), None);
    }
}
