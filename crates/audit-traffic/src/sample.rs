//! Length of a log that represents a time span: all of it, or a part.

use serde::{Deserialize, Serialize};

use crate::profile::{Profile, ProfileError};
use crate::rates::{events_per_second, rates};

/// Maximum length of a log: one day.
pub const MAX_SECONDS: u32 = 86_400;

/// Approximate maximum number of events in a log.
pub const MAX_EVENTS: u64 = 1_000_000;

/// A part of a time span that represents all of it: traffic in the model is constant, so a shorter log is equivalent.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub struct Sample {
    /// Time span that the sample represents, in seconds.
    pub span_seconds: u32,
    /// Length of the sample in seconds.
    pub seconds: u32,
    /// Approximate number of events.
    pub events: f64,
}

impl Sample {
    /// Returns the longest sample with at most about `max_events` events, limited to [`MAX_EVENTS`].
    ///
    /// # Errors
    /// If the profile exceeds its limits, the span is zero or more than [`MAX_SECONDS`], or one second has too many events.
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
        // The cast saturates.
        let seconds = span_seconds.min(fitting as u32);
        Ok(Self {
            span_seconds,
            seconds,
            events: per_second * f64::from(seconds),
        })
    }

    /// Returns the factor by which counts and bytes are multiplied to represent the span.
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
    fn impossible_samples_are_errors() {
        let profile = Profile::default();
        for seconds in [0, MAX_SECONDS + 1] {
            let error = Sample::plan(&profile, seconds, 1_000).unwrap_err();
            assert_eq!(error, ProfileError::Seconds { given: seconds });
        }
        let error = Sample::plan(&profile, 60, 0).unwrap_err().to_string();
        assert!(error.ends_with(
            "exceeds the maximum of 0 events: use a smaller cluster or a higher maximum"
        ));
    }
}
