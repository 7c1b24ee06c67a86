//! A policy over events: verdicts, events as written, tallies.

#![forbid(unsafe_code)]
