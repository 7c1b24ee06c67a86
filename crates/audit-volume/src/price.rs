//! What a stream costs at the reader's own prices: gigabytes taken in a month, and gigabytes lying in store.
//!
//! Gigabytes are decimal, 1,000,000,000 bytes, as the price lists of log services count them. A month is the mean one of
//! [`DAYS_A_MONTH`] days. There is no currency: what goes in comes out.

use serde::{Deserialize, Serialize};

use crate::figure::{Figure, Unit, sound};
use audit_types::format::{bytes, number};

/// Days of a mean month: 365.25 ÷ 12.
pub const DAYS_A_MONTH: f64 = 30.4375;

const BYTES_A_GIGABYTE: f64 = 1e9;

/// What is priced.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Priced {
    /// Bytes a day as they are sent.
    pub bytes_a_day: f64,
    /// How many days are kept; none where nothing is stored at a price.
    pub days_kept: Option<f64>,
    /// What a byte takes in store, where the store packs; none counts a byte as a byte.
    pub stored_ratio: Option<f64>,
    /// Price of one gigabyte taken in.
    pub price_of_ingested: Option<f64>,
    /// Price of one gigabyte lying in store for a month.
    pub price_of_stored: Option<f64>,
}

/// What it comes to. A price that is not given has no cost here, which is not the same as a cost of nothing.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Bill {
    /// Gigabytes taken in, a month.
    pub ingested: Option<Figure>,
    /// Gigabytes in store once as many days have come as are kept.
    pub stored: Option<Figure>,
    /// What taking in costs, a month.
    pub cost_of_ingested: Option<Figure>,
    /// What storing costs, a month, in the steady state.
    pub cost_of_stored: Option<Figure>,
    /// Both together, where both are known.
    pub cost: Option<Figure>,
    /// Why a figure is missing, a sentence each.
    pub notes: Vec<String>,
}

/// The bill of a month.
///
/// ```
/// use audit_volume::price::{Priced, bill};
///
/// let bill = bill(&Priced { bytes_a_day: 2e9, price_of_ingested: Some(0.5), ..Priced::default() });
/// assert_eq!(bill.ingested.unwrap().formula, "2.00 GB a day × 30.4375 days a month = 60.9 GB a month");
/// assert_eq!(bill.cost_of_ingested.unwrap().value, 30.4375);
/// ```
pub fn bill(priced: &Priced) -> Bill {
    let mut bill = Bill::default();
    let Some(daily) = sound(priced.bytes_a_day) else {
        bill.notes
            .push("the bytes a day are no number to reckon with, so there is no bill".to_owned());
        return bill;
    };
    let a_day = format!("{} a day", bytes(daily));
    let ingested = daily * DAYS_A_MONTH / BYTES_A_GIGABYTE;
    bill.ingested = Figure::new(
        ingested,
        Unit::GigabytesAMonth,
        format!("{a_day} × {DAYS_A_MONTH} days a month"),
    );
    bill.stored = stored(priced, daily, &a_day, &mut bill.notes);
    let ingested = bill.ingested.as_ref();
    bill.cost_of_ingested = cost(ingested, priced.price_of_ingested, &mut bill.notes);
    let stored = bill.stored.as_ref();
    bill.cost_of_stored = cost(stored, priced.price_of_stored, &mut bill.notes);
    bill.cost = match (&bill.cost_of_ingested, &bill.cost_of_stored) {
        (Some(one), Some(other)) => Figure::new(
            cents(one.value) + cents(other.value),
            Unit::MoneyAMonth,
            format!("{:.2} ingested + {:.2} stored", one.value, other.value),
        ),
        _ => None,
    };
    bill
}

/// What a sum shows is what it adds up.
fn cents(money: f64) -> f64 {
    (money * 100.0).round() / 100.0
}

fn stored(priced: &Priced, daily: f64, a_day: &str, notes: &mut Vec<String>) -> Option<Figure> {
    let Some(days) = sound(priced.days_kept?) else {
        notes.push(
            "the days kept are no number to reckon with, so nothing is stored here".to_owned(),
        );
        return None;
    };
    let plain = daily * days / BYTES_A_GIGABYTE;
    let kept = format!("{a_day} × {}", Unit::Days.term(days));
    let Some(ratio) = priced.stored_ratio else {
        return Figure::new(plain, Unit::Gigabytes, kept);
    };
    let Some(ratio) = sound(ratio) else {
        notes.push("the ratio of packing is no number to reckon with, and is left out".to_owned());
        return Figure::new(plain, Unit::Gigabytes, kept);
    };
    let terms = format!("{kept} × {} of each byte", number(ratio));
    Figure::new(plain * ratio, Unit::Gigabytes, terms)
}

fn cost(gigabytes: Option<&Figure>, price: Option<f64>, notes: &mut Vec<String>) -> Option<Figure> {
    let price = price?;
    let gigabytes = gigabytes?;
    let Some(price) = sound(price) else {
        notes.push("a price below zero, or none at all, buys nothing: it is left out".to_owned());
        return None;
    };
    let terms = format!("{} × {price} per GB", gigabytes.text());
    Figure::new(gigabytes.value * price, Unit::MoneyAMonth, terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(figure: Option<Figure>) -> String {
        figure.map(|figure| figure.formula).unwrap_or_default()
    }

    #[test]
    fn a_bill_is_checked_by_hand() {
        let bill = bill(&Priced {
            bytes_a_day: 4e9,
            days_kept: Some(90.0),
            stored_ratio: Some(0.1),
            price_of_ingested: Some(0.5),
            price_of_stored: Some(0.03),
        });
        // 4 × 30.4375 = 121.75; 4 × 90 × 0.1 = 36; 121.75 × 0.5 = 60.875; 36 × 0.03 = 1.08.
        for (figure, expected) in [
            (
                bill.ingested,
                "4.00 GB a day × 30.4375 days a month = 122 GB a month",
            ),
            (
                bill.stored,
                "4.00 GB a day × 90 days × 0.100 of each byte = 36 GB",
            ),
            (
                bill.cost_of_ingested,
                "122 GB a month × 0.5 per GB = 60.88 a month",
            ),
            (bill.cost_of_stored, "36 GB × 0.03 per GB = 1.08 a month"),
            (bill.cost, "60.88 ingested + 1.08 stored = 61.96 a month"),
        ] {
            assert_eq!(formula(figure), expected);
        }
        assert!(bill.notes.is_empty());
    }

    #[test]
    fn nothing_costs_nothing_and_no_price_is_no_cost() {
        let nothing = bill(&Priced {
            price_of_ingested: Some(0.0),
            ..Priced::default()
        });
        assert_eq!(nothing.cost_of_ingested.map(|cost| cost.value), Some(0.0));
        assert_eq!(
            (nothing.stored, nothing.cost_of_stored, nothing.cost),
            (None, None, None)
        );
    }

    #[test]
    fn what_is_no_number_gives_a_sentence_and_no_figure() {
        for (bytes_a_day, days, ratio, price, notes) in [
            (f64::NAN, 1.0, 1.0, 1.0, 1),
            (f64::INFINITY, 1.0, 1.0, 1.0, 1),
            (-1.0, 1.0, 1.0, 1.0, 1),
            (1.0, -1.0, 1.0, 1.0, 1),
            (1.0, 1.0, f64::NAN, 1.0, 1),
            (1.0, 1.0, 1.0, -1.0, 2),
            (1.0, 1.0, 1.0, f64::NAN, 2),
        ] {
            let bill = bill(&Priced {
                bytes_a_day,
                days_kept: Some(days),
                stored_ratio: Some(ratio),
                price_of_ingested: Some(price),
                price_of_stored: Some(price),
            });
            assert_eq!(bill.notes.len(), notes, "{bill:?}");
            let all = [
                &bill.ingested,
                &bill.stored,
                &bill.cost_of_ingested,
                &bill.cost,
            ];
            assert!(
                all.into_iter()
                    .flatten()
                    .all(|figure| figure.value.is_finite())
            );
        }
        // What overflows is no figure either.
        let huge = bill(&Priced {
            bytes_a_day: f64::MAX,
            ..Priced::default()
        });
        assert_eq!(huge.ingested, None);
    }
}
