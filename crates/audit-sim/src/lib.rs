//! A policy over events: verdicts, outcomes, events as written, tallies.

#![forbid(unsafe_code)]

pub mod encode;
pub mod legacy;
pub mod outcome;
pub mod written;

pub use outcome::{Facts, Judgement, Missing, Outcome, verdict};
pub use written::{Parts, Rendering};
