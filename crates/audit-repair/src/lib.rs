#![doc = include_str!("../README.md")]
#![forbid(unsafe_code)]
#![deny(missing_docs)]

mod characters;
mod context;
mod flat;
mod items;
mod keys;
mod lines;
mod outline;
mod placer;
mod record;
mod repair;
mod structure;
mod surroundings;
mod texts;
mod token;
mod types;

pub use audit_policy::KubernetesVersion;
pub use repair::{MAX_LINES, MAX_TEXT_BYTES, repair};
pub use types::{
    Answer, Change, ChangeKind, Options, Outcome, Question, Reading, Repair, Understanding,
    Unplaced,
};
