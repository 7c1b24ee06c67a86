//! Consequences of a volume under given server settings: disk usage, load on the backends, and cost.

use apiserver_config::{Format, Settings};
use serde::Serialize;

use crate::backend::{BackendUsage, EventLoad, log_usage, webhook_usage};
use crate::cost::{CostEstimate, CostInputs, estimate_cost};
use crate::disk::{DiskUsage, disk_usage};
use crate::estimate::Estimate;

/// Prices of a log service; `None` if not given.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Prices {
    /// Price per ingested gigabyte.
    pub ingested: Option<f64>,
    /// Price per gigabyte stored for a month.
    pub stored: Option<f64>,
}

impl Prices {
    /// Returns whether at least one price is given.
    pub const fn are_given(self) -> bool {
        self.ingested.is_some() || self.stored.is_some()
    }
}

/// Consequences of a volume. All are `None` if the log's times give no rate.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Consequences {
    /// Disk usage of the log backend.
    pub disk: Option<DiskUsage>,
    /// Load on the webhook backend, enabled or not.
    pub webhook: Option<BackendUsage>,
    /// Load on the log backend; `None` if it is disabled.
    pub log: Option<BackendUsage>,
    /// Cost of a log service.
    #[serde(rename = "bill")]
    pub cost: Option<CostEstimate>,
}

impl Consequences {
    /// Computes the consequences of an estimate. `compression_ratio` is the number of compressed bytes per byte, if measured.
    pub fn new(
        estimate: &Estimate,
        settings: &Settings,
        compression_ratio: Option<f64>,
        prices: Prices,
    ) -> Self {
        let Some(rate) = estimate.write_rate() else {
            return Self::default();
        };
        let (log, version) = (&settings.log, settings.version);
        let mut disk = disk_usage(&rate, log, version, compression_ratio);
        if log.format == Format::Legacy {
            disk.notes.push(
                "sizes are those of JSON lines; the legacy format has no bodies and is smaller"
                    .to_owned(),
            );
        }
        if log.truncate.enabled {
            disk.notes
                .push("events that truncation cuts or discards count in full".to_owned());
        }
        let load = EventLoad::from(estimate);
        Self {
            cost: Some(service_cost(rate.bytes_per_day, &disk, prices)),
            webhook: Some(webhook_usage(&load, &settings.webhook)),
            log: log.is_enabled().then(|| log_usage(&load, log)),
            disk: Some(disk),
        }
    }
}

impl From<&Estimate> for EventLoad {
    /// Takes the average and peak rates of an estimate; event sizes are upper bounds.
    fn from(estimate: &Estimate) -> Self {
        let events = estimate.written.events.max(1) as f64;
        Self {
            mean: estimate.rate.mean_events.unwrap_or(0.0),
            peak: estimate.rate.peak_events.unwrap_or(0.0),
            peak_seconds: estimate.rate.step_seconds,
            bytes_per_event: estimate.written.high() as f64 / events,
        }
    }
}

/// Computes the cost of a service that keeps as many days as the disk does.
fn service_cost(bytes_per_day: f64, disk: &DiskUsage, prices: Prices) -> CostEstimate {
    let mut cost = estimate_cost(&CostInputs {
        bytes_per_day,
        retention_days: disk.history.as_ref().map(|history| history.value),
        storage_ratio: None,
        ingestion_price: prices.ingested,
        storage_price: prices.stored,
    });
    if prices.stored.is_some() && cost.stored.is_none() {
        cost.notes.push(
            "the number of days kept is unknown, so the cost of storage can't be computed"
                .to_owned(),
        );
    }
    cost
}
