//! Why a policy decides as it does about one request.

use serde::{Deserialize, Serialize};

use crate::decision::RequestView;
use crate::ids::Generation;
use crate::inspection::WhyLine;

/// Request for the results of each rule on a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyRequest {
    /// The page's number for the request.
    pub number: u32,
    /// The request to explain.
    pub request: RequestView,
}

/// Answer to a [`WhyRequest`]: what each rule says about one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyReport {
    /// Number of the request.
    pub number: u32,
    /// Generation of the policy that explains it.
    pub generation: Generation,
    /// Result of each rule, in order.
    pub why: Vec<WhyLine>,
    /// Names and values of the attributes that have a value. The names are those of queries.
    pub attributes: Vec<(String, String)>,
}
