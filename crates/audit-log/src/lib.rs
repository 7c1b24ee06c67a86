//! Bytes to audit events, and the request behind an event.

#![forbid(unsafe_code)]
