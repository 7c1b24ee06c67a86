//! Events and bytes, of which some bytes are a range: kept apart, so that what is exact stays exact.

use audit_sim::Sum;
use serde::Serialize;

/// Bytes between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Range {
    /// At the least.
    pub low: u64,
    /// At the most.
    pub high: u64,
}

impl Range {
    /// So many of it.
    pub const fn times(self, count: u64) -> Self {
        Self {
            low: self.low.saturating_mul(count),
            high: self.high.saturating_mul(count),
        }
    }
}

impl std::ops::AddAssign for Range {
    fn add_assign(&mut self, other: Self) {
        self.low = self.low.saturating_add(other.low);
        self.high = self.high.saturating_add(other.high);
    }
}

/// Events with their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Amount {
    /// All events.
    pub events: u64,
    /// Bytes that the log tells: all of those events whose size is known, and what it holds of the others.
    pub bytes: u64,
    /// Of the events: those that lack a part.
    pub open_events: u64,
    /// What the lacking parts add.
    pub missing: Range,
}

impl Amount {
    /// Bytes at the least.
    pub const fn low(&self) -> u64 {
        self.bytes.saturating_add(self.missing.low)
    }

    /// Bytes at the most.
    pub const fn high(&self) -> u64 {
        self.bytes.saturating_add(self.missing.high)
    }

    /// Whether every size is known.
    pub const fn is_exact(&self) -> bool {
        self.open_events == 0
    }
}

impl From<Sum> for Amount {
    fn from(sum: Sum) -> Self {
        Self {
            events: sum.events,
            bytes: sum.bytes,
            ..Self::default()
        }
    }
}

impl std::ops::AddAssign for Amount {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
        self.open_events += other.open_events;
        self.missing += other.missing;
    }
}
