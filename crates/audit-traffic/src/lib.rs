//! From a cluster's profile to the requests that its API server sees, as an audit log.
//!
//! ```
//! use audit_traffic::{Profile, Sample, generate, rates};
//!
//! let profile = Profile { nodes: 17, pods: 380, ..Profile::default() };
//! // Who asks what, how often, and where that is written.
//! let leases = rates(&profile)?.into_iter().find(|rate| rate.name == "node lease").unwrap();
//! assert_eq!(leases.per_second, 2.0);
//! assert!(leases.source.text().contains("40 s"));
//!
//! // An hour of it, or less where an hour would be too much for one log.
//! let sample = Sample::plan(&profile, 3_600, 2_000)?;
//! assert!(sample.factor() > 1.0);
//! let log: Vec<String> = generate(&profile, sample.seconds)?.collect();
//! assert!(log[0].starts_with(r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#));
//! # Ok::<(), audit_traffic::ProfileError>(())
//! ```
//!
//! The log is that of a server which records everything: level RequestResponse, all stages. So a policy can be applied to it as to a
//! recorded one. `MODEL.md` beside this crate lists every rate with its source, and how far the model is from what has been published.
//!
//! Invariant: nothing here knows a clock, a file or chance. A profile makes the same log every time.

#![forbid(unsafe_code)]

mod body;
mod client;
mod context;
mod event;
mod generate;
pub mod profile;
mod random;
pub mod rates;
mod sample;
mod time;
mod url;

pub use generate::{SyntheticLog, generate};
pub use profile::{Operator, Profile, ProfileError};
pub use rates::{RateSource, RequestRate, rates};
pub use sample::{MAX_EVENTS, MAX_SECONDS, Sample};
