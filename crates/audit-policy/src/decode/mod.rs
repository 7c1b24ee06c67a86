//! Decodes a tree to a policy as the server does: version and kind first, then the fields, in strict and lenient mode at once.

pub(crate) mod decoder;
pub(crate) mod fields;
pub(crate) mod json_iterator;
pub(crate) mod kind;
pub(crate) mod raw_policy;
pub(crate) mod schema;
mod time;
