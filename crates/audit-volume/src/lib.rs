//! How much a policy writes, what that means for disks and wires, and what to change.

#![forbid(unsafe_code)]

pub mod disk;
pub mod figure;
pub mod price;
pub mod wire;

pub use figure::{Figure, Unit};
