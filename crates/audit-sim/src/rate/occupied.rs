//! The parts of a time window that contain events, in fixed memory. The result depends on the times only, not on their order.

use serde::{Deserialize, Serialize};

const WORDS: usize = 8;
const STEPS: i64 = 512;
const _: () = assert!(STEPS == WORDS as i64 * 64);

/// The shortest step is 2 to this power in microseconds: about a second.
const SHORTEST: u32 = 20;

/// Steps of time, each with events or without. A step is a power of two long, starts at a multiple of its length, and is the shortest for
/// which the window has at most [`STEPS`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct OccupiedSteps {
    shift: u32,
    /// The window that the steps cover. Steps are counted from 1970; the bit of a step is its number modulo [`STEPS`].
    window: Option<(i64, i64)>,
    bits: [u64; WORDS],
}

impl Default for OccupiedSteps {
    fn default() -> Self {
        Self {
            shift: SHORTEST,
            window: None,
            bits: [0; WORDS],
        }
    }
}

impl OccupiedSteps {
    /// Extends the steps to a window that contains the previous one.
    pub(super) fn cover(&mut self, first: i64, last: i64) {
        if self.window == Some((first, last)) {
            return;
        }
        let mut shift = self.shift;
        while (last >> shift) - (first >> shift) >= STEPS {
            shift += 1;
        }
        if shift != self.shift {
            let old = *self;
            self.shift = shift;
            self.bits = [0; WORDS];
            self.take(&old);
        }
        self.window = Some((first, last));
    }

    /// Adds an event, whose time is inside the window.
    pub(super) fn add(&mut self, time: i64) {
        self.set(time >> self.shift);
    }

    /// Adds the events of another window, which is inside this one.
    pub(super) fn merge(&mut self, other: Self) {
        self.take(&other);
    }

    fn take(&mut self, other: &Self) {
        let Some((first, last)) = other.window else {
            return;
        };
        // These steps are at least as long: their window contains the other.
        let by = self.shift.saturating_sub(other.shift);
        for step in (first >> other.shift)..=(last >> other.shift) {
            if other.has(step) {
                self.set(step >> by);
            }
        }
    }

    fn set(&mut self, step: i64) {
        let (word, bit) = place(step);
        if let Some(word) = self.bits.get_mut(word) {
            *word |= bit;
        }
    }

    fn has(&self, step: i64) -> bool {
        let (word, bit) = place(step);
        self.bits.get(word).is_some_and(|word| word & bit != 0)
    }

    /// Returns the seconds of the longest run of steps without an event between the first and the last.
    pub(super) fn longest_gap(&self, first: i64, last: i64) -> f64 {
        let (mut longest, mut run) = (0_i64, 0_i64);
        for step in (first >> self.shift)..=(last >> self.shift) {
            run = if self.has(step) { 0 } else { run + 1 };
            longest = longest.max(run);
        }
        longest as f64 * 2_f64.powi(self.shift as i32) / 1_000_000.0
    }
}

/// Returns the index of the word and the bit of a step.
fn place(step: i64) -> (usize, u64) {
    let at = step.rem_euclid(STEPS);
    (usize::try_from(at / 64).unwrap_or(0), 1 << (at % 64))
}
