//! A policy over events: verdicts, outcomes, events as written, tallies.
//!
//! ```
//! use audit_log::{LogItem, LogReader};
//! use audit_policy::{KubernetesVersion, Level, Matcher, Policy, Rule};
//! use audit_sim::{EventTable, Outcome, Verdicts};
//!
//! let log = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete",
//!     "requestURI":"/api/v1/namespaces/dev/secrets/db","verb":"get","user":{"username":"alice"},"responseObject":{"kind":"Secret"}}"#;
//! let mut table = EventTable::new();
//! let mut take = |item: LogItem<'_>| {
//!     if let LogItem::Event(place, event) = item {
//!         table.push(0, place, event);
//!     }
//! };
//! let mut reader = LogReader::new();
//! reader.push(log, &mut take);
//! reader.finish(&mut take);
//!
//! let rule = Rule { level: Level::Metadata, ..Rule::default() };
//! let policy = Policy { rules: vec![rule], ..Policy::default() };
//! let verdicts = Verdicts::of(&Matcher::new(&policy), table.requests());
//! // The log lacks the stage RequestReceived, so the table holds it derived; the recorded event is the other one.
//! let (_, row) = table.rows().find(|(_, row)| !row.is_derived).unwrap();
//! let judgement = row.judge(&verdicts, KubernetesVersion::NEWEST);
//! assert_eq!(judgement.outcome, Outcome::Written);
//! assert!(judgement.written_bytes.unwrap() < row.recorded_bytes());
//! ```

#![forbid(unsafe_code)]

pub mod backend;
mod body;
pub mod derive;
pub mod encode;
pub mod legacy;
pub mod outcome;
pub mod rate;
mod request_interner;
pub mod requests;
mod sizes;
pub mod table;
pub mod tally;
pub mod verdicts;
mod versions;
pub mod written;

pub use backend::{Backend, Emission};
pub use derive::{DerivedEvent, StageDeriver};
pub use outcome::{EventAttributes, EventOutcome, Missing, Outcome, verdict};
pub use rate::{Extrapolation, Window};
pub use requests::{RequestTarget, RequestView, Requests, SubjectId, ValueIds};
pub use sizes::{SizeBreakdown, VersionDifferences};
pub use table::{
    Counts, Evaluation, EventResponse, EventRow, EventTable, Flow, IdRemap, Series, SideTables,
    TableShard, TimeStep, UnknownSizes,
};
pub use tally::{Share, Sum, Tally};
pub use verdicts::Verdicts;
pub use written::{ApiVersion, Rendering};
