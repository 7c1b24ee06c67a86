//! Rows of CSV files: the column that contains the event is searched like a field of a record, or the event is rebuilt from columns.

use std::borrow::Cow;

use crate::csv::{self, Field, Quoting};
use crate::cut::{self, CutBy};
use crate::extract::held_events::CutPlace;
use crate::extract::record;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor, Result};
use crate::extract::table::{Table, text_of};
use crate::extract::wrapper::Wrapper;
use crate::json::{self, JsonError, JsonErrorKind, offset_in};
use crate::location::Location;
use crate::placeholder;
use crate::problem::ProblemReason;
use crate::recovery::trimmed_length;
use crate::unrecognized::UnrecognizedKind;

impl Extractor {
    /// Extracts from a row of a CSV file. The first row is the header.
    pub(crate) fn row(
        &mut self,
        bytes: &[u8],
        (location, separator): (Location, u8),
        out: Emit<'_>,
    ) {
        let source = SourceMap::file(location.offset, location.line, bytes);
        let Some(row) = placeholder::decode_if_mostly_text(bytes) else {
            return out(Extracted::Problem(location, bytes, ProblemReason::NotUtf8));
        };
        let Some(mut table) = self.table.take() else {
            if csv::is_separator_line(bytes) {
                return;
            }
            self.table = Table::new(&row, separator);
            return;
        };
        self.pass_record(out);
        let result = if self.continue_held_row(&row, &table, location, out) {
            Ok(())
        } else if matches!(row, Cow::Borrowed(_)) {
            self.row_text(&row, &mut table, &source, out)
        } else {
            self.has_placeholders = true;
            let inner = source.with_placeholders(&row);
            let out = &mut |extracted: Extracted<'_>| out(in_file(extracted, (bytes, location)));
            self.row_text(&row, &mut table, &inner, out)
        };
        self.table = Some(table);
        if let Err(reason) = result {
            self.report(location, bytes, reason, out);
        }
        self.forget_placeholders();
    }

    fn row_text(
        &mut self,
        row: &str,
        table: &mut Table,
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> Result {
        let route = Route::default().inside(Wrapper::Csv);
        self.omits_reads = self.omits_reads || table.omits_reads(row);
        let mut found = CellEvents::default();
        if record::holds_event(row) {
            let fields = csv::fields(row, table.separator);
            found = self.cells(&fields, table, source, route, out);
            // An object that is not quoted is divided by its commas.
            let is_divided = fields.len() > table.names.len();
            if found.has_event || is_divided && self.bare_object(row, source, route, out) {
                return Ok(());
            }
        }
        if let Some((rebuilt, is_aks)) = table.rebuild(row) {
            let place = (row.as_bytes(), source.location(0, row.len()), route);
            self.rebuilt(rebuilt, is_aks, place, out);
            return Ok(());
        }
        if let Some((text, place)) = found.cut
            && let Some(reason) = found.error
        {
            let location = (source.location(0, row.len()), route);
            self.hold(&text, place, location, reason, out);
            return Ok(());
        }
        Err(found.error.unwrap_or_else(|| reason_of_row(row, table)))
    }

    /// Extracts from the cells of a row: one of them counts, unless two rows were joined.
    fn cells(
        &mut self,
        fields: &[Field<'_>],
        table: &mut Table,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> CellEvents {
        let is_joined = fields.len() > table.names.len();
        let mut found = CellEvents::default();
        let known = table.event_column;
        let first = known.into_iter();
        let others = (0..fields.len()).filter(|index| Some(*index) != known);
        for index in first.chain(others) {
            let Some(field) = fields.get(index) else {
                continue;
            };
            let name = table.names.get(index).map_or("", String::as_str);
            match self.field(field, name, source, route, out) {
                Some(Ok(())) => {
                    if !found.has_event {
                        table.event_column = Some(index);
                    }
                    found.has_event = true;
                    if !is_joined {
                        break;
                    }
                }
                Some(Err(reason)) if found.error.is_none() => {
                    if let ProblemReason::Cut(event) = &reason {
                        // A spreadsheet continues in the next row, whoever sent it.
                        let sender = table
                            .sender(fields)
                            .filter(|_| event.by != CutBy::Spreadsheet);
                        let place = match sender {
                            Some(_) => CutPlace::Column(index),
                            None => CutPlace::Cell,
                        };
                        found.cut = Some((text_of(field).into_owned(), (place, sender)));
                    }
                    found.error = Some(reason);
                }
                Some(Err(_)) | None => {}
            }
        }
        found
    }

    /// Returns the columns of the rows of Log Analytics that a text is inside.
    pub(super) fn table_of(&self, route: Route) -> Option<&Table> {
        let is_row = route.all & Wrapper::LogAnalytics.bit() != 0;
        self.table.as_ref().filter(|_| is_row)
    }

    /// Extracts from the rows inside a row of Log Analytics whose end is missing. Returns `false` if there are none.
    pub(super) fn rows_in_row(
        &mut self,
        row: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let table = self.table_of(route);
        let first = table.and_then(|table| json::elements(row).position(|item| table.is_row(item)));
        let Some(first) = first else {
            return false;
        };
        for (index, item) in json::elements(row).enumerate().skip(first) {
            let start = offset_in(row, item);
            if index == first {
                let damage = row.get(..start).unwrap_or_default().as_bytes();
                let damage = damage
                    .get(..trimmed_length(damage, 0, damage.len()))
                    .unwrap_or_default();
                let error = JsonError {
                    offset: damage.len(),
                    kind: JsonErrorKind::Expected("`]`"),
                };
                let reason = ProblemReason::from_damage(damage, error);
                self.report(source.location(0, damage.len()), damage, reason, out);
            }
            let inner = source.part(start);
            if !self.table_row(item, &inner, route, out)
                && let Err(reason) =
                    self.search(item, UnrecognizedKind::CsvRow, &inner, route.deeper(), out)
            {
                self.report(inner.location(0, item.len()), item.as_bytes(), reason, out);
            }
        }
        true
    }

    /// Rebuilds an event from a row of Log Analytics. Returns `false` if its columns are not fields of an event.
    pub(super) fn table_row(
        &mut self,
        row: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        let table = self.table_of(route);
        let Some((rebuilt, is_aks)) = table.and_then(|table| table.rebuild(row)) else {
            return false;
        };
        let place = (row.as_bytes(), source.location(0, row.len()), route);
        self.rebuilt(rebuilt, is_aks, place, out);
        true
    }

    /// Extracts from the object in a row whose fields are not quoted. Returns `false` if there is none.
    fn bare_object(
        &mut self,
        row: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> bool {
        row.find('{')
            .zip(row.rfind('}'))
            .and_then(|(start, end)| Some((start, row.get(start..=end)?)))
            .is_some_and(|(start, object)| {
                self.text(object, &source.part(start), route, out).is_ok()
            })
    }

    /// Extracts from a field. `None` if it contains no event.
    fn field(
        &mut self,
        field: &Field<'_>,
        name: &str,
        source: &SourceMap<'_>,
        route: Route,
        out: Emit<'_>,
    ) -> Option<Result> {
        if !record::holds_event(field.raw) {
            return None;
        }
        let text = text_of(field);
        let inner = match field.quoting {
            Quoting::None => source.part(field.start),
            Quoting::Doubled => source.doubled(field.raw, field.start),
            Quoting::Backslash => source.escaped(field.raw, field.start),
        };
        let reason = match self.text(&text, &inner, route, out) {
            Ok(()) => return Some(Ok(())),
            Err(reason) => reason,
        };
        match reason {
            ProblemReason::NotJson(error) => cut::in_cell(&text, name)
                .map(|event| Err(ProblemReason::Cut(Box::new(event))))
                .or_else(|| {
                    record::seems_damaged(&text).then_some(Err(ProblemReason::NotJson(error)))
                }),
            ProblemReason::Cut(mut event) => {
                if event.by == CutBy::Other {
                    event.by = cut::by_cell(&text, name);
                }
                Some(Err(ProblemReason::Cut(event)))
            }
            // A path of a column that only mentions an event.
            ProblemReason::Unrecognized(_) if !text.trim_start().starts_with(['{', '[']) => None,
            reason => Some(Err(reason)),
        }
    }

    /// Extracts events from a row that cannot be divided into fields: the event in it was cut, the row is damaged, or two rows were joined.
    pub(crate) fn broken_row(&mut self, bytes: &[u8], location: Location, out: Emit<'_>) {
        self.drop_held(out);
        let out = &mut |extracted: Extracted<'_>| out(in_file(extracted, (bytes, location)));
        let text = placeholder::decode(bytes);
        let source = SourceMap::file(location.offset, location.line, bytes);
        let source = match text {
            Cow::Borrowed(_) => source.part(0),
            Cow::Owned(_) => source.with_placeholders(&text),
        };
        let route = Route::default().inside(Wrapper::Csv);
        let table = self.table.as_ref();
        let separator = table.map_or(b',', |table| table.separator);
        let column = table
            .and_then(|table| table.names.get(table.event_column?).cloned())
            .unwrap_or_default();
        let starts: Vec<usize> = memchr::memmem::find_iter(text.as_bytes(), b"\"{")
            .filter(|at| *at == 0 || text.as_bytes().get(at - 1) == Some(&separator))
            .collect();
        if starts.len() < 2
            && record::holds_event(&text)
            && self.bare_object(&text, &source, route, out)
        {
            return;
        }
        // The text before the first object, and after each, belongs to it.
        let ends = starts.iter().skip(1).copied().chain([text.len()]);
        let mut from = 0;
        for (start, end) in starts.iter().copied().zip(ends) {
            let Some(field) = text.get(start..end) else {
                continue;
            };
            let found = csv::fields(field, separator)
                .first()
                .and_then(|first| self.field(first, &column, &source.part(start), route, out));
            if found == Some(Ok(())) {
                from = end;
                continue;
            }
            let reason = cut_field(field, &column);
            let place = source.location(from, end);
            // The text of the file, without placeholders.
            let part = place.text_in(bytes, location.offset);
            out(Extracted::Problem(place, part, reason));
            from = end;
        }
        if starts.is_empty() {
            out(Extracted::Problem(location, bytes, ProblemReason::NotCsv));
        }
    }
}

/// Events in the cells of a row.
#[derive(Default)]
struct CellEvents {
    has_event: bool,
    /// Reason why the first cell that seems to contain one does not.
    error: Option<ProblemReason>,
    /// Text and place of a cut event in that cell.
    cut: Option<(String, (CutPlace, Option<String>))>,
}

/// Returns the reason why a row contains no event.
fn reason_of_row(row: &str, table: &Table) -> ProblemReason {
    let fields = csv::fields(row, table.separator);
    if fields.iter().any(|field| cut::is_rest(&text_of(field))) {
        return ProblemReason::CutRest;
    }
    table.origin(&fields).map_or_else(
        || table.reason(),
        |origin| ProblemReason::Unrecognized(origin.without_event()),
    )
}

/// Returns a problem with its text in the file instead of one with placeholders.
fn in_file<'t>(extracted: Extracted<'t>, row: (&'t [u8], Location)) -> Extracted<'t> {
    match extracted {
        Extracted::Problem(place, text, reason) => {
            Extracted::Problem(place, place.text_or(row, text), reason)
        }
        event => event,
    }
}

/// Returns the reason why a field that does not end is not an event.
fn cut_field(field: &str, column: &str) -> ProblemReason {
    let object = csv::undoubled(
        field
            .trim_start_matches('"')
            .trim_end_matches(['"', '\r', '\n', ',']),
    );
    cut::in_cell(&object, column).map_or(ProblemReason::NotCsv, |mut event| {
        // A service that cuts events leaves the quote behind it: here, the file itself was cut.
        if event.by == cut::by_column(column) {
            event.by = CutBy::Other;
        }
        ProblemReason::Cut(Box::new(event))
    })
}
