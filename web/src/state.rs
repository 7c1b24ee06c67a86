//! The state of the page, without a browser.
//!
//! [`update()`] takes a state and an [`Action`], and returns the next state and the [`Effect`]s to run. The files of `update` contain
//! the changes; the other files contain the data.

mod action;
pub mod analysis;
mod app_state;
pub mod claims;
pub mod completion;
pub mod download;
mod effect;
pub mod embed;
pub mod export;
pub mod facets;
pub mod goals;
pub mod kept;
pub mod lessons;
pub mod log_scan;
pub mod logs_place;
pub mod metrics;
pub mod notices;
pub mod opening;
pub mod policy_check;
pub mod repair;
mod saved_workspace;
mod saving;
pub mod seal;
pub mod share;
mod table;
#[cfg(test)]
mod tests;
pub mod trail;
mod ui;
mod update;
pub mod volume;
pub mod worker;
pub mod workspace;

pub use action::Action;
pub use app_state::AppState;
pub use effect::{EditorCommand, Effect, FileContent};
pub use table::TableState;
pub use ui::{BreakdownBy, Dialog, EditorDocument, Freshness, Pane, Tab, Unit};
pub use update::update;
pub use worker::WorkerStatus;
