//! The times at which a log has events, in bounded memory, and the gaps between them.

/// Maximum number of distinct times that are kept. With more, times are rounded to twice as many seconds.
const MAX_TIMES: usize = 500_000;

/// Minimum number of spacings between times: with fewer, none of them is typical.
const MIN_SPACINGS: usize = 50;

/// Minimum length of a gap in seconds.
const MIN_GAP: i64 = 60;

/// A gap is at least this many times as long as almost all spacings.
const MIN_FACTOR: i64 = 10;

/// Maximum length in seconds of almost all spacings. In a log with longer ones, such as one of people only, pauses are usual.
const MAX_TYPICAL: i64 = 30;

/// Microseconds per second.
const SECOND: i64 = 1_000_000;

/// Times with events, to the second or, in a very long log, to more.
#[derive(Debug, Clone)]
pub(crate) struct Times {
    /// Sorted up to `sorted`, without duplicates there.
    seconds: Vec<i64>,
    sorted: usize,
    /// Number of seconds that times are rounded to.
    width: i64,
    /// First and last time in microseconds.
    range: Option<(i64, i64)>,
}

/// A time without events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Gap {
    /// Second of the last event before.
    pub(crate) from: i64,
    /// Second of the first event after.
    pub(crate) to: i64,
}

/// Gaps of a log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Gaps {
    /// The gaps, in the order of time.
    pub(crate) gaps: Vec<Gap>,
    /// Length in seconds of all but a hundredth of the spacings, at most.
    pub(crate) typical: i64,
    /// Number of seconds that times are rounded to.
    pub(crate) width: i64,
}

impl Default for Times {
    fn default() -> Self {
        Self {
            seconds: Vec::new(),
            sorted: 0,
            width: 1,
            range: None,
        }
    }
}

impl Times {
    /// Adds a time in microseconds.
    pub(crate) fn push(&mut self, micros: i64) {
        let (first, last) = self.range.unwrap_or((micros, micros));
        self.range = Some((first.min(micros), last.max(micros)));
        let second = micros.div_euclid(SECOND).div_euclid(self.width);
        if self.seconds.last() == Some(&second) {
            return;
        }
        self.seconds.push(second);
        // As many again as are sorted, so that sorting takes little time per event.
        if self.seconds.len() >= (2 * self.sorted).max(4_096) {
            self.compact();
        }
    }

    fn compact(&mut self) {
        self.seconds.sort_unstable();
        self.seconds.dedup();
        while self.seconds.len() > MAX_TIMES {
            self.width = self.width.saturating_mul(2);
            for second in &mut self.seconds {
                *second = second.div_euclid(2);
            }
            self.seconds.dedup();
        }
        self.sorted = self.seconds.len();
    }

    /// Returns the first and the last time in microseconds.
    pub(crate) const fn range(&self) -> Option<(i64, i64)> {
        self.range
    }

    /// Returns the gaps; none if the log is too short or its events are too rare to tell.
    pub(crate) fn gaps(&mut self) -> Option<Gaps> {
        self.compact();
        let pairs = || {
            self.seconds
                .windows(2)
                .filter_map(|pair| Some((*pair.first()?, *pair.last()?)))
        };
        let mut spacings: Vec<i64> = pairs()
            .map(|(one, next)| next.saturating_sub(one))
            .collect();
        if spacings.len() < MIN_SPACINGS {
            return None;
        }
        let rank = (spacings.len() - 1) * 99 / 100;
        // At least one spacing, the longest, is not typical, or a single gap of a short log would be.
        let rank = rank.min(spacings.len().saturating_sub(2));
        let (_, typical, _) = spacings.select_nth_unstable(rank);
        let typical = typical.saturating_mul(self.width);
        if typical > MAX_TYPICAL.max(self.width) {
            return None;
        }
        let min = MIN_GAP.max(typical.saturating_mul(MIN_FACTOR));
        let gap = |(one, next): (i64, i64)| Gap {
            from: one.saturating_mul(self.width),
            to: next.saturating_mul(self.width),
        };
        let gaps: Vec<Gap> = pairs()
            .map(gap)
            .filter(|gap| gap.to.saturating_sub(gap.from) >= min)
            .collect();
        (!gaps.is_empty()).then_some(Gaps {
            gaps,
            typical,
            width: self.width,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(seconds: impl IntoIterator<Item = i64>) -> Times {
        let mut times = Times::default();
        for second in seconds {
            times.push(second * SECOND + 5);
        }
        times
    }

    #[test]
    fn a_pause_much_longer_than_usual_is_a_gap() {
        // An event every two seconds, and ten minutes without one.
        let mut log = times(
            (0..100)
                .map(|at| 2 * at)
                .chain((0..100).map(|at| 798 + 2 * at)),
        );
        let gaps = log.gaps().unwrap();
        assert_eq!(gaps.gaps, [Gap { from: 198, to: 798 }]);
        assert_eq!(gaps.typical, 2);
    }

    #[test]
    fn usual_pauses_are_not_gaps() {
        // One second apart; 59 seconds; every 40 seconds; a minute among pauses of ten seconds; too few.
        assert_eq!(times(0..500).gaps(), None);
        assert_eq!(times((0..100).chain(158..300)).gaps(), None);
        assert_eq!(
            times((0..100).map(|at| 40 * at).chain([100_000])).gaps(),
            None
        );
        let mut log = times((0..100).map(|at| 10 * at).chain([990 + 99]));
        assert_eq!(log.gaps(), None);
        assert_eq!(times((0..40).chain([5_000])).gaps(), None);
    }

    #[test]
    fn the_order_of_files_does_not_matter() {
        let mut log = times((500..1_000).chain(0..500));
        assert_eq!(log.gaps(), None);
        assert_eq!(log.range(), Some((5, 999 * SECOND + 5)));
    }

    #[test]
    fn very_long_logs_are_rounded() {
        let mut log = times(0..1_200_000);
        // The range is exact all the same.
        assert_eq!(log.range(), Some((5, 1_199_999 * SECOND + 5)));
        assert!(log.seconds.len() <= MAX_TIMES);
        assert_eq!(log.gaps(), None);
        for second in 1_300_000..1_301_000 {
            log.push(second * SECOND);
        }
        assert_eq!(log.gaps().unwrap().gaps.len(), 1);
        let mut extremes = times([]);
        extremes.push(i64::MIN);
        extremes.push(i64::MAX);
        assert_eq!(extremes.gaps(), None);
    }
}
