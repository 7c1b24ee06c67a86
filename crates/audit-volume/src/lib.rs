//! How much a policy writes, what that means for disks and wires, and what to change.

#![forbid(unsafe_code)]

pub mod estimate;
