//! Content of a link or file for others: see [`ShareRequest`].

use audit_redact::{RedactError, Redactor, secrets};
use audit_types::EventId;
use playground_protocol::{
    EventSelection, LikelySecret, LineFormat, LineRequest, MAX_SAMPLE_BYTES, Redaction,
    ShareReport, ShareRequest,
};

use crate::lines::ExportJob;
use crate::log::Log;
use crate::view::Selection;

/// Maximum number of names and of secrets that are listed.
const MAX_LISTED: usize = 1_000;

/// Prepares what is to be shared, and checks a redaction: nothing is returned whose verdicts or sizes differ.
pub(crate) fn share(log: &Log, selection: &Selection, request: ShareRequest) -> ShareReport {
    let number = request.number;
    prepare(log, selection, request).unwrap_or_else(|error| ShareReport {
        number,
        error: Some(error),
        ..ShareReport::default()
    })
}

fn prepare(log: &Log, selection: &Selection, request: ShareRequest) -> Result<ShareReport, String> {
    let mut report = ShareReport {
        number: request.number,
        ..ShareReport::default()
    };
    let lines = match request.events {
        Some(events) => lines(log, selection, (events, request.selected), &mut report)?,
        None => Vec::new(),
    };
    find_secrets(&lines, &mut report);
    let lines = match request.key {
        Some(key) => redact(&request, key, &lines, &mut report).map_err(not_redacted)?,
        None => {
            report.policy = request.policy;
            report.baseline = request.baseline;
            lines
        }
    };
    report.events = lines.len();
    report.sample = (!lines.is_empty()).then(|| lines.join("\n") + "\n");
    Ok(report)
}

fn not_redacted(error: RedactError) -> String {
    format!(
        "Nothing can be shared with its names replaced: {error}. Choose other events, or share the policy alone."
    )
}

/// Returns the events as they are recorded, as many as there is room for.
fn lines(
    log: &Log,
    selection: &Selection,
    (events, selected): (EventSelection, Option<EventId>),
    report: &mut ShareReport,
) -> Result<Vec<String>, String> {
    let recorded = LineRequest {
        events,
        format: LineFormat::Recorded,
    };
    let mut job = ExportJob::new(report.number, recorded, log, selection);
    let index = selected.and_then(|event| job.index_of(event, log));
    let mut lines = Vec::new();
    let mut bytes = 0usize;
    while !job.is_done() && bytes < MAX_SAMPLE_BYTES {
        for line in job.next(log)?.lines() {
            bytes = bytes.saturating_add(line.len()).saturating_add(1);
            if bytes < MAX_SAMPLE_BYTES {
                lines.push(line.to_owned());
            }
        }
    }
    // Derived events are derived again by whoever opens the others.
    let present = job.summary.total.saturating_sub(job.summary.derived);
    let index = index.filter(|index| *index < lines.len());
    report.selected = index.and_then(|index| u64::try_from(index).ok());
    report.left_out = present.saturating_sub(lines.len());
    Ok(lines)
}

fn find_secrets(lines: &[String], report: &mut ShareReport) {
    for (line, event) in lines.iter().zip(1..) {
        let found = secrets(line);
        report.secret_count = report.secret_count.saturating_add(found.len());
        let room = MAX_LISTED.saturating_sub(report.secrets.len());
        let views = found.into_iter().take(room).map(|secret| LikelySecret {
            event,
            kind: secret.kind.to_string(),
            place: secret.place,
            shown: secret.shown,
        });
        report.secrets.extend(views);
    }
}

/// Replaces the names in policy, baseline and events, and returns the events.
fn redact(
    request: &ShareRequest,
    key: u64,
    lines: &[String],
    report: &mut ShareReport,
) -> Result<Vec<String>, RedactError> {
    let policies = [&request.policy].into_iter().chain(&request.baseline);
    let policies = policies.cloned().collect();
    let mut redactor = Redactor::for_policies(policies, request.version, key)?;
    let events = lines.iter().map(|line| redactor.event(line));
    let events = events.collect::<Result<Vec<_>, _>>()?;
    let mut policies = redactor.policies()?.into_iter();
    report.policy = policies.next().unwrap_or_default();
    report.baseline = policies.next();
    let mut replaced = redactor.replaced();
    let replaced_count = replaced.len();
    replaced.truncate(MAX_LISTED);
    report.redaction = Some(Redaction {
        replaced,
        replaced_count,
        has_verdicts: redactor.compares_verdicts(),
        kept: redactor.kept().map(str::to_owned).collect(),
    });
    Ok(events)
}
