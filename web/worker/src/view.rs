//! Selection, order and grouping of the event table's rows.

use audit_sim::{Counts, EventRow, EventTable, RequestView};
use audit_types::{EventId, time};
use playground_protocol::{Column, EventGroup, RowView, Rows, View};

use crate::filter::Filter;
use crate::groups::groups;
use crate::log::Log;

/// Selected rows of a log.
#[derive(Default)]
pub(crate) struct Selection {
    /// Requested view.
    pub(crate) view: View,
    /// Ids of the selected events; `None` if all are visible in the log's order.
    rows: Option<Vec<EventId>>,
    groups: Vec<EventGroup>,
    /// Bytes recorded of all the view's events, if it groups.
    grouped_bytes: f64,
}

impl Selection {
    /// Returns `true` if a view shows all events in the log's order.
    pub(crate) fn is_whole(view: &View) -> bool {
        view.text.is_empty()
            && view.outcome.is_none()
            && view.rule.is_none()
            && view.contradiction.is_none()
            && view.finding.is_none()
            && view.sort.is_none()
            && view.group_by.is_none()
    }

    /// Selects all visible events in the log's order.
    pub(crate) fn whole(view: View) -> Self {
        Self {
            view,
            ..Self::default()
        }
    }

    /// Selects the rows of a view and sorts or groups them.
    pub(crate) fn new(view: View, log: &Log) -> Self {
        let filter = Filter::new(&view, log, None);
        let is_whole = filter.matches_all() && view.group_by.is_none() && view.sort.is_none();
        let mut selection = Self {
            rows: (!is_whole).then(|| filter.select(log)),
            view,
            groups: Vec::new(),
            grouped_bytes: 0.0,
        };
        if let Some(column) = selection.view.group_by {
            (selection.groups, selection.grouped_bytes) =
                groups(column, log, selection.selected().iter().copied());
        } else if let Some(column) = selection.view.sort {
            selection.sort(column, log);
        }
        selection
    }

    fn selected(&self) -> &[EventId] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// Returns the number of selected events.
    pub(crate) fn len(&self, log: &Log) -> usize {
        self.rows.as_ref().map_or(log.evaluation.shown(), Vec::len)
    }

    /// Returns the ids of the selected events from a position on; `None` if all are visible in the log's order.
    pub(crate) fn selected_from(&self, first: usize) -> Option<&[EventId]> {
        let rows = self.rows.as_ref()?;
        Some(rows.get(first..).unwrap_or_default())
    }

    /// Counts the selected events by value.
    pub(crate) fn counts(&self, log: &Log) -> Counts {
        match &self.rows {
            None => log.table.count_shown(&log.verdicts),
            Some(rows) => log.table.count(rows, &log.verdicts),
        }
    }

    /// Returns a range of the rows.
    pub(crate) fn rows(&self, log: &Log, generation: u32, start: usize, count: usize) -> Rows {
        let is_grouped = self.view.group_by.is_some();
        let rows = |events: &mut dyn Iterator<Item = EventId>| {
            let events = events.take(count);
            events.filter_map(|event| row_view(log, event)).collect()
        };
        Rows {
            generation,
            view: self.view.clone(),
            total: if is_grouped {
                self.groups.len()
            } else {
                self.len(log)
            },
            start,
            rows: match &self.rows {
                _ if is_grouped => Vec::new(),
                None => rows(&mut log.visible_from(start)),
                Some(selected) => rows(&mut selected.iter().skip(start).copied()),
            },
            groups: self.groups.clone(),
            grouped_bytes: self.grouped_bytes,
        }
    }

    fn sort(&mut self, column: Column, log: &Log) {
        let ranks = ranks(column, &log.table);
        let mut keyed: Vec<(i64, EventId)> = self
            .selected()
            .iter()
            .filter_map(|event| {
                let row = log.table.row(*event)?;
                Some((sort_key(column, log, &row, &ranks), *event))
            })
            .collect();
        // Equal rows stay in the log's own order, ascending and descending.
        if self.view.descending {
            keyed.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
        } else {
            keyed.sort();
        }
        self.rows = Some(keyed.into_iter().map(|(_, event)| event).collect());
    }
}

/// Returns the text of a column that depends on the request only; `None` for columns that differ between events of a request.
fn request_text(column: Column, request: &RequestView<'_>) -> Option<String> {
    Some(match column {
        Column::Verb => request.verb().to_owned(),
        Column::Resource => request.target().into_owned(),
        Column::User => request.user().unwrap_or_default().to_owned(),
        Column::Group => request.groups().collect::<Vec<_>>().join(", "),
        Column::Namespace => request.namespace().to_owned(),
        _ => return None,
    })
}

/// Returns the rank of each text of a column in the order of all its texts, by index of the request or of the source addresses.
fn ranks(column: Column, table: &EventTable) -> Vec<i64> {
    let mut texts: Vec<(String, usize)> = if column == Column::Source {
        let sources = table.sources().enumerate();
        sources
            .map(|(index, text)| (text.to_owned(), index))
            .collect()
    } else {
        let requests = table.requests().iter().enumerate();
        requests
            .filter_map(|(index, request)| Some((request_text(column, &request)?, index)))
            .collect()
    };
    texts.sort();
    let mut ranks = vec![0; texts.len()];
    let mut rank = 0;
    let mut previous: Option<&str> = None;
    for (text, index) in &texts {
        if previous.is_some_and(|previous| previous != text) {
            rank += 1;
        }
        previous = Some(text);
        if let Some(slot) = ranks.get_mut(*index) {
            *slot = rank;
        }
    }
    ranks
}

fn sort_key(column: Column, log: &Log, row: &EventRow<'_>, ranks: &[i64]) -> i64 {
    let (verdict, event_outcome) = log.outcome_of(row);
    let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let rank = |number: usize| ranks.get(number).copied().unwrap_or(-1);
    match column {
        Column::Time => row.time.unwrap_or(i64::MIN),
        Column::Stage => row.attributes.stage.map_or(-1, |stage| stage as i64),
        Column::Code => row.code.map_or(-1, i64::from),
        Column::Rule => verdict.map_or(-1, |verdict| {
            verdict.rule.map_or(i64::MAX, |rule| rule.get() as i64)
        }),
        Column::Level => verdict.map_or(-1, |verdict| verdict.level as i64),
        Column::Recorded => size(row.recorded_bytes()),
        Column::Written => event_outcome.written_bytes.map_or(-1, size),
        Column::Outcome => event_outcome.outcome as i64,
        Column::Source => rank(usize::from(row.source_id)),
        Column::Verb | Column::Resource | Column::User | Column::Group | Column::Namespace => {
            rank(row.request_id.index())
        }
    }
}

/// Text shown for a user or a URL that the log doesn't contain.
const NOT_RECORDED: &str = "(not recorded)";

/// Returns one event as a row of the table.
pub(crate) fn row_view(log: &Log, event: EventId) -> Option<RowView> {
    let row = log.table.row(event)?;
    let (verdict, event_outcome) = log.outcome_of(&row);
    let request = row.request;
    Some(RowView {
        event,
        time: row.time.map(time::time_of_day).unwrap_or_default(),
        verb: request.verb().to_owned(),
        resource: if request.unknown().url {
            NOT_RECORDED.to_owned()
        } else {
            request.target().into_owned()
        },
        name: request.name().to_owned(),
        namespace: request.namespace().to_owned(),
        user: if request.unknown().user {
            Some(NOT_RECORDED.to_owned())
        } else {
            request.user().map(str::to_owned)
        },
        stage: row
            .attributes
            .stage
            .map(|stage| stage.name().to_owned())
            .unwrap_or_default(),
        code: row.code,
        rule: verdict.and_then(|verdict| verdict.rule),
        level: verdict.map(|verdict| verdict.level),
        outcome: event_outcome.outcome,
        recorded: row.recorded_bytes() as f64,
        derived: row.is_derived,
        written: event_outcome.written_bytes.map(|bytes| bytes as f64),
    })
}
