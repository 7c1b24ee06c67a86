//! Numbers that page and worker identify things by.

/// Number of policy edits since the page was opened. A report made under an older generation is stale.
pub type Generation = u32;

/// Number of a log, counted by the page: each log it opens has the next one.
pub type LogId = u32;
