//! Measured figures as text: tables of targets, numbers, the machine.

use std::thread::available_parallelism;

use crate::run;

/// Result of one part of the bench.
pub(super) struct Figures {
    /// Part of the performance page.
    pub(super) text: String,
    /// True if every measurement completed.
    pub(super) is_complete: bool,
}

/// A target and the figure that is compared with it.
pub(super) struct Target {
    /// Name of the measurement.
    pub(super) name: &'static str,
    /// The required value.
    pub(super) required: &'static str,
    /// The measured value, and whether it meets the target. `None` if it could not be measured.
    pub(super) measured: Option<(String, bool)>,
}

/// Formats targets as a table.
pub(super) fn target_table(targets: &[Target]) -> String {
    let mut text = "| measure | target | in this run | |\n| --- | --- | --- | --- |\n".to_owned();
    for Target {
        name,
        required,
        measured,
    } in targets
    {
        let (measured, verdict) = match measured {
            Some((measured, true)) => (measured.as_str(), "met"),
            Some((measured, false)) => (measured.as_str(), "**not met**"),
            None => ("could not be measured", "**open**"),
        };
        text.push_str(&format!(
            "| {name} | {required} | {measured} | {verdict} |\n"
        ));
    }
    text
}

/// Names the processor and its cores.
pub(super) fn machine() -> String {
    let info = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = info
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map(|(_, model)| model.trim().to_owned())
        .or_else(|| {
            let arguments = ["-n", "machdep.cpu.brand_string"];
            run::output(std::process::Command::new("sysctl").args(arguments))
        })
        .unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    match available_parallelism().map_or(1, usize::from) {
        1 => format!("{model}, 1 core"),
        cores => format!("{model}, {cores} cores"),
    }
}

/// Formats a count with thousands separators: `1,180,390`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
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
    fn every_target_has_a_verdict() {
        let target = |measured| Target {
            name: "frames",
            required: "20 ms",
            measured,
        };
        let measured = |met| Some(("17 ms".to_owned(), met));
        let text = target_table(&[
            target(measured(true)),
            target(measured(false)),
            target(None),
        ]);
        let verdicts: Vec<_> = text
            .lines()
            .skip(2)
            .filter_map(|line| line.rsplit(" | ").next())
            .collect();
        assert_eq!(verdicts, ["met |", "**not met** |", "**open** |"]);
    }
}
