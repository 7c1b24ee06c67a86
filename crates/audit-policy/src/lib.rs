//! Kubernetes audit policies: load, validate, match, explain and lint, as kube-apiserver does.
//!
//! ```
//! use audit_policy::{KubernetesVersion, Level, Matcher, MissingAttributes, Request, RuleIndex, explain, lint, load};
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
//! // The server accepts it with a warning; the first finding explains the effect on the rule.
//! assert!(loaded.warning.as_deref().unwrap().ends_with(r#"unknown field "rules[0].resources[0].verbs""#));
//! assert_eq!(loaded.findings[0].code, "AP012");
//! assert!(lint(&loaded, version).iter().all(|finding| finding.code != "AP020"));
//!
//! let request: Request = serde_json::from_str(
//!     r#"{"user": "alice", "verb": "list", "resource": "pods", "isResourceRequest": true}"#,
//! ).unwrap();
//! let policy = loaded.policy.unwrap();
//! let verdict = Matcher::new(&policy).evaluate(&request);
//! assert_eq!((verdict.level, verdict.rule), (Level::RequestResponse, Some(RuleIndex::new(0))));
//! assert_eq!(explain(&policy, &request, MissingAttributes::NONE).len(), 2);
//! ```
//!
//! Invariant: this crate knows no log, file, clock or browser. Policies may be hostile: every limit ends in a finding, and no input
//! makes a function panic.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod codes;
mod decode;
mod explain;
pub mod help;
mod identity;
pub mod ignores;
pub mod json_schema;
mod lint;
mod load;
mod matcher;
mod outline;
mod policy;
mod protobuf;
mod url_path;
mod validate;
mod vocabulary;

pub use kube_yaml::document;

pub use audit_types::{
    Code, CodeInfo, Diagnostic, Edit, Fix, KubernetesVersion, Level, LineIndex, MissingAttributes,
    Path, Position, Request, RuleIndex, Severity, Span, Stage, StageSet, Step, UnknownVersionError,
    utf16_offsets,
};
pub use codes::PolicyCode;
pub use explain::{Explanation, Mismatch, Predicate, explain};
pub use identity::usual_groups;
pub use lint::{has_possible_subjects, lint, meant_resource, unreachable_rules};
pub use load::{IgnoredDocument, Loaded, Located, load};
pub use matcher::{Matcher, ResourceTarget, Verdict};
pub use outline::{FieldForm, PolicyObject, field_form};
pub use policy::{GroupResources, Metadata, ParsePolicyError, Policy, Rule};
pub use vocabulary::{KnownResource, known_names, known_resource, known_resources};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
