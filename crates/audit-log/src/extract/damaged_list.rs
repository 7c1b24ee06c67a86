//! An `EventList` whose keys are damaged: its events are found without them, and the text around the events is reported.

use crate::extract::extracted::{Emit, Extracted};
use crate::extract::source_map::SourceMap;
use crate::json;
use crate::problem::ProblemReason;
use crate::recovery::trimmed_length;
use crate::unrecognized::UnrecognizedKind;

/// The text of such a list that is not in a problem or an event yet.
pub(super) struct DamagedList<'a> {
    value: &'a str,
    source: &'a SourceMap<'a>,
    /// End of the text that is in a problem or an event.
    at: usize,
}

impl<'a> DamagedList<'a> {
    /// `None` if a value does not name itself an `EventList`. Only for values that are not read as one.
    pub(super) fn of(value: &'a str, source: &'a SourceMap<'a>) -> Option<Self> {
        let is_list = json::member(value, "kind") == Some("\"EventList\"");
        is_list.then_some(Self {
            value,
            source,
            at: 0,
        })
    }

    /// Reports the text before events that begin and end at offsets, unless that is done.
    pub(super) fn report_before(&mut self, from: usize, to: usize, out: Emit<'_>) {
        if to <= self.at {
            return;
        }
        let before = self.value.get(self.at..from).unwrap_or_default();
        let is_separator = |byte: &u8| matches!(byte, b',' | b'[' | b']' | b'{' | b'}');
        let is_blank = |byte: &u8| is_separator(byte) || byte.is_ascii_whitespace();
        if !before.as_bytes().iter().all(is_blank) {
            let start = from - before.trim_ascii_start().len();
            let end = start + trimmed_length(self.value.as_bytes(), start, from);
            let text = self.value.get(start..end).unwrap_or_default();
            let reason = ProblemReason::Unrecognized(UnrecognizedKind::DamagedList);
            let location = self.source.location(start, end);
            out(Extracted::Problem(location, text.as_bytes(), reason));
        }
        self.at = to;
    }

    /// Reports the text after the last event.
    pub(super) fn finish(mut self, out: Emit<'_>) {
        let end = self.value.len();
        // After the end, so that it is not done yet.
        self.report_before(end, end + 1, out);
    }
}

#[cfg(test)]
mod tests {
    use crate::reader::{LogItem, LogReader};

    /// Items of a file: the ID of an event, or the text of a problem.
    fn read(file: &str) -> Vec<String> {
        let mut found = Vec::new();
        let mut note = |item: LogItem<'_>| {
            found.push(match item {
                LogItem::Event(_, event) => event.id().unwrap_or_default().into_owned(),
                LogItem::Problem(problem) => {
                    let start = usize::try_from(problem.location.offset).unwrap();
                    let end = start + usize::try_from(problem.location.length).unwrap();
                    assert!(problem.reason.to_string().contains("damaged keys"));
                    file[start..end].to_owned()
                }
            });
        };
        let mut reader = LogReader::new();
        reader.push(file.as_bytes(), &mut note);
        reader.finish(&mut note);
        found
    }

    #[test]
    fn the_text_around_the_events_of_a_list_with_damaged_keys_is_a_problem() {
        let one =
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic"}"#;
        let two =
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"b","stage":"Panic"}"#;
        let rows: [(String, &[&str]); 8] = [
            // Both keys are damaged, or only that of the items.
            (
                format!(
                    r#"{{"kind":"EventList","api\/rsion":"audit.k8s.io/v1","metadata":{{}},"iteMs":[{one},{two}]}}"#
                ),
                &[
                    r#"{"kind":"EventList","api\/rsion":"audit.k8s.io/v1","metadata":{},"iteMs":["#,
                    "a",
                    "b",
                ],
            ),
            (
                format!(
                    r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","iteMs":[{one},{two}]}}"#
                ),
                &[
                    r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","iteMs":["#,
                    "a",
                    "b",
                ],
            ),
            // One event, and keys after it.
            (
                format!(r#"{{"kind":"EventList","api\/rsion":"audit.k8s.io/v1","iteMs":[{one}]}}"#),
                &[
                    r#"{"kind":"EventList","api\/rsion":"audit.k8s.io/v1","iteMs":["#,
                    "a",
                ],
            ),
            (
                format!(
                    "{{\"kind\":\"EventList\",\n\"iteMs\":[\n{one},\n{two}\n],\n\"api\\/rsion\":\"v1\"}}\n"
                ),
                &[
                    "{\"kind\":\"EventList\",\n\"iteMs\":[",
                    "a",
                    "b",
                    "],\n\"api\\/rsion\":\"v1\"}",
                ],
            ),
            // Two lists.
            (
                format!(r#"{{"kind":"EventList","x":[{one},{two}],"y":[{one},{two}]}}"#),
                &[
                    r#"{"kind":"EventList","x":["#,
                    "a",
                    "b",
                    r#"],"y":["#,
                    "a",
                    "b",
                ],
            ),
            // In a line, behind other text.
            (
                format!(
                    "2024-01-02T03:04:05Z stdout F {{\"kind\":\"EventList\",\"iteMs\":[{one},{two}]}}\n"
                ),
                &[r#"{"kind":"EventList","iteMs":["#, "a", "b"],
            ),
            // Not damaged: the list as it is, and a record of a log shipper with a list.
            (
                format!(
                    r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{one},{two}]}}"#
                ),
                &["a", "b"],
            ),
            (format!(r#"{{"batch":[{one},{two}]}}"#), &["a", "b"]),
        ];
        for (file, expected) in rows {
            assert_eq!(read(&file), expected, "{file}");
        }
    }

    #[test]
    fn a_record_with_a_list_of_events_is_a_wrapper() {
        let event =
            r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"Panic"}"#;
        let file = format!(r#"{{"time":1,"batch":[{event},{event}]}}"#);
        let mut reader = LogReader::new();
        reader.push(file.as_bytes(), &mut |_| {});
        let summary = reader.finish(&mut |_| {});
        assert_eq!(
            summary.description(),
            "log shipper records with the event in `batch`"
        );
    }
}
