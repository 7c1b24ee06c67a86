//! How much a policy writes, what that means for disks and wires, and what to change.
//!
//! ```
//! use audit_export::LogBackend;
//! use audit_log::{Event, Place};
//! use audit_policy::{KubernetesVersion, Matcher, load};
//! use audit_sim::{EventTable, Verdicts};
//! use audit_volume::compare::compare;
//! use audit_volume::disk::{Bound, Stream, disk_use};
//! use audit_volume::propose::{Asked, apply_all, propose};
//!
//! let mut table = EventTable::new();
//! table.push(0, Place::default(), &Event::new(
//!     r#"{"level":"Metadata","auditID":"1","stage":"ResponseComplete","requestURI":"/api/v1/nodes?watch=1","verb":"watch",
//!     "user":{"username":"system:kube-scheduler","groups":["system:authenticated"]},"responseStatus":{"metadata":{},"code":200}}"#,
//! ));
//! let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
//!
//! // What would make the log smaller without hiding anything that it is kept for.
//! let found = propose(policy.as_bytes(), &table, &Asked::default());
//! let smaller = apply_all(policy, found.offered()).unwrap();
//! assert!(smaller.contains("- level: None\n  users: [\"system:kube-scheduler\"]\n  verbs: [\"watch\"]\n"));
//!
//! // What that saves of this log, and what is no longer seen.
//! let version = KubernetesVersion::NEWEST;
//! let [before, after] = [policy, &smaller].map(|text| {
//!     Verdicts::of(&Matcher::new(&load(text.as_bytes(), version).policy.unwrap()), table.requests())
//! });
//! let comparison = compare(&table, &before, &after, version);
//! assert_eq!(comparison.lost.groups[0].resource, "nodes");
//! assert_eq!((comparison.after.events, comparison.lost.guarded), (0, 0));
//!
//! // What a gigabyte a day means for the disk, each figure with its arithmetic.
//! let disk = disk_use(&Stream { bytes_a_day: 1e9, ..Stream::default() }, &LogBackend::default(), version, None);
//! assert_eq!(disk.bound, Bound::Backups);
//! assert_eq!(disk.rotates_every.unwrap().formula, "105 MB a file ÷ 1.00 GB a day = 2 h 31 min");
//! ```
//!
//! Figures are finite or absent, and an absent one has a sentence that says why. Nothing here reads a file, a clock or a browser.

#![forbid(unsafe_code)]

pub mod amount;
pub mod compare;
pub mod disk;
pub mod duration;
pub mod estimate;
pub mod figure;
pub mod guard;
pub mod price;
pub mod propose;
pub mod retention;
pub mod safety;
#[cfg(test)]
mod testing;
pub mod truncate;
pub mod wire;

pub use amount::{Amount, Examples};
pub use figure::{Figure, Unit};
pub use guard::Guard;
