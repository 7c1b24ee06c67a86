//! Outcomes: what the server does with an event.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

/// Outcome of an event under a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum Outcome {
    /// The event is written.
    Written,
    /// Its level is None.
    DroppedLevel,
    /// Its stage is omitted.
    DroppedStage,
    /// The backend discards it because of its size.
    DroppedTruncation,
    /// The record doesn't contain what the policy depends on.
    Unknowable,
}

impl Outcome {
    /// Every outcome.
    pub const ALL: [Self; 5] = [
        Self::Written,
        Self::DroppedLevel,
        Self::DroppedStage,
        Self::DroppedTruncation,
        Self::Unknowable,
    ];

    /// Returns the stable name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Written => "written",
            Self::DroppedLevel => "dropped-level",
            Self::DroppedStage => "dropped-stage",
            Self::DroppedTruncation => "dropped-truncation",
            Self::Unknowable => "unknowable",
        }
    }

    /// Returns `true` if it is certain that the event is not written.
    pub const fn is_dropped(self) -> bool {
        matches!(
            self,
            Self::DroppedLevel | Self::DroppedStage | Self::DroppedTruncation
        )
    }
}
