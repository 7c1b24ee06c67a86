//! The engine in a worker: takes the page's questions in their order, reads files between them, and answers in plain data.

mod answer;
mod change;
mod examples;
mod export;
mod facets;
mod filter;
mod groups;
mod inspect;
mod lines;
mod log;
mod memory;
mod model;
mod numbers;
mod packing;
mod piece;
mod policy;
mod pool;
mod reading;
mod session;
mod source;
mod stream;
mod tags;
mod values;
mod view;
mod volume;
mod wasm;
