//! From an untyped tree to a policy, as Kubernetes' decoder does it: version and kind first, then the fields, strictly and leniently at once.

pub(crate) mod decoder;
pub(crate) mod kind;
pub(crate) mod memory;
pub(crate) mod old;
pub(crate) mod readout;
pub(crate) mod schema;
mod time;
