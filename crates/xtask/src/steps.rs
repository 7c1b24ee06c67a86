//! `cargo xtask test`: every check in order, a line each, and the sum of the tests.

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::place::Place;
use crate::run::{self, Failure};
use crate::{build, tools};

/// The step that the browser tests rest on.
const PAGE: &str = "page";

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

impl Step {
    fn check(name: &'static str, command: Command) -> Self {
        let count = None;
        Self {
            name,
            command,
            count,
        }
    }

    fn tests(name: &'static str, command: Command, count: fn(&str) -> Count) -> Self {
        let count = Some(count);
        Self {
            name,
            command,
            count,
        }
    }

    /// Runs it and prints its line; after a failure also what it said.
    fn run(mut self, place: &Place) -> Result<Count, Failure> {
        let start = Instant::now();
        print!("{:<16}", self.name);
        let _ = io::stdout().flush();
        let file = format!("{}.log", self.name.replace(' ', "-"));
        let log = place.root.join("target/xtask").join(file);
        let (well, text) = run::logged(&mut self.command, &log)?;

        let mut count = self.count.map(|count| count(&text)).unwrap_or_default();
        // What does not compile, or finds no test to run, must not look green in the sum.
        if count.failed == 0 && (!well || (self.count.is_some() && count.passed == 0)) {
            count.failed = 1;
        }
        let state = match (count.failed, self.count) {
            (0, None) => "ok".to_owned(),
            (0, Some(_)) => format!("ok, {} passed", count.passed),
            (_, None) => "FAILED".to_owned(),
            (failed, Some(_)) => format!("FAILED, {} passed, {failed} failed", count.passed),
        };
        println!("{state:<36}{:>7.1} s", start.elapsed().as_secs_f64());
        if count.failed > 0 {
            println!("{}\n(also in {})", text.trim_end(), log.display());
        }
        Ok(count)
    }
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
    tools::shippers()?;
    report("tools", "ready", begin);

    let mut sum = Count::default();
    for step in steps(place, &chromium) {
        let is_page = step.name == PAGE;
        let count = step.run(place)?;
        sum.passed += count.passed;
        sum.failed += count.failed;
        if is_page && count.failed > 0 {
            println!("no browser tests: they would judge an older page");
            break;
        }
    }
    let green = sum.failed == 0;
    report("all", if green { "ok" } else { "FAILED" }, begin);
    println!("{} passed, {} failed", sum.passed, sum.failed);
    Ok(if green {
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
fn steps(place: &Place, chromium: &Path) -> Vec<Step> {
    let cargo = |words: &str| {
        let mut command = place.command("cargo");
        command.args(words.split(' '));
        command
    };
    let node = |words: &str| {
        let mut command = place.command("node");
        command.args(words.split(' ')).env("CHROMIUM", chromium);
        command
    };
    let mut editor_tests = node("--test --test-reporter=tap");
    editor_tests.args(unit_tests(&place.root.join("web/js/test")));
    let clippy = "clippy --locked --workspace --all-targets -- -D warnings";
    let clippy_wasm = "clippy --locked -p playground -p playground-worker \
                       --target wasm32-unknown-unknown -- -D warnings";
    let tests = "test --locked --workspace --no-fail-fast";
    let mut shippers =
        cargo("test --locked --no-fail-fast --manifest-path tests/shippers/Cargo.toml");
    shippers.env("CARGO_TARGET_DIR", place.target_folder("shippers"));
    vec![
        Step::check("format", cargo("fmt --all --check")),
        Step::check("editor", node("web/build/editor.mjs")),
        Step::tests("editor tests", editor_tests, node_count),
        Step::check("clippy", cargo(clippy)),
        Step::check("clippy wasm", cargo(clippy_wasm)),
        Step::tests("tests", cargo(tests), cargo_count),
        Step::tests("shippers", shippers, cargo_count),
        Step::check(PAGE, build(place, false)),
        Step::tests("browser", node("tests/browser/run.mjs"), browser_count),
    ]
}

/// The test files of a folder, by name; Node.js versions disagree on what a folder's name means.
fn unit_tests(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    files
}

/// Reads the last lines of node's TAP report, `# pass 3` and `# fail 0`.
fn node_count(text: &str) -> Count {
    let number = |word: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(word));
        line.and_then(|number| number.parse().ok())
            .unwrap_or_default()
    };
    Count {
        passed: number("# pass "),
        failed: number("# fail "),
    }
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
        let table: [Row; 7] = [
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
            (node_count, "1..2\n# tests 5\n# pass 4\n# fail 1\n", 4, 1),
            (node_count, "no such file", 0, 0),
            (browser_count, "node: cannot start", 0, 0),
        ];
        for (count, text, passed, failed) in table {
            assert_eq!(count(text), Count { passed, failed }, "{text}");
        }
    }
}
