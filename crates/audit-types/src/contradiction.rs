//! Ways in which a recorded event contradicts a policy.

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::kind_set::{Kind, KindSet};

/// Way in which an event contradicts a policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "kebab-case"))]
pub enum ContradictionKind {
    /// The policy does not log the request.
    UnexpectedRequest,
    /// The policy omits the stage.
    UnexpectedStage,
    /// The event is recorded at a higher level than the policy gives.
    LevelHigher,
    /// The event is recorded at a lower level than the policy gives.
    LevelLower,
    /// A body contains `managedFields`, which the policy omits.
    ManagedFieldsPresent,
    /// The policy keeps a stage that no request of the rule has.
    MissingStage,
}

impl ContradictionKind {
    /// Every kind.
    pub const ALL: [Self; 6] = [
        Self::UnexpectedRequest,
        Self::UnexpectedStage,
        Self::LevelHigher,
        Self::LevelLower,
        Self::ManagedFieldsPresent,
        Self::MissingStage,
    ];

    /// Returns the stable name, as in JSON.
    pub const fn name(self) -> &'static str {
        match self {
            Self::UnexpectedRequest => "unexpected-request",
            Self::UnexpectedStage => "unexpected-stage",
            Self::LevelHigher => "level-higher",
            Self::LevelLower => "level-lower",
            Self::ManagedFieldsPresent => "managed-fields-present",
            Self::MissingStage => "missing-stage",
        }
    }

    /// Returns a label for display.
    pub const fn label(self) -> &'static str {
        match self {
            Self::UnexpectedRequest => "recorded, but not logged by the policy",
            Self::UnexpectedStage => "recorded at a stage that the policy omits",
            Self::LevelHigher => "recorded at a higher level than the policy gives",
            Self::LevelLower => "recorded at a lower level than the policy gives",
            Self::ManagedFieldsPresent => "recorded with `managedFields`, which the policy omits",
            Self::MissingStage => "without a stage that the policy keeps",
        }
    }
}

impl Kind for ContradictionKind {
    fn place(self) -> u8 {
        self as u8
    }
}

/// Set of ways in which an event contradicts a policy.
pub type ContradictionKinds = KindSet<ContradictionKind>;
