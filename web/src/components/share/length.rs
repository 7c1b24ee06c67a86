//! Length of a link compared with what programs accept.

use playground_figures::numbers;

/// Range that the length of a link is in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum LinkLength {
    /// At most 2,000 characters.
    Short,
    /// At most 4,000 characters.
    Medium,
    /// At most 8,000 characters.
    Long,
    /// At most 32,000 characters.
    VeryLong,
    /// At most a million characters: browsers open it, few other programs pass it on.
    ForBrowsers,
    /// Longer than some browsers accept.
    TooLong,
}

impl LinkLength {
    /// Returns the range of a length in characters.
    pub const fn of(length: usize) -> Self {
        match length {
            0..=2_000 => Self::Short,
            2_001..=4_000 => Self::Medium,
            4_001..=8_000 => Self::Long,
            8_001..=32_000 => Self::VeryLong,
            32_001..=1_000_000 => Self::ForBrowsers,
            _ => Self::TooLong,
        }
    }
}

/// Returns the length in words, with what it means.
pub fn length_note(length: usize) -> String {
    let meaning = match LinkLength::of(length) {
        LinkLength::Short => "short enough for almost every program.",
        LinkLength::Medium => "some chat programs accept at most 2,000.",
        LinkLength::Long => {
            "many chat programs accept at most 2,000 or 4,000; mail, trackers and documents take it."
        }
        LinkLength::VeryLong => {
            "many programs cut links after 2,000, 4,000 or 8,000. A file is safer."
        }
        LinkLength::ForBrowsers => {
            "browsers open it, but most other programs cut links after 32,000 or fewer. Save a file instead."
        }
        LinkLength::TooLong => {
            "some browsers reject links of more than 1 million. Save a file instead, or choose fewer events."
        }
    };
    [&numbers::count(length), " characters: ", meaning].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_limit_belongs_to_the_range_below_it() {
        for (length, range) in [
            (2_000, LinkLength::Short),
            (2_001, LinkLength::Medium),
            (4_000, LinkLength::Medium),
            (4_001, LinkLength::Long),
            (8_000, LinkLength::Long),
            (8_001, LinkLength::VeryLong),
            (32_000, LinkLength::VeryLong),
            (32_001, LinkLength::ForBrowsers),
            (1_000_000, LinkLength::ForBrowsers),
            (1_000_001, LinkLength::TooLong),
        ] {
            assert_eq!(LinkLength::of(length), range, "{length}");
        }
    }
}
