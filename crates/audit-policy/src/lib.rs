//! Kubernetes audit policies: decode, validate, match and explain, as kube-apiserver does.
//!
//! ```
//! use audit_policy::{KubernetesVersion, Level, Matcher, MissingAttributes, Request, explain, lint, load};
//!
//! let source = br#"
//! apiVersion: audit.k8s.io/v1
//! kind: Policy
//! rules:
//! - level: RequestResponse
//!   resources:
//!   - group: ""
//!     resources: [pods]
//!     verbs: [create, delete]   # one level too deep
//! - level: Metadata
//! "#;
//! let version = KubernetesVersion::NEWEST;
//! let loaded = load(source, version);
//! // The server takes it, with a warning; the first finding says what that does to the rule.
//! assert!(loaded.warning.as_deref().unwrap().ends_with(r#"unknown field "rules[0].resources[0].verbs""#));
//! assert_eq!(loaded.findings[0].code, "AP012");
//! assert!(lint(&loaded, version).iter().all(|finding| finding.code != "AP020"));
//!
//! let request: Request = serde_json::from_str(
//!     r#"{"user": "alice", "verb": "list", "resource": "pods", "isResourceRequest": true}"#,
//! ).unwrap();
//! let policy = loaded.policy.unwrap();
//! let verdict = Matcher::new(&policy).evaluate(&request);
//! assert_eq!((verdict.level, verdict.rule), (Level::RequestResponse, Some(0)));
//! assert_eq!(explain(&policy, &request, MissingAttributes::NONE).len(), 2);
//! ```
//!
//! Invariant: nothing here knows a log, a file or a browser. A policy's text may be hostile; every limit ends in a message, and no
//! input makes a function panic.

#![forbid(unsafe_code)]

mod decode;
pub mod explain;
pub mod finding;
pub mod lint;
pub mod load;
pub mod matcher;
pub mod policy;
mod protobuf;
mod validate;

use kube_yaml as source;

pub use kube_yaml::document;

/// Levels and stages.
pub mod level {
    pub use audit_types::{Level, Stage, StageSet};
}
/// Requests.
pub mod request {
    pub use audit_types::Request;
}
/// Spans of a source text.
pub mod span {
    pub use audit_types::{LineIndex, Position, Span, utf16_offsets};
}
/// Kubernetes versions.
pub mod version {
    pub use audit_types::{KubernetesVersion, UnknownVersionError};
}

pub use explain::{Explanation, Mismatch, Predicate, explain};
pub use finding::{Finding, Path, Severity};
pub use level::{Level, Stage, StageSet};
pub use lint::{lint, unreachable_rules};
pub use load::{Loaded, load};
pub use matcher::{Matcher, MissingAttributes, ResourceTarget, Verdict};
pub use policy::{GroupResources, Policy, Rule};
pub use request::Request;
pub use span::Span;
pub use version::KubernetesVersion;
