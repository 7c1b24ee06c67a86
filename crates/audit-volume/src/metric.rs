//! Numbers with their unit and the arithmetic that leads to them.
//!
//! Metrics are always finite. A metric that can't be computed is `None`, next to a note that says why.

use serde::{Deserialize, Serialize};

use audit_types::format::{bytes, counted, duration, number, precise_duration};

const SECONDS_A_DAY: f64 = 86_400.0;

/// Unit of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes per day.
    #[serde(rename = "bytesADay")]
    BytesPerDay,
    /// Bytes per second.
    #[serde(rename = "bytesASecond")]
    BytesPerSecond,
    /// Decimal gigabytes, 1,000,000,000 bytes each.
    Gigabytes,
    /// Decimal gigabytes per month of [`DAYS_PER_MONTH`](crate::cost::DAYS_PER_MONTH) days.
    #[serde(rename = "gigabytesAMonth")]
    GigabytesPerMonth,
    /// Events.
    Events,
    /// Events per second.
    #[serde(rename = "eventsASecond")]
    EventsPerSecond,
    /// Events in one batch.
    #[serde(rename = "eventsABatch")]
    EventsPerBatch,
    /// Batches per second: writes of the log backend, or requests to the webhook.
    #[serde(rename = "batchesASecond")]
    BatchesPerSecond,
    /// A whole number of events, `less than 1 event` if rounding would give zero.
    WholeEvents,
    /// Bytes per event.
    BytesPerEvent,
    /// Bytes, not abbreviated.
    ExactBytes,
    /// Compressed size as a fraction of the original size.
    FractionOfOriginal,
    /// A whole number of percent.
    Percent,
    /// A plain number.
    Count,
    /// Files.
    Files,
    /// Days of 86,400 seconds.
    Days,
    /// Seconds.
    Seconds,
    /// A ratio, as in `40 times`.
    Times,
    /// Money per month, in the currency of the given prices.
    #[serde(rename = "moneyAMonth")]
    MoneyPerMonth,
}

/// A number with its unit and the arithmetic that leads to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Metric {
    /// The number; always finite.
    pub value: f64,
    /// Its unit.
    pub unit: Unit,
    /// The arithmetic on one line: `70.0 MB per day × 30 days = 2.10 GB`.
    pub formula: String,
}

impl Metric {
    /// Creates a metric from a value and the terms of its formula, to which the value is appended unless it is the only term. `None` if the
    /// value is not finite.
    pub(crate) fn new(value: f64, unit: Unit, terms: impl AsRef<str>) -> Option<Self> {
        let terms = terms.as_ref();
        let text = unit.format(value);
        value.is_finite().then(|| Self {
            value,
            unit,
            formula: if terms == text {
                text
            } else {
                format!("{terms} = {text}")
            },
        })
    }

    /// Formats the value with its unit: `2.10 GB`.
    pub fn text(&self) -> String {
        self.unit.format(self.value)
    }
}

impl Unit {
    /// Formats a value as a term of a formula, where durations are [precise](precise_duration).
    pub(crate) fn format_term(self, value: f64) -> String {
        match self {
            Self::Days => precise_duration(value * SECONDS_A_DAY),
            Self::Seconds => precise_duration(value),
            _ => self.format(value),
        }
    }

    /// Formats a value with its unit: `2.10 GB`, `53 min`.
    pub fn format(self, value: f64) -> String {
        let counted = |one: &str, many: &str| counted(value, one, many);
        match self {
            Self::Bytes => bytes(value),
            Self::BytesPerDay => format!("{} per day", bytes(value)),
            Self::BytesPerSecond => format!("{} per second", bytes(value)),
            Self::Gigabytes => format!("{} GB", number(value)),
            Self::GigabytesPerMonth => format!("{} GB per month", number(value)),
            Self::Events => counted("event", "events"),
            Self::EventsPerSecond => format!("{} per second", counted("event", "events")),
            Self::EventsPerBatch => format!("{} per batch", counted("event", "events")),
            Self::BatchesPerSecond => format!("{} per second", counted("batch", "batches")),
            Self::WholeEvents => daily_events(value),
            Self::BytesPerEvent => format!("{} per event", bytes(value)),
            Self::ExactBytes => counted("byte", "bytes"),
            Self::FractionOfOriginal => format!("{value:.3} of the original size"),
            Self::Percent => format!("{} %", value.round()),
            Self::Count => number(value),
            Self::Files => counted("file", "files"),
            Self::Days => duration(value * SECONDS_A_DAY),
            Self::Seconds => duration(value),
            Self::Times => format!("{} times", number(value)),
            Self::MoneyPerMonth => format!("{value:.2} per month"),
        }
    }
}

/// Formats a whole number of events; `less than 1 event` if rounding would give zero.
fn daily_events(events: f64) -> String {
    if events > 0.0 && events < 1.0 {
        return "less than 1 event".to_owned();
    }
    Unit::Events.format(events.round())
}

/// Returns the value if it is finite and not negative, as rates, sizes and prices must be.
pub(crate) fn non_negative(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// Returns the value if it is finite and greater than zero.
pub(crate) fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_positive_count_never_reads_as_zero() {
        for (events, text) in [
            (0.0, "0 events"),
            (0.01, "less than 1 event"),
            (0.99, "less than 1 event"),
            (1.0, "1 event"),
            (1.4, "1 event"),
            (61.0, "61 events"),
        ] {
            assert_eq!(daily_events(events), text, "{events}");
        }
        assert_eq!(bytes(0.08), "less than 1 B");
        assert_eq!(bytes(0.6), "1 B");
        assert_eq!(
            Unit::EventsPerSecond.format(1e-9),
            "less than 0.000001 events per second"
        );
    }

    #[test]
    fn a_count_of_one_is_singular() {
        assert_eq!(Unit::Days.format(1.0), "1 day");
        assert_eq!(Unit::Days.format(1.5), "1 day 12 h");
        assert_eq!(Unit::Files.format(1.0), "1 file");
        assert_eq!(Unit::BatchesPerSecond.format(1.0), "1 batch per second");
    }

    #[test]
    fn a_metric_is_finite_and_its_formula_ends_with_it() {
        assert_eq!(Metric::new(f64::NAN, Unit::Days, "x"), None);
        assert_eq!(Metric::new(f64::INFINITY, Unit::Days, "x"), None);
        let metric = Metric::new(2.1e9, Unit::Bytes, "70.0 MB per day × 30 days").unwrap();
        assert_eq!(metric.formula, "70.0 MB per day × 30 days = 2.10 GB");
        assert_eq!(metric.text(), "2.10 GB");
    }
}
