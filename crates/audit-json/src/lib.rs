//! Results as JSON, and requests from JSON: the forms that the command prints with `--format json`, and that the npm package returns.
//!
//! ```
//! use audit_json::{VerdictReport, read_request};
//! use audit_policy::{KubernetesVersion, Matcher, load};
//!
//! let policy = load(
//!     b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n",
//!     KubernetesVersion::NEWEST,
//! );
//! let matcher = Matcher::new(&policy.policy.unwrap());
//! let read = read_request(r#"{"verb": "get", "path": "/version"}"#).unwrap();
//! let report = VerdictReport::from(matcher.evaluate(&read.request));
//! let json = serde_json::to_string(&report).unwrap();
//! assert_eq!(json, r#"{"level":"Metadata","omitStages":[],"omitManagedFields":false,"rule":0}"#);
//! ```
//!
//! Invariant: nothing is decided here. Keys and their order are a contract: new ones may be added. This crate knows no file, clock or browser.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod case;
mod content;
mod event;
mod finding;
mod log;
mod request;
mod verdict;
mod why;

pub use case::CaseReport;
pub use event::EventReport;
pub use finding::FindingReport;
pub use log::{LogProblems, LogReport, Reason};
pub use request::{ReadRequest, RequestError, read_request};
pub use verdict::VerdictReport;
pub use why::{RuleReport, why};
