//! A new policy from goals: claims of standards and of the page's user.

use audit_types::{KubernetesVersion, Level, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::decision::Problem;
use crate::volume::MetricGroup;

/// Request for a policy that meets goals. The worker replies with a [`GoalsReport`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalsRequest {
    /// The page's number for the request.
    pub number: u32,
    /// Names of the chosen packs, such as `cis`.
    pub packs: Vec<String>,
    /// Claims in one line each: `resource=secrets atLeast=Metadata`. Empty lines are skipped.
    pub claims: Vec<String>,
    /// Level of the requests that no claim is about.
    pub otherwise: Level,
    /// Kubernetes version that loads the policy.
    pub version: KubernetesVersion,
}

/// Answer to a [`GoalsRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalsReport {
    /// Number of the request.
    pub number: u32,
    /// The packs of standards to choose from.
    pub packs: Vec<GoalPack>,
    /// Errors and notes of the claims.
    pub problems: Vec<GoalProblem>,
    /// The policy, or why there is none.
    pub result: GoalsResult,
}

/// A pack of standards to choose from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalPack {
    /// Name, such as `cis`.
    pub name: String,
    /// Title.
    pub title: String,
    /// Document that it was read from.
    pub source: String,
    /// Note if the pack is for another Kubernetes version, in lowercase; empty if it is for this one.
    pub note: String,
}

/// Problem of a claim in one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GoalProblem {
    /// Index of the claim.
    pub claim: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// The problem.
    pub problem: Problem,
    /// True if the claim cannot be read. If not, it is probably meant otherwise.
    pub is_error: bool,
}

/// Result of a [`GoalsRequest`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum GoalsResult {
    /// No pack is chosen and no claim is stated.
    Empty,
    /// A claim cannot be read.
    Malformed,
    /// A policy that meets the claims.
    Met(Box<GoalsPolicy>),
    /// Claims that contradict each other: sentences in lowercase, each with a request that shows it.
    Contradictory(Vec<String>),
    /// No policy meets the claims for another reason.
    Unmet(Problem),
}

/// A policy that meets claims.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct GoalsPolicy {
    /// The policy, as YAML with comments.
    pub text: String,
    /// Number of its rules.
    pub rules: usize,
    /// Claims that are proved.
    pub met: Vec<MetGoal>,
    /// Names of the claims that are not about the policy.
    pub set_aside: Vec<String>,
    /// True if no request is recorded otherwise than the claims and the chosen level state.
    pub is_exact: bool,
    /// Volume that the policy writes of the open log. `None` without one.
    pub volume: Option<MetricGroup>,
}

/// A claim that is proved for a policy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MetGoal {
    /// Number and name of the claim.
    pub name: String,
    /// Rules that decide its requests. Without any, no rule matches them.
    pub rules: Vec<RuleIndex>,
}
