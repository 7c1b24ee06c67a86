//! Rows of CSV files: the column that contains the event is searched like a field of a record, or the event is rebuilt from columns.

use std::borrow::Cow;

use crate::csv::{self, Field, Quoting};
use crate::cut::{self, CutBy};
use crate::detect::UnrecognizedKind;
use crate::event::Event;
use crate::extract::flat::{ColumnValue, Columns, RebuiltEvent};
use crate::extract::record;
use crate::extract::route::Route;
use crate::extract::source_map::SourceMap;
use crate::extract::state::{Emit, Extracted, Extractor, Result};
use crate::extract::wrapper::Wrapper;
use crate::json;
use crate::location::Location;
use crate::placeholder;
use crate::problem::ProblemReason;

/// Maximum number of columns in a message.
const MAX_SHOWN_COLUMNS: usize = 12;

/// Columns of a CSV file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// The line of the header.
    pub(crate) header: String,
    separator: u8,
    names: Vec<String>,
    /// Columns that are fields of an event.
    columns: Option<Columns>,
    /// Column that contained the previous event.
    event_column: Option<usize>,
}

impl Table {
    /// Reads a header. `None` if the line is not one.
    pub(crate) fn new(header: &str, separator: u8) -> Option<Self> {
        let names = csv::names(header, separator)?;
        Some(Self {
            header: header.to_owned(),
            separator,
            columns: Columns::find(&names),
            names,
            event_column: None,
        })
    }

    /// Rebuilds an event from the columns of a row. Returns it with `true` if the columns are those of AKS.
    pub(crate) fn rebuild(&self, row: &str) -> Option<(RebuiltEvent, bool)> {
        let columns = self.columns.as_ref()?;
        let fields = csv::fields(row, self.separator);
        let texts: Vec<Cow<'_, str>> = fields.iter().map(text_of).collect();
        let values = texts.iter().map(|text| Some(ColumnValue::Text(text)));
        Some((columns.event(values)?, columns.is_aks))
    }

    /// Returns the reason why a row is not an event.
    fn reason(&self) -> ProblemReason {
        let has_column = self.names.iter().any(|name| csv::contains_event(name));
        if has_column || self.event_column.is_some() {
            return ProblemReason::Unrecognized(UnrecognizedKind::CsvRow);
        }
        let lacks = match &self.columns {
            Some(columns) => columns.lacks(),
            None => vec!["verb", "requestURI", "user.username"],
        };
        ProblemReason::Unrecognized(if lacks.is_empty() {
            UnrecognizedKind::CsvRow
        } else {
            UnrecognizedKind::Csv(quoted(&self.names), quoted(&lacks))
        })
    }
}

/// Lists names for a message.
fn quoted<N: AsRef<str>>(names: &[N]) -> String {
    let mut shown: Vec<String> = names
        .iter()
        .take(MAX_SHOWN_COLUMNS)
        .map(|name| format!("`{}`", name.as_ref()))
        .collect();
    if names.len() > MAX_SHOWN_COLUMNS {
        shown.push(format!("{} more", names.len() - MAX_SHOWN_COLUMNS));
    }
    shown.join(", ")
}

/// Returns the sentence for a line that may be the header of a table without events.
pub(crate) fn header_without_events(line: &str) -> Option<UnrecognizedKind> {
    let names = csv::any_header(line)?;
    Some(UnrecognizedKind::Csv(
        quoted(&names),
        quoted(&["verb", "requestURI", "user.username"]),
    ))
}

/// Returns the content of a field.
fn text_of<'a>(field: &Field<'a>) -> Cow<'a, str> {
    match field.quoting {
        Quoting::Doubled if field.raw.contains('"') => Cow::Owned(csv::undoubled(field.raw)),
        Quoting::Backslash => json::unescaped(field.raw).unwrap_or(Cow::Borrowed(field.raw)),
        Quoting::None | Quoting::Doubled => Cow::Borrowed(field.raw),
    }
}

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
            self.table = Table::new(&row, separator);
            return;
        };
        let result = if matches!(row, Cow::Borrowed(_)) {
            self.row_text(&row, &mut table, &source, out)
        } else {
            self.has_placeholders = true;
            let inner = source.with_placeholders(&row);
            self.row_text(&row, &mut table, &inner, out)
        };
        self.table = Some(table);
        if let Err(reason) = result {
            out(Extracted::Problem(location, bytes, reason));
        }
    }

    fn row_text(
        &mut self,
        row: &str,
        table: &mut Table,
        source: &SourceMap<'_>,
        out: Emit<'_>,
    ) -> Result {
        let route = Route::default().inside(Wrapper::Csv);
        let mut first_error = None;
        if record::holds_event(row) {
            let fields = csv::fields(row, table.separator);
            let first = table.event_column.into_iter();
            let others = (0..fields.len()).filter(|index| Some(*index) != table.event_column);
            for index in first.chain(others) {
                let Some(field) = fields.get(index) else {
                    continue;
                };
                let name = table.names.get(index).map_or("", String::as_str);
                match self.field(field, name, source, route, out) {
                    Some(Ok(())) => {
                        table.event_column = Some(index);
                        return Ok(());
                    }
                    Some(Err(reason)) => {
                        first_error.get_or_insert(reason);
                    }
                    None => {}
                }
            }
            // An object that is not quoted is divided by its commas.
            if fields.len() > table.names.len() && self.bare_object(row, source, route, out) {
                return Ok(());
            }
        }
        if let Some((rebuilt, is_aks)) = table.rebuild(row) {
            let event = Event {
                missing: rebuilt.missing,
                ..Event::new(&rebuilt.text)
            };
            let inner = if is_aks {
                Wrapper::AksTable
            } else {
                Wrapper::Flat
            };
            self.emit(
                source.location(0, row.len()),
                &event,
                route.inside(inner),
                out,
            );
            return Ok(());
        }
        Err(first_error.unwrap_or_else(|| table.reason()))
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
            ProblemReason::NotJson(error) => cut::event(&text, route.all, name)
                .map(|event| Err(ProblemReason::Cut(Box::new(event))))
                .or_else(|| {
                    record::seems_damaged(&text).then_some(Err(ProblemReason::NotJson(error)))
                }),
            ProblemReason::Cut(mut event) => {
                if event.by == CutBy::Other {
                    event.by = cut::by_column(name);
                }
                Some(Err(ProblemReason::Cut(event)))
            }
            // A path of a column that only mentions an event.
            ProblemReason::Unrecognized(_) if !text.trim_start().starts_with(['{', '[']) => None,
            reason => Some(Err(reason)),
        }
    }

    /// Reports a row that cannot be divided into fields: the event in it was cut, or it is damaged.
    pub(crate) fn broken_row(&mut self, bytes: &[u8], location: Location, out: Emit<'_>) {
        let text = placeholder::decode(bytes);
        let source = SourceMap::file(location.offset, location.line, bytes);
        let route = Route::default().inside(Wrapper::Csv);
        if matches!(text, Cow::Borrowed(_))
            && record::holds_event(&text)
            && self.bare_object(&text, &source, route, out)
        {
            return;
        }
        let object = text.find("\"{").and_then(|at| text.get(at + 1..));
        let event = object.and_then(|object| {
            let object = csv::undoubled(object.trim_end_matches(['"', '\r', '\n', ',']));
            let column = self.table.as_ref().and_then(|table| {
                let index = table.event_column?;
                table.names.get(index).cloned()
            });
            cut::event(&object, 0, column.as_deref().unwrap_or_default())
        });
        let reason = event.map_or(ProblemReason::NotCsv, |event| {
            ProblemReason::Cut(Box::new(event))
        });
        out(Extracted::Problem(location, bytes, reason));
    }
}
