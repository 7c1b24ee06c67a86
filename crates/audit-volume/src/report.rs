//! Reports as labelled data: built once here, shown by the page and printed by the command, so that labels and units cannot differ.
//!
//! ```
//! use audit_volume::Unit;
//! use audit_volume::report::{Quantity, Row};
//!
//! let row = Row::new("Bytes per day").value(Quantity::range(1e9, 2e9, Unit::Bytes));
//! assert_eq!(row.value_text(), "1.00 GB to 2.00 GB");
//! ```

mod comparison;
mod consequences;
mod metrics;
mod suggestions;
mod volume;

use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Unit};

pub use comparison::{changed_group, changed_rule, comparison, volume_change};
pub use consequences::{backend, cost, disk, truncation};
pub use metrics::metrics;
pub use suggestions::{kept_group, suggested_rule, suggested_setting, suggestions};
pub use volume::{body_sizes, breakdown, group_label, missing_parts, volume};

/// A report.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Report {
    /// Sections in reading order.
    pub sections: Vec<Section>,
}

impl Report {
    /// Returns the sections of a kind, in order.
    pub fn of_kind(&self, kind: SectionKind) -> impl Iterator<Item = &Section> {
        self.sections
            .iter()
            .filter(move |section| section.kind == kind)
    }
}

/// The part of a report that a section is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum SectionKind {
    /// Events and bytes that the policy writes, and their rates.
    Volume,
    /// The volume by one attribute.
    Breakdown,
    /// Sizes of bodies that the log doesn't contain.
    BodySizes,
    /// Events that truncation cuts or discards.
    Truncation,
    /// Disk usage of the log backend.
    Disk,
    /// The webhook backend.
    Webhook,
    /// The queue of the log backend.
    LogQueue,
    /// Cost of a log service.
    Cost,
    /// Totals under two policies.
    Comparison,
    /// Requests that are no longer recorded, or with less detail.
    LessRecorded,
    /// Requests that are newly recorded, or with more detail.
    MoreRecorded,
    /// Rules whose requests are recorded differently.
    ChangedRules,
    /// Rules that would make the log smaller.
    SuggestedRules,
    /// Noisy requests for which no rule is suggested.
    KeptGroups,
    /// Totals without and with all suggested rules.
    SuggestionTotals,
}

/// Rows about one subject.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Section {
    /// The part of the report that it is.
    pub kind: SectionKind,
    /// Title in sentence case, without a full stop.
    pub title: String,
    /// Rows in reading order.
    pub rows: Vec<Row>,
    /// Number of further rows that are left out.
    pub more_rows: u64,
    /// Reasons to doubt the values: full sentences.
    pub warnings: Vec<String>,
    /// Further information, and reasons for missing values: full sentences.
    pub notes: Vec<String>,
}

impl Section {
    /// Creates a section without rows.
    pub fn new(kind: SectionKind, title: impl Into<String>) -> Self {
        Self {
            kind,
            title: title.into(),
            rows: Vec::new(),
            more_rows: 0,
            warnings: Vec::new(),
            notes: Vec::new(),
        }
    }

    /// Keeps at most this many rows and counts the others in `more_rows`.
    pub fn truncate(&mut self, max_rows: usize) {
        self.more_rows += self.rows.len().saturating_sub(max_rows) as u64;
        self.rows.truncate(max_rows);
    }

    /// Adds a row with a metric, if there is one.
    fn metric(&mut self, label: &str, metric: Option<&Metric>) {
        self.rows
            .extend(metric.map(|metric| Row::new(label).metric(metric)));
    }

    /// Adds notes, each as a full sentence.
    fn notes(&mut self, notes: &[String]) {
        self.notes.extend(notes.iter().map(|note| sentence(note)));
    }
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Row {
    /// Label in sentence case, or the name of what the row is about.
    pub label: String,
    /// Words that belong to the values, such as `Metadata → None`; empty if none.
    pub detail: String,
    /// Values, in the same order in all rows of a section.
    pub values: Vec<Quantity>,
    /// Arithmetic that leads to the values, on one line; empty if there is none.
    pub formula: String,
    /// Reason or source of the row, in words; empty if there is none.
    pub explanation: String,
    /// Text to show verbatim, such as a rule as YAML; empty if there is none.
    pub code: String,
}

impl Row {
    /// Creates a row without values.
    pub fn new(label: impl Into<String>) -> Self {
        Self {
            label: label.into(),
            ..Self::default()
        }
    }

    /// Adds a value.
    #[must_use]
    pub fn value(mut self, value: Quantity) -> Self {
        self.values.push(value);
        self
    }

    /// Adds a count of events and a size in bytes.
    #[must_use]
    fn events_and_bytes(self, events: u64, bytes: u64) -> Self {
        self.value(Quantity::new(events as f64, Unit::Events))
            .value(Quantity::new(bytes as f64, Unit::Bytes))
    }

    #[must_use]
    fn detail(mut self, detail: impl Into<String>) -> Self {
        self.detail = detail.into();
        self
    }

    #[must_use]
    fn formula(mut self, formula: impl Into<String>) -> Self {
        self.formula = formula.into();
        self
    }

    #[must_use]
    fn explanation(mut self, explanation: impl Into<String>) -> Self {
        self.explanation = explanation.into();
        self
    }

    /// Adds the value of a metric, and its formula if that says more than the value.
    #[must_use]
    fn metric(mut self, metric: &Metric) -> Self {
        if metric.formula != metric.text() {
            self.formula.clone_from(&metric.formula);
        }
        self.value(Quantity::new(metric.value, metric.unit))
    }

    /// Formats detail and values: `Metadata → None, 3 events, 6.00 KB → 0 B`.
    pub fn value_text(&self) -> String {
        let detail = Some(self.detail.clone()).filter(|detail| !detail.is_empty());
        let values = self.values.iter().map(Quantity::text);
        detail
            .into_iter()
            .chain(values)
            .collect::<Vec<_>>()
            .join(", ")
    }
}

/// A number with its unit.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quantity {
    /// The number.
    pub value: Value,
    /// Its unit.
    pub unit: Unit,
}

/// One number, or two that belong together.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Value {
    /// A known number.
    Exact(f64),
    /// A number between two bounds.
    Range {
        /// Lower bound.
        low: f64,
        /// Upper bound.
        high: f64,
    },
    /// A number before and after a change.
    Change {
        /// Before the change.
        before: f64,
        /// After the change.
        after: f64,
    },
}

impl Quantity {
    /// Creates a quantity of one known number.
    pub const fn new(value: f64, unit: Unit) -> Self {
        Self {
            value: Value::Exact(value),
            unit,
        }
    }

    /// Creates a quantity between two bounds.
    pub const fn range(low: f64, high: f64, unit: Unit) -> Self {
        Self {
            value: Value::Range { low, high },
            unit,
        }
    }

    /// Creates a quantity that changes.
    pub const fn change(before: f64, after: f64, unit: Unit) -> Self {
        Self {
            value: Value::Change { before, after },
            unit,
        }
    }

    /// Formats the quantity: `2.10 GB`, `1.00 GB to 2.00 GB`, `6.00 KB → 0 B`. A range whose bounds read alike is one number.
    pub fn text(&self) -> String {
        let format = |value| self.unit.format(value);
        match self.value {
            Value::Exact(value) => format(value),
            Value::Range { low, high } => {
                let (low, high) = (format(low), format(high));
                if low == high {
                    low
                } else {
                    format!("{low} to {high}")
                }
            }
            Value::Change { before, after } => format!("{} → {}", format(before), format(after)),
        }
    }
}

/// Returns a message as a full sentence: with a capital letter and a full stop.
pub fn sentence(message: &str) -> String {
    let mut characters = message.chars();
    let first = characters.next().map(char::to_uppercase);
    let mut sentence: String = first.into_iter().flatten().chain(characters).collect();
    sentence.push('.');
    sentence
}

/// Names a request: `alice: get pods/log`.
pub(crate) fn request_name(user: &str, verb: &str, target: &str) -> String {
    format!("{user}: {verb} {target}")
}

/// Names what a request is for: a resource with its subresource, or the path of a non-resource request.
pub fn target_name(resource: &str, subresource: &str, path: &str) -> String {
    match (resource, subresource) {
        ("", _) => path.to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, subresource) => format!("{resource}/{subresource}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_range_whose_bounds_read_alike_is_one_number() {
        for (low, high, text) in [
            (1_000.0, 1_000.0, "1.00 KB"),
            (1_000.0, 1_000.4, "1.00 KB"),
            (1_000.0, 2_000.0, "1.00 KB to 2.00 KB"),
        ] {
            assert_eq!(Quantity::range(low, high, Unit::Bytes).text(), text);
        }
    }

    #[test]
    fn a_row_reads_detail_first() {
        let row = Row::new("alice: list pods")
            .detail("Metadata → None")
            .value(Quantity::new(3.0, Unit::Events))
            .value(Quantity::change(6_000.0, 0.0, Unit::Bytes));
        assert_eq!(row.value_text(), "Metadata → None, 3 events, 6.00 KB → 0 B");
    }

    #[test]
    fn messages_become_sentences() {
        assert_eq!(sentence("the log is short"), "The log is short.");
    }

    #[test]
    fn a_truncated_section_counts_the_rest() {
        let mut section = Section::new(SectionKind::Disk, "Disk");
        section.rows = vec![Row::new("a"); 5];
        section.truncate(3);
        assert_eq!((section.rows.len(), section.more_rows), (3, 2));
    }
}
