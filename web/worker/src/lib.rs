//! The engine in a worker: handles the page's messages in order, reads files between them, and replies with plain data.

mod answer;
mod ask;
mod audit_ids;
mod browser;
mod change;
mod claims;
mod codes;
mod compare;
mod deferred;
mod entry;
mod event_marks;
mod examples;
mod export;
mod facets;
mod filter;
#[cfg(not(target_family = "wasm"))]
mod first_example;
mod goals;
mod groups;
mod id_search;
mod inspect;
mod lessons;
mod lines;
mod lints;
mod log;
mod log_findings;
mod log_pass;
mod log_scan;
mod logs_place;
mod memory;
mod metrics;
mod model;
mod options;
mod other_policy;
mod outer_document;
mod policy;
mod policy_check;
mod query_completion;
mod ranking;
mod reader;
mod repair;
mod runtime;
mod scan;
mod session;
mod share;
mod simplify;
mod source;
mod timeline;
mod values;
mod view;
mod volume;
mod who;

#[cfg(not(target_family = "wasm"))]
pub use first_example::{FirstExample, first_example};
