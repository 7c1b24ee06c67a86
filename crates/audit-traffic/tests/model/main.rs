//! `MODEL.md` says what the code says: the table of rates, and how far the model is from what has been published.
//!
//! `UPDATE_MODEL=1 cargo test -p audit-traffic --test model` updates both tables; review the changes before you commit them.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test")]

mod figures;
mod page;
mod rates;
