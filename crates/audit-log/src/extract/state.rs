//! State of the extraction of events from one file.

use audit_types::sort::SortShort;

pub(crate) use crate::extract::extracted::{Emit, Extracted};
use crate::extract::held_events::HeldEvents;
use crate::extract::limitations;
use crate::extract::route::Route;
use crate::extract::split_lines::PendingLine;
use crate::extract::table::Table;
use crate::extract::wrapper::Wrapper;
use crate::json::JsonError;
use crate::problem::ProblemReason;
use crate::summary::WrapperCount;

/// Maximum number of nested wrappers.
pub(crate) const MAX_NESTING: u8 = 5;

/// Extracts the events of one file.
#[derive(Debug, Default)]
pub(crate) struct Extractor {
    pub(super) pending: Option<PendingLine>,
    /// Cut events whose rest may be in one of the next records.
    pub(super) held: HeldEvents,
    /// Events by the outermost wrapper.
    pub(super) events: [u64; Wrapper::ALL.len()],
    /// Set of all wrappers, including inner ones.
    pub(super) seen: u32,
    pub(super) field: Option<String>,
    /// Field that contained the event in the previous record, where the next one most likely is, too.
    pub(super) hint: Option<WrapperHint>,
    /// Columns of the CSV file.
    pub(crate) table: Option<Table>,
    /// The current line is a part of a split line, or is between such parts.
    pub(super) is_pending_kept: bool,
    /// The current text has placeholders, or a text that is being joined.
    pub(super) has_placeholders: bool,
    /// A document with a list of records was read, empty or not.
    pub(crate) has_documents: bool,
    /// Number of rows of the current table in JSON so far. `None` if it is unknown, or there is no table.
    pub(super) rows: Option<u64>,
    /// Number of the row that is being read.
    pub(super) row: Option<u64>,
    /// There are records of the category `kube-audit-admin`.
    pub(super) omits_reads: bool,
    /// An `EventList` was read.
    pub(crate) has_event_lists: bool,
}

/// Field that contains the event in records of a kind.
#[derive(Debug)]
pub(super) struct WrapperHint {
    pub(super) keys: Vec<String>,
    pub(super) wrapper: Wrapper,
    /// Number of wrappers around the record.
    pub(super) depth: u8,
}

/// Result of extraction. On an error, nothing was emitted.
pub(super) type Result = std::result::Result<(), ProblemReason>;

/// Facts about a document that are known before it is scanned.
#[derive(Debug, Clone, Default)]
pub(super) struct DocumentContext {
    pub(super) is_event_list: Option<bool>,
    /// Reason why the document is not JSON.
    pub(super) fault: Option<JsonError>,
}

impl DocumentContext {
    pub(super) fn list(is_event_list: bool) -> Self {
        Self {
            is_event_list: Some(is_event_list),
            fault: None,
        }
    }
}

impl Extractor {
    /// Returns the wrappers, the most frequent first.
    pub(crate) fn found(&self) -> Vec<WrapperCount> {
        let mut found: Vec<_> = Wrapper::ALL
            .into_iter()
            .zip(self.events)
            .filter(|(_, events)| *events > 0)
            .map(|(wrapper, events)| WrapperCount {
                wrapper,
                events,
                field: self.field.clone().filter(|_| wrapper == Wrapper::Record),
            })
            .collect();
        found.sort_short_by_key(|unwrapped| std::cmp::Reverse(unwrapped.events));
        found
    }

    /// Returns the limitations of all wrappers.
    pub(crate) fn limitations(&self) -> Vec<&'static str> {
        Wrapper::ALL
            .into_iter()
            .filter(|wrapper| self.seen & wrapper.bit() != 0)
            .map(Wrapper::limitation)
            .chain(self.omits_reads.then_some(limitations::ADMIN))
            .collect()
    }

    /// Returns `true` if a line or a cut event is being joined.
    pub(crate) const fn is_joining(&self) -> bool {
        self.pending.is_some() || !self.held.is_empty()
    }

    /// Returns `true` if the next event can be emitted without regard to what came before.
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_joining() && !self.expects_records()
    }

    /// Returns `true` if the next value of the file is expected to be a record.
    pub(crate) const fn expects_records(&self) -> bool {
        matches!(self.hint, Some(WrapperHint { depth: 0, .. }))
    }

    pub(super) fn count(&mut self, route: Route) {
        self.seen |= route.all;
        if let Some(wrapper) = route.outermost
            && let Some(events) = self.events.get_mut(wrapper as usize)
        {
            *events += 1;
        }
    }
}
