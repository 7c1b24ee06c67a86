//! How much a policy writes, what that means for disks and wires, and what to change.

#![forbid(unsafe_code)]

pub mod amount;
pub mod compare;
pub mod disk;
pub mod estimate;
pub mod figure;
pub mod guard;
pub mod price;
pub mod propose;
pub mod safety;
#[cfg(test)]
mod testing;
pub mod truncate;
pub mod wire;

pub use amount::{Amount, Examples};
pub use figure::{Figure, Unit};
