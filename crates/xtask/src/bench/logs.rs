//! The synthetic logs that the page reads. They are generated once and stored with the tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::project::Project;
use crate::run::{self, Error};

/// Number of events in the log for edits and scrolling.
const MILLION: u64 = 1_000_000;

/// Sizes in bytes at which the time per megabyte is measured, besides the largest log.
const SIZES: [u64; 4] = [1_000_000, 10_000_000, 100_000_000, 500_000_000];

/// Generates every missing log. Returns the path of the list of all logs, which `tests/bench/run.mjs` reads.
pub(super) fn ready(project: &Project, gib: u64) -> Result<PathBuf, Error> {
    let mut cargo = project.command("cargo");
    let words =
        "build --locked --release --quiet --message-format=json -p conformance --bin synthetic";
    let built = run::output(cargo.args(words.split(' ')))
        .ok_or_else(|| Error::new("the program that generates the logs cannot be built"))?;
    let program = executable(&built)
        .ok_or_else(|| Error::new("cargo did not report the path of `synthetic`"))?;
    let folder = project.cache.join("bench");
    println!("logs in {}", folder.display());
    let make = |contents: &str, unit: &str, number: u64| {
        let name = match unit {
            "bytes" => format!("{contents}-{number}.jsonl"),
            _ => format!("{contents}-{number}-{unit}.jsonl"),
        };
        let number = number.to_string();
        log(&program, &folder.join(name), [contents, unit, &number])
    };
    let large = gib << 30;
    let bodies = make("bodies", "bytes", large)?;
    let mut sizes = Vec::new();
    for size in SIZES {
        sizes.push(make("bodies", "bytes", size)?);
    }
    sizes.push(bodies.clone());
    let all = json!({
        "bodies": bodies,
        "metadata": make("metadata", "bytes", large)?,
        "million": make("metadata", "events", MILLION)?,
        "sizes": sizes,
    });
    let list = folder.join("logs.json");
    std::fs::write(&list, all.to_string()).map_err(|error| Error::at(&list, &error))?;
    Ok(list)
}

/// Generates one log, unless it exists. Returns its path, size and number of events.
fn log(program: &Path, file: &Path, arguments: [&str; 3]) -> Result<Value, Error> {
    let printed = run::output(Command::new(program).arg(file).args(arguments));
    printed
        .and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| Error::new(format!("`{}` cannot be generated", file.display())))
}

/// Finds the path of the program in cargo's messages.
fn executable(messages: &str) -> Option<PathBuf> {
    let mut programs = messages.lines().filter_map(|line| {
        let message: Value = serde_json::from_str(line).ok()?;
        message
            .get("executable")
            .and_then(Value::as_str)
            .map(PathBuf::from)
    });
    programs.next_back()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_path_of_the_program_is_in_the_messages_of_cargo() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
             {\"reason\":\"compiler-artifact\",\"executable\":\"/t/synthetic\"}\n\
             {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/synthetic")));
        assert_eq!(executable(""), None);
    }
}
