//! `cargo xtask fuzz`: runs the fuzz targets one after another and prints the number of inputs each has run.
//!
//! They are built by the pinned compiler with the flags that cargo-fuzz would give it, so that they only need a compiler for C++,
//! in which libFuzzer is written.

use std::ffi::OsStr;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

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

/// Builds the targets, seeds their corpora, and runs one target, or all.
///
/// # Errors
/// If there is no target of that name, or something cannot be built or started.
pub fn fuzz(project: &Project, only: Option<&str>, minutes: u64) -> Result<ExitCode, Error> {
    let folder = project.root.join(FOLDER);
    let all = targets(&folder)?;
    let chosen: Vec<&String> = all
        .iter()
        .filter(|target| only.is_none_or(|only| only == *target))
        .collect();
    if chosen.is_empty() {
        return Err(Error::new(format!(
            "unknown fuzz target: the targets are {}",
            all.join(", ")
        )));
    }
    let programs = build(project, &folder)?;
    seed(project, &folder)?;

    let seconds = (minutes * 60 / chosen.len() as u64).max(1);
    println!("{} targets, {seconds} seconds each", chosen.len());
    println!(
        "{:<12}{:>14}{:>12}{:>10}{:>10}  crashes",
        "target", "executions", "per second", "coverage", "features"
    );
    let mut sum = 0;
    let mut crashes = 0;
    for target in chosen {
        let report = run_target(project, &folder, &programs.join(target), target, seconds)?;
        println!(
            "{target:<12}{:>14}{:>12}{:>10}{:>10}  {}",
            report.executions,
            report.executions / seconds,
            report.coverage,
            report.features,
            report.crash.as_deref().unwrap_or("none")
        );
        sum += report.executions;
        crashes += usize::from(report.crash.is_some());
    }
    println!("{sum} executions, {crashes} crashes");
    Ok(if crashes == 0 {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
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

/// Builds all targets and returns the folder of their programs.
fn build(project: &Project, folder: &Path) -> Result<PathBuf, Error> {
    let host =
        run::output(project.command("rustc").args(["--print", "host-tuple"])).ok_or_else(|| {
            Error::new("`rustc --print host-tuple` fails: is the toolchain complete?")
        })?;
    let built = project.target_folder("fuzz");
    let mut cargo = project.command("cargo");
    // Not `--locked`: a new dependency of one of the project's crates must not stop a run.
    // An explicit target keeps the flags from build scripts and macros, which run without libFuzzer.
    cargo.args(["build", "--release", "--bins", "--target", &host]);
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

/// Result of a run of one target.
#[derive(Debug, PartialEq, Eq, Default)]
struct Report {
    executions: u64,
    coverage: u64,
    features: u64,
    /// File with the input that caused the crash.
    crash: Option<String>,
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
    let mut report = report(&text);
    if !succeeded && report.crash.is_none() {
        report.crash = Some(format!("see {}", log.display()));
    }
    Ok(report)
}

/// Parses libFuzzer's log: status lines `#12 NEW cov: 3 ft: 4 …`, final counters `stat::…: 5`, and the path of an input that crashed.
fn report(text: &str) -> Report {
    let mut report = Report::default();
    for line in text.lines() {
        if line.starts_with('#') {
            report.executions = after(line, "#").unwrap_or(report.executions);
            report.coverage = after(line, "cov: ").unwrap_or(report.coverage);
            report.features = after(line, "ft: ").unwrap_or(report.features);
        }
        if let Some(count) = after(line, "stat::number_of_executed_units: ") {
            report.executions = count;
        }
        if let Some((_, file)) = line.split_once("Test unit written to ") {
            report.crash = Some(file.to_owned());
        }
    }
    report
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
        let report_of = |executions, crash: Option<&str>| Report {
            executions,
            coverage: 21,
            features: 35,
            crash: crash.map(str::to_owned),
        };
        for (text, expected) in [
            ("", Report::default()),
            (running, report_of(4096, None)),
            (&ended, report_of(5000, None)),
            (&broken, report_of(4096, Some("a/crash-1"))),
        ] {
            assert_eq!(report(text), expected);
        }
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
