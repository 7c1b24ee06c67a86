//! Name of the API server or node that wrote an event, from the line around it: the record of a log shipper, or the text before the event.

use std::borrow::Cow;

use audit_log::Location;

use super::node::preferred_name;

/// Maximum number of bytes of a line next to those of the event. A longer line contains more than one event, or names no node.
const MAX_AROUND: usize = 16 << 10;

/// Bytes that are kept of the part before a chunk. An event that begins before them names no node.
const KEPT_BYTES: usize = 1 << 20;

/// The last bytes of a log, to find the lines around its events.
#[derive(Debug, Clone, Default)]
pub(super) struct Window {
    /// Offset of the first byte in the log.
    start: u64,
    bytes: Vec<u8>,
}

impl Window {
    /// Adds the next chunk of the log.
    pub(super) fn push(&mut self, chunk: &[u8]) {
        let drop = self.bytes.len().saturating_sub(KEPT_BYTES);
        self.bytes.drain(..drop);
        self.start += drop as u64;
        self.bytes.extend_from_slice(chunk);
    }

    /// Returns the name of the server or node in the line around an event.
    pub(super) fn node(&self, location: Location) -> Option<String> {
        let from = usize::try_from(location.offset.checked_sub(self.start)?).ok()?;
        let to = from.checked_add(usize::try_from(location.length).ok()?)?;
        let (before, after) = (self.bytes.get(..from)?, self.bytes.get(to..)?);
        let near = before.get(before.len().saturating_sub(MAX_AROUND)..)?;
        let start = near.iter().rposition(|byte| *byte == b'\n');
        let before = match start {
            Some(start) => near.get(start + 1..)?,
            None if near.len() < before.len() => return None,
            None => near,
        };
        if before.is_empty() {
            return None;
        }
        let near = after.get(..MAX_AROUND.min(after.len()))?;
        let end = near.iter().position(|byte| *byte == b'\n');
        let after = near.get(..end.unwrap_or(near.len()))?;
        let line = self.bytes.get(from - before.len()..to + after.len())?;
        match before.trim_ascii_start().first() {
            Some(b'{') => in_record(line),
            _ => in_prefix(std::str::from_utf8(before).ok()?),
        }
    }
}

/// Fields of a record that may contain the name, in the order of preference.
const FIELDS: [&str; 13] = [
    "hostname",
    "node",
    "nodeName",
    "node_name",
    "host",
    // Fluent Bit, Fluentd, Elastic's agents.
    "kubernetes",
    // Loki's command line, Vector.
    "labels",
    "stream",
    // journald.
    "_HOSTNAME",
    // CloudWatch, whose streams are those of one API server each.
    "logStreamName",
    "@logStream",
    "logStream",
    // Azure, whose properties name the server by its pod only.
    "properties",
];

/// Fields of an object with the name, in the order of preference.
const NAMES: [&str; 9] = [
    "name",
    "hostname",
    "node_name",
    "nodeName",
    "node",
    "host",
    "instance",
    "pod",
    "pod_name",
];

fn in_record(line: &[u8]) -> Option<String> {
    let record = std::str::from_utf8(line).ok()?;
    preferred_name(record, &FIELDS, names_in).map(Cow::into_owned)
}

/// Returns the fields of an object that may contain the name, in the order of preference.
fn names_in(field: &str) -> &'static [&'static str] {
    match field {
        "properties" => &["pod"],
        _ => &NAMES,
    }
}

/// Months as syslog writes them.
const MONTHS: [&str; 12] = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
];

/// Returns the name in the text before an event: the pod of `kubectl logs --prefix` and stern, or the host of syslog.
fn in_prefix(text: &str) -> Option<String> {
    let text = text.trim();
    if let Some(pod) = text.strip_prefix("[pod/") {
        return Some(pod.split('/').next()?.to_owned());
    }
    let mut words = text.split_whitespace();
    let first = words.next()?;
    if first.starts_with("kube-apiserver") {
        return Some(first.to_owned());
    }
    let host = if MONTHS.contains(&first) {
        // `Jan 02 03:04:05 host process[pid]:`
        words.nth(2)?
    } else if first.starts_with('<') && first.ends_with(">1") {
        // RFC 5424: `<134>1 2024-01-02T03:04:05Z host process …`
        words.nth(1)?
    } else {
        return None;
    };
    Some(host.to_owned()).filter(|host| host != "-")
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVENT: &str = r#"{"kind":"Event","auditID":"a"}"#;

    /// Finds the name around the event in the second of three lines.
    fn node(line: &str) -> Option<String> {
        let first = "{\"hostname\":\"other\"}\n";
        let log = format!("{first}{line}\n{{\"hostname\":\"third\"}}\n");
        let quoted = EVENT.replace('"', "\\\"");
        let event = if line.contains(EVENT) { EVENT } else { &quoted };
        let mut window = Window::default();
        window.push(log.as_bytes());
        window.node(Location {
            offset: log.find(event)? as u64,
            length: event.len() as u64,
            line: 2,
        })
    }

    #[test]
    fn records_and_prefixes_name_the_server() {
        let quoted = EVENT.replace('"', "\\\"");
        for (line, name) in [
            (EVENT.to_owned(), None),
            (
                format!("{{\"log\":\"{quoted}\",\"hostname\":\"cp-1\"}}"),
                Some("cp-1"),
            ),
            (
                format!("{{\"host\":{{\"name\":\"cp-2\"}},\"message\":\"{quoted}\"}}"),
                Some("cp-2"),
            ),
            (
                format!(
                    "{{\"kubernetes\":{{\"host\":\"cp-3\",\"pod_name\":\"x\"}},\"log\":{EVENT}}}"
                ),
                Some("cp-3"),
            ),
            (
                format!("{{\"labels\":{{\"node\":\"cp-4\"}},\"line\":\"{quoted}\"}}"),
                Some("cp-4"),
            ),
            (
                format!("{{\"_HOSTNAME\":\"cp-5\",\"MESSAGE\":\"{quoted}\"}}"),
                Some("cp-5"),
            ),
            (
                format!(
                    "{{\"logStreamName\":\"kube-apiserver-audit-6\",\"message\":\"{quoted}\"}}"
                ),
                Some("kube-apiserver-audit-6"),
            ),
            (
                format!(
                    "{{\"category\":\"kube-audit\",\"properties\":{{\"log\":\"{quoted}\",\"pod\":\"kube-apiserver-7\"}}}}"
                ),
                Some("kube-apiserver-7"),
            ),
            (
                format!("[pod/kube-apiserver-cp-8/kube-apiserver] {EVENT}"),
                Some("kube-apiserver-cp-8"),
            ),
            (
                format!("Jan 02 03:04:05 cp-9 api[1]: {EVENT}"),
                Some("cp-9"),
            ),
            (
                format!("<134>1 2024-01-02T03:04:05Z cp-10 api 1 - - {EVENT}"),
                Some("cp-10"),
            ),
            (format!("2024-01-02T03:04:05Z stdout F {EVENT}"), None),
            (format!("{{\"log\":\"{quoted}\",\"host\":\"\"}}"), None),
            (format!("{{\"log\":\"{quoted}\",\"hostname\":7}}"), None),
            (format!("{{\"broken\",\"log\":\"{quoted}\"}}"), None),
            (
                format!(
                    "{{\"pad\":\"{}\",\"log\":\"{quoted}\",\"hostname\":\"x\"}}",
                    "a".repeat(MAX_AROUND)
                ),
                None,
            ),
        ] {
            assert_eq!(node(&line).as_deref(), name, "{line}");
        }
    }

    #[test]
    fn only_the_last_bytes_are_kept() {
        let mut window = Window::default();
        let line = format!("{{\"hostname\":\"cp-1\",\"log\":{EVENT}}}\n");
        window.push(line.as_bytes());
        window.push(&vec![b' '; 2 * KEPT_BYTES]);
        window.push(line.as_bytes());
        let offset = line.find(EVENT).unwrap() as u64;
        let at = |offset| Location {
            offset,
            length: EVENT.len() as u64,
            line: 1,
        };
        assert_eq!(window.node(at(offset)), None);
        let second = offset + line.len() as u64 + 2 * KEPT_BYTES as u64;
        // The spaces before it belong to the same line.
        assert_eq!(window.node(at(second)), None);
        window.push(format!("\n{line}").as_bytes());
        assert_eq!(
            window.node(at(second + 1 + line.len() as u64)).as_deref(),
            Some("cp-1")
        );
    }
}
