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

mod attributes;
mod canonical;
pub mod decompress;
mod detect;
mod event;
mod extract;
mod field_selector;
mod frame;
pub mod json;
mod label_selector;
mod layout;
mod limits;
pub mod lines;
mod location;
mod percent;
pub mod placeholder;
mod problem;
mod reader;
mod recovery;
mod reread;
pub mod scan;
mod summary;
pub mod time;
mod utf16;
mod validator;

pub use attributes::{Attributes, read_user};
pub use canonical::{Canonical, CreationTimestamps};
pub use detect::{UnrecognizedKind, ValueKind, detect_kind};
pub use event::{Event, MissingFields};
pub use extract::wrapper::Wrapper;
pub use location::Location;
pub use problem::{Problem, ProblemReason};
pub use reader::{LogItem, LogReader};
pub use reread::{OwnedEvent, reread, reread_bytes};
pub use summary::{LogFormat, LogSummary, WrapperCount};
