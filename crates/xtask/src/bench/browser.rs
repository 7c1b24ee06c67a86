//! The page in Chromium: `tests/bench/run.mjs` measures, here its figures become tables.

use std::path::Path;

use serde_json::Value;

use super::{Figures, Target, grouped, load, logs, machine, verdicts};
use crate::place::Place;
use crate::run::{self, Failure};
use crate::{build, tools};

/// The two large logs, by their names in the figures, and what they are called on the page.
const LOGS: [(&str, &str); 2] = [("bodies", "with bodies"), ("metadata", "metadata only")];

/// How much the cost of a megabyte may vary, and what a log may cost once, in seconds, before that is judged.
const FLAT: f64 = 1.5;
const ONCE: f64 = 0.1;

/// Builds the page, makes the logs, measures.
pub(super) fn measure(place: &Place, gib: u64) -> Result<Figures, Failure> {
    tools::ready(place)?;
    let chromium = tools::chromium()?;
    run::shown(&mut build(place, false))?;
    let logs = logs::ready(place, gib)?;
    let result = place.root.join("target/xtask/bench.json");
    if let Some(folder) = result.parent() {
        std::fs::create_dir_all(folder).map_err(|error| Failure::at(folder, &error))?;
    }
    let mut node = place.command("node");
    node.arg("tests/bench/run.mjs").arg(&logs).arg(&result);
    run::shown(node.env("CHROMIUM", chromium))?;
    let found = read(&result)?;
    Ok(Figures {
        text: text(&found, gib, &machine()),
        whole: found.failed() == 0,
    })
}

fn read(path: &Path) -> Result<Found, Failure> {
    let text = std::fs::read_to_string(path).map_err(|error| Failure::at(path, &error))?;
    serde_json::from_str(&text)
        .map(Found)
        .map_err(|error| Failure::new(format!("`{}`: {error}", path.display())))
}

/// What was measured, read by path.
struct Found(Value);

impl Found {
    /// A figure of a measure: `number("reading bodies", "/one/seconds")`.
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

    /// How many measures did not come to an end.
    fn failed(&self) -> usize {
        let measures = self.0.get("measures").and_then(Value::as_object);
        measures.map_or(1, |all| {
            all.values()
                .filter(|one| one.get("failed").is_some())
                .count()
        })
    }

    /// The worst of a figure over both logs; none where one of them has none.
    fn most(&self, kind: &str, path: &str) -> Option<f64> {
        self.of_both(kind, path)?.into_iter().reduce(f64::max)
    }

    fn of_both(&self, kind: &str, path: &str) -> Option<Vec<f64>> {
        let one = |(log, _): &(&str, &str)| self.number(&format!("{kind} {log}"), path);
        LOGS.iter().map(one).collect()
    }
}

fn text(found: &Found, gib: u64, machine: &str) -> String {
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
        ("What a megabyte costs".to_owned(), sizes(found)),
        (
            "An edit with a million events open".to_owned(),
            edits(found),
        ),
        ("Scrolling a million events".to_owned(), scrolls(found)),
        ("Against the targets".to_owned(), verdicts(&targets(found))),
    ] {
        text.push_str(&format!("\n### {title}\n\n{table}"));
    }
    text
}

const NONE: &str = "could not be measured";

fn or_none(text: Option<String>) -> String {
    text.unwrap_or_else(|| NONE.to_owned())
}

/// Who reads the log, by name in the figures.
const READERS: [&str; 3] = ["parse", "one", "all"];

fn reading(found: &Found) -> String {
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

fn meanwhile(found: &Found) -> String {
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
        Some(format!("{median:.0} ms, at the longest {longest:.0} ms"))
    });
    text.push_str(&format!(
        "| from Cancel to its being said | | {} |\n",
        or_none(cancel)
    ));
    text
}

fn megabytes(bytes: f64) -> String {
    format!("{:.0} MB", bytes / 1e6)
}

/// A point of the series of sizes: bytes and seconds.
fn points(found: &Found) -> Vec<(f64, f64)> {
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

fn sizes(found: &Found) -> String {
    let mut text =
        "| log, with bodies | file → complete answer | a megabyte |\n| --- | --- | --- |\n"
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

fn edits(found: &Found) -> String {
    let mut text = "| from the key to | median | longest |\n| --- | --- | --- |\n".to_owned();
    for (name, path) in [
        ("the new answer in the answer bar, on the screen", "shown"),
        ("of that: question to answer of the worker", "worker"),
        ("rows and inspector at hand, too", "settled"),
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

fn scrolls(found: &Found) -> String {
    let mut text = "| way | frames | 99 % of them within | longest | with rows still to come |\n\
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

fn targets(found: &Found) -> Vec<Target> {
    let limit = |value: Option<f64>, most: f64, print: fn(f64) -> String| {
        value.map(|value| (print(value), value <= most))
    };
    let milliseconds = |value: f64| format!("{value:.0} ms");
    vec![
        against_parse(
            found,
            "one",
            4.0,
            "file → complete answer, one core",
            "≥ 4 times JSON.parse",
        ),
        against_parse(
            found,
            "all",
            6.0,
            "file → complete answer, every core",
            "≥ 6 times JSON.parse with two",
        ),
        Target {
            what: "WebAssembly memory, the larger of both logs",
            aim: "≤ 160 MB",
            found: limit(found.most("memory", "/heap"), 160e6, megabytes),
        },
        Target {
            what: "first rows",
            aim: "≤ 1 s",
            found: limit(found.most("reading", "/all/firstRows"), 1.0, |value| {
                format!("{value:.2} s")
            }),
        },
        Target {
            what: "cancel, the longest",
            aim: "≤ 100 ms",
            found: limit(found.number("cancel", "/longest"), 100.0, milliseconds),
        },
        Target {
            what: "an edit with a million events, the longest",
            aim: "≤ 50 ms",
            found: limit(
                found.number("editing", "/shown/longest"),
                50.0,
                milliseconds,
            ),
        },
        Target {
            what: "scrolling, 99 % of frames, the worst way",
            aim: "< 20 ms",
            found: worst_frames(found).map(|worst| (format!("{worst:.1} ms"), worst < 20.0)),
        },
        Target {
            what: "cost of a megabyte from the least to the largest log",
            aim: "flat",
            found: flatness(&points(found)),
        },
    ]
}

fn against_parse(
    found: &Found,
    who: &str,
    least: f64,
    what: &'static str,
    aim: &'static str,
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
    Target { what, aim, found }
}

fn worst_frames(found: &Found) -> Option<f64> {
    let ways = found.list("scrolling", "/ways").iter();
    ways.filter_map(|way| way.get("p99")?.as_f64())
        .reduce(f64::max)
}

/// Whether no size costs much more a megabyte than another, but for what a log costs once.
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
        let found = Found(serde_json::from_str(RESULT).unwrap());
        assert_eq!(found.failed(), 1);
        let text = text(&found, 1, "a machine, 2 cores");
        for line in [
            "On a machine, 2 cores, which other work kept 25 % busy; Chromium 150.0, headless, drawing without a graphics card.",
            "| with bodies, 1,180,390 events | 4.00 s, 0.25 GB/s | 1.00 s, 1.00 GB/s, 4.0 times JSON.parse | 0.50 s, 2.00 GB/s, 8.0 times JSON.parse |",
            "| – processor time of the tab for it | 5.00 s | 2.00 s, 2.5 times JSON.parse | could not be measured |",
            "| WebAssembly memory, all workers | could not be measured | 150 MB |",
            "| from Cancel to its being said | | 30 ms, at the longest 60 ms |",
            "| 1000 MB | 1.00 s | 1.00 ms |",
            "| wheel | 599 | 16.7 ms | 33.3 ms | 2 % |",
            "| rows and inspector at hand, too | could not be measured | could not be measured |",
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
    fn what_a_log_costs_once_is_no_slope() {
        let flat = |points: &[(f64, f64)]| flatness(points).map(|(_, met)| met);
        assert_eq!(flat(&[(1e6, 0.1), (1e7, 0.11), (1e9, 1.0)]), Some(true));
        assert_eq!(flat(&[(1e6, 0.2), (1e9, 1.0)]), Some(false));
        assert_eq!(flat(&[(1e8, 0.1), (1e9, 2.0)]), Some(false));
        assert_eq!(flat(&[]), None);
    }
}
