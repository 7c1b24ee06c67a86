//! From an untyped tree to a policy, as Kubernetes' decoder does it: version and kind first, then the fields, strictly and leniently at once.

pub(crate) mod decoder;
pub(crate) mod fields;
pub(crate) mod json_iterator;
pub(crate) mod kind;
pub(crate) mod raw_policy;
pub(crate) mod schema;
mod time;
