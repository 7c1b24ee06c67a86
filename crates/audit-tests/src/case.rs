//! A case of a file: a claim with its name.

use audit_analysis::Class;
use audit_types::{Request, Span};

use crate::expectation::Expectation;
use crate::setting::SettingClaim;

/// A case: what is claimed, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Case {
    /// Name, for people.
    pub name: String,
    /// Place of the case in the file.
    pub span: Span,
    /// Short name of a claim of a pack, such as `CIS-3.2.1`.
    pub id: Option<String>,
    /// Source of the claim, such as a section of a standard. Claims of a pack have one.
    pub source: Option<String>,
    /// Reason for the claim.
    pub why: Option<String>,
    /// The claim.
    pub claim: Claim,
}

/// Claim of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum Claim {
    /// The verdict on a request meets the expectation.
    Request {
        /// The request.
        request: Box<Request>,
        /// Expectation of its verdict.
        expected: Expectation,
    },
    /// The verdict on each request of a class meets the expectation.
    Class(ClassClaim),
    /// A flag of kube-apiserver has a value.
    Setting(SettingClaim),
    /// Neither policy nor flags decide it, such as who reads the log.
    Undecidable,
}

/// A claim about a class of requests.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct ClassClaim {
    /// The class: the requests of any of these.
    pub classes: Vec<Class>,
    /// True to include requests that rules can distinguish but no URL, method and identity produce.
    pub is_every: bool,
    /// Expectation of every verdict.
    pub expected: Expectation,
    /// Place of the class in the file.
    pub span: Span,
}
