//! The time window of a log, and its extrapolation to a day.

mod occupied;

use audit_types::format::counted;
use serde::{Deserialize, Serialize};

use self::occupied::OccupiedSteps;

/// The window of time in which events were received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    bounds: Option<(i64, i64)>,
    untimed: u64,
    occupied: OccupiedSteps,
}

/// Extrapolation of a window to a day.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extrapolation {
    /// Number of such windows per day; `None` if the window is too short.
    pub factor: Option<f64>,
    /// Seconds from the first event to the last.
    pub seconds: Option<f64>,
    /// Reason to distrust the figure, as one sentence; `None` if there is none.
    pub caution: Option<String>,
    /// Seconds of the longest stretch without an event, to about a hundredth of the window; `None` if it is too short to matter.
    pub gap: Option<f64>,
}

const SECONDS_A_DAY: f64 = 86_400.0;
const SHORTEST_WINDOW: f64 = 1.0;
const SOUND_WINDOW: f64 = 3_600.0;

/// A gap is reported if it is at least this long, and at least this share of the window.
const GAP_SECONDS: f64 = 60.0;
const GAP_SHARE: f64 = 0.1;

impl Window {
    /// Widens the window to the time of an event, in microseconds since 1970.
    pub fn record(&mut self, time: Option<i64>) {
        let Some(time) = time else {
            self.untimed += 1;
            return;
        };
        let (first, last) = match self.bounds {
            None => (time, time),
            Some((first, last)) => (first.min(time), last.max(time)),
        };
        self.bounds = Some((first, last));
        self.occupied.cover(first, last);
        self.occupied.add(time);
    }

    /// Widens the window by another.
    pub fn merge(&mut self, other: Self) {
        self.untimed += other.untimed;
        self.bounds = match (self.bounds, other.bounds) {
            (Some((first, last)), Some((begin, end))) => Some((first.min(begin), last.max(end))),
            (own, theirs) => own.or(theirs),
        };
        if let Some((first, last)) = self.bounds {
            self.occupied.cover(first, last);
            self.occupied.merge(other.occupied);
        }
    }

    /// Returns the first and the last time, in microseconds since 1970; `None` if no event has one.
    pub const fn bounds(&self) -> Option<(i64, i64)> {
        self.bounds
    }

    /// Returns the number of events without a time.
    pub const fn untimed(&self) -> u64 {
        self.untimed
    }

    /// Extrapolates the window to a day.
    pub fn extrapolate(&self) -> Extrapolation {
        let Some((first, last)) = self.bounds else {
            let caution = (self.untimed > 0)
                .then(|| "the events bear no time, so there is no rate".to_owned());
            return Extrapolation {
                caution,
                ..Extrapolation::default()
            };
        };
        let seconds = last.saturating_sub(first) as f64 / 1_000_000.0;
        let (factor, caution) = if seconds < SHORTEST_WINDOW {
            let why =
                "all events fall within one second: too short a window to say anything of a day";
            (None, Some(why.to_owned()))
        } else {
            let factor = SECONDS_A_DAY / seconds;
            let caution = (seconds < SOUND_WINDOW).then(|| {
                format!(
                    "the log spans only {}: a whole day may look quite different",
                    approximate_duration(seconds)
                )
            });
            (Some(factor), caution)
        };
        let gap = self.occupied.longest_gap(first, last);
        Extrapolation {
            factor,
            seconds: Some(seconds),
            caution,
            gap: (gap >= GAP_SECONDS && gap >= GAP_SHARE * seconds).then_some(gap),
        }
    }
}

fn approximate_duration(seconds: f64) -> String {
    if seconds < 120.0 {
        counted(seconds.round(), "second", "seconds")
    } else {
        counted((seconds / 60.0).round(), "minute", "minutes")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn window(times: &[Option<i64>]) -> Extrapolation {
        let mut window = Window::default();
        times.iter().for_each(|time| window.record(*time));
        window.extrapolate()
    }

    #[test]
    fn windows_are_extrapolated_to_a_day() {
        let half_a_day = window(&[Some(43_200 * SECOND), Some(0), None]);
        assert_eq!((half_a_day.factor, half_a_day.caution), (Some(2.0), None));
        let minute = window(&[Some(0), Some(60 * SECOND)]);
        assert_eq!(minute.factor, Some(1440.0));
        assert!(minute.caution.unwrap().contains("60 seconds"));
    }

    #[test]
    fn a_short_log_is_named_by_its_length() {
        for (seconds, length) in [
            (0.4, "0 seconds"),
            (0.6, "1 second"),
            (2.0, "2 seconds"),
            (119.4, "119 seconds"),
            (150.0, "3 minutes"),
        ] {
            assert_eq!(approximate_duration(seconds), length);
        }
    }

    #[test]
    fn logs_far_apart_have_a_gap() {
        const DAY: i64 = 86_400 * SECOND;
        let start = 1_788_000_000 * SECOND;
        // Ten minutes of events, one a second, and ten more ninety days later.
        let ten_minutes = |from: i64| (0..600).map(move |second| Some(from + second * SECOND));
        let times: Vec<_> = ten_minutes(start)
            .chain(ten_minutes(start + 90 * DAY))
            .collect();
        let gap = window(&times).gap.unwrap() / 86_400.0;
        assert!((gap - 90.0).abs() < 0.9, "{gap}");
        let whole: Vec<_> = ten_minutes(start).collect();
        assert_eq!(window(&whole).gap, None);
        // An event every five minutes for a week does not have a gap.
        let steady: Vec<_> = (0..2016)
            .map(|step| Some(start + step * 300 * SECOND))
            .collect();
        assert_eq!(window(&steady).gap, None);
    }

    #[test]
    fn a_gap_is_the_same_in_any_order_and_in_parts() {
        const HOUR: i64 = 3600 * SECOND;
        let times: Vec<i64> = [0, 1, 2, 50, 51, 700, 701, 9, 702]
            .map(|hour| hour * HOUR + 7)
            .to_vec();
        let mut backwards = times.clone();
        backwards.reverse();
        let of = |times: &[i64]| {
            let mut window = Window::default();
            times.iter().for_each(|time| window.record(Some(*time)));
            window
        };
        let whole = of(&times);
        assert_eq!(whole, of(&backwards));
        for at in 0..times.len() {
            let (mut one, other) = (of(&times[..at]), of(&times[at..]));
            one.merge(other);
            assert_eq!(one, whole, "{at}");
        }
        let gap = whole.extrapolate().gap.unwrap() / 3600.0;
        assert!((gap - 649.0).abs() < 7.0, "{gap}");
    }

    #[test]
    fn empty_windows_have_no_factor() {
        for times in [&[][..], &[None], &[Some(5)], &[Some(5), Some(5)]] {
            assert_eq!(window(times).factor, None);
        }
        assert!(window(&[None]).caution.unwrap().contains("no time"));
        assert_eq!(window(&[Some(i64::MIN), Some(i64::MAX)]).caution, None);
    }
}
