//! Words of filter terms that stand for levels and outcomes.

use playground_protocol::{Level, Outcome, OutcomeFilter};

/// Stands for a rule or a level that can't be determined.
pub(crate) const UNKNOWN: &str = "unknown";

/// Parses the name of an outcome, or `dropped` for any dropped one.
pub(crate) fn parse_outcome(word: &str) -> Option<OutcomeFilter> {
    let outcomes = Outcome::ALL.into_iter().map(OutcomeFilter::Is);
    outcomes
        .chain([OutcomeFilter::Dropped])
        .find(|filter| filter.name() == word)
}

/// Parses the abbreviation or the name of a level, in any case.
pub(crate) fn parse_level(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| {
        level.name().eq_ignore_ascii_case(word) || level.abbreviation().eq_ignore_ascii_case(word)
    })
}
