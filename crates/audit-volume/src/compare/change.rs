//! Groups of requests whose verdicts change, and the effect of the change.

use audit_policy::{Level, Stage, StageSet, Verdict};
use serde::{Serialize, Serializer};

use crate::protected::ProtectedReason;
use crate::volume::{ExampleEvents, Volume};

/// Requests of one user, verb and resource whose verdicts change in the same way.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RequestGroup {
    /// The user; `None` if there was none or the record lacks it.
    pub user: Option<String>,
    /// The verb; empty if the record lacks it.
    pub verb: String,
    /// The API group; empty for the core group.
    pub api_group: String,
    /// The resource; empty for a non-resource request.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The path of a non-resource request.
    pub path: String,
    /// Number of namespaces, counting that of cluster-scoped requests.
    pub namespaces: u64,
    /// Number of distinct requests.
    pub requests: u64,
    /// Verdict of the baseline.
    pub from: EffectiveVerdict,
    /// Verdict of the policy.
    pub to: EffectiveVerdict,
    /// Effect of the change on what is recorded.
    #[serde(rename = "effect")]
    pub change: CoverageChange,
    /// Reason why these requests should stay in the log, if any.
    #[serde(rename = "guard")]
    pub protected: Option<ProtectedReason>,
    /// Events that are written differently, no longer, or newly.
    pub events: u64,
    /// Volume that the baseline writes of those.
    pub before: Volume,
    /// Volume that the policy writes of those.
    pub after: Volume,
    /// Number of those whose size under one of the policies is unknown.
    pub sizes_unknown: u64,
    /// Examples of those.
    pub examples: ExampleEvents,
}

/// A verdict reduced to its effect on what is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EffectiveVerdict {
    /// The level; None if nothing is written, even if the policy has another level.
    pub level: Level,
    /// Stages that are not written; all of them if the level is None.
    #[serde(serialize_with = "write_stages")]
    pub omit_stages: StageSet,
    /// `true` if `metadata.managedFields` is removed from bodies; `false` if there are no bodies.
    pub omit_managed_fields: bool,
}

impl EffectiveVerdict {
    /// Reduces a verdict to its effect: one that omits every stage writes as little as level None.
    pub fn new(verdict: Verdict) -> Self {
        let omits_all = Stage::ALL
            .into_iter()
            .all(|stage| verdict.omit_stages.contains(stage));
        if verdict.level == Level::None || omits_all {
            return Self {
                level: Level::None,
                omit_stages: Stage::ALL.into_iter().collect(),
                omit_managed_fields: false,
            };
        }
        Self {
            level: verdict.level,
            omit_stages: verdict.omit_stages,
            omit_managed_fields: verdict.omit_managed_fields && verdict.level >= Level::Request,
        }
    }

    fn omits_beyond(self, other: Self) -> bool {
        self.omit_stages
            .iter()
            .any(|stage| !other.omit_stages.contains(stage))
    }
}

fn write_stages<S: Serializer>(stages: &StageSet, to: S) -> Result<S::Ok, S::Error> {
    to.collect_seq(stages.iter())
}

/// Effect of a changed verdict on what is recorded, ordered by how much is lost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum CoverageChange {
    /// Nothing is written anymore.
    #[serde(rename = "vanishes")]
    NoLongerRecorded,
    /// The level is lower.
    #[serde(rename = "losesLevel")]
    LowerLevel,
    /// The level is lower with more stages, or higher with fewer stages.
    Mixed,
    /// Fewer stages at the same level.
    #[serde(rename = "losesStages")]
    FewerStages,
    /// Bodies lose `metadata.managedFields`.
    #[serde(rename = "losesManagedFields")]
    WithoutManagedFields,
    /// Bodies keep `metadata.managedFields`.
    #[serde(rename = "gainsManagedFields")]
    WithManagedFields,
    /// More stages at the same level.
    #[serde(rename = "gainsStages")]
    MoreStages,
    /// The level is higher.
    #[serde(rename = "gainsLevel")]
    HigherLevel,
    /// Events are written that were not.
    #[serde(rename = "appears")]
    NewlyRecorded,
}

impl CoverageChange {
    /// Returns the effect of changing one verdict into another; `None` if they are equal.
    pub fn between(from: EffectiveVerdict, to: EffectiveVerdict) -> Option<Self> {
        if from == to {
            return None;
        }
        if to.level == Level::None {
            return Some(Self::NoLongerRecorded);
        }
        if from.level == Level::None {
            return Some(Self::NewlyRecorded);
        }
        let loses = to.level < from.level || to.omits_beyond(from);
        let gains = to.level > from.level || from.omits_beyond(to);
        Some(match (loses, gains) {
            (true, true) => Self::Mixed,
            (true, false) if to.level < from.level => Self::LowerLevel,
            (true, false) => Self::FewerStages,
            (false, true) if to.level > from.level => Self::HigherLevel,
            (false, true) => Self::MoreStages,
            (false, false) if to.omit_managed_fields => Self::WithoutManagedFields,
            (false, false) => Self::WithManagedFields,
        })
    }

    /// Returns whether something is no longer recorded.
    pub(crate) fn is_loss(self) -> bool {
        self <= Self::WithoutManagedFields
    }
}

impl RequestGroup {
    /// Sort key. Losses: protected requests first, then by severity and events. Gains: by bytes. Then by name, so that the order is
    /// deterministic.
    pub(super) fn importance(&self) -> impl Ord + '_ {
        let loses = self.change.is_loss();
        let (unprotected, change) = if loses {
            (self.protected.is_none(), Some(self.change))
        } else {
            (false, None)
        };
        let bytes = self.before.bytes.abs_diff(self.after.bytes);
        let sizes = if loses {
            [self.events, bytes]
        } else {
            [bytes, self.events]
        };
        (
            unprotected,
            change,
            sizes.map(std::cmp::Reverse),
            (&self.user, &self.verb, &self.api_group),
            (&self.resource, &self.subresource, &self.path),
            (self.from.level, self.to.level),
        )
    }
}
