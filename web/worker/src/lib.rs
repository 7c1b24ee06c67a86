//! The engine in a worker: handles the page's messages in order, reads files between them, and replies with plain data.

mod answer;
mod browser;
mod change;
mod codes;
mod entry;
mod examples;
mod export;
mod facets;
mod filter;
mod filter_words;
mod groups;
mod inspect;
mod lines;
mod log;
mod memory;
mod model;
mod policy;
mod reader;
mod runtime;
mod session;
mod source;
mod values;
mod view;
mod volume;
