//! What the volume means for the disk, the wires and the bill.

use apiserver_config::{Format, Settings};
use audit_volume::disk::{DiskUse, disk_use};
use audit_volume::estimate::Estimate;
use audit_volume::price::{Bill, Priced, bill};
use audit_volume::wire::{self, Traffic, WireUse, webhook};
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
    pub(super) disk: Option<DiskUse>,
    /// The webhook backend, whether it is on or not.
    pub(super) webhook: Option<WireUse>,
    /// The log backend's queue; none where there is no log backend.
    pub(super) log: Option<WireUse>,
    /// What a log service asks for it.
    pub(super) bill: Option<Bill>,
}

impl Consequences {
    /// What an estimate means under these settings and prices.
    pub(super) fn of(
        estimate: &Estimate,
        settings: &Settings,
        packing: Option<Packing>,
        prices: Prices,
    ) -> Self {
        let Some(stream) = estimate.stream() else {
            return Self::default();
        };
        let (log, version) = (&settings.log, settings.version);
        let mut disk = disk_use(&stream, log, version, packing.map(|packing| packing.ratio));
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
            bill: Some(priced(stream.bytes_a_day, &disk, prices)),
            webhook: Some(webhook(&traffic, &settings.webhook)),
            log: log.is_enabled().then(|| wire::log(&traffic, log)),
            disk: Some(disk),
        }
    }
}

fn traffic(estimate: &Estimate) -> Traffic {
    let events = estimate.written.events.max(1) as f64;
    Traffic {
        mean: estimate.pace.mean_events.unwrap_or(0.0),
        peak: estimate.pace.peak_events.unwrap_or(0.0),
        peak_seconds: estimate.pace.step_seconds,
        bytes_an_event: estimate.written.high() as f64 / events,
    }
}

/// The bill of a service that keeps as many days as the disk does.
fn priced(bytes_a_day: f64, disk: &DiskUse, prices: Prices) -> Bill {
    let mut bill = bill(&Priced {
        bytes_a_day,
        days_kept: disk.history.as_ref().map(|history| history.value),
        stored_ratio: None,
        price_of_ingested: prices.ingested,
        price_of_stored: prices.stored,
    });
    if prices.stored.is_some() && bill.stored.is_none() {
        bill.notes.push(
            "how many days are kept is not known, so there is no price of storing them".to_owned(),
        );
    }
    bill
}
