//! A figure with its unit and the arithmetic that gave it, and how numbers read in that arithmetic.
//!
//! Figures are always finite. What cannot be computed is no figure: an `Option` that is none, beside a sentence that says why.

use serde::Serialize;

use audit_types::format::{bytes, counted, duration, number, precise_duration};

const SECONDS_A_DAY: f64 = 86_400.0;

/// What a figure counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
pub enum Unit {
    /// Bytes.
    Bytes,
    /// Bytes a day.
    BytesADay,
    /// Bytes a second.
    BytesASecond,
    /// Decimal gigabytes, 1,000,000,000 bytes each.
    Gigabytes,
    /// Decimal gigabytes a month of [`DAYS_A_MONTH`](crate::price::DAYS_A_MONTH) days.
    GigabytesAMonth,
    /// Events.
    Events,
    /// Events a second.
    EventsASecond,
    /// Events in one batch.
    EventsABatch,
    /// Batches a second: writes of the log backend, or requests to the webhook.
    BatchesASecond,
    /// Files.
    Files,
    /// Days of 86,400 seconds.
    Days,
    /// Seconds.
    Seconds,
    /// A ratio: so many times.
    Times,
    /// Money a month, in the reader's own currency.
    MoneyAMonth,
}

/// A number that can be checked.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// The number, in the unit; always finite.
    pub value: f64,
    /// What it counts.
    pub unit: Unit,
    /// The arithmetic on one line: `70.0 MB a day × 30 days = 2.10 GB`.
    pub formula: String,
}

impl Figure {
    /// A figure of these terms; the line ends in the value with its unit, and is no more than that where it is the only term. None where the
    /// value is not finite.
    pub(crate) fn new(value: f64, unit: Unit, terms: impl AsRef<str>) -> Option<Self> {
        let terms = terms.as_ref();
        let text = unit.spell(value);
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

    /// The value with its unit: `2.10 GB`.
    pub fn text(&self) -> String {
        self.unit.spell(self.value)
    }
}

impl Unit {
    /// A value with its unit, as a term of a formula: durations are [precise](precise_duration) there.
    pub(crate) fn term(self, value: f64) -> String {
        match self {
            Self::Days => precise_duration(value * SECONDS_A_DAY),
            Self::Seconds => precise_duration(value),
            _ => self.spell(value),
        }
    }

    /// A value with its unit: `2.10 GB`, `53 min`.
    pub fn spell(self, value: f64) -> String {
        let counted = |one: &str, many: &str| counted(value, one, many);
        match self {
            Self::Bytes => bytes(value),
            Self::BytesADay => format!("{} a day", bytes(value)),
            Self::BytesASecond => format!("{} a second", bytes(value)),
            Self::Gigabytes => format!("{} GB", number(value)),
            Self::GigabytesAMonth => format!("{} GB a month", number(value)),
            Self::Events => counted("event", "events"),
            Self::EventsASecond => format!("{} a second", counted("event", "events")),
            Self::EventsABatch => format!("{} a batch", counted("event", "events")),
            Self::BatchesASecond => format!("{} a second", counted("batch", "batches")),
            Self::Files => counted("file", "files"),
            Self::Days => duration(value * SECONDS_A_DAY),
            Self::Seconds => duration(value),
            Self::Times => format!("{} times", number(value)),
            Self::MoneyAMonth => format!("{value:.2} a month"),
        }
    }
}

/// Events a day: `less than 1 event`, where rounding to whole events would leave none.
pub fn events_a_day(events: f64) -> String {
    if events > 0.0 && events < 1.0 {
        return "less than 1 event".to_owned();
    }
    Unit::Events.spell(events.round())
}

/// The value where it is a number that is not negative, else none: what a rate, a size or a price has to be.
pub(crate) fn sound(value: f64) -> Option<f64> {
    (value.is_finite() && value >= 0.0).then_some(value)
}

/// The value where it is a number above zero.
pub(crate) fn positive(value: f64) -> Option<f64> {
    (value.is_finite() && value > 0.0).then_some(value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_there_is_never_none() {
        for (events, text) in [
            (0.0, "0 events"),
            (0.01, "less than 1 event"),
            (0.99, "less than 1 event"),
            (1.0, "1 event"),
            (1.4, "1 event"),
            (61.0, "61 events"),
        ] {
            assert_eq!(events_a_day(events), text, "{events}");
        }
        assert_eq!(bytes(0.08), "less than 1 B");
        assert_eq!(bytes(0.6), "1 B");
        assert_eq!(
            Unit::EventsASecond.spell(1e-9),
            "less than 0.000001 events a second"
        );
    }

    #[test]
    fn one_of_a_thing_is_singular() {
        assert_eq!(Unit::Days.spell(1.0), "1 day");
        assert_eq!(Unit::Days.spell(1.5), "1 day 12 h");
        assert_eq!(Unit::Files.spell(1.0), "1 file");
        assert_eq!(Unit::BatchesASecond.spell(1.0), "1 batch a second");
    }

    #[test]
    fn a_figure_is_finite_and_ends_its_line() {
        assert_eq!(Figure::new(f64::NAN, Unit::Days, "x"), None);
        assert_eq!(Figure::new(f64::INFINITY, Unit::Days, "x"), None);
        let figure = Figure::new(2.1e9, Unit::Bytes, "70.0 MB a day × 30 days").unwrap();
        assert_eq!(figure.formula, "70.0 MB a day × 30 days = 2.10 GB");
        assert_eq!(figure.text(), "2.10 GB");
    }
}
