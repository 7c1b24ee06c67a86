//! How much of a span of time is made as a log: all of it, or a part that stands for it.

use serde::{Deserialize, Serialize};

use crate::profile::{Profile, ProfileError};
use crate::rates::{events_per_second, rates};

/// The longest log that is made: a day.
pub const MAX_SECONDS: u32 = 86_400;

/// The most events that are made for a log, about.
pub const MAX_EVENTS: u64 = 1_000_000;

/// A part of a span that stands for it: the traffic of the model is the same at all times, so a shorter log says the same.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sample {
    /// What the sample stands for.
    pub span_seconds: u32,
    /// How long it is.
    pub seconds: u32,
    /// Events that it holds, about.
    pub events: f64,
}

impl Sample {
    /// The longest sample of a span that holds no more than so many events, about; at most [`MAX_EVENTS`].
    ///
    /// # Errors
    /// A profile out of its limits, a span of nothing or of more than [`MAX_SECONDS`], or so much traffic that one second of it is
    /// too much.
    pub fn plan(
        profile: &Profile,
        span_seconds: u32,
        max_events: u64,
    ) -> Result<Self, ProfileError> {
        if !(1..=MAX_SECONDS).contains(&span_seconds) {
            return Err(ProfileError::Seconds {
                given: span_seconds,
            });
        }
        let per_second = events_per_second(&rates(profile)?);
        let max = max_events.min(MAX_EVENTS);
        let fitting = max as f64 / per_second.max(f64::MIN_POSITIVE);
        if fitting < 1.0 {
            return Err(ProfileError::Events { per_second, max });
        }
        // What is too large for the type is cut to its largest.
        let seconds = span_seconds.min(fitting as u32);
        Ok(Self {
            span_seconds,
            seconds,
            events: per_second * f64::from(seconds),
        })
    }

    /// By what counts and bytes of the sample are multiplied to be those of the span.
    pub fn factor(&self) -> f64 {
        f64::from(self.span_seconds) / f64::from(self.seconds.max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sample_is_as_long_as_it_may_be() {
        let profile = Profile::default();
        let whole = Sample::plan(&profile, 60, MAX_EVENTS).unwrap();
        assert_eq!((whole.seconds, whole.factor()), (60, 1.0));
        let part = Sample::plan(&profile, 86_400, 1_000).unwrap();
        assert!(part.events <= 1_000.0 && part.seconds < 86_400, "{part:?}");
        assert!(part.factor() > 1.0);
    }

    #[test]
    fn what_cannot_be_made_is_refused() {
        let profile = Profile::default();
        for seconds in [0, MAX_SECONDS + 1] {
            let refusal = Sample::plan(&profile, seconds, 1_000).unwrap_err();
            assert_eq!(refusal, ProfileError::Seconds { given: seconds });
        }
        let refusal = Sample::plan(&profile, 60, 0).unwrap_err().to_string();
        assert!(refusal.ends_with("more than the 0 that a log may hold: give a smaller cluster"));
    }
}
