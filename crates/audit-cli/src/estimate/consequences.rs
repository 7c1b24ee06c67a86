//! What the volume means for the disk, the wires and the bill.

use apiserver_config::{Format, Settings};
use audit_volume::backend::{self, BackendUsage, EventLoad, webhook_usage};
use audit_volume::cost::{CostEstimate, CostInputs, estimate_cost};
use audit_volume::disk::{DiskUsage, disk_usage};
use audit_volume::estimate::Estimate;
use serde::Serialize;

use super::sample::Packing;

/// Prices, where they are given.
#[derive(Debug, Clone, Copy)]
pub(super) struct Prices {
    /// Of one gigabyte taken in.
    pub(super) ingested: Option<f64>,
    /// Of one gigabyte stored for a month.
    pub(super) stored: Option<f64>,
}

impl Prices {
    /// Whether there is one.
    pub(super) const fn are_given(self) -> bool {
        self.ingested.is_some() || self.stored.is_some()
    }
}

/// Figures by what they are about; none at all where the log's times tell no rate.
#[derive(Debug, Default, Serialize)]
pub(super) struct Consequences {
    /// The log backend's files.
    pub(super) disk: Option<DiskUsage>,
    /// The webhook backend, whether it is on or not.
    pub(super) webhook: Option<BackendUsage>,
    /// The log backend's queue; none where there is no log backend.
    pub(super) log: Option<BackendUsage>,
    /// What a log service asks for it.
    pub(super) bill: Option<CostEstimate>,
}

impl Consequences {
    /// What an estimate means under these settings and prices.
    pub(super) fn of(
        estimate: &Estimate,
        settings: &Settings,
        packing: Option<Packing>,
        prices: Prices,
    ) -> Self {
        let Some(stream) = estimate.write_rate() else {
            return Self::default();
        };
        let (log, version) = (&settings.log, settings.version);
        let mut disk = disk_usage(&stream, log, version, packing.map(|packing| packing.ratio));
        if log.format == Format::Legacy {
            disk.notes.push(
                "the figures are those of JSON lines: the legacy format has no bodies and takes less"
                    .to_owned(),
            );
        }
        if log.truncate.enabled {
            disk.notes
                .push("what truncation cuts or discards is counted in full".to_owned());
        }
        let traffic = traffic(estimate);
        Self {
            bill: Some(priced(stream.bytes_per_day, &disk, prices)),
            webhook: Some(webhook_usage(&traffic, &settings.webhook)),
            log: log.is_enabled().then(|| backend::log_usage(&traffic, log)),
            disk: Some(disk),
        }
    }
}

fn traffic(estimate: &Estimate) -> EventLoad {
    let events = estimate.written.events.max(1) as f64;
    EventLoad {
        mean: estimate.rate.mean_events.unwrap_or(0.0),
        peak: estimate.rate.peak_events.unwrap_or(0.0),
        peak_seconds: estimate.rate.step_seconds,
        bytes_per_event: estimate.written.high() as f64 / events,
    }
}

/// The bill of a service that keeps as many days as the disk does.
fn priced(bytes_a_day: f64, disk: &DiskUsage, prices: Prices) -> CostEstimate {
    let mut cost = estimate_cost(&CostInputs {
        bytes_per_day: bytes_a_day,
        retention_days: disk.history.as_ref().map(|history| history.value),
        storage_ratio: None,
        ingestion_price: prices.ingested,
        storage_price: prices.stored,
    });
    if prices.stored.is_some() && cost.stored.is_none() {
        cost.notes.push(
            "how many days are kept is not known, so there is no price of storing them".to_owned(),
        );
    }
    cost
}
