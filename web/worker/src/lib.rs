//! The engine in a worker: handles the page's messages in order, reads files between them, and replies with plain data.

mod answer;
mod audit_ids;
mod browser;
mod change;
mod codes;
mod entry;
mod examples;
mod export;
mod facets;
mod filter;
mod groups;
mod id_search;
mod inspect;
mod lines;
mod log;
mod memory;
mod model;
mod options;
mod policy;
mod reader;
mod runtime;
mod session;
mod source;
mod values;
mod view;
mod volume;
