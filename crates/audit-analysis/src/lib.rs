//! Decides questions about Kubernetes audit policies over every request that could come: which verdicts are possible, what a change loses,
//! which rules never match, and whether a claim holds. Every answer comes with a *witness*, a request that shows it.
//!
//! ```
//! use audit_analysis::{Attribute, Class, Options, Values, counterexample};
//! use audit_policy::{KubernetesVersion, Level, load};
//!
//! let source = b"
//! apiVersion: audit.k8s.io/v1
//! kind: Policy
//! rules:
//! - level: Metadata
//!   resources: [{group: '', resources: [secrets]}]
//!   namespaces: [payments]
//! - level: RequestResponse
//! ";
//! let policy = load(source, KubernetesVersion::NEWEST).policy.unwrap();
//! // Are secrets never recorded with bodies? Not so: the rule applies to one namespace only.
//! let secrets = Class::default()
//!     .with(Attribute::ApiGroup, Values::among([""]))
//!     .with(Attribute::Resource, Values::among(["secrets"]));
//! let found = counterexample(&policy, &[secrets], Options::default(), |verdict| verdict.level <= Level::Metadata)
//!     .unwrap()
//!     .unwrap();
//! assert_eq!(found.verdict.level, Level::RequestResponse);
//! assert_ne!(found.witness.namespace, "payments");
//! assert!(found.is_producible);
//! ```
//!
//! Invariant: an answer is exact, or it is [`TooLarge`]. This crate knows no log, file, clock or browser.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod alignment;
mod alphabet;
mod atoms;
mod attribute;
mod can;
mod check;
mod class;
mod cube;
mod describe;
mod diff;
mod engine;
mod findings;
mod goals;
mod impact;
mod maximal;
mod merge;
mod outcomes;
mod parts;
mod paths;
mod query;
mod query_text;
mod reach;
mod rule_insertion;
mod rule_merge;
mod search;
mod served;
mod simplify;
mod source;
mod space;
mod summary;
mod universe;
mod versions;
mod witness;
mod words;

pub use attribute::Attribute;
pub use can::{Answer, Counterexample, can, counterexample, outcome_words};
pub use check::{Checked, check};
pub use class::{Class, Condition, Values};
pub use diff::{Change, Difference, diff};
pub use engine::Options;
pub use findings::{Proofs, proofs};
pub use goals::{Conflict, Effects, Goal, Met, Preferred, Unmet, decided, meet};
pub use impact::{Edit, ImpactAnalysis, Requests};
pub use query::{QueryError, QueryNote, queried_attribute, query, query_notes};
pub use query_text::{query_of, quoted_value};
pub use reach::{Reach, UnusedValue, reach, unused_values};
pub use rule_insertion::{InsertionError, TextEdit, apply_insertions, insert_rule, rule_yaml};
pub use search::TooLarge;
pub use served::{not_served, not_served_note};
pub use simplify::{Simplified, simplify};
pub use source::{edited, removal_edits, simplified_edits, simplify_text};
pub use summary::{Summary, summarize};
pub use versions::PolicyVersions;
pub use words::{NOT_PRODUCIBLE, request_words, rule_words, verdict_notes};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
