//! The parts of the page. Each gets what it shows and says what happened; none keeps what another needs.

pub mod answer;
pub mod bits;
pub mod dialogs;
pub mod events;
pub mod export;
pub mod facets;
pub mod findings;
pub mod groups;
pub mod header;
pub mod inspector;
pub mod lines;
pub mod menu;
pub mod modal;
pub mod model;
pub mod notices;
pub mod policy;
pub mod preview;
pub mod problems;
pub mod request;
pub mod status;
pub mod table;
pub mod tabs;
pub mod volume;
pub mod why;
pub mod written;
