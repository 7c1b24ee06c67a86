//! What the volume means, for people: disk, wires, bill and truncation.

use std::io::Write;

use apiserver_config::{Mode, Settings};
use audit_volume::backend::BackendUsage;
use audit_volume::cost::CostEstimate;
use audit_volume::truncate::{Truncation, TruncationTotals};

use super::{MOST_LISTED, Page, more};
use crate::error::Result;
use crate::estimate::Answer;
use crate::estimate::sample::Packing;
use crate::estimate::words::{bytes, count, counted};
use crate::terminal::safe;

/// A sample below this packs worse than a full file does.
const SMALL_SAMPLE_BYTES: usize = 100_000;

/// Prints what the volume means; one sentence where there is no rate.
pub(super) fn print(answer: &Answer<'_>, page: &mut Page<'_, impl Write>) -> Result {
    let means = &answer.consequences;
    let Some(disk) = &means.disk else {
        writeln!(
            page.out,
            "\nthe logs tell no rate, so there are no figures for disk, webhook and bill"
        )?;
        return packing(answer, page);
    };
    let path = safe(&answer.settings.log.path);
    let on_disk = if path.is_empty() {
        "on the disk".to_owned()
    } else {
        format!("on the disk, as `{path}`")
    };
    writeln!(page.out, "\n{on_disk}")?;
    page.figure("at the most", disk.bytes.as_ref())?;
    page.figure("files", disk.files.as_ref())?;
    page.figure("history kept", disk.history.as_ref())?;
    page.figure("history at the peak", disk.history_at_peak.as_ref())?;
    page.figure("rotates at", disk.rotates_at.as_ref())?;
    page.figure("rotates every", disk.rotates_every.as_ref())?;
    page.figure(
        "rotates at the peak every",
        disk.rotates_every_at_peak.as_ref(),
    )?;
    page.figure("in a full file", disk.events_per_file.as_ref())?;
    page.figure("grows by", disk.growth.as_ref())?;
    writeln!(page.out, "  {}", disk.limit.explanation())?;
    page.notes(&disk.notes)?;
    packing(answer, page)?;
    if let Some(webhook) = &means.webhook {
        writeln!(page.out, "\nby webhook, with the server's defaults")?;
        wire(webhook, page)?;
    }
    if let Some(log) = means.log.as_ref().filter(|log| log.mode == Mode::Batch) {
        writeln!(page.out, "\nin the queue before the log")?;
        wire(log, page)?;
    }
    match &means.bill {
        Some(bill) if answer.prices.are_given() => self::bill(bill, page),
        _ => Ok(()),
    }
}

fn packing(answer: &Answer<'_>, page: &mut Page<'_, impl Write>) -> Result {
    let Some(packing) = answer.packing else {
        return Ok(());
    };
    let Packing {
        sample_events,
        sample_bytes,
        packed_bytes,
        ratio,
    } = packing;
    writeln!(
        page.out,
        "  packed: {ratio:.3} of each byte, measured on {} with {}",
        counted(sample_events as u64, "written event", "written events"),
        bytes(sample_bytes as u64)
    )?;
    page.formula(&format!(
        "{} of gzip ÷ {} = {ratio:.3}",
        bytes(packed_bytes as u64),
        bytes(sample_bytes as u64)
    ))?;
    if sample_bytes < SMALL_SAMPLE_BYTES {
        writeln!(
            page.out,
            "  note: the sample is small, and full files pack better"
        )?;
    }
    Ok(())
}

fn wire(wire: &BackendUsage, page: &mut Page<'_, impl Write>) -> Result {
    for (when, flow) in [
        ("on average", &wire.at_mean),
        ("at the peak", &wire.at_peak),
    ] {
        let Some(flow) = flow else {
            continue;
        };
        page.figure(&format!("sends {when}"), Some(&flow.batches))?;
        page.figure(&format!("in a send {when}"), Some(&flow.events_per_batch))?;
        page.figure(
            &format!("size of a send {when}"),
            flow.bytes_per_batch.as_ref(),
        )?;
        page.figure(&format!("goes out {when}"), flow.bytes.as_ref())?;
    }
    page.figure("the throttle lets out", wire.throttle_limit.as_ref())?;
    page.figure("which is, of the mean", wire.headroom.as_ref())?;
    page.figure("which is, of the peak", wire.headroom_at_peak.as_ref())?;
    page.figure("a full queue takes", wire.queue_memory.as_ref())?;
    page.figure("dropped all day", wire.dropped_per_second.as_ref())?;
    if let Some(peak) = &wire.peak {
        page.figure("queued by the peak", peak.queued.as_ref())?;
        page.figure("the queue is full after", peak.full_after.as_ref())?;
        page.figure("dropped in the peak", peak.dropped.as_ref())?;
        page.figure(
            "the queue is empty again after",
            peak.recovers_after.as_ref(),
        )?;
    }
    page.notes(&wire.notes)
}

fn bill(bill: &CostEstimate, page: &mut Page<'_, impl Write>) -> Result {
    writeln!(page.out, "\non the bill, at the prices given")?;
    page.figure("taken in", bill.ingested.as_ref())?;
    page.figure("in store", bill.stored.as_ref())?;
    page.figure("taking in costs", bill.ingestion_cost.as_ref())?;
    page.figure("storing costs", bill.storage_cost.as_ref())?;
    page.figure("together", bill.total_cost.as_ref())?;
    page.notes(&bill.notes)
}

/// Prints what truncation cuts.
pub(super) fn truncation(
    truncation: &Truncation,
    settings: &Settings,
    out: &mut impl Write,
) -> Result {
    let limit = u64::try_from(settings.log.truncate.max_event_size).unwrap_or(0);
    writeln!(
        out,
        "\ntruncation of events above {}",
        counted(limit, "byte", "bytes")
    )?;
    if let Some(refusal) = &truncation.settings_error {
        writeln!(out, "  the server does not start: {}", safe(refusal))?;
        return Ok(());
    }
    let Truncation {
        written,
        totals: cut,
        unknown,
        by_resource,
        ..
    } = truncation;
    writeln!(
        out,
        "  {} to be written",
        counted(written.events, "event", "events")
    )?;
    fates(cut, "", out)?;
    if *unknown > 0 {
        writeln!(
            out,
            "  {} may be too large or not: the log does not tell their size",
            counted(*unknown, "event", "events")
        )?;
    }
    for of_resource in by_resource.iter().take(MOST_LISTED) {
        fates(&of_resource.totals, &safe(&of_resource.resource), out)?;
    }
    more(by_resource.len(), out)
}

/// What goes of the events of a resource, or of all.
fn fates(cut: &TruncationTotals, resource: &str, out: &mut impl Write) -> Result {
    let (indent, of) = if resource.is_empty() {
        ("  ", String::new())
    } else {
        ("    ", format!("{resource}: "))
    };
    let at_least = if cut.at_least > 0 { "at least " } else { "" };
    let (lost, gone) = (cut.bodies_removed, cut.discarded);
    let is_whole = lost.events == 0 && gone.events == 0;
    if lost.events > 0 {
        let verb = if lost.events == 1 {
            "loses its"
        } else {
            "lose their"
        };
        writeln!(
            out,
            "{indent}{of}{} {verb} bodies, {at_least}{}",
            counted(lost.events, "event", "events"),
            bytes(lost.bytes)
        )?;
    }
    if gone.events > 0 {
        let verb = if gone.events == 1 {
            "vanishes"
        } else {
            "vanish"
        };
        writeln!(
            out,
            "{indent}{of}{} {verb}, {at_least}{}",
            counted(gone.events, "event", "events"),
            bytes(gone.bytes)
        )?;
    }
    if is_whole {
        writeln!(out, "{indent}{of}{} events are cut or vanish", count(0))?;
    }
    Ok(())
}
