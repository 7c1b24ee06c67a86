//! Events and bytes, where estimated bytes are a range that is kept apart from the certain ones.

use audit_sim::Sum;
use serde::Serialize;

/// A number of bytes between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct SizeRange {
    /// Lower bound.
    pub low: u64,
    /// Upper bound.
    pub high: u64,
}

impl SizeRange {
    /// Multiplies both bounds.
    pub const fn times(self, count: u64) -> Self {
        Self {
            low: self.low.saturating_mul(count),
            high: self.high.saturating_mul(count),
        }
    }
}

impl std::ops::AddAssign for SizeRange {
    fn add_assign(&mut self, other: Self) {
        self.low = self.low.saturating_add(other.low);
        self.high = self.high.saturating_add(other.high);
    }
}

/// A number of events with their bytes, some of which are estimated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EstimatedVolume {
    /// Number of events.
    pub events: u64,
    /// Certain bytes: all of events of known size, and the known parts of the others.
    pub bytes: u64,
    /// Number of events that lack a part.
    #[serde(rename = "openEvents")]
    pub incomplete_events: u64,
    /// Estimated bytes of the missing parts.
    #[serde(rename = "missing")]
    pub missing_bytes: SizeRange,
}

impl EstimatedVolume {
    /// Returns the lower bound of the bytes.
    pub const fn low(&self) -> u64 {
        self.bytes.saturating_add(self.missing_bytes.low)
    }

    /// Returns the upper bound of the bytes.
    pub const fn high(&self) -> u64 {
        self.bytes.saturating_add(self.missing_bytes.high)
    }

    /// Returns the average bytes that an incomplete event lacks, as lower and upper bound; 0 if every size is known.
    pub(super) fn missing_each(&self) -> (f64, f64) {
        let events = self.incomplete_events.max(1) as f64;
        let SizeRange { low, high } = self.missing_bytes;
        (low as f64 / events, high as f64 / events)
    }

    /// Returns whether every size is known.
    pub const fn is_exact(&self) -> bool {
        self.incomplete_events == 0
    }
}

impl From<Sum> for EstimatedVolume {
    fn from(sum: Sum) -> Self {
        Self {
            events: sum.events,
            bytes: sum.bytes,
            ..Self::default()
        }
    }
}

impl std::ops::AddAssign for EstimatedVolume {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
        self.incomplete_events += other.incomplete_events;
        self.missing_bytes += other.missing_bytes;
    }
}
