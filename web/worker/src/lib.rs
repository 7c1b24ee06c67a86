//! The engine in a worker: reads logs, answers the page.

#![forbid(unsafe_code)]
