//! From a log's own time window to a day.

use serde::{Deserialize, Serialize};

/// The times between which events were received.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Window {
    bounds: Option<(i64, i64)>,
    untimed: u64,
}

/// A day at the rate of a window, and how much that means.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Extrapolation {
    /// How many days like the window make a day; none where the window is too short to tell.
    pub factor: Option<f64>,
    /// Seconds from the first event to the last.
    pub seconds: Option<f64>,
    /// Why the figure means little, in one sentence; none where it is sound.
    pub caution: Option<String>,
}

const SECONDS_A_DAY: f64 = 86_400.0;
const SHORTEST_WINDOW: f64 = 1.0;
const SOUND_WINDOW: f64 = 3_600.0;

impl Window {
    /// Widens the window to the time of an event, in microseconds since 1970.
    pub fn note(&mut self, time: Option<i64>) {
        let Some(time) = time else {
            self.untimed += 1;
            return;
        };
        self.bounds = Some(match self.bounds {
            None => (time, time),
            Some((first, last)) => (first.min(time), last.max(time)),
        });
    }

    /// Widens the window by another.
    pub fn join(&mut self, other: Self) {
        self.untimed += other.untimed;
        self.bounds = match (self.bounds, other.bounds) {
            (Some((first, last)), Some((begin, end))) => Some((first.min(begin), last.max(end))),
            (own, theirs) => own.or(theirs),
        };
    }

    /// The first and the last time, in microseconds since 1970; none where no event bears one.
    pub const fn bounds(&self) -> Option<(i64, i64)> {
        self.bounds
    }

    /// How many events bear no time.
    pub const fn untimed(&self) -> u64 {
        self.untimed
    }

    /// What the window says of a day.
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
                    spoken(seconds)
                )
            });
            (Some(factor), caution)
        };
        Extrapolation {
            factor,
            seconds: Some(seconds),
            caution,
        }
    }
}

fn spoken(seconds: f64) -> String {
    if seconds < 120.0 {
        format!("{seconds:.0} seconds")
    } else {
        format!("{:.0} minutes", seconds / 60.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: i64 = 1_000_000;

    fn window(times: &[Option<i64>]) -> Extrapolation {
        let mut window = Window::default();
        times.iter().for_each(|time| window.note(*time));
        window.extrapolate()
    }

    #[test]
    fn a_day_is_as_many_windows_as_fit() {
        let half_a_day = window(&[Some(43_200 * SECOND), Some(0), None]);
        assert_eq!((half_a_day.factor, half_a_day.caution), (Some(2.0), None));
        let minute = window(&[Some(0), Some(60 * SECOND)]);
        assert_eq!(minute.factor, Some(1440.0));
        assert!(minute.caution.unwrap().contains("60 seconds"));
    }

    #[test]
    fn no_window_gives_no_figure() {
        for times in [&[][..], &[None], &[Some(5)], &[Some(5), Some(5)]] {
            assert_eq!(window(times).factor, None);
        }
        assert!(window(&[None]).caution.unwrap().contains("no time"));
        assert_eq!(window(&[Some(i64::MIN), Some(i64::MAX)]).caution, None);
    }
}
