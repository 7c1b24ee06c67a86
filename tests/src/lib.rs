//! Conformance, replay and browser runs, with their data.

#![forbid(unsafe_code)]
