//! `cargo xtask test`: every check in order, a line each, and the sum of the tests.

use std::io::{self, Write};
use std::path::PathBuf;
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::place::Place;
use crate::run::{self, Failure};
use crate::{build, tools};

/// Tests passed and failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    passed: usize,
    failed: usize,
}

/// One check.
struct Step {
    name: &'static str,
    command: Command,
    /// Reads the tests out of what the command printed; a step without tests counts when it fails only.
    count: Option<fn(&str) -> Count>,
}

/// Runs every step, also after one has failed, and ends with the line `N passed, N failed`.
///
/// # Errors
/// Where something that the steps need is missing, or cannot be started.
pub fn test(place: &Place) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    tools::ready(place)?;
    tools::components(place)?;
    let chromium = tools::chromium()?;
    report("tools", "ready", begin);

    let mut sum = Count::default();
    for mut step in steps(place, chromium) {
        let start = Instant::now();
        print!("{:<16}", step.name);
        let _ = io::stdout().flush();
        let log = place
            .root
            .join("target/xtask")
            .join(format!("{}.log", step.name.replace(' ', "-")));
        let (well, text) = run::logged(&mut step.command, &log)?;
        let mut count = step.count.map(|count| count(&text)).unwrap_or_default();
        // A step that fails without a failed test (it did not compile, say) must not look green in the sum.
        if !well && count.failed == 0 {
            count.failed = 1;
        }
        sum.passed += count.passed;
        sum.failed += count.failed;
        let state = match (well, step.count.is_some()) {
            (true, true) => format!("ok, {} passed", count.passed),
            (true, false) => "ok".to_owned(),
            (false, true) => format!("FAILED, {} passed, {} failed", count.passed, count.failed),
            (false, false) => "FAILED".to_owned(),
        };
        println!("{state:<36}{:>7.1} s", start.elapsed().as_secs_f64());
        if !well {
            println!("{}\n(also in {})", text.trim_end(), log.display());
        }
    }
    report("all", if sum.failed == 0 { "ok" } else { "FAILED" }, begin);
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if sum.failed == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

fn report(name: &str, state: &str, since: Instant) {
    println!(
        "{name:<16}{state:<36}{:>7.1} s",
        since.elapsed().as_secs_f64()
    );
}

/// The steps in order. The editor's module comes before everything that compiles the page.
fn steps(place: &Place, chromium: PathBuf) -> Vec<Step> {
    let cargo = |words: &[&str]| {
        let mut command = place.command("cargo");
        command.args(words);
        command
    };
    let node = |script: &str| {
        let mut command = place.command("node");
        command.arg(script).env("CHROMIUM", &chromium);
        command
    };
    let deny = ["--", "-D", "warnings"];
    let wasm = [
        "clippy",
        "--locked",
        "-p",
        "playground",
        "-p",
        "playground-worker",
        "--target",
        "wasm32-unknown-unknown",
    ];
    vec![
        Step {
            name: "format",
            command: cargo(&["fmt", "--all", "--check"]),
            count: None,
        },
        Step {
            name: "editor",
            command: node("web/build/editor.mjs"),
            count: None,
        },
        Step {
            name: "clippy",
            command: cargo(
                &[
                    &["clippy", "--locked", "--workspace", "--all-targets"],
                    &deny[..],
                ]
                .concat(),
            ),
            count: None,
        },
        Step {
            name: "clippy wasm",
            command: cargo(&[&wasm[..], &deny[..]].concat()),
            count: None,
        },
        Step {
            name: "tests",
            command: cargo(&["test", "--locked", "--workspace", "--no-fail-fast"]),
            count: Some(cargo_count),
        },
        Step {
            name: "page",
            command: build(place, false),
            count: None,
        },
        Step {
            name: "browser",
            command: node("tests/browser/run.mjs"),
            count: Some(browser_count),
        },
    ]
}

/// Sums cargo's `test result: ok. 3 passed; 0 failed; …` lines.
fn cargo_count(text: &str) -> Count {
    let lines = text
        .lines()
        .filter_map(|line| line.strip_prefix("test result: "));
    lines.fold(Count::default(), |sum, line| Count {
        passed: sum.passed + before(line, " passed"),
        failed: sum.failed + before(line, " failed"),
    })
}

/// Reads the last line of the browser tests, `3 passed, 0 failed`.
fn browser_count(text: &str) -> Count {
    let line = text
        .lines()
        .rev()
        .find(|line| line.contains(" passed, "))
        .unwrap_or_default();
    Count {
        passed: before(line, " passed"),
        failed: before(line, " failed"),
    }
}

/// The number that stands right before a word; 0 where there is none.
fn before(line: &str, word: &str) -> usize {
    let head = line.split_once(word).map_or("", |(head, _)| head);
    head.rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted() {
        type Row = (fn(&str) -> Count, &'static str, usize, usize);
        let table: [Row; 5] = [
            (cargo_count, "", 0, 0),
            (
                cargo_count,
                "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\n",
                12,
                0,
            ),
            (
                cargo_count,
                "test result: ok. 2 passed; 0 failed\ntest result: FAILED. 3 passed; 1 failed\n",
                5,
                1,
            ),
            (browser_count, "ok  page loads\n7 passed, 2 failed\n", 7, 2),
            (browser_count, "node: cannot start", 0, 0),
        ];
        for (count, text, passed, failed) in table {
            assert_eq!(count(text), Count { passed, failed }, "{text}");
        }
    }
}
