//! `cargo xtask fuzz`: runs the fuzz targets one after another, and prints the number of inputs that each has run and that all have run.
//!
//! They are built by the pinned compiler with the flags that cargo-fuzz would give it, so that they only need a compiler for C++,
//! in which libFuzzer is written.

use std::cmp::Reverse;
use std::ffi::OsStr;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use crate::project::Project;
use crate::run::{self, Error};

/// Default duration of all targets together.
pub const MINUTES: u64 = 60;

const FOLDER: &str = "tests/fuzz";

/// Counters of coverage and of compared values, which guide the mutations. No sanitizer: the code forbids `unsafe`.
const FLAGS: [&str; 6] = [
    "--cfg=fuzzing",
    "-Cpasses=sancov-module",
    "-Cllvm-args=-sanitizer-coverage-level=4",
    "-Cllvm-args=-sanitizer-coverage-inline-8bit-counters",
    "-Cllvm-args=-sanitizer-coverage-pc-table",
    "-Cllvm-args=-sanitizer-coverage-trace-compares",
];

/// The longest input in bytes, the most seconds it may take, and the most memory in MiB.
const LIMITS: [&str; 3] = ["-max_len=2048", "-timeout=10", "-rss_limit_mb=2048"];

/// Builds the targets, seeds their corpora, and runs one target, or all. A target that fails or cannot run does not stop the others.
///
/// # Errors
/// If there is no target of that name, or something cannot be built.
pub fn fuzz(project: &Project, only: Option<&str>, minutes: u64) -> Result<ExitCode, Error> {
    let folder = project.root.join(FOLDER);
    let all = targets(&folder)?;
    let chosen: Vec<String> = all
        .iter()
        .filter(|target| only.is_none_or(|only| only == *target))
        .cloned()
        .collect();
    if chosen.is_empty() {
        return Err(Error::new(format!(
            "unknown fuzz target: the targets are {}",
            all.join(", ")
        )));
    }
    let programs = build(project, &folder, only)?;
    seed(project, &folder)?;

    let seconds = (minutes * 60 / chosen.len() as u64).max(1);
    println!("{} targets, {seconds} seconds each", chosen.len());
    let mut runs = Vec::new();
    for target in chosen {
        let started = Instant::now();
        let program = programs.join(&target);
        let report = run_target(project, &folder, &program, &target, seconds)
            .unwrap_or_else(|error| Report::not_run(error.to_string()));
        let run = TargetRun {
            target,
            seconds: started.elapsed().as_secs().max(1),
            report,
        };
        println!("{}: {}", run.target, run.report.outcome);
        runs.push(run);
    }
    print!("{}", summary(&mut runs));
    let passed = |run: &TargetRun| run.report.outcome == Outcome::Passed;
    Ok(if runs.iter().all(passed) {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// Returns a table of the runs, the most executions first, and a line with the totals.
fn summary(runs: &mut [TargetRun]) -> String {
    runs.sort_by_key(|run| Reverse(run.report.executions));
    let mut text = format!(
        "{:<12}{:>14}{:>12}{:>10}{:>10}  result\n",
        "target", "executions", "per second", "coverage", "features"
    );
    let (mut sum, mut crashed, mut not_run) = (0, 0, 0);
    for TargetRun {
        target,
        seconds,
        report,
    } in runs.iter()
    {
        text += &format!(
            "{target:<12}{:>14}{:>12}{:>10}{:>10}  {}\n",
            report.executions,
            report.executions / seconds,
            report.coverage,
            report.features,
            report.outcome
        );
        sum += report.executions;
        match report.outcome {
            Outcome::Passed => {}
            Outcome::Crashed(_) => crashed += 1,
            Outcome::NotRun(_) => not_run += 1,
        }
    }
    let targets = runs.len();
    text + &format!(
        "{sum} executions, {targets} targets: {crashed} crashed, {not_run} could not run\n"
    )
}

/// Lists the targets: the files of their folder.
fn targets(folder: &Path) -> Result<Vec<String>, Error> {
    let sources = folder.join("fuzz_targets");
    let entries = fs::read_dir(&sources).map_err(|error| Error::at(&sources, &error))?;
    let mut targets: Vec<String> = entries
        .flatten()
        .map(|entry| entry.path())
        .filter(|path| path.extension() == Some(OsStr::new("rs")))
        .filter_map(|path| Some(path.file_stem()?.to_str()?.to_owned()))
        .collect();
    targets.sort();
    Ok(targets)
}

/// Builds one target, or all, and returns the folder of the programs.
fn build(project: &Project, folder: &Path, only: Option<&str>) -> Result<PathBuf, Error> {
    let host =
        run::output(project.command("rustc").args(["--print", "host-tuple"])).ok_or_else(|| {
            Error::new("`rustc --print host-tuple` fails: is the toolchain complete?")
        })?;
    let built = project.target_folder("fuzz");
    let mut cargo = project.command("cargo");
    // Not `--locked`: a new dependency of one of the project's crates must not stop a run.
    // An explicit target keeps the flags from build scripts and macros, which run without libFuzzer.
    cargo.args(["build", "--release", "--target", &host]);
    match only {
        Some(target) => cargo.args(["--bin", target]),
        None => cargo.arg("--bins"),
    };
    cargo.args(["--package", "audit-fuzz", "--manifest-path"]);
    cargo.arg(folder.join("Cargo.toml"));
    cargo
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env("RUSTFLAGS", FLAGS.join(" "))
        .env("CARGO_TARGET_DIR", &built);
    run::run(&mut cargo)?;
    Ok(built.join(host).join("release"))
}

/// Adds the first inputs to those that earlier runs found.
fn seed(project: &Project, folder: &Path) -> Result<(), Error> {
    let mut cargo = project.command("cargo");
    cargo.args(["run", "--quiet", "--package", "fuzz-seeds"]);
    cargo.arg("--manifest-path").arg(folder.join("Cargo.toml"));
    cargo.arg("--").arg(folder.join("corpus"));
    cargo.env("CARGO_TARGET_DIR", project.target_folder("fuzz"));
    run::run(&mut cargo)
}

/// Run of one target.
#[derive(Debug)]
struct TargetRun {
    target: String,
    /// Duration, at least 1.
    seconds: u64,
    report: Report,
}

/// Result of a run of one target.
#[derive(Debug, PartialEq, Eq)]
struct Report {
    executions: u64,
    coverage: u64,
    features: u64,
    outcome: Outcome,
}

impl Report {
    const fn not_run(reason: String) -> Self {
        Self {
            executions: 0,
            coverage: 0,
            features: 0,
            outcome: Outcome::NotRun(reason),
        }
    }
}

/// End of a run.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    /// After its time, without a crash.
    Passed,
    /// With the input in this file, or as the log says.
    Crashed(String),
    /// Before the first input, for this reason.
    NotRun(String),
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Passed => f.write_str("passed"),
            Self::Crashed(file) => write!(f, "CRASHED: {file}"),
            Self::NotRun(reason) => write!(f, "COULD NOT RUN: {reason}"),
        }
    }
}

fn run_target(
    project: &Project,
    folder: &Path,
    program: &Path,
    target: &str,
    seconds: u64,
) -> Result<Report, Error> {
    let corpus = folder.join("corpus").join(target);
    let artifacts = folder.join("artifacts").join(target);
    for folder in [&corpus, &artifacts] {
        fs::create_dir_all(folder).map_err(|error| Error::at(folder, &error))?;
    }
    let mut command = project.command(&program.to_string_lossy());
    command.args(LIMITS).arg("-print_final_stats=1");
    command.arg(format!("-max_total_time={seconds}"));
    // With the last slash it is a folder, not a prefix of file names.
    command.arg(format!("-artifact_prefix={}/", artifacts.display()));
    let dictionary = folder.join("dictionaries").join(format!("{target}.dict"));
    command.arg(format!("-dict={}", dictionary.display()));
    command.arg(&corpus);
    let log = project.result_file(&format!("fuzz-{target}.log"));
    let (succeeded, text) = run::run_logged(&mut command, &log)?;
    Ok(report(&text, succeeded, &log))
}

/// Parses libFuzzer's log: status lines `#12 NEW cov: 3 ft: 4 …`, final counters `stat::…: 5`, and the path of an input that crashed.
fn report(text: &str, succeeded: bool, log: &Path) -> Report {
    let (mut executions, mut coverage, mut features) = (0, 0, 0);
    let mut crash = None;
    for line in text.lines() {
        if line.starts_with('#') {
            executions = after(line, "#").unwrap_or(executions);
            coverage = after(line, "cov: ").unwrap_or(coverage);
            features = after(line, "ft: ").unwrap_or(features);
        }
        if let Some(count) = after(line, "stat::number_of_executed_units: ") {
            executions = count;
        }
        if let Some((_, file)) = line.split_once("Test unit written to ") {
            crash = Some(file.to_owned());
        }
    }
    let see_log = || format!("see {}", log.display());
    let outcome = match crash {
        Some(file) => Outcome::Crashed(file),
        None if executions == 0 => Outcome::NotRun(see_log()),
        None if !succeeded => Outcome::Crashed(see_log()),
        None => Outcome::Passed,
    };
    Report {
        executions,
        coverage,
        features,
        outcome,
    }
}

/// Parses the number directly after a word.
fn after(line: &str, word: &str) -> Option<u64> {
    let (_, rest) = line.split_once(word)?;
    let end = rest.find(|c: char| !c.is_ascii_digit());
    rest.get(..end.unwrap_or(rest.len()))?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_log_of_the_fuzzer_is_parsed() {
        let running = "INFO: Seed: 1\n#2\tINITED cov: 10 ft: 11 corp: 1/1b exec/s: 0 rss: 30Mb\n\
                       #4096\tpulse  cov: 21 ft: 35 corp: 9/1Kb lim: 8 exec/s: 2048 rss: 31Mb\n";
        let ended = format!(
            "{running}Done 5000 runs in 2 second(s)\nstat::number_of_executed_units: 5000\n"
        );
        let broken = format!("{running}artifact_prefix='a/'; Test unit written to a/crash-1\n");
        let log = Path::new("fuzz.log");
        let see_log = "see fuzz.log".to_owned();
        let crash = Outcome::Crashed("a/crash-1".to_owned());
        for (text, succeeded, executions, outcome) in [
            (&*ended, true, 5000, Outcome::Passed),
            (running, true, 4096, Outcome::Passed),
            (running, false, 4096, Outcome::Crashed(see_log.clone())),
            (&*broken, false, 4096, crash),
        ] {
            let expected = Report {
                executions,
                coverage: 21,
                features: 35,
                outcome,
            };
            assert_eq!(report(text, succeeded, log), expected, "{text}");
        }
        for (text, succeeded) in [
            ("", true),
            ("ParseDictionaryFile: file does not exist\n", false),
        ] {
            assert_eq!(
                report(text, succeeded, log),
                Report::not_run(see_log.clone()),
                "{text}"
            );
        }
    }

    #[test]
    fn a_summary_is_sorted_and_counts_failures() {
        let run = |target: &str, executions, outcome| TargetRun {
            target: target.to_owned(),
            seconds: 2,
            report: Report {
                executions,
                coverage: 0,
                features: 0,
                outcome,
            },
        };
        let text = summary(&mut [
            run("a", 10, Outcome::Passed),
            run("b", 0, Outcome::NotRun("x".to_owned())),
            run("c", 400, Outcome::Passed),
            run("d", 30, Outcome::Crashed("y".to_owned())),
        ]);
        let first_words: Vec<&str> = text
            .lines()
            .filter_map(|line| line.split(' ').next())
            .collect();
        assert_eq!(first_words, ["target", "c", "d", "a", "b", "440"]);
        assert!(text.contains("COULD NOT RUN: x\n"), "{text}");
        assert!(
            text.ends_with("440 executions, 4 targets: 1 crashed, 1 could not run\n"),
            "{text}"
        );
    }

    #[test]
    fn a_target_that_cannot_be_started_is_reported() {
        let folder = std::env::temp_dir().join(format!("fuzz-{}", std::process::id()));
        let project = Project {
            root: folder.clone(),
            cache: folder.clone(),
        };
        let program = folder.join("missing");
        let started = run_target(&project, &folder, &program, "missing", 1);
        fs::remove_dir_all(&folder).unwrap();
        assert!(started.is_err(), "{started:?}");
    }

    #[test]
    fn every_target_is_a_program_and_has_a_dictionary() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../..")
            .join(FOLDER);
        let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap();
        let targets = targets(&folder).unwrap();
        assert!(!targets.is_empty());
        for target in targets {
            assert!(
                manifest.contains(&format!("\nname = \"{target}\"\n")),
                "{target}"
            );
            let dictionary = folder.join("dictionaries").join(format!("{target}.dict"));
            assert!(dictionary.is_file(), "{target}");
        }
    }
}
