//! The vocabulary that all crates share: levels, stages, versions, requests, spans, diagnostics, targets of an export, how numbers are printed,
//! how messages quote the user's text, and how misspelled names are compared.
//!
//! ```
//! use audit_types::format::{bytes, duration};
//! use audit_types::{Diagnostic, Document, KubernetesVersion, Level, Path, Severity, Span};
//!
//! let version: KubernetesVersion = "v1.29.4".parse().unwrap();
//! assert!(version.at_least(23));
//! assert!(Level::Metadata < Level::RequestResponse);
//!
//! let finding = Diagnostic::new("AP014", Severity::Warning, "unknown field `verb` in rule 3")
//!     .with_help("did you mean `verbs`?")
//!     .at(Path::rule(2).field("verb"))
//!     .labeled(Document::Policy, Span::new(40, 44));
//! assert_eq!(finding.path.to_string(), "rules[2].verb");
//! assert_eq!(finding.span(), Some(Span::new(40, 44)));
//!
//! assert_eq!(bytes(70e6), "70.0 MB");
//! assert_eq!(duration(3_183.0), "53 min");
//! ```
//!
//! The feature `serde`, which is on by default, implements `Serialize` and `Deserialize` for these types.
//!
//! Invariant: this crate depends on serde and on a library for edit distances at most and knows no policy, log, file or browser.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod base64;
mod code;
mod contradiction;
mod diagnostic;
pub mod excerpt;
pub mod format;
mod ids;
mod kind_set;
mod level;
mod log_finding_kind;
pub mod markup;
mod missing;
mod outcome;
mod path;
mod request;
mod server_place;
mod severity;
pub mod sort;
mod span;
pub mod spelling;
mod target;
pub mod time;
mod version;

pub use code::{Code, CodeInfo};
pub use contradiction::{ContradictionKind, ContradictionKinds};
pub use diagnostic::{Diagnostic, Document, Edit, Fix, Label};
pub use ids::{EventId, RequestId, RuleIndex};
pub use kind_set::{Kind, KindSet};
pub use level::{Level, ParseLevelError, ParseStageError, Stage, StageSet};
pub use log_finding_kind::{LogFindingKind, LogFindingKinds};
pub use missing::MissingAttributes;
pub use outcome::Outcome;
pub use path::{Path, Step};
pub use request::Request;
pub use server_place::ServerPlace;
pub use severity::Severity;
pub use span::{LineIndex, Position, Span, utf16_offsets};
pub use target::{Target, UnknownTargetError};
pub use version::{KubernetesVersion, UnknownVersionError};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
