//! A figure with its unit and the arithmetic that gave it, and how numbers read in that arithmetic.
//!
//! Figures are always finite. What cannot be computed is no figure: an `Option` that is none, beside a sentence that says why.

use serde::Serialize;

use crate::duration::{duration, precise_duration};

const SECONDS_A_DAY: f64 = 86_400.0;

/// The smallest number whose digits are printed.
const SMALLEST: f64 = 0.000_000_5;

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
    /// A value with its unit, as a term of a formula: durations are [precise](crate::duration::precise_duration) there.
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

/// A count of things: `1 day`, `1.50 days`.
fn counted(value: f64, one: &str, many: &str) -> String {
    let text = number(value);
    let noun = if text == "1" { one } else { many };
    format!("{text} {noun}")
}

/// Bytes in decimal units, three digits: `812 B`, `70.0 MB`, `2.10 GB`.
pub(crate) fn bytes(value: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut scaled = value;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    // What would be rounded to a thousand is one of the next unit.
    while scaled.abs() >= 999.5 {
        let Some(larger) = units.next() else {
            break;
        };
        scaled /= 1000.0;
        unit = larger;
    }
    if value > 0.0 && value < 0.5 {
        return "less than 1 B".to_owned();
    }
    if unit == "B" {
        return format!("{} B", number(scaled.round()));
    }
    format!("{} {unit}", three_digits(scaled))
}

/// A number: whole ones with thousands apart, others with three digits.
pub(crate) fn number(value: f64) -> String {
    if value > 0.0 && value < SMALLEST {
        // Its digits would all be zeros.
        "less than 0.000001".to_owned()
    } else if value.fract() == 0.0 {
        grouped(&format!("{value:.0}"))
    } else {
        three_digits(value)
    }
}

fn three_digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if size >= 99.95 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ if size >= 0.09995 => 3,
        _ if size >= 0.009_995 => 4,
        _ => 6,
    };
    grouped(&format!("{value:.decimals$}"))
}

/// Commas between the thousands of a printed number.
fn grouped(printed: &str) -> String {
    let (sign, digits) = printed
        .strip_prefix('-')
        .map_or(("", printed), |digits| ("-", digits));
    let (whole, fraction) = digits
        .find('.')
        .map_or((digits, ""), |dot| digits.split_at(dot));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
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
    fn numbers_read_as_people_write_them() {
        for (value, text) in [
            (0.0, "0 B"),
            (812.0, "812 B"),
            (999.0, "999 B"),
            (1000.0, "1.00 KB"),
            (999_600.0, "1.00 MB"),
            (70e6, "70.0 MB"),
            (2.1e9, "2.10 GB"),
            (104_857_600.0, "105 MB"),
            (1e21, "1,000,000 PB"),
        ] {
            assert_eq!(bytes(value), text, "{value}");
        }
        for (value, text) in [
            (0.0, "0"),
            (10.0, "10"),
            (4000.0, "4,000"),
            (1_234_567.0, "1,234,567"),
            (-4000.0, "-4,000"),
            (1.5, "1.50"),
            (0.25, "0.250"),
            (30.4375, "30.4"),
            (1234.5, "1,234"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
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
