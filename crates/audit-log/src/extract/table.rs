//! The columns of a CSV file, or of a table of Log Analytics.

use std::borrow::Cow;

use crate::csv::{self, Field, Quoting};
use crate::extract::flat::{ColumnValue, Columns, RebuiltEvent, event_of_row};
use crate::extract::origin::{self, Origin};
use crate::json;
use crate::problem::ProblemReason;
use crate::unrecognized::UnrecognizedKind;

/// Maximum number of columns in a message.
const MAX_SHOWN_COLUMNS: usize = 12;

/// Separator that stands for rows that are JSON arrays.
const ROWS_OF_JSON: u8 = 0;

/// Columns of a CSV file, or of a table of Log Analytics.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Table {
    /// The line of the header, or the JSON of the columns.
    pub(crate) header: String,
    pub(super) separator: u8,
    pub(super) names: Vec<String>,
    /// Columns that are fields of an event.
    columns: Option<Columns>,
    /// Column that contained the previous event.
    pub(super) event_column: Option<usize>,
}

impl Table {
    /// Describes a file that has only this header. A JSON string can be the name of a column.
    pub(crate) fn without_rows(&self) -> String {
        match json::value(&self.header) {
            Ok(_) => UnrecognizedKind::NotAnObject.to_string(),
            Err(_) => "the CSV file has no rows".to_owned(),
        }
    }

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

    /// Reads the `columns` of a table of Log Analytics. `None` if they have no names.
    pub(crate) fn of_columns(columns: &str) -> Option<Self> {
        let names: Vec<String> = json::elements(columns)
            .map(|column| json::member(column, "name").and_then(json::string))
            .map(|name| name.unwrap_or_default().into_owned())
            .collect();
        let is_named = names.iter().any(|name| !name.is_empty());
        is_named.then(|| Self {
            header: columns.to_owned(),
            separator: ROWS_OF_JSON,
            columns: Columns::find(&names),
            names,
            event_column: None,
        })
    }

    /// Returns `true` if a value of JSON is an array with an item for each column.
    pub(super) fn is_row(&self, array: &str) -> bool {
        array.starts_with('[') && json::elements(array).count() == self.names.len()
    }

    /// Rebuilds an event from the columns of a row. Returns it with `true` if the columns are those of AKS.
    pub(crate) fn rebuild(&self, row: &str) -> Option<(RebuiltEvent, bool)> {
        // A line of JSON is not a row.
        if row.starts_with('{') {
            return None;
        }
        let Some(columns) = &self.columns else {
            return self.rebuild_cell(row);
        };
        if self.separator == ROWS_OF_JSON {
            if !self.is_row(row) {
                return None;
            }
            let value = |raw| (raw != "null").then_some(ColumnValue::Json(raw));
            let event = columns.event(&self.names, json::elements(row).map(value))?;
            return Some((event, columns.is_aks));
        }
        let fields = csv::fields(row, self.separator);
        let texts: Vec<Cow<'_, str>> = fields.iter().map(text_of).collect();
        let values = texts.iter().map(|text| Some(ColumnValue::Text(text)));
        let event = columns.event(&self.names, values);
        event
            .map(|event| (event, columns.is_aks))
            .or_else(|| self.rebuild_cell(row))
    }

    /// Rebuilds an event from a cell of a CSV file that is the text of a row, as Athena prints them.
    fn rebuild_cell(&self, row: &str) -> Option<(RebuiltEvent, bool)> {
        if self.separator == ROWS_OF_JSON {
            return None;
        }
        let fields = csv::fields(row, self.separator);
        let event = fields
            .iter()
            .find_map(|field| event_of_row(&text_of(field)))?;
        Some((event, false))
    }

    /// Returns the origin of a row of a CSV file that is in one of its columns.
    pub(super) fn origin(&self, fields: &[Field<'_>]) -> Option<Origin> {
        let mut columns = self.names.iter().zip(fields);
        columns.find_map(|(name, field)| Origin::of_column(name, &text_of(field)))
    }

    /// Returns the origin of a row in JSON, which one of its columns contains.
    pub(super) fn origin_of_row(&self, row: &str) -> Option<Origin> {
        let mut columns = self.names.iter().zip(json::elements(row));
        columns.find_map(|(name, item)| Origin::of_column(name, &json::string(item)?))
    }

    /// Returns the pod or stream that sent a row in JSON.
    pub(super) fn sender_of_row(&self, row: &str) -> Option<String> {
        let names = self.names.iter().map(|name| Cow::Borrowed(name.as_str()));
        origin::sender_of(names.zip(json::elements(row)))
    }

    /// Returns the pod or stream that sent a row of a CSV file.
    pub(super) fn sender(&self, fields: &[Field<'_>]) -> Option<String> {
        let columns = self.names.iter().zip(fields);
        let of_sender = columns.filter(|(name, _)| origin::is_sender(name));
        origin::joined(of_sender.map(|(_, field)| text_of(field)))
    }

    /// Returns the raw items of a row in JSON that usually contain events.
    pub(super) fn messages<'r>(&'r self, row: &'r str) -> impl Iterator<Item = &'r str> {
        let columns = self.names.iter().zip(json::elements(row));
        columns
            .filter(|(name, _)| csv::contains_event(name))
            .map(|(_, item)| item)
    }

    /// Returns `true` if a row is of the category `kube-audit-admin`.
    pub(super) fn omits_reads(&self, row: &str) -> bool {
        if !origin::mentions_admin(row) {
            return false;
        }
        if self.separator == ROWS_OF_JSON {
            return json::elements(row)
                .any(|item| json::string(item).is_some_and(|text| origin::is_admin(&text)));
        }
        csv::fields(row, self.separator)
            .iter()
            .any(|field| origin::is_admin(&text_of(field)))
    }

    /// Returns the reason why a row is not an event.
    pub(super) fn reason(&self) -> ProblemReason {
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
pub(super) fn text_of<'a>(field: &Field<'a>) -> Cow<'a, str> {
    match field.quoting {
        Quoting::Doubled if field.raw.contains('"') => Cow::Owned(csv::undoubled(field.raw)),
        Quoting::Backslash => json::unescaped(field.raw).unwrap_or(Cow::Borrowed(field.raw)),
        Quoting::None | Quoting::Doubled => Cow::Borrowed(field.raw),
    }
}
