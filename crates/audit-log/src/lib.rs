//! Bytes to audit events, and the request behind an event.
//!
//! ```
//! use audit_log::{Attributes, LogItem, LogReader};
//!
//! let log = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"1","stage":"ResponseComplete",
//!     "requestURI":"/api/v1/namespaces/dev/pods/web-0/exec?command=sh","verb":"create",
//!     "user":{"username":"alice","groups":["system:authenticated"]}}"#;
//! let mut reader = LogReader::new();
//! let mut requests = Vec::new();
//! let mut take = |item: LogItem<'_>| {
//!     if let LogItem::Event(_, event) = item {
//!         requests.push(Attributes::of(event).request);
//!     }
//! };
//! reader.push(log, &mut take);
//! reader.finish(&mut take);
//! assert_eq!(requests[0].full_resource(), "pods/exec");
//! assert_eq!(requests[0].namespace, "dev");
//! ```
//!
//! Of the policy this crate knows the vocabulary only (`Level`, `Stage`, `Request`), never a rule or a verdict.

#![forbid(unsafe_code)]

pub mod attributes;
pub mod decompress;
pub mod detect;
pub mod event;
pub mod extract;
mod field_selector;
pub mod frame;
pub mod json;
mod label_selector;
mod layout;
pub mod lines;
mod percent;
pub mod placeholder;
pub mod reader;
mod recovery;
pub mod scan;
pub mod time;
mod utf16;
mod validator;

pub use attributes::Attributes;
pub use detect::{UnrecognizedKind, ValueKind, detect_kind};
pub use event::{Event, MissingFields};
pub use reader::{Location, LogFormat, LogItem, LogReader, LogSummary, Problem, ProblemReason};
pub use scan::{Canonical, CreationTimestamps};
