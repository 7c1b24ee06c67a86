//! Verdicts on requests that need not be in the log, and the requests themselves.

use audit_types::{Level, RuleIndex};
use serde::{Deserialize, Serialize};

/// A message with its help, in lowercase, with backticks as in findings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Problem {
    /// The problem.
    pub message: String,
    /// The remedy.
    pub help: String,
}

/// Verdict of a policy, with the rule that decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// The level.
    pub level: Level,
    /// Parts that are left out of what is recorded: `without RequestReceived`; empty if all are recorded.
    pub notes: String,
    /// The rule; `None` if no rule matches.
    pub rule: Option<RuleIndex>,
    /// Line of the rule, counted from 1; 0 without a rule.
    pub line: usize,
}

/// A request as an example.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Example {
    /// The request.
    pub request: RequestView,
    /// The request in words.
    pub words: String,
    /// `true` if some URL, method and identity produce it.
    pub is_possible: bool,
    /// `not served by Kubernetes 1.36: …`, with backticks as in findings; `None` if the version serves it, or for a URL.
    pub not_served: Option<String>,
}

/// Attributes of a request that rules can match.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RequestView {
    /// Name of the user; `None` if authentication failed.
    pub user: Option<String>,
    /// Groups of the user.
    pub groups: Vec<String>,
    /// The verb.
    pub verb: String,
    /// The API group.
    pub api_group: String,
    /// The resource; empty for a URL.
    pub resource: String,
    /// The subresource.
    pub subresource: String,
    /// The namespace.
    pub namespace: String,
    /// Name of the object.
    pub name: String,
    /// Path of a URL that is not of a resource.
    pub path: String,
    /// `true` for a request for a resource.
    pub is_resource_request: bool,
}
