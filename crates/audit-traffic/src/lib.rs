//! Synthetic audit logs: turns a cluster profile into the requests that its API servers receive.
//!
//! For people without an audit log of their own, who want to see how much a policy would write:
//!
//! ```
//! use audit_traffic::{Profile, Sample, generate, rates};
//!
//! // A cluster of three control-plane nodes, 17 workers and 380 pods. Everything else has defaults that fit the size.
//! let profile = Profile { people: 12, ..Profile::with_size(3, 17, 380) };
//!
//! // Every rate has a formula and a source.
//! let lease = rates(&profile)?.into_iter().find(|rate| rate.name == "node lease").unwrap();
//! assert_eq!((lease.client().as_str(), lease.verb()), ("kubelet", "update"));
//! assert_eq!((lease.per_second, lease.formula), (2.0, "nodes / 10 s"));
//! assert!(lease.source.text().contains("nodeLeaseDurationSeconds is 40 s"));
//!
//! // One hour would be too many events, so a shorter sample represents it.
//! let sample = Sample::plan(&profile, 3_600, 2_000)?;
//! let log: Vec<String> = generate(&profile, sample.seconds)?.collect();
//! assert!(log[0].starts_with(r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","#));
//!
//! // Counts of the sample, scaled to the hour: two lease renewals per second, with two stages each.
//! let renewals = log.iter().filter(|line| line.contains("namespaces/kube-node-lease/leases/")).count();
//! let per_hour = renewals as f64 * sample.factor();
//! assert!((per_hour / (2.0 * 2.0 * 3_600.0) - 1.0).abs() < 0.1);
//! # Ok::<(), audit_traffic::ProfileError>(())
//! ```
//!
//! The log is that of a server that records everything: level RequestResponse, all stages. So a policy can be applied to it as to a recorded log.
//! `MODEL.md` in this crate lists all rates with their sources, and the accuracy of the model compared with published figures.
//!
//! A profile always gives the same log: nothing here uses a clock, a file or a random number generator.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod body;
mod client;
mod context;
mod event;
mod generate;
mod identity;
pub mod profile;
mod random;
mod rate;
mod rates;
mod sample;
mod seeds;
mod template;
mod time;
mod url;

pub use generate::{SyntheticLog, generate};
pub use profile::{Operator, Profile, ProfileError};
pub use rate::{RateSource, RequestRate};
pub use rates::rates;
pub use sample::{MAX_EVENTS, MAX_SECONDS, Sample};
