//! `cargo xtask bench`: measures the engine natively and the page in Chromium, and writes the figures into `PERFORMANCE.md`.

mod browser;
mod load;
mod logs;
mod native;
mod page;

use std::process::ExitCode;
use std::thread::available_parallelism;

use crate::place::Place;
use crate::run::{self, Failure};

/// What is to be measured.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wish {
    /// The engine, natively.
    pub native: bool,
    /// The page in Chromium.
    pub browser: bool,
    /// The size of the large logs that the page reads.
    pub gib: u64,
}

impl Default for Wish {
    fn default() -> Self {
        Self {
            native: true,
            browser: true,
            gib: 1,
        }
    }
}

/// What a run says: a part of the page, and whether every measure came to an end.
struct Figures {
    text: String,
    whole: bool,
}

/// Measures what is wished for. Whatever could be measured is written, also where something else failed.
///
/// # Errors
/// Where the page of figures cannot be written.
pub fn bench(place: &Place, wish: &Wish) -> Result<ExitCode, Failure> {
    if !wish.native && !wish.browser {
        return Err(Failure::new(
            "`--native` and `--browser` leave each other out; without either, both are measured",
        ));
    }
    let mut whole = true;
    let mut take = |part, measured: Result<Figures, Failure>| -> Result<(), Failure> {
        match measured {
            Ok(figures) => {
                whole &= figures.whole;
                page::write(place, part, &figures.text)
            }
            // The other part may be measured all the same.
            Err(failure) => {
                whole = false;
                eprintln!("error: {failure}");
                Ok(())
            }
        }
    };
    if wish.native {
        take(page::Part::Native, native::measure(place))?;
    }
    if wish.browser {
        take(page::Part::Browser, browser::measure(place, wish.gib))?;
    }
    println!("the figures are in {}", page::FILE);
    Ok(if whole {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}

/// The processor, in a few words.
fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map(|(_, model)| model.trim().to_owned())
        .or_else(|| {
            let words = ["-n", "machdep.cpu.brand_string"];
            run::asked(std::process::Command::new("sysctl").args(words))
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    match available_parallelism().map_or(1, usize::from) {
        1 => format!("{model}, 1 core"),
        cores => format!("{model}, {cores} cores"),
    }
}

/// A figure held against its target.
struct Target {
    /// What is measured.
    what: &'static str,
    /// What it should be.
    aim: &'static str,
    /// What it was, and whether that meets the target; none where it could not be measured.
    found: Option<(String, bool)>,
}

/// The targets as a table, with a plain word for each.
fn verdicts(targets: &[Target]) -> String {
    let mut text = "| measure | target | in this run | |\n| --- | --- | --- | --- |\n".to_owned();
    for Target { what, aim, found } in targets {
        let (found, verdict) = match found {
            Some((found, true)) => (found.as_str(), "met"),
            Some((found, false)) => (found.as_str(), "**not met**"),
            None => ("could not be measured", "**open**"),
        };
        text.push_str(&format!("| {what} | {aim} | {found} | {verdict} |\n"));
    }
    text
}

/// A count with thousands separated: `1,180,390`.
fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_are_grouped() {
        for (count, expected) in [(0, "0"), (999, "999"), (1_180_390, "1,180,390")] {
            assert_eq!(grouped(count), expected);
        }
    }

    #[test]
    fn every_target_has_its_word() {
        let target = |found| Target {
            what: "frames",
            aim: "20 ms",
            found,
        };
        let found = |met| Some(("17 ms".to_owned(), met));
        let text = verdicts(&[target(found(true)), target(found(false)), target(None)]);
        let words: Vec<_> = text
            .lines()
            .skip(2)
            .filter_map(|line| line.rsplit(" | ").next())
            .collect();
        assert_eq!(words, ["met |", "**not met** |", "**open** |"]);
    }
}
