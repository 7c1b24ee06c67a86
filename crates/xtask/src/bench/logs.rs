//! The synthetic logs that the page reads: made once, kept with the tools.

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use crate::place::Place;
use crate::run::{self, Failure};

/// Events of the log that is edited and scrolled.
const MILLION: u64 = 1_000_000;

/// Sizes between the least and the largest; at each the cost of a megabyte is measured.
const SIZES: [u64; 4] = [1_000_000, 10_000_000, 100_000_000, 500_000_000];

/// Makes every log that is not there yet, and the file that names them all, as `tests/bench/run.mjs` reads it.
pub(super) fn ready(place: &Place, gib: u64) -> Result<PathBuf, Failure> {
    let mut cargo = place.command("cargo");
    let words =
        "build --locked --release --quiet --message-format=json -p conformance --bin synthetic";
    let built = run::asked(cargo.args(words.split(' ')))
        .ok_or_else(|| Failure::new("the program that makes the logs cannot be built"))?;
    let program = executable(&built)
        .ok_or_else(|| Failure::new("cargo does not say where it put `synthetic`"))?;
    let folder = place.cache.join("bench");
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
    std::fs::write(&list, all.to_string()).map_err(|error| Failure::at(&list, &error))?;
    Ok(list)
}

/// One log: where it is, how long, how many events.
fn log(program: &Path, file: &Path, words: [&str; 3]) -> Result<Value, Failure> {
    let said = run::asked(Command::new(program).arg(file).args(words));
    said.and_then(|said| serde_json::from_str(&said).ok())
        .ok_or_else(|| Failure::new(format!("`{}` cannot be made", file.display())))
}

/// The program that cargo's messages name.
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
    fn the_program_is_where_cargo_says() {
        let messages = "{\"reason\":\"compiler-artifact\",\"executable\":null}\n\
             {\"reason\":\"compiler-artifact\",\"executable\":\"/t/synthetic\"}\n\
             {\"reason\":\"build-finished\",\"success\":true}\n";
        assert_eq!(executable(messages), Some(PathBuf::from("/t/synthetic")));
        assert_eq!(executable(""), None);
    }
}
