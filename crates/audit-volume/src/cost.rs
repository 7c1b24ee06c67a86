//! Cost of a log service at given prices, for ingested and stored gigabytes.
//!
//! Gigabytes are decimal, 1,000,000,000 bytes, as in the price lists of log services. A month has [`DAYS_PER_MONTH`] days. Costs are in the
//! currency of the given prices.

use serde::{Deserialize, Serialize};

use crate::metric::{Metric, Unit, non_negative};
use audit_types::format::{bytes, number};

/// Days of an average month: 365.25 ÷ 12.
pub const DAYS_PER_MONTH: f64 = 30.4375;

const BYTES_PER_GIGABYTE: f64 = 1e9;

/// Volume, retention and prices.
#[derive(Debug, Clone, Copy, PartialEq, Default, Serialize, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct CostInputs {
    /// Bytes per day as sent.
    pub bytes_per_day: f64,
    /// Days of retention; `None` if storage has no price.
    pub retention_days: Option<f64>,
    /// Stored bytes per byte sent, if the service compresses; `None` means 1.
    pub storage_ratio: Option<f64>,
    /// Price per ingested gigabyte.
    pub ingestion_price: Option<f64>,
    /// Price per gigabyte stored for a month.
    pub storage_price: Option<f64>,
}

/// Monthly cost. The cost for a price that is not given is `None`, not zero.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct CostEstimate {
    /// Gigabytes ingested per month.
    pub ingested: Option<Metric>,
    /// Gigabytes stored once the retention is reached.
    pub stored: Option<Metric>,
    /// Monthly cost of ingestion.
    #[serde(rename = "costOfIngested")]
    pub ingestion_cost: Option<Metric>,
    /// Monthly cost of storage once the retention is reached.
    #[serde(rename = "costOfStored")]
    pub storage_cost: Option<Metric>,
    /// Sum of both; `None` unless both are known.
    #[serde(rename = "cost")]
    pub total_cost: Option<Metric>,
    /// Reasons for missing metrics.
    pub notes: Vec<String>,
}

/// Computes the monthly cost.
///
/// ```
/// use audit_volume::cost::{CostInputs, estimate_cost};
///
/// let cost = estimate_cost(&CostInputs { bytes_per_day: 2e9, ingestion_price: Some(0.5), ..CostInputs::default() });
/// assert_eq!(cost.ingested.unwrap().formula, "2.00 GB per day × 30.4375 days per month = 60.9 GB per month");
/// assert_eq!(cost.ingestion_cost.unwrap().value, 30.4375);
/// ```
pub fn estimate_cost(inputs: &CostInputs) -> CostEstimate {
    let mut estimate = CostEstimate::default();
    let Some(daily) = non_negative(inputs.bytes_per_day) else {
        estimate
            .notes
            .push("bytes per day is not a finite number, so the cost can't be computed".to_owned());
        return estimate;
    };
    let daily_text = format!("{} per day", bytes(daily));
    let ingested = daily * DAYS_PER_MONTH / BYTES_PER_GIGABYTE;
    estimate.ingested = Metric::new(
        ingested,
        Unit::GigabytesPerMonth,
        format!("{daily_text} × {DAYS_PER_MONTH} days per month"),
    );
    estimate.stored = stored(inputs, daily, &daily_text, &mut estimate.notes);
    let ingested = estimate.ingested.as_ref();
    estimate.ingestion_cost = cost(ingested, inputs.ingestion_price, &mut estimate.notes);
    let stored = estimate.stored.as_ref();
    estimate.storage_cost = cost(stored, inputs.storage_price, &mut estimate.notes);
    estimate.total_cost = match (&estimate.ingestion_cost, &estimate.storage_cost) {
        (Some(one), Some(other)) => Metric::new(
            cents(one.value) + cents(other.value),
            Unit::MoneyPerMonth,
            format!("{:.2} ingested + {:.2} stored", one.value, other.value),
        ),
        _ => None,
    };
    estimate
}

/// Rounds to cents, so that a printed sum is the sum of the printed amounts.
fn cents(money: f64) -> f64 {
    (money * 100.0).round() / 100.0
}

fn stored(
    inputs: &CostInputs,
    daily: f64,
    daily_text: &str,
    notes: &mut Vec<String>,
) -> Option<Metric> {
    let Some(days) = non_negative(inputs.retention_days?) else {
        notes.push("the retention is not a finite number, so storage can't be computed".to_owned());
        return None;
    };
    let plain = daily * days / BYTES_PER_GIGABYTE;
    let kept = format!("{daily_text} × {}", Unit::Days.format_term(days));
    let Some(ratio) = inputs.storage_ratio else {
        return Metric::new(plain, Unit::Gigabytes, kept);
    };
    let Some(ratio) = non_negative(ratio) else {
        notes.push("the storage ratio is not a finite number and is ignored".to_owned());
        return Metric::new(plain, Unit::Gigabytes, kept);
    };
    let terms = format!("{kept} × {} bytes stored per byte", number(ratio));
    Metric::new(plain * ratio, Unit::Gigabytes, terms)
}

fn cost(gigabytes: Option<&Metric>, price: Option<f64>, notes: &mut Vec<String>) -> Option<Metric> {
    let price = price?;
    let gigabytes = gigabytes?;
    let Some(price) = non_negative(price) else {
        notes.push("a price is negative or not a finite number and is ignored".to_owned());
        return None;
    };
    let terms = format!("{} × {price} per GB", gigabytes.text());
    Metric::new(gigabytes.value * price, Unit::MoneyPerMonth, terms)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn formula(metric: Option<Metric>) -> String {
        metric.map(|metric| metric.formula).unwrap_or_default()
    }

    #[test]
    fn costs_match_arithmetic_by_hand() {
        let cost = estimate_cost(&CostInputs {
            bytes_per_day: 4e9,
            retention_days: Some(90.0),
            storage_ratio: Some(0.1),
            ingestion_price: Some(0.5),
            storage_price: Some(0.03),
        });
        // 4 × 30.4375 = 121.75; 4 × 90 × 0.1 = 36; 121.75 × 0.5 = 60.875; 36 × 0.03 = 1.08.
        for (metric, expected) in [
            (
                cost.ingested,
                "4.00 GB per day × 30.4375 days per month = 122 GB per month",
            ),
            (
                cost.stored,
                "4.00 GB per day × 90 days × 0.100 bytes stored per byte = 36 GB",
            ),
            (
                cost.ingestion_cost,
                "122 GB per month × 0.5 per GB = 60.88 per month",
            ),
            (cost.storage_cost, "36 GB × 0.03 per GB = 1.08 per month"),
            (
                cost.total_cost,
                "60.88 ingested + 1.08 stored = 61.96 per month",
            ),
        ] {
            assert_eq!(formula(metric), expected);
        }
        assert!(cost.notes.is_empty());
    }

    #[test]
    fn a_price_of_zero_costs_zero_and_no_price_gives_no_cost() {
        let nothing = estimate_cost(&CostInputs {
            ingestion_price: Some(0.0),
            ..CostInputs::default()
        });
        assert_eq!(nothing.ingestion_cost.map(|cost| cost.value), Some(0.0));
        assert_eq!(
            (nothing.stored, nothing.storage_cost, nothing.total_cost),
            (None, None, None)
        );
    }

    #[test]
    fn a_number_that_is_not_finite_gives_a_note_and_no_metric() {
        for (bytes_per_day, days, ratio, price, notes) in [
            (f64::NAN, 1.0, 1.0, 1.0, 1),
            (f64::INFINITY, 1.0, 1.0, 1.0, 1),
            (-1.0, 1.0, 1.0, 1.0, 1),
            (1.0, -1.0, 1.0, 1.0, 1),
            (1.0, 1.0, f64::NAN, 1.0, 1),
            (1.0, 1.0, 1.0, -1.0, 2),
            (1.0, 1.0, 1.0, f64::NAN, 2),
        ] {
            let cost = estimate_cost(&CostInputs {
                bytes_per_day,
                retention_days: Some(days),
                storage_ratio: Some(ratio),
                ingestion_price: Some(price),
                storage_price: Some(price),
            });
            assert_eq!(cost.notes.len(), notes, "{cost:?}");
            let all = [
                &cost.ingested,
                &cost.stored,
                &cost.ingestion_cost,
                &cost.total_cost,
            ];
            assert!(
                all.into_iter()
                    .flatten()
                    .all(|metric| metric.value.is_finite())
            );
        }
        // An overflow gives no metric either.
        let huge = estimate_cost(&CostInputs {
            bytes_per_day: f64::MAX,
            ..CostInputs::default()
        });
        assert_eq!(huge.ingested, None);
    }
}
