//! Reasons why no policy meets goals.

use audit_policy::Request;

use crate::search::TooLarge;

/// Reason why no policy meets the goals.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unmet {
    /// Goals that no policy meets together.
    #[error("the goals contradict each other")]
    Contradictory(Vec<Conflict>),
    /// The goal of this index is about no request.
    #[error("no request is in the class of a goal")]
    Empty(usize),
    /// The goals do not contradict each other, but no list of rules was found.
    #[error("no list of rules was found that meets all goals")]
    NotExpressible,
    /// That takes too long.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// Goals that cannot be met together: the others of them can.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Conflict {
    /// Indexes of the goals, in ascending order; usually two.
    pub goals: Vec<usize>,
    /// A request that all of them are about.
    pub witness: Request,
    /// True if some URL, method and identity produce it.
    pub is_producible: bool,
}
