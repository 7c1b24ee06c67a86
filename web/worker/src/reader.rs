//! Reading of log files: in order in this worker, or in chunks by a pool of workers.

pub(crate) mod byte_source;
pub(crate) mod chunk;
pub(crate) mod compression;
pub(crate) mod files;
pub(crate) mod pool;
mod progress;
mod splitter;

#[cfg(test)]
mod tests;
