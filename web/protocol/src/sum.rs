//! Sums of events.

use serde::{Deserialize, Serialize};

/// Number of events and their size.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
pub struct Sum {
    /// Number of events.
    pub events: usize,
    /// Size in bytes.
    pub bytes: f64,
}
