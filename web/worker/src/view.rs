//! The event table: which rows, in which order, or in which groups.

use audit_sim::{Counts, EventRow, EventTable, RequestView};
use audit_types::time;
use playground_protocol::{Column, EventGroup, RowView, Rows, View};

use crate::filter::Filter;
use crate::groups::groups;
use crate::log::Log;
use crate::tags::{level_tag, outcome_tag};

/// The chosen rows of a log.
#[derive(Default)]
pub(crate) struct Selection {
    /// What was asked for.
    pub(crate) view: View,
    /// The chosen events by number; none where all are shown in the log's order.
    rows: Option<Vec<u32>>,
    groups: Vec<EventGroup>,
    /// Bytes recorded of all the view's events, where it groups.
    grouped_bytes: f64,
}

impl Selection {
    /// Chooses and orders, or groups.
    pub(crate) fn of(view: View, log: &Log) -> Self {
        let filter = Filter::new(&view, &log.table);
        let is_whole = filter.admits_all() && view.group_by.is_none() && view.sort.is_none();
        let mut selection = Self {
            rows: (!is_whole).then(|| chosen(&filter, log)),
            view,
            groups: Vec::new(),
            grouped_bytes: 0.0,
        };
        if let Some(column) = selection.view.group_by {
            (selection.groups, selection.grouped_bytes) =
                groups(column, log, selection.chosen().iter().copied());
        } else if let Some(column) = selection.view.sort {
            selection.sort(column, log);
        }
        selection
    }

    fn chosen(&self) -> &[u32] {
        self.rows.as_deref().unwrap_or_default()
    }

    /// How many rows it has, listed or grouped.
    pub(crate) fn len(&self, log: &Log) -> usize {
        self.rows.as_ref().map_or(log.reckoning.shown(), Vec::len)
    }

    /// The chosen events by number, from a place on; none where all are shown in the log's order.
    pub(crate) fn chosen_from(&self, first: usize) -> Option<&[u32]> {
        let rows = self.rows.as_ref()?;
        Some(rows.get(first..).unwrap_or_default())
    }

    /// Its events, counted by what they share.
    pub(crate) fn counts(&self, log: &Log) -> Counts {
        match &self.rows {
            None => log.table.count_shown(&log.verdicts),
            Some(rows) => log.table.count(rows, &log.verdicts),
        }
    }

    /// A stretch of it.
    pub(crate) fn stretch(&self, log: &Log, generation: u32, start: usize, count: usize) -> Rows {
        let is_grouped = self.view.group_by.is_some();
        let rows = |numbers: &mut dyn Iterator<Item = usize>| {
            let numbers = numbers.take(count);
            numbers.filter_map(|number| row_view(log, number)).collect()
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
                None => rows(&mut log.shown_from(start)),
                Some(chosen) => rows(&mut chosen.iter().skip(start).map(|number| *number as usize)),
            },
            groups: self.groups.clone(),
            grouped_bytes: self.grouped_bytes,
        }
    }

    fn sort(&mut self, column: Column, log: &Log) {
        let ranks = ranks(column, &log.table);
        let mut keyed: Vec<(i64, u32)> = self
            .chosen()
            .iter()
            .filter_map(|index| {
                let row = log.table.row(*index as usize)?;
                Some((sort_key(column, log, &row, &ranks), *index))
            })
            .collect();
        // The log's own order decides between equals, whichever way the column runs.
        if self.view.descending {
            keyed.sort_by(|(one, first), (other, second)| other.cmp(one).then(first.cmp(second)));
        } else {
            keyed.sort();
        }
        self.rows = Some(keyed.into_iter().map(|(_, index)| index).collect());
    }
}

/// The numbers of the events that fit.
fn chosen(filter: &Filter, log: &Log) -> Vec<u32> {
    let fits = |number: &usize| {
        let Some(request) = log.table.request_of(*number) else {
            return false;
        };
        if !filter.admits_request(request) || filter.is_on_requests() {
            return filter.admits_request(request);
        }
        log.table.row(*number).is_some_and(|row| {
            let (verdict, judgement) = log.judge(&row);
            filter.admits(&row, verdict, &judgement)
        })
    };
    let numbers = log.shown_from(0).filter(fits);
    numbers
        .map(|number| u32::try_from(number).unwrap_or(u32::MAX))
        .collect()
}

/// What a column shows that the request alone decides; none for columns that differ from event to event.
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

/// The place of each distinct text in the order of the texts, where the column is one of text: by number of the request, or of the
/// source addresses.
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
    let mut before: Option<&str> = None;
    for (text, index) in &texts {
        if before.is_some_and(|before| before != text) {
            rank += 1;
        }
        before = Some(text);
        if let Some(slot) = ranks.get_mut(*index) {
            *slot = rank;
        }
    }
    ranks
}

fn sort_key(column: Column, log: &Log, row: &EventRow<'_>, ranks: &[i64]) -> i64 {
    let (verdict, judgement) = log.judge(row);
    let size = |bytes: u64| i64::try_from(bytes).unwrap_or(i64::MAX);
    let rank = |number: usize| ranks.get(number).copied().unwrap_or(-1);
    match column {
        Column::Time => row.time.unwrap_or(i64::MIN),
        Column::Stage => row.attributes.stage.map_or(-1, |stage| stage as i64),
        Column::Code => row.code.map_or(-1, i64::from),
        Column::Rule => verdict.map_or(-1, |verdict| {
            verdict.rule.map_or(i64::MAX, |rule| rule as i64)
        }),
        Column::Level => verdict.map_or(-1, |verdict| verdict.level as i64),
        Column::Recorded => size(row.recorded_bytes()),
        Column::Written => judgement.written_bytes.map_or(-1, size),
        Column::Outcome => judgement.outcome as i64,
        Column::Source => rank(usize::from(row.source_id)),
        Column::Verb | Column::Resource | Column::User | Column::Group | Column::Namespace => {
            rank(row.request_id as usize)
        }
    }
}

/// Stands for a user or a URL that the log lacks; a request without a user is another thing.
const NOT_RECORDED: &str = "(not recorded)";

/// One event, as the table shows it.
pub(crate) fn row_view(log: &Log, index: usize) -> Option<RowView> {
    let row = log.table.row(index)?;
    let (verdict, judgement) = log.judge(&row);
    let request = row.request;
    Some(RowView {
        event: index,
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
        level: verdict.map(|verdict| level_tag(verdict.level)),
        outcome: outcome_tag(&judgement),
        recorded: row.recorded_bytes() as f64,
        derived: row.is_derived,
        written: judgement.written_bytes.map(|bytes| bytes as f64),
    })
}
