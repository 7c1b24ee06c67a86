//! Summary of a log that was read.

use std::fmt;

use crate::extract::wrapper::Wrapper;

/// What a file turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LogSummary {
    /// How its values stand.
    pub format: LogFormat,
    /// Events found.
    pub events: u64,
    /// Pieces that hold none.
    pub problems: u64,
    /// Why these pieces hold none, each reason with its number of pieces, in the order of the file. Reasons beyond the first
    /// [`MAX_REASONS`] are counted together.
    pub reasons: Vec<(String, u64)>,
    /// Why the file cannot be used at all, in one sentence; none if any event was found.
    pub rejection: Option<String>,
    /// There were documents of many records: only their records are given out.
    pub has_documents: bool,
    /// What the events were wrapped in, the most frequent first; those in nothing are not counted here.
    pub wrappers: Vec<WrapperCount>,
    /// What the wrappers have lost, or may have: a sentence each.
    pub limitations: Vec<&'static str>,
}

/// How many reasons are told apart.
pub const MAX_REASONS: usize = 16;

/// What reasons beyond those are counted as.
pub(crate) const OTHER_REASONS: &str = "other reasons";

impl LogSummary {
    /// What the file holds, for people and without commas: `AKS diagnostic records`.
    pub fn description(&self) -> String {
        let wrapped: u64 = self.wrappers.iter().map(|wrapped| wrapped.events).sum();
        let plain =
            (wrapped < self.events || self.wrappers.is_empty()).then(|| self.format.to_string());
        let kinds = self
            .wrappers
            .iter()
            .map(|unwrapped| match &unwrapped.field {
                Some(field) => format!("{} with the event in `{field}`", unwrapped.wrapper),
                None => unwrapped.wrapper.to_string(),
            });
        plain
            .into_iter()
            .chain(kinds)
            .collect::<Vec<_>>()
            .join(" and ")
    }
}

/// How a file holds its events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    /// Nothing but white space.
    Empty,
    /// One event a line, as the server writes them.
    JsonLines,
    /// Events as items of one array.
    JsonArray,
    /// Events one after another, pretty-printed.
    JsonValues,
    /// Events in `EventList` objects, as a webhook receives them.
    EventLists,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::JsonLines => "JSON lines",
            Self::JsonArray => "JSON array",
            Self::JsonValues => "JSON values",
            Self::EventLists => "EventList",
        })
    }
}

/// What was found round the events of one file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapperCount {
    /// The kind.
    pub wrapper: Wrapper,
    /// Events found in it.
    pub events: u64,
    /// The field that held the first of them, where the kind alone does not tell.
    pub field: Option<String>,
}
