//! The engine's levels and outcomes in the page's words.

use audit_policy::Level;
use audit_sim::{EventOutcome, Outcome};
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
pub(crate) const fn outcome_tag(event_outcome: &EventOutcome) -> OutcomeTag {
    match event_outcome.outcome {
        Outcome::Written => OutcomeTag::Written,
        Outcome::DroppedLevel => OutcomeTag::DroppedLevel,
        Outcome::DroppedStage => OutcomeTag::DroppedStage,
        Outcome::DroppedTruncation => OutcomeTag::Dropped,
        Outcome::Unknowable => OutcomeTag::Unknowable,
    }
}

/// What stands for a rule or a level that cannot be known.
pub(crate) const UNKNOWN: &str = "unknown";

/// Whether an outcome is the one that is asked for, or one of those.
pub(crate) const fn is_outcome(outcome: OutcomeTag, wanted: OutcomeTag) -> bool {
    match wanted {
        OutcomeTag::Written => matches!(outcome, OutcomeTag::Written),
        OutcomeTag::DroppedLevel => matches!(outcome, OutcomeTag::DroppedLevel),
        OutcomeTag::DroppedStage => matches!(outcome, OutcomeTag::DroppedStage),
        OutcomeTag::Dropped => !matches!(outcome, OutcomeTag::Written | OutcomeTag::Unknowable),
        OutcomeTag::Unknowable => matches!(outcome, OutcomeTag::Unknowable),
    }
}

/// The outcome that a filter word names.
pub(crate) fn outcome_of_word(word: &str) -> Option<OutcomeTag> {
    Some(match word {
        "dropped" => OutcomeTag::Dropped,
        _ if word == Outcome::Written.name() => OutcomeTag::Written,
        _ if word == Outcome::DroppedLevel.name() => OutcomeTag::DroppedLevel,
        _ if word == Outcome::DroppedStage.name() => OutcomeTag::DroppedStage,
        _ if word == Outcome::Unknowable.name() => OutcomeTag::Unknowable,
        _ => return None,
    })
}

/// The level that a filter word names: its letters or its name, in any case.
pub(crate) fn level_of_word(word: &str) -> Option<Level> {
    Level::ALL.into_iter().find(|level| {
        level.name().eq_ignore_ascii_case(word)
            || level_tag(*level).letters().eq_ignore_ascii_case(word)
    })
}
