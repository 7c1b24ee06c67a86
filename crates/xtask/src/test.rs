//! `cargo xtask test`: runs every check in order, prints a line for each, and the sum of the tests.

mod count;
mod licences;

use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::programs::TYPOS;
use crate::project::Project;
use crate::run::{self, Error};
use crate::{install, page, prose};
use count::{Count, SKIPPED};

/// Name of the step that the browser tests need.
const PAGE: &str = "page";

/// Engines that `--all` adds, by their names on the command line of the browser tests.
const ENGINES: [&str; 2] = ["firefox", "webkit"];

/// A check.
struct Step {
    name: &'static str,
    action: Action,
    /// Parses the counts of tests from the output. `None` for a step without tests, which counts only if it fails or is skipped.
    count: Option<fn(&str) -> Count>,
}

/// The action of a step.
enum Action {
    /// Runs a command.
    Run(Command),
    /// Calls a function that returns whether the check passed, and its output.
    Call(fn(&Project) -> Result<(bool, String), Error>),
    /// Does nothing, for a reason.
    Skip(String),
}

impl From<Result<Command, String>> for Action {
    fn from(command: Result<Command, String>) -> Self {
        command.map_or_else(Self::Skip, Self::Run)
    }
}

impl Step {
    fn check(name: &'static str, action: impl Into<Action>) -> Self {
        Self {
            name,
            action: action.into(),
            count: None,
        }
    }

    fn tests(name: &'static str, command: Command, count: fn(&str) -> Count) -> Self {
        Self {
            name,
            action: Action::Run(command),
            count: Some(count),
        }
    }

    /// Runs the step and prints its line; after a failure also its output.
    fn run(mut self, project: &Project) -> Result<Count, Error> {
        let start = Instant::now();
        print!("{:<16}", self.name);
        let _ = io::stdout().flush();
        let log = project.result_file(&format!("{}.log", self.name.replace(' ', "-")));
        let (succeeded, text) = match &mut self.action {
            Action::Run(command) => run::run_logged(command, &log)?,
            Action::Call(function) => function(project)?,
            Action::Skip(reason) => (true, format!("{SKIPPED}{reason}\n")),
        };
        let count = total(self.count, succeeded, &text);
        let state = state(count, self.count.is_some());
        println!("{state:<36}{:>7.1} s", start.elapsed().as_secs_f64());
        for reason in count::reasons(&text) {
            println!("{:16}{SKIPPED}{reason}", "");
        }
        if count.failed > 0 {
            println!("{}\n(also in {})", text.trim_end(), log.display());
        }
        Ok(count)
    }
}

/// Counts the tests of a step. A step that does not compile, or finds no test to run, has one failure.
fn total(parse: Option<fn(&str) -> Count>, succeeded: bool, text: &str) -> Count {
    let mut count = match parse {
        Some(parse) => parse(text),
        None => Count {
            skipped: count::reasons(text).len(),
            ..Count::default()
        },
    };
    let is_empty = parse.is_some() && count.passed == 0 && count.skipped == 0;
    if count.failed == 0 && (!succeeded || is_empty) {
        count.failed = 1;
    }
    count
}

/// Formats the state of a step: `ok, 3 passed, 1 skipped`; `ok` or `skipped` for one without tests.
fn state(count: Count, has_tests: bool) -> String {
    let mut state = match count {
        Count { failed: 1.., .. } => "FAILED".to_owned(),
        Count { skipped: 1.., .. } if !has_tests => "skipped".to_owned(),
        _ => "ok".to_owned(),
    };
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

/// Runs every step, even after a failure, and prints the line `N passed, N failed, N skipped` at the end. With `all`, the browser tests
/// run in the other engines too; one that cannot be installed is skipped.
///
/// # Errors
/// If something that the steps need is missing, or cannot be started.
pub fn test(project: &Project, all: bool) -> Result<ExitCode, Error> {
    let begin = Instant::now();
    install::page_tools(project)?;
    install::pip_programs(project);
    install::components(project)?;
    let chromium = install::chromium()?;
    install::shippers()?;
    if all {
        install::engines();
    }
    report("tools", "ready", begin);

    let mut sum = Count::default();
    for step in steps(project, &chromium, all) {
        let is_page = step.name == PAGE;
        let count = step.run(project)?;
        sum.add(count);
        if is_page && count.failed > 0 {
            println!("no browser tests: they would test an older page");
            break;
        }
    }
    let succeeded = sum.failed == 0;
    report("all", if succeeded { "ok" } else { "FAILED" }, begin);
    println!("{sum}");
    Ok(if succeeded {
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

/// Lists the steps in order. The editor's module comes before everything that compiles the page.
fn steps(project: &Project, chromium: &Path, all: bool) -> Vec<Step> {
    let cargo = |arguments: &str| {
        let mut command = project.command("cargo");
        command.args(arguments.split(' '));
        command
    };
    let node = |arguments: &str| {
        let mut command = project.command("node");
        command.args(arguments.split(' ')).env("CHROMIUM", chromium);
        command
    };
    let mut editor_tests = node("--test --test-reporter=tap");
    editor_tests.args(unit_tests(&project.root.join("web/js/test")));
    let clippy = "clippy --locked --workspace --all-targets -- -D warnings";
    let clippy_wasm = "clippy --locked -p playground -p playground-worker \
                       --target wasm32-unknown-unknown -- -D warnings";
    // The command's program has the name of a library, so their pages would overwrite each other.
    let mut docs = cargo("doc --locked --workspace --no-deps --exclude audit-cli");
    docs.env("RUSTDOCFLAGS", "-D warnings");
    // With the output of tests that pass, because it has the reasons of those that skip themselves.
    let tests = "test --locked --workspace --no-fail-fast -- --show-output";
    let mut shippers =
        cargo("test --locked --no-fail-fast --manifest-path tests/shippers/Cargo.toml");
    shippers.env("CARGO_TARGET_DIR", project.target_folder("shippers"));
    let page_build = page::build_command(project).map_err(|error| error.to_string());
    let mut steps = vec![
        Step::check("format", Action::Run(cargo("fmt --all --check"))),
        Step::check("spelling", spelling(project)),
        Step::check("phrases", Action::Call(prose::phrases)),
        Step::check("licences", licences::check(project)),
        Step::check("advisories", licences::advisories(project)),
        Step::check("editor", Action::Run(node("web/build/editor.mjs"))),
        Step::check("js types", Action::Run(node("web/build/check-types.mjs"))),
        Step::tests("editor tests", editor_tests, count::node),
        Step::check("clippy", Action::Run(cargo(clippy))),
        Step::check("clippy wasm", Action::Run(cargo(clippy_wasm))),
        Step::check("docs", Action::Run(docs)),
        Step::tests("tests", cargo(tests), count::cargo),
        Step::tests("shippers", shippers, count::cargo),
        Step::check(PAGE, page_build),
        Step::tests("browser", node("tests/browser/run.mjs"), count::browser),
    ];
    if all {
        steps.extend(ENGINES.map(|engine| {
            let arguments = format!("tests/browser/run.mjs --engine {engine}");
            Step::tests(engine, node(&arguments), count::browser)
        }));
    }
    steps
}

fn spelling(project: &Project) -> Result<Command, String> {
    if TYPOS.path(&project.cache).is_file() {
        Ok(prose::spelling(project))
    } else {
        Err("the spell checker is not installed".to_owned())
    }
}

/// Lists the test files of a folder by name: versions of Node.js disagree on the meaning of a folder's name.
fn unit_tests(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let mut files: Vec<PathBuf> = entries.map(|entry| entry.path()).collect();
    files.retain(|path| path.to_string_lossy().ends_with(".test.mjs"));
    files.sort();
    files
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_of_a_step_has_the_counts() {
        let count = |passed, failed, skipped| Count {
            passed,
            failed,
            skipped,
        };
        assert_eq!(state(count(0, 0, 0), false), "ok");
        assert_eq!(state(count(0, 0, 1), false), "skipped");
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
    fn a_step_without_results_fails() {
        let parse: Option<fn(&str) -> Count> = Some(count::cargo);
        let failed = |parse, succeeded, text: &str| total(parse, succeeded, text).failed;
        assert_eq!(failed(parse, true, ""), 1);
        assert_eq!(
            failed(parse, false, "test result: ok. 3 passed; 0 failed\n"),
            1
        );
        assert_eq!(
            failed(parse, true, "test result: ok. 3 passed; 0 failed\n"),
            0
        );
        assert_eq!(failed(None, true, ""), 0);
        assert_eq!(failed(None, false, ""), 1);
        let skipped = total(None, true, "skipped: no network\n");
        assert_eq!((skipped.failed, skipped.skipped), (0, 1));
    }
}
