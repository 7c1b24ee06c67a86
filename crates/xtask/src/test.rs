//! `cargo xtask test`: runs every check, prints a line for each, and the sum of the tests.

mod board;
mod count;
mod licences;
mod step;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;

use crate::install::{self, system};
use crate::lock::Lock;
use crate::plan::{self, Item};
use crate::programs::TYPOS;
use crate::project::Project;
use crate::run::Error;
use crate::times::Times;
use crate::{docs, npm, page, prose};
use step::{Action, Lane, Step};

/// Engines that `--all` adds, by their names on the command line of the browser tests.
const ENGINES: [&str; 2] = ["firefox", "webkit"];

/// Tests of what CI systems read from the repository.
const CI_TESTS: &str = "tests/ci/action.test.mjs tests/ci/gitlab.test.mjs tests/ci/krew.test.mjs \
                        tests/ci/pages.test.mjs tests/ci/pre-commit.test.mjs tests/ci/release.test.mjs \
                        tests/ci/schemas.test.mjs tests/ci/where-logs-live.test.mjs";

/// Tests of programs that `audit-policy compile` prints.
const PROGRAM_TESTS: &str = "tests/programs/programs.test.mjs tests/programs/inputs.test.mjs \
                             tests/programs/kusto.test.mjs";

/// Runs every step, even after a failure, and prints the line `N passed, N failed, N skipped` at the end. With `all`, the browser tests
/// run in the other engines too. Tests that need a program that cannot be installed are skipped. With `yes`, system packages are
/// installed without a question.
///
/// # Errors
/// If something that every step needs is missing.
pub fn test(project: &Project, all: bool, yes: bool) -> Result<ExitCode, Error> {
    let begin = Instant::now();
    let wait = "another `cargo xtask test` runs in this folder: waiting until it is done";
    let _lock = Lock::hold(&project.result_file("test.lock"), wait)?;
    let mut times = Times::of(project);
    system::chromium()?;
    let mut jobs = install::page_tools(project)?;
    jobs.extend(install::check_tools(project));
    let needs = system::missing(all);
    let task = if all {
        "`cargo xtask test --all`"
    } else {
        "`cargo xtask test`"
    };
    plan::print(task, &plan(project, &jobs, &needs, all, &times));
    system::install(project, &needs, yes);
    install::run(project, &jobs)?;
    println!("{}", step::line("tools", "ready", begin.elapsed()));

    let sum = board::run(project, steps(project, all), &mut times);
    let succeeded = sum.failed == 0;
    let state = if succeeded { "ok" } else { "FAILED" };
    println!("{}", step::line("all", state, begin.elapsed()));
    println!("{sum}");
    Ok(if succeeded {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Lists what will be done. The steps of each lane are one item.
fn plan(
    project: &Project,
    jobs: &[install::Job],
    needs: &[system::Need],
    all: bool,
    times: &Times,
) -> Vec<Item> {
    let mut items = system::items(needs);
    items.extend(install::items(jobs));
    let steps = steps(project, all);
    for (lane, what) in Lane::ALL.into_iter().zip([
        "check, compile and test the code",
        "build the page and test it in browsers",
    ]) {
        let steps = steps.iter().filter(|step| step.lane == lane);
        let seconds = steps.map(|step| times.usual(step.name, step.seconds)).sum();
        items.push(Item {
            is_parallel: lane == Lane::Page,
            ..Item::new(what, seconds)
        });
    }
    items
}

/// Lists the steps in the order of their lines. The seconds are those of a first run on two cores.
fn steps(project: &Project, all: bool) -> Vec<Step> {
    let cargo = |arguments: &str| {
        let mut command = project.yielding_command("cargo");
        command.args(arguments.split(' '));
        command
    };
    let node = |arguments: &str| {
        let mut command = project.command("node");
        command.args(arguments.split(' '));
        command
    };
    let mut editor_tests = node("--test --test-reporter=tap");
    for folder in ["web/js/test", "web/build/test"] {
        editor_tests.args(unit_tests(&project.root.join(folder)));
    }
    let clippy = "clippy --locked --workspace --all-targets -- -D warnings";
    let clippy_wasm = "clippy --locked -p playground -p playground-worker \
                       --target wasm32-unknown-unknown -- -D warnings";
    // The command's program has the name of a library, so their pages would overwrite each other.
    let mut rustdoc = cargo("doc --locked --workspace --no-deps --exclude audit-cli");
    rustdoc.env("RUSTDOCFLAGS", "-D warnings");
    let mut book_clippy = docs::book_cargo(project, "clippy");
    book_clippy.args(["--all-targets", "--", "-D", "warnings"]);
    let book_tests = docs::book_cargo(project, "test");
    // With the output of tests that pass, because it has the reasons of those that skip themselves.
    let tests = "test --locked --workspace --no-fail-fast -- --show-output";
    let types = "web/build/check-types.mjs";
    // Tests that run the command.
    let of_command = |name: &'static str, seconds, file: &str| {
        let mut tests = node(&format!("--test --test-reporter=tap {file}"));
        if std::env::var_os("AUDIT_POLICY").is_none() {
            tests.env("AUDIT_POLICY", command_file(project));
        }
        Step::tests(name, seconds, tests, count::node).needs(&["command"])
    };
    let mut steps = vec![
        Step::check("format", 3.0, cargo("fmt --all --check")),
        Step::check("spelling", 1.0, spelling(project)),
        Step::check("phrases", 1.0, Action::Call(prose::phrases)),
        Step::check("licences", 2.0, licences::check(project)),
        Step::check("advisories", 5.0, Action::Call(licences::advisories)),
        // The module that everything needs that compiles the page.
        Step::check("editor", 2.0, node("web/build/editor.mjs")).of_page(),
        Step::check("js types", 10.0, node(types)).needs(&["editor"]),
        Step::tests("editor tests", 2.0, editor_tests, count::node).needs(&["editor"]),
        Step::check("command", 60.0, Action::Call(command)),
        of_command("reports", 6.0, "tests/reports/reports.test.mjs"),
        of_command("mcp client", 5.0, "tests/mcp/mcp.test.mjs"),
        of_command("programs", 360.0, PROGRAM_TESTS),
        of_command("ci files", 45.0, CI_TESTS),
        Step::check("clippy", 120.0, cargo(clippy)).needs(&["editor"]),
        Step::check("clippy wasm", 60.0, cargo(clippy_wasm)).needs(&["editor"]),
        Step::check("clippy fuzz", 60.0, fuzz_targets(project)),
        Step::check("docs", 50.0, rustdoc).needs(&["editor"]),
        Step::check("clippy book", 40.0, book_clippy),
        Step::tests("book tests", 40.0, book_tests, count::cargo),
        Step::tests("tests", 500.0, cargo(tests), count::cargo).needs(&["editor"]),
        Step::tests("shippers", 200.0, shippers(project), count::cargo),
    ];
    if all {
        let package = npm::build_command(project).map_err(|error| error.to_string());
        steps.push(Step::check("npm package", npm::SECONDS, package));
        // A package that is too large is tested nevertheless.
        steps.push(of_command("npm tests", 10.0, "tests/npm/npm.test.mjs"));
    }
    steps.extend(page_steps(project, all));
    steps
}

/// Lists the steps that build the page and test it.
fn page_steps(project: &Project, all: bool) -> impl Iterator<Item = Step> {
    let browser = |name: &'static str, engine: &'static str, seconds| {
        let mut node = project.command("node");
        node.args(["tests/browser/run.mjs", "--engine", engine]);
        if let Ok(Some(chromium)) = system::chromium() {
            node.env("CHROMIUM", chromium);
        }
        // Built once, so that no test waits for a compiler.
        if std::env::var_os("AUDIT_POLICY").is_none() {
            node.env("AUDIT_POLICY", command_file(project));
        }
        let needs = &["widget", "command"];
        Step::tests(name, seconds, node, count::browser)
            .needs(needs)
            .of_page()
    };
    let page = page::build_command(project).map_err(|error| error.to_string());
    let mut sizes = project.yielding_command("node");
    sizes.arg("web/build/sizes.mjs");
    let book = docs::book(project, command_file(project), true);
    let mut recipes = project.command("node");
    recipes.arg("tests/recipes/run.mjs");
    if let Ok(Some(chromium)) = system::chromium() {
        recipes.env("CHROMIUM", chromium);
    }
    let engines = ENGINES.into_iter().filter(move |_| all);
    [
        Step::check("page", 170.0, page)
            .needs(&["editor"])
            .of_page(),
        // Compressing takes a while, and the browsers need not wait for it.
        Step::check("sizes", 10.0, sizes).needs(&["page"]),
        Step::check("one file", 20.0, page::one_file_command(project))
            .needs(&["page"])
            .of_page(),
        Step::check("widget", 2.0, page::widget_command(project))
            .needs(&["one file"])
            .of_page(),
        // The site that cases of the browser tests open; it fails on a dead link.
        Step::check("book", 60.0, book)
            .needs(&["widget", "command"])
            .of_page(),
        browser("browser", "chromium", 700.0),
        Step::tests("recipes", 100.0, recipes, count::browser)
            .needs(&["book"])
            .of_page(),
    ]
    .into_iter()
    .chain(engines.map(move |engine| browser(engine, engine, 80.0)))
}

/// Builds the command that the browser tests compare the page with, and copies it to where no other step replaces it.
fn command(project: &Project) -> Result<(bool, String), Error> {
    let mut cargo = project.yielding_command("cargo");
    cargo.args(["build", "--locked", "--package", "audit-cli"]);
    let log = project.result_file("command.log");
    let (succeeded, output) = crate::run::run_logged(&mut cargo, &log)?;
    if succeeded {
        let name = format!("audit-policy{}", std::env::consts::EXE_SUFFIX);
        let built = project.target_folder("debug").join(name);
        let file = command_file(project);
        std::fs::copy(&built, &file).map_err(|error| Error::at(&built, &error))?;
    }
    Ok((succeeded, output))
}

fn command_file(project: &Project) -> PathBuf {
    project.result_file(&format!("audit-policy{}", std::env::consts::EXE_SUFFIX))
}

/// Returns the command that checks that the fuzz targets compile. No test runs them.
fn fuzz_targets(project: &Project) -> Command {
    let mut cargo = project.yielding_command("cargo");
    cargo.args([
        "clippy",
        "--workspace",
        "--manifest-path",
        "tests/fuzz/Cargo.toml",
    ]);
    cargo.args(["--", "-D", "warnings"]);
    cargo.env("CARGO_TARGET_DIR", project.target_folder("fuzz-check"));
    // Any name will do, because nothing is linked; else libFuzzer is compiled.
    let library = project.root.join("tests/fuzz/libfuzzer.a");
    cargo.env("CUSTOM_LIBFUZZER_PATH", library);
    cargo
}

/// Returns the command that runs the log shippers, or the reason to skip it.
fn shippers(project: &Project) -> Result<Command, String> {
    if let Some(reason) = system::no_shippers() {
        return Err(reason);
    }
    let mut cargo = project.yielding_command("cargo");
    cargo.args(["test", "--locked", "--no-fail-fast", "--manifest-path"]);
    cargo.args(["tests/shippers/Cargo.toml", "--", "--show-output"]);
    cargo.env("CARGO_TARGET_DIR", project.target_folder("shippers"));
    Ok(cargo)
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

    /// A step that waits for one behind it in its lane, or for one that does not exist, would wait forever.
    #[test]
    fn no_step_waits_forever() {
        let project = Project::find().unwrap();
        let mut steps: Vec<Step> = steps(&project, true);
        let mut ended: Vec<&str> = Vec::new();
        while !steps.is_empty() {
            let next = Lane::ALL.iter().find_map(|lane| {
                let first = steps.iter().position(|step| step.lane == *lane)?;
                let is_ready = steps[first].needs.iter().all(|name| ended.contains(name));
                is_ready.then_some(first)
            });
            let step = steps.remove(next.expect("a lane goes on"));
            ended.push(step.name);
        }
    }
}
