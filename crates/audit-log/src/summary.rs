//! Summary of a log that was read.

use std::fmt;

use crate::extract::wrapper::Wrapper;

/// Summary of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct LogSummary {
    /// Layout of the events.
    pub format: LogFormat,
    /// Number of events.
    pub events: u64,
    /// Number of parts that contain no event.
    pub problems: u64,
    /// Reasons for these parts with their counts, in the order of the file. Reasons beyond the first 16 are counted together.
    pub reasons: Vec<(String, u64)>,
    /// Reason why the file has no events, in one sentence. `None` if there is an event.
    pub rejection: Option<String>,
    /// Number of problems that are text, if the file is not a log: `rejection` is about all of them. Otherwise 0.
    pub rejected_texts: u64,
    /// The file has documents with lists of records, even if none of the records could be read. What precedes a list is in no problem.
    pub has_documents: bool,
    /// Wrappers of the events, the most frequent first. Events without a wrapper are not counted.
    pub wrappers: Vec<WrapperCount>,
    /// Limitations of these wrappers: what is or may be missing, one sentence each.
    pub limitations: Vec<&'static str>,
    /// Header of a CSV file, or JSON of the columns of Log Analytics, which is needed to read an event again that consists of columns.
    pub csv_header: Option<String>,
}

/// Maximum number of distinct reasons in a summary.
pub const MAX_REASONS: usize = 16;

/// Name under which further reasons are counted.
pub(crate) const OTHER_REASONS: &str = "other reasons";

impl LogSummary {
    /// Describes the content for display, without commas: `AKS diagnostic records`.
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

/// Layout of the events in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum LogFormat {
    /// Only whitespace.
    Empty,
    /// One event per line, as the server writes them.
    JsonLines,
    /// Events as items of one array.
    JsonArray,
    /// Consecutive events, for example pretty-printed.
    JsonValues,
    /// Events in `EventList` objects, as a webhook receives them.
    EventLists,
    /// Rows of a CSV file.
    Csv,
}

impl fmt::Display for LogFormat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "empty",
            Self::JsonLines => "JSON lines",
            Self::JsonArray => "JSON array",
            Self::JsonValues => "JSON values",
            Self::EventLists => "EventList",
            Self::Csv => "CSV",
        })
    }
}

/// A wrapper and the events in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WrapperCount {
    /// Kind of wrapper.
    pub wrapper: Wrapper,
    /// Number of events in it.
    pub events: u64,
    /// Field that contained the first event, for wrappers that do not have a fixed field.
    pub field: Option<String>,
}
