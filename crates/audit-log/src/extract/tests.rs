//! Extraction from wrappers, by concern, with what the tests share.

mod aws_tail;
mod encoded;
mod invalid_utf8;
mod joined_lines;
mod rejections;
mod wrappers;

use super::*;
use crate::limits::MAX_WHOLE_BYTES;
use crate::reader::{LogItem, LogReader};
use crate::reread::reread;
use crate::summary::LogSummary;

/// Items as text: `line:audit ID`, or `line!` and the reason of a problem.
fn read(bytes: &[u8], chunk: usize, limit: usize) -> (Vec<String>, LogSummary) {
    let mut seen = Vec::new();
    let (mut last, mut alike) = (None, 0);
    let mut note = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            alike = if last == Some(location) { alike + 1 } else { 0 };
            last = Some(location);
            let start = usize::try_from(location.offset).unwrap();
            let end = start + usize::try_from(location.length).unwrap();
            let text = std::str::from_utf8(&bytes[start..end]).unwrap();
            let before = bytes[..start].iter().filter(|byte| **byte == b'\n');
            assert_eq!(before.count() as u64 + 1, location.line);
            let reread = reread(text, alike).unwrap_or_else(|| panic!("not reread: {text}"));
            assert_eq!(reread.event().raw, event.raw);
            assert_eq!(
                (reread.event().missing, reread.event().path),
                (event.missing, event.path)
            );
            let id = event.id().or(event.path.map(Into::into));
            seen.push(format!("{}:{}", location.line, id.unwrap_or_default()));
        }
        LogItem::Problem(problem) => {
            seen.push(format!("{}! {}", problem.location.line, problem.reason))
        }
    };
    let mut reader = LogReader::with_limit(limit);
    for bytes in bytes.chunks(chunk) {
        reader.push(bytes, &mut note);
    }
    let summary = reader.finish(&mut note);
    (seen, summary)
}

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"@@","stage":"Panic","requestURI":"/a\"\u0026é"}"#;

fn event(id: &str) -> String {
    EVENT.replace("@@", id)
}

/// Quotes a text as a JSON string.
fn decoded(text: &str) -> String {
    let escaped = text.replace('\\', r"\\").replace('"', "\\\"");
    format!("\"{}\"", escaped.replace('\n', "\\n"))
}
