//! The engine's levels and outcomes in the page's words.

use audit_policy::Level;
use audit_sim::{Judgement, Outcome};
use playground_protocol::{LevelTag, OutcomeTag};

/// The tag of a level.
pub(crate) const fn level_tag(level: Level) -> LevelTag {
    match level {
        Level::None => LevelTag::N,
        Level::Metadata => LevelTag::M,
        Level::Request => LevelTag::R,
        Level::RequestResponse => LevelTag::RR,
    }
}

/// The outcome without its numbers.
pub(crate) const fn outcome_tag(judgement: &Judgement) -> OutcomeTag {
    match judgement.outcome {
        Outcome::Written => OutcomeTag::Written,
        Outcome::DroppedLevel => OutcomeTag::DroppedLevel,
        Outcome::DroppedStage => OutcomeTag::DroppedStage,
        Outcome::DroppedTruncation => OutcomeTag::Dropped,
        Outcome::Unknowable => OutcomeTag::Unknowable,
    }
}

/// The level that a filter word names: its letters or its name, in any case.
pub(crate) fn level_of_word(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| {
        level.name().eq_ignore_ascii_case(word)
            || level_tag(*level).letters().eq_ignore_ascii_case(word)
    })
}
