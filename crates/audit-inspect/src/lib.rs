#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod annotations;
mod client;
mod client_summary;
mod codes;
mod confusable;
mod event_filter;
mod findings;
mod follow;
mod log_finding;
mod object;
mod timeline;
mod times;

pub use annotations::{AnnotationSentence, annotation_sentences};
pub use client::{Claim, ClaimKind, Client, ClientKind, Impersonated};
pub use client_summary::{ClientCount, ClientCounts};
pub use codes::LogCode;
pub use event_filter::{EventFilter, UnsupportedField};
pub use findings::LogFindings;
pub use follow::{Follow, FollowKind, follow};
pub use log_finding::{FoundEvents, LogFinding};
pub use object::ObjectKey;
pub use timeline::{Bucket, Timeline, TimelineRow};
