//! A Kubernetes audit policy applied to the events of an audit log: verdicts, outcomes, events as a server writes them, and sums.
//!
//! [`Simulator`] does that for one event:
//!
//! ```
//! use audit_log::{LogItem, LogReader};
//! use audit_policy::{KubernetesVersion, load};
//! use audit_sim::{Outcome, Simulator};
//!
//! let log = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete",
//!     "requestURI":"/api/v1/namespaces/dev/secrets/db","verb":"get","user":{"username":"alice"},"responseObject":{"kind":"Secret"}}"#;
//! let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
//! let version = KubernetesVersion::NEWEST;
//! let simulator = Simulator::new(&load(policy, version).policy.unwrap(), version);
//!
//! let mut lines = Vec::new();
//! let mut visit = |item: LogItem<'_>| {
//!     if let LogItem::Event(_, event) = item {
//!         let simulated = simulator.simulate(event);
//!         assert_eq!(simulated.outcome.outcome, Outcome::Written);
//!         lines.extend(simulator.line(event, &simulated));
//!     }
//! };
//! let mut reader = LogReader::new();
//! reader.push(log, &mut visit);
//! reader.finish(&mut visit);
//! assert!(!String::from_utf8_lossy(&lines[0]).contains("responseObject"));
//! ```
//!
//! [`EventTable`] stores a whole log in 64 bytes per event. A policy is then evaluated on the distinct requests ([`Verdicts`]), and the
//! sums over all events follow from sizes that were measured once:
//!
//! ```
//! use audit_log::{Event, Location};
//! use audit_policy::{KubernetesVersion, Matcher, load};
//! use audit_sim::{EventTable, Verdicts};
//!
//! let event = r#"{"level":"Metadata","auditID":"1","stage":"RequestReceived","requestURI":"/version","verb":"get","user":{"username":"a"}}"#;
//! let mut table = EventTable::new();
//! table.push(0, Location::default(), &Event::new(event));
//!
//! let version = KubernetesVersion::NEWEST;
//! let policy = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
//! let matcher = Matcher::new(&load(policy, version).policy.unwrap());
//! let verdicts = Verdicts::new(&matcher, table.requests());
//! let tally = table.evaluate(&verdicts, version).tally;
//! assert_eq!((tally.written.events, tally.written.bytes), (1, tally.recorded.bytes));
//! ```

#![deny(missing_docs)]
#![forbid(unsafe_code)]

pub mod backend;
mod body;
mod clients;
mod delete_options;
mod derive;
pub mod encode;
mod impersonation;
pub mod legacy;
mod outcome;
mod own_types;
pub mod policy_check;
mod rate;
mod request_interner;
mod request_traits;
mod requests;
mod simulator;
mod sizes;
mod status;
mod style;
pub mod sums;
mod table;
pub mod tally;
mod totals;
mod verdicts;
mod versions;
pub mod written;

pub use backend::{Backend, Emission};
pub use derive::{DerivedEvent, StageDeriver};
pub use impersonation::impersonation_note;
pub use outcome::{EventAttributes, EventOutcome, Missing, Outcome, verdict};
pub use rate::{Extrapolation, Window};
pub use request_traits::is_long_running;
pub use requests::{RequestView, Requests, ValueIds};
pub use simulator::{SimulatedEvent, Simulator};
pub use sizes::{SizeBreakdown, VersionDifferences};
pub use table::{
    Counts, Evaluation, EventResponse, EventRow, EventTable, Flow, IdRemap, Series, SideTables,
    TableShard, TimeStep, UnknownSizeKey, UnknownSizes,
};
pub use tally::{Share, Sum, Tally};
pub use totals::Totals;
pub use verdicts::Verdicts;
pub use written::{ApiVersion, Rendering};

/// Runs the example of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
