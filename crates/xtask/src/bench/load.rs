//! The share of the processors that other work uses before and after a measurement. Results with much other work are less exact, so they name it.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

/// Smallest share that is reported.
const QUIET: f64 = 0.05;

/// Duration of one observation of the processors.
const OBSERVATION: Duration = Duration::from_secs(3);

/// Time of all processors so far, in ticks of the system's clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Ticks {
    all: u64,
    busy: u64,
}

/// Share of the processors that other work uses before a measurement.
pub(super) struct Load(Option<f64>);

impl Load {
    /// Observes the processors while the bench itself is idle.
    pub(super) fn before() -> Self {
        Self(share())
    }

    /// Observes the processors again and returns `, which other work kept 40 % busy`. Empty if the machine was quiet, or its load is unknown.
    pub(super) fn and_after(&self) -> String {
        let share = self.0.zip(share()).map(|(before, after)| {
            println!(
                "other work used {:.0} % of the processors before, {:.0} % after",
                before * 100.0,
                after * 100.0
            );
            f64::midpoint(before, after)
        });
        note(share)
    }
}

/// Formats the share that other work used.
pub(super) fn note(share: Option<f64>) -> String {
    match share.filter(|share| *share >= QUIET) {
        Some(share) => format!(", which other work kept {:.0} % busy", share * 100.0),
        None => String::new(),
    }
}

/// Observes the share of the processors' time that is not idle.
fn share() -> Option<f64> {
    let then = now()?;
    sleep(OBSERVATION);
    busy(then, now()?)
}

/// Computes the share of the processors' time that was not idle.
fn busy(then: Ticks, now: Ticks) -> Option<f64> {
    let all = now.all.checked_sub(then.all).filter(|all| *all > 0)?;
    let busy = now.busy.checked_sub(then.busy)?;
    #[allow(
        clippy::cast_precision_loss,
        reason = "ticks of seconds are far below the exact range of an f64"
    )]
    let share = busy as f64 / all as f64;
    Some(share)
}

fn now() -> Option<Ticks> {
    ticks(&fs::read_to_string("/proc/stat").ok()?)
}

fn ticks(system: &str) -> Option<Ticks> {
    let line = system.lines().find_map(|line| line.strip_prefix("cpu "))?;
    // user nice system idle iowait irq softirq steal; what guests have is counted with the first two again.
    let fields: Vec<u64> = line
        .split_whitespace()
        .take(8)
        .map_while(|field| field.parse().ok())
        .collect();
    let all: u64 = fields.iter().sum();
    let idle: u64 = fields.iter().skip(3).take(2).sum();
    Some(Ticks {
        all,
        busy: all.saturating_sub(idle),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_ticks_of_the_system_are_parsed() {
        let system = "cpu  10 20 30 400 50 6 7 8 9 9\ncpu0 1 2 3\n";
        let expected = Ticks { all: 531, busy: 81 };
        assert_eq!(ticks(system), Some(expected));
        assert_eq!(ticks(""), None);
    }

    #[test]
    fn the_share_is_of_the_time_between() {
        let then = Ticks { all: 100, busy: 50 };
        assert_eq!(
            busy(
                then,
                Ticks {
                    all: 300,
                    busy: 150
                }
            ),
            Some(0.5)
        );
        assert_eq!(busy(then, then), None);
        assert_eq!(note(Some(0.5)), ", which other work kept 50 % busy");
        assert_eq!(note(Some(0.01)), "");
    }
}
