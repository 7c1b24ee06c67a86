//! The estimate as comma-separated values, with one fact per line.

use playground_protocol::volume::{Amount, VolumeReport};

/// Formats an estimate.
pub fn of(report: &VolumeReport) -> String {
    let mut text = String::new();
    amounts(&mut text, report);
    text.push('\n');
    over_time(&mut text, report);
    if !report.timeline.is_empty() {
        text.push('\n');
        disk_usage(&mut text, report);
    }
    text
}

/// Adds what is written, as a whole and by value of each attribute.
fn amounts(text: &mut String, report: &VolumeReport) {
    line(
        text,
        &[
            "part",
            "key",
            "events",
            "events of unknown size",
            "bytes known",
            "bytes at least",
            "bytes at most",
        ],
    );
    amount(text, "written", "", &report.written);
    for breakdown in &report.by {
        let part = ["by ", &breakdown.name].concat();
        for group in &breakdown.groups {
            amount(text, &part, &group.key, &group.amount);
        }
        if let Some(more) = &breakdown.more {
            amount(
                text,
                &part,
                &[&more.count.to_string(), " more"].concat(),
                &more.amount,
            );
        }
    }
}

/// Adds what is written in each step of time.
fn over_time(text: &mut String, report: &VolumeReport) {
    line(
        text,
        &[
            "from",
            "seconds",
            "events recorded",
            "events written",
            "bytes Metadata",
            "bytes Request",
            "bytes RequestResponse",
        ],
    );
    for column in &report.buckets {
        let [metadata, request, response] = column.bytes.map(|bytes| bytes.to_string());
        let cells = [
            column.start.clone(),
            report.bucket_seconds.to_string(),
            column.recorded.to_string(),
            column.events.to_string(),
            metadata,
            request,
            response,
        ];
        line(text, &cells);
    }
}

/// Adds the disk usage of a node over time.
fn disk_usage(text: &mut String, report: &VolumeReport) {
    line(text, &["day", "files", "bytes on the disk"]);
    for moment in &report.timeline {
        let cells = [
            moment.day.to_string(),
            moment.files.to_string(),
            moment.bytes.round().to_string(),
        ];
        line(text, &cells);
    }
}

fn amount(text: &mut String, part: &str, key: &str, amount: &Amount) {
    let numbers = [amount.events, amount.incomplete_events].map(|count| count.to_string());
    let [events, open] = &numbers;
    let bytes = [amount.bytes, amount.low, amount.high].map(|bytes| bytes.to_string());
    let [known, low, high] = &bytes;
    line(text, &[part, key, events, open, known, low, high]);
}

fn line(text: &mut String, cells: &[impl AsRef<str>]) {
    for (place, cell) in cells.iter().enumerate() {
        if place > 0 {
            text.push(',');
        }
        text.push_str(&quoted(cell.as_ref()));
    }
    text.push_str("\r\n");
}

/// Quotes a cell as in RFC 4180. A formula gets an apostrophe, since a spreadsheet would run it and names in a log are untrusted.
fn quoted(cell: &str) -> String {
    let is_formula = cell.starts_with(['=', '+', '-', '@', '\t', '\r']);
    let mut text = String::new();
    if is_formula {
        text.push('\'');
    }
    text.push_str(cell);
    if !text.contains([',', '"', '\n', '\r']) {
        return text;
    }
    ["\"", &text.replace('"', "\"\""), "\""].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_are_quoted_and_never_formulas() {
        for (cell, written) in [
            ("alice", "alice"),
            ("a,b", "\"a,b\""),
            ("say \"hi\"", "\"say \"\"hi\"\"\""),
            ("=1+1", "'=1+1"),
            ("@x,y", "\"'@x,y\""),
            ("", ""),
        ] {
            assert_eq!(quoted(cell), written);
        }
    }
}
