//! Consequences of the volume: disk, backends, cost and truncation.

use apiserver_config::{LogBackend, Truncate};

use super::{Quantity, Row, Section, SectionKind, sentence};
use crate::backend::{BackendKind, BackendUsage, SendRate};
use crate::compression::Compression;
use crate::cost::CostEstimate;
use crate::disk::DiskUsage;
use crate::metric::Unit;
use crate::truncate::{Truncation, TruncationTotals};
use audit_types::format::counted;

/// Bytes of a sample below which compression is worse than that of a full file.
const SMALL_SAMPLE_BYTES: usize = 100_000;

/// Reports the disk usage of the log backend, or why it isn't known; `usage` is `None` if the log's times give no rate.
pub fn disk(
    usage: Option<&DiskUsage>,
    log: &LogBackend,
    compression: Option<&Compression>,
) -> Section {
    let title = "Disk usage per control-plane node";
    let mut section = Section::new(SectionKind::Disk, title);
    if log.is_enabled() && !log.is_stdout() {
        let path = Row::new("Log file").detail(log.path.as_str());
        section.rows.push(path);
    }
    match usage {
        Some(usage) => disk_metrics(usage, &mut section),
        None => section.notes.push(
            "The log's times give no rate, so disk usage, backend load and cost can't be estimated."
                .to_owned(),
        ),
    }
    if let Some(compression) = compression {
        self::compression(compression, &mut section);
    }
    section
}

fn disk_metrics(usage: &DiskUsage, section: &mut Section) {
    for (label, metric) in [
        ("Maximum size", &usage.bytes),
        ("Files", &usage.files),
        ("History kept", &usage.history),
        ("History kept at the peak rate", &usage.history_at_peak),
        ("File rotated at", &usage.rotates_at),
        ("File rotated every", &usage.rotates_every),
        (
            "File rotated every, at the peak rate",
            &usage.rotates_every_at_peak,
        ),
        ("Events per full file", &usage.events_per_file),
        ("Growth", &usage.growth),
    ] {
        section.metric(label, metric.as_ref());
    }
    section.notes.push(sentence(usage.limit.explanation()));
    section.notes(&usage.notes);
}

fn compression(compression: &Compression, section: &mut Section) {
    let Compression {
        sample_events,
        sample_bytes,
        compressed_bytes,
        ratio,
    } = *compression;
    let (sample, compressed) = (
        Unit::Bytes.format(sample_bytes as f64),
        Unit::Bytes.format(compressed_bytes as f64),
    );
    section.rows.push(
        Row::new("Compressed size")
            .value(Quantity::new(ratio, Unit::FractionOfOriginal))
            .formula(format!("{compressed} with gzip ÷ {sample}")),
    );
    section.notes.push(format!(
        "Compression was measured on {} with {sample}.",
        counted(sample_events as f64, "written event", "written events")
    ));
    if sample_bytes < SMALL_SAMPLE_BYTES {
        let note = "The sample is small; full files compress better.";
        section.notes.push(note.to_owned());
    }
}

/// Reports the load on a backend and its queue; `is_enabled` is false if the settings are the defaults of a backend that is off.
pub fn backend(usage: &BackendUsage, is_enabled: bool) -> Section {
    let (kind, title) = match usage.backend {
        BackendKind::Log => (SectionKind::LogQueue, "Queue of the log backend"),
        BackendKind::Webhook if is_enabled => (SectionKind::Webhook, "Webhook backend"),
        BackendKind::Webhook => (
            SectionKind::Webhook,
            "Webhook backend, if enabled with default settings",
        ),
    };
    let mut section = Section::new(kind, title);
    send_rate("on average", usage.at_mean.as_ref(), &mut section);
    send_rate("at the peak", usage.at_peak.as_ref(), &mut section);
    let peak = usage.peak.as_ref();
    for (label, metric) in [
        ("Throttle limit", usage.throttle_limit.as_ref()),
        ("Throttle limit ÷ average rate", usage.headroom.as_ref()),
        (
            "Throttle limit ÷ peak rate",
            usage.headroom_at_peak.as_ref(),
        ),
        ("Memory used by a full queue", usage.queue_memory.as_ref()),
        ("Dropped all the time", usage.dropped_per_second.as_ref()),
        (
            "Queued at the end of the peak",
            peak.and_then(|peak| peak.queued.as_ref()),
        ),
        (
            "Queue full after",
            peak.and_then(|peak| peak.full_after.as_ref()),
        ),
        (
            "Dropped during the peak",
            peak.and_then(|peak| peak.dropped.as_ref()),
        ),
        (
            "Queue empty again after",
            peak.and_then(|peak| peak.recovers_after.as_ref()),
        ),
    ] {
        section.metric(label, metric);
    }
    section.notes(&usage.notes);
    section
}

fn send_rate(when: &str, rate: Option<&SendRate>, section: &mut Section) {
    let Some(rate) = rate else {
        return;
    };
    section.metric(&format!("Batches {when}"), Some(&rate.batches));
    section.metric(
        &format!("Batch length {when}"),
        Some(&rate.events_per_batch),
    );
    section.metric(&format!("Batch size {when}"), rate.bytes_per_batch.as_ref());
    section.metric(&format!("Data sent {when}"), rate.bytes.as_ref());
}

/// Reports the monthly cost of a log service.
pub fn cost(cost: &CostEstimate) -> Section {
    let mut section = Section::new(SectionKind::Cost, "Cost of a log service");
    for (label, metric) in [
        ("Ingested", &cost.ingested),
        ("Stored", &cost.stored),
        ("Ingestion cost", &cost.ingestion_cost),
        ("Storage cost", &cost.storage_cost),
        ("Total cost", &cost.total_cost),
    ] {
        section.metric(label, metric.as_ref());
    }
    section.notes(&cost.notes);
    section
}

/// Reports what truncation does with these settings: totals, then the resources with the most bytes.
pub fn truncation(truncation: &Truncation, settings: &Truncate) -> Section {
    let limit = Unit::ExactBytes.format(settings.max_event_size.max(0) as f64);
    let title = format!("Truncation of events larger than {limit}");
    let mut section = Section::new(SectionKind::Truncation, title);
    if let Some(error) = &truncation.settings_error {
        section
            .warnings
            .push(format!("kube-apiserver does not start: {error}."));
        return section;
    }
    let written = truncation.written;
    section.rows.push(
        Row::new("Written before truncation").events_and_bytes(written.events, written.bytes),
    );
    let totals = &truncation.totals;
    section.rows.push(removed("Bodies removed", totals));
    section.rows.push(discarded("Events discarded", totals));
    for resource in &truncation.by_resource {
        let (totals, name) = (&resource.totals, &resource.resource);
        if totals.bodies_removed.events > 0 {
            let label = format!("Bodies removed, {name}");
            section.rows.push(removed(&label, totals));
        }
        if totals.discarded.events > 0 {
            let label = format!("Events discarded, {name}");
            section.rows.push(discarded(&label, totals));
        }
    }
    if totals.at_least > 0 {
        section.notes.push(format!(
            "For {}, the log doesn't contain all parts, so the bytes are lower bounds.",
            counted(totals.at_least as f64, "event", "events")
        ));
    }
    if truncation.unknown > 0 {
        section.notes.push(format!(
            "{} may or may not be too large: the log doesn't contain their full size.",
            counted(truncation.unknown as f64, "event", "events")
        ));
    }
    section
}

fn removed(label: &str, totals: &TruncationTotals) -> Row {
    let volume = totals.bodies_removed;
    Row::new(label).events_and_bytes(volume.events, volume.bytes)
}

fn discarded(label: &str, totals: &TruncationTotals) -> Row {
    let volume = totals.discarded;
    Row::new(label).events_and_bytes(volume.events, volume.bytes)
}
