//! `cargo xtask test`: every check in order, a line each, and the sum of the tests.

use std::collections::BTreeSet;
use std::fmt;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::place::Place;
use crate::run::{self, Failure};
use crate::{build, tools};

/// The step that the browser tests rest on.
const PAGE: &str = "page";

/// Engines that `--all` adds, by the names that the runner of the browser tests takes.
const ENGINES: [&str; 2] = ["firefox", "webkit"];

/// How a line begins that gives the reason why a test did not run.
const SKIPPED: &str = "skipped: ";

/// Tests passed, failed and skipped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
struct Count {
    passed: usize,
    failed: usize,
    skipped: usize,
}

impl Count {
    fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `3 passed, 0 failed, 1 skipped`
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
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
        let none = count.passed == 0 && count.skipped == 0;
        if count.failed == 0 && (!well || (self.count.is_some() && none)) {
            count.failed = 1;
        }
        let state = state(count, self.count.is_some());
        println!("{state:<36}{:>7.1} s", start.elapsed().as_secs_f64());
        for reason in reasons(&text) {
            println!("{:16}{SKIPPED}{reason}", "");
        }
        if count.failed > 0 {
            println!("{}\n(also in {})", text.trim_end(), log.display());
        }
        Ok(count)
    }
}

/// The state of a step: `ok, 3 passed, 1 skipped`, or `ok` alone for one without tests.
fn state(count: Count, has_tests: bool) -> String {
    let mut state = if count.failed == 0 { "ok" } else { "FAILED" }.to_owned();
    if !has_tests {
        return state;
    }
    let mut add = |number: usize, word: &str| state.push_str(&format!(", {number} {word}"));
    add(count.passed, "passed");
    if count.failed > 0 {
        add(count.failed, "failed");
    }
    if count.skipped > 0 {
        add(count.skipped, "skipped");
    }
    state
}

/// Why tests did not run, each reason once.
fn reasons(text: &str) -> BTreeSet<&str> {
    let lines = text.lines();
    lines
        .filter_map(|line| line.strip_prefix(SKIPPED))
        .collect()
}

/// Runs every step, also after one has failed, and ends with the line `N passed, N failed, N skipped`. With `all`, the browser tests also
/// run in the other engines; one that is not installed and cannot be is skipped.
///
/// # Errors
/// Where something that the steps need is missing, or cannot be started.
pub fn test(place: &Place, all: bool) -> Result<ExitCode, Failure> {
    let begin = Instant::now();
    tools::ready(place)?;
    tools::components(place)?;
    let chromium = tools::chromium()?;
    tools::shippers()?;
    if all {
        tools::engines();
    }
    report("tools", "ready", begin);

    let mut sum = Count::default();
    for step in steps(place, &chromium, all) {
        let is_page = step.name == PAGE;
        let count = step.run(place)?;
        sum.add(count);
        if is_page && count.failed > 0 {
            println!("no browser tests: they would judge an older page");
            break;
        }
    }
    let green = sum.failed == 0;
    report("all", if green { "ok" } else { "FAILED" }, begin);
    println!("{sum}");
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
fn steps(place: &Place, chromium: &Path, all: bool) -> Vec<Step> {
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
    // The output of tests that pass has the reasons of those that skip themselves.
    let tests = "test --locked --workspace --no-fail-fast -- --show-output";
    let mut shippers =
        cargo("test --locked --no-fail-fast --manifest-path tests/shippers/Cargo.toml");
    shippers.env("CARGO_TARGET_DIR", place.target_folder("shippers"));
    let mut steps = vec![
        Step::check("format", cargo("fmt --all --check")),
        Step::check("editor", node("web/build/editor.mjs")),
        Step::tests("editor tests", editor_tests, node_count),
        Step::check("clippy", cargo(clippy)),
        Step::check("clippy wasm", cargo(clippy_wasm)),
        Step::tests("tests", cargo(tests), cargo_count),
        Step::tests("shippers", shippers, cargo_count),
        Step::check(PAGE, build(place, false)),
        Step::tests("browser", node("tests/browser/run.mjs"), browser_count),
    ];
    if all {
        steps.extend(ENGINES.map(|engine| {
            let words = format!("tests/browser/run.mjs --engine {engine}");
            Step::tests(engine, node(&words), browser_count)
        }));
    }
    steps
}

/// The test files of a folder, by name; Node.js versions disagree on what a folder's name means.
fn unit_tests(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    files
}

/// Reads the last lines of node's TAP report, `# pass 3`, `# fail 0` and `# skipped 0`.
fn node_count(text: &str) -> Count {
    let number = |word: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(word));
        line.and_then(|number| number.parse().ok())
            .unwrap_or_default()
    };
    Count {
        passed: number("# pass "),
        failed: number("# fail "),
        skipped: number("# skipped "),
    }
}

/// Sums cargo's `test result: ok. 3 passed; 0 failed; 1 ignored; …` lines. A test that says why it skips itself has not passed.
fn cargo_count(text: &str) -> Count {
    let mut sum = Count::default();
    let mut skipped = 0;
    // One test's output may have several such lines.
    let mut is_counted = false;
    for line in text.lines() {
        if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            is_counted = false;
        } else if line.starts_with(SKIPPED) && !is_counted {
            is_counted = true;
            skipped += 1;
        } else if let Some(line) = line.strip_prefix("test result: ") {
            sum.add(Count {
                passed: before(line, " passed"),
                failed: before(line, " failed"),
                skipped: before(line, " ignored"),
            });
        }
    }
    sum.passed = sum.passed.saturating_sub(skipped);
    sum.skipped += skipped;
    sum
}

/// Reads the last line of the browser tests, `3 passed, 0 failed` or `3 passed, 0 failed, 1 skipped`.
fn browser_count(text: &str) -> Count {
    let line = text
        .lines()
        .rev()
        .find(|line| line.contains(" passed, "))
        .unwrap_or_default();
    Count {
        passed: before(line, " passed"),
        failed: before(line, " failed"),
        skipped: before(line, " skipped"),
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
        type Row = (fn(&str) -> Count, &'static str, [usize; 3]);
        let cargo =
            "test result: ok. 2 passed; 0 failed\ntest result: FAILED. 3 passed; 1 failed\n";
        let ignored = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\n";
        let itself = "---- one stdout ----\nskipped: no logs in x\nskipped: no logs in y\n\n---- two stdout ----\n\
                      skipped: no logs in x\n\ntest result: ok. 5 passed; 0 failed; 0 ignored\n";
        let table: [Row; 10] = [
            (cargo_count, "", [0, 0, 0]),
            (cargo_count, ignored, [12, 0, 1]),
            (cargo_count, cargo, [5, 1, 0]),
            (cargo_count, itself, [3, 0, 2]),
            (browser_count, "ok  x\n7 passed, 2 failed\n", [7, 2, 0]),
            (
                browser_count,
                "skipped: no x\n0 passed, 0 failed, 4 skipped\n",
                [0, 0, 4],
            ),
            (browser_count, "node: cannot start", [0, 0, 0]),
            (
                node_count,
                "1..2\n# tests 5\n# pass 4\n# fail 1\n",
                [4, 1, 0],
            ),
            (node_count, "# pass 4\n# fail 0\n# skipped 2\n", [4, 0, 2]),
            (node_count, "no such file", [0, 0, 0]),
        ];
        for (count, text, [passed, failed, skipped]) in table {
            let expected = Count {
                passed,
                failed,
                skipped,
            };
            assert_eq!(count(text), expected, "{text}");
        }
    }

    #[test]
    fn the_line_of_a_step_counts_what_was_skipped() {
        let count = |passed, failed, skipped| Count {
            passed,
            failed,
            skipped,
        };
        assert_eq!(state(count(0, 0, 0), false), "ok");
        assert_eq!(state(count(0, 1, 0), false), "FAILED");
        assert_eq!(state(count(3, 0, 0), true), "ok, 3 passed");
        assert_eq!(state(count(0, 0, 4), true), "ok, 0 passed, 4 skipped");
        assert_eq!(
            state(count(3, 1, 2), true),
            "FAILED, 3 passed, 1 failed, 2 skipped"
        );
        assert_eq!(count(3, 1, 2).to_string(), "3 passed, 1 failed, 2 skipped");
    }

    #[test]
    fn a_reason_is_given_once() {
        let text = "skipped: no x\nok\nskipped: no x\n  skipped: within\nskipped: no y\n";
        assert_eq!(Vec::from_iter(reasons(text)), ["no x", "no y"]);
    }
}
