//! State of the extraction of events from one file.

use crate::event::Event;
use crate::extract::route::Route;
use crate::extract::split_lines::PendingLine;
use crate::extract::wrapper::Wrapper;
use crate::json::JsonError;
use crate::location::Location;
use crate::problem::ProblemReason;
use crate::summary::WrapperCount;

/// How many wrappers may be round one event.
pub(crate) const MAX_NESTING: u8 = 5;

/// What unwrapping gives out.
pub(crate) enum Extracted<'a> {
    Event(Location, &'a Event<'a>),
    /// A place that holds no event, its text, and why.
    Problem(Location, &'a [u8], ProblemReason),
}

/// Takes what unwrapping gives out.
pub(crate) type Emit<'o> = &'o mut dyn FnMut(Extracted<'_>);

/// Unwraps what one file holds.
#[derive(Debug, Default)]
pub(crate) struct Extractor {
    pub(super) pending: Option<PendingLine>,
    /// Events by the outermost wrapper.
    pub(super) events: [u64; Wrapper::ALL.len()],
    /// Every wrapper seen, the inner ones too.
    pub(super) seen: u32,
    pub(super) field: Option<String>,
    /// Where the record before held its event: the next one is most likely alike.
    pub(super) hint: Option<WrapperHint>,
    /// A part of a split line, or a line beside one, was taken.
    pub(super) is_pending_kept: bool,
    /// Texts were read with characters in place of bytes that are not UTF-8.
    pub(super) has_placeholders: bool,
    /// There was a document with a list of records, empty or not.
    pub(crate) has_documents: bool,
    /// There was an `EventList`.
    pub(crate) has_event_lists: bool,
}

/// The field that holds the event in records of a kind.
#[derive(Debug)]
pub(super) struct WrapperHint {
    pub(super) keys: Vec<String>,
    pub(super) wrapper: Wrapper,
    /// How many wrappers are round the record.
    pub(super) depth: u8,
}

/// Nothing was given out of a text, for this reason, where it is an error.
pub(super) type Result = std::result::Result<(), ProblemReason>;

/// What was learnt of a document before it is walked through.
#[derive(Debug, Clone, Default)]
pub(super) struct DocumentContext {
    pub(super) is_event_list: Option<bool>,
    /// Why it is not JSON.
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
    /// What was found, the most frequent first.
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
        found.sort_by_key(|unwrapped| std::cmp::Reverse(unwrapped.events));
        found
    }

    /// What the wrappers seen lose, in their order.
    pub(crate) fn limitations(&self) -> Vec<&'static str> {
        Wrapper::ALL
            .into_iter()
            .filter(|wrapper| self.seen & wrapper.bit() != 0)
            .map(Wrapper::limitation)
            .collect()
    }

    /// Whether a line is being joined.
    pub(crate) const fn is_joining(&self) -> bool {
        self.pending.is_some()
    }

    /// Whether the next event may be taken as it stands, without a look at what came before.
    pub(crate) const fn is_idle(&self) -> bool {
        !self.is_joining() && !self.expects_records()
    }

    /// Whether a value of the file is expected to be a record.
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
