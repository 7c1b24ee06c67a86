//! Numbers between two bounds.

use serde::Serialize;

/// A number between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct Range {
    /// Lower bound.
    pub low: f64,
    /// Upper bound.
    pub high: f64,
}

impl Range {
    /// Nothing.
    pub(crate) const ZERO: Self = Self {
        low: 0.0,
        high: 0.0,
    };

    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            low: self.low * factor,
            high: self.high * factor,
        }
    }

    /// Widens the range to contain another.
    pub(super) fn cover(self, other: Self) -> Self {
        Self {
            low: self.low.min(other.low),
            high: self.high.max(other.high),
        }
    }
}

impl std::ops::AddAssign for Range {
    fn add_assign(&mut self, other: Self) {
        self.low += other.low;
        self.high += other.high;
    }
}

/// A number of events and of their bytes.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize)]
pub struct VolumeRange {
    /// Number of events.
    pub events: Range,
    /// Bytes.
    pub bytes: Range,
}

impl VolumeRange {
    pub(super) fn times(self, factor: f64) -> Self {
        Self {
            events: self.events.times(factor),
            bytes: self.bytes.times(factor),
        }
    }

    pub(super) fn add(&mut self, other: Self) {
        self.events += other.events;
        self.bytes += other.bytes;
    }
}
