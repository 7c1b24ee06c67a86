//! Volume that an audit policy writes, its consequences, and ways to reduce it.
//!
//! ```
//! use apiserver_config::LogBackend;
//! use audit_log::{Event, Location};
//! use audit_policy::{KubernetesVersion, Matcher, load};
//! use audit_sim::{EventTable, Verdicts};
//! use audit_volume::compare::compare;
//! use audit_volume::disk::{RetentionLimit, WriteRate, disk_usage};
//! use audit_volume::suggest::{SuggestOptions, apply_all, suggest};
//!
//! let mut table = EventTable::new();
//! table.push(0, Location::default(), &Event::new(
//!     r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/nodes?watch=1","verb":"watch",
//!     "user":{"username":"system:kube-scheduler","groups":["system:authenticated"]},"responseStatus":{"metadata":{},"code":200}}"#,
//! ));
//! let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
//!
//! // Rules that make the log smaller without losing anything security-relevant.
//! let suggestions = suggest(policy.as_bytes(), &table, &SuggestOptions::default());
//! let smaller = apply_all(policy, suggestions.rules()).unwrap();
//! assert!(smaller.contains("- level: None\n  users: [\"system:kube-scheduler\"]\n  verbs: [\"watch\"]\n"));
//!
//! // The volume they save, and the requests that are no longer recorded.
//! let version = KubernetesVersion::NEWEST;
//! let [before, after] = [policy, &smaller].map(|text| {
//!     Verdicts::new(&Matcher::new(&load(text.as_bytes(), version).policy.unwrap()), table.requests())
//! });
//! let comparison = compare(&table, &before, &after, version);
//! assert_eq!(comparison.lost.groups[0].resource, "nodes");
//! assert_eq!((comparison.after.events, comparison.lost.protected_events), (0, 0));
//!
//! // Disk usage at a gigabyte per day, with the arithmetic.
//! let rate = WriteRate { bytes_per_day: 1e9, ..WriteRate::default() };
//! let disk = disk_usage(&rate, &LogBackend::default(), version, None);
//! assert_eq!(disk.limit, RetentionLimit::Backups);
//! assert_eq!(disk.rotates_every.unwrap().formula, "105 MB per file ÷ 1.00 GB per day = 2 h 31 min");
//! ```
//!
//! Numbers are finite or `None`, with a note that says why. Nothing here reads a file, a clock or a browser.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod backend;
pub mod class_counts;
pub mod compare;
pub mod compression;
pub mod consequences;
pub mod cost;
pub mod disk;
pub mod estimate;
mod metric;
pub mod metrics;
mod protected;
pub mod protection;
pub mod report;
pub mod retention;
pub mod suggest;
#[cfg(test)]
mod testing;
pub mod truncate;
mod volume;

pub use metric::{Metric, Unit};
pub use protected::ProtectedReason;
pub use volume::{ExampleEvents, Volume};
