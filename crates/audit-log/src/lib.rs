#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod attributes;
mod bad_column;
mod canonical;
mod csv;
mod cut;
pub mod decompress;
mod detect;
mod encoded_data;
mod event;
mod event_reader;
mod extract;
mod field_selector;
mod frame;
pub mod json;
mod label_selector;
mod layout;
mod limits;
pub mod lines;
mod location;
mod other_logs;
mod owned_event;
pub mod percent;
pub mod placeholder;
mod problem;
mod reader;
mod record_of;
mod recovery;
mod reread;
mod scalars;
pub mod scan;
mod summary;
mod unrecognized;
mod utf16;
mod validator;

pub use attributes::{Attributes, read_user};
pub use bad_column::BadColumn;
pub use canonical::{Canonical, CreationTimestamps};
pub use cut::{CutBy, CutEvent};
pub use detect::{ValueKind, detect_kind};
pub use encoded_data::EncodedDataError;
pub use event::{Event, MissingFields};
pub use event_reader::{EventReader, LogRecord, ReadError};
pub use extract::wrapper::Wrapper;
pub use location::Location;
pub use owned_event::OwnedEvent;
pub use problem::{Problem, ProblemReason};
pub use reader::{LogItem, LogReader};
pub use record_of::record_of;
pub use reread::{reread, reread_bytes, reread_with_header};
pub use summary::{LogFormat, LogSummary, WrapperCount};
pub use unrecognized::UnrecognizedKind;
