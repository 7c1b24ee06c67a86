//! Prefixes of lines: those of CRI runtimes, `kubectl logs`, journald, syslog and exports.

use crate::extract::wrapper::Wrapper;

/// Maximum length of a prefix.
const MAX_PREFIX_BYTES: usize = 1024;

/// Programs of the control plane of EKS, whose streams in CloudWatch are named after them.
const STREAMS: [&str; 6] = [
    "kube-apiserver-audit-",
    "kube-apiserver-",
    "authenticator-",
    "kube-controller-manager-",
    "cloud-controller-manager-",
    "kube-scheduler-",
];

/// A line, split into prefix and content.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct PrefixedLine<'a> {
    pub(crate) wrapper: Wrapper,
    /// Identifies the writer of the line.
    pub(crate) writer: &'a str,
    /// The line continues. `None` if the format does not mark that.
    pub(crate) is_part: Option<bool>,
    /// Length of the truncated line before the prefix.
    pub(crate) damaged: usize,
    /// Start of the content.
    pub(crate) start: usize,
    pub(crate) rest: &'a str,
}

/// Splits a line. `None` if the prefix is unknown and no object follows.
pub(crate) fn parse(line: &str) -> Option<PrefixedLine<'_>> {
    let (time, after_time) = time_in_front(line).unwrap_or(("", line));
    if !time.is_empty()
        && let Some(cri) = cri(line, after_time)
    {
        return Some(cri);
    }
    if !time.is_empty()
        && let Some((stream, rest)) = stream_in_front(after_time)
    {
        return Some(PrefixedLine {
            wrapper: Wrapper::AwsTail,
            writer: stream,
            is_part: None,
            damaged: 0,
            start: line.len() - rest.len(),
            rest,
        });
    }
    let head = line.get(..floor(line, MAX_PREFIX_BYTES)).unwrap_or(line);
    if let Some(start) = inner_cri(head)
        && let Some(rest) = line.get(start..)
        && let Some((_, after_time)) = time_in_front(rest)
        && let Some(cri) = cri(rest, after_time)
    {
        return Some(PrefixedLine {
            start: start + cri.start,
            damaged: start,
            ..cri
        });
    }
    let brace = head.find('{');
    if let Some(journal) = journal(line, head, brace) {
        return Some(journal);
    }
    let start = brace?;
    let rest = line.get(start..)?;
    let before = line.get(..start)?.trim_end();
    let wrapper = if !time.is_empty() && after_time.trim_start().starts_with('{') {
        Wrapper::Timed
    } else if is_pod(before) {
        Wrapper::Kubectl
    } else {
        Wrapper::Prefixed
    };
    Some(PrefixedLine {
        wrapper,
        writer: "",
        is_part: None,
        damaged: 0,
        start,
        rest,
    })
}

/// Returns the text of a line after what a container runtime, journald or kubectl has put before it.
pub(crate) fn content(line: &str) -> &str {
    let pod = line
        .strip_prefix("[pod/")
        .and_then(|rest| rest.split_once("] "));
    let line = pod.map_or(line, |(_, rest)| rest);
    let prefixed = parse(line).filter(|prefixed| {
        let has_writer = matches!(
            prefixed.wrapper,
            Wrapper::Cri | Wrapper::Journal | Wrapper::AwsTail
        );
        has_writer && prefixed.damaged == 0
    });
    match prefixed {
        Some(prefixed) => prefixed.rest,
        None => after_time(line).unwrap_or(line),
    }
}

/// Returns the text after the time at the start of a line.
pub(crate) fn after_time(line: &str) -> Option<&str> {
    time_in_front(line).map(|(_, rest)| rest)
}

/// Splits a time such as `2024-01-02T03:04:05.123456789Z`, or with an offset, from the text after the space or tab.
fn time_in_front(line: &str) -> Option<(&str, &str)> {
    let (time, rest) = line.split_at_checked(line.find([' ', '\t'])?)?;
    let bytes = time.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    let is_date =
        (0..4).all(is_digit) && bytes.get(4) == Some(&b'-') && bytes.get(10) == Some(&b'T');
    (is_date && bytes.len() >= 19).then(|| (time, rest.get(1..).unwrap_or_default()))
}

/// Splits the name of a stream of EKS from the text after it, which is empty if the event is in the next lines.
fn stream_in_front(text: &str) -> Option<(&str, &str)> {
    let (stream, rest) = text.split_once(' ').unwrap_or((text.trim_ascii_end(), ""));
    let instance = STREAMS
        .iter()
        .find_map(|program| stream.strip_prefix(program))?;
    let is_instance = !instance.is_empty() && instance.bytes().all(|b| b.is_ascii_hexdigit());
    is_instance.then_some((stream, rest))
}

/// Returns the stream and the text of a line of `aws logs tail`.
pub(super) fn of_stream(line: &str) -> Option<(&str, &str)> {
    stream_in_front(after_time(line)?)
}

/// Returns the start of the line after the labels that `logcli` prints before it, with a time or without: `{app="api", pod="a"} text`. Empty
/// labels are only known as such after a time.
pub(crate) fn after_labels(line: &str) -> Option<usize> {
    let (time, rest) = time_in_front(line).unwrap_or(("", line));
    let mut rest = rest.trim_start_matches([' ', '\t']).strip_prefix('{')?;
    let mut is_first = true;
    loop {
        rest = rest.trim_start();
        if let Some(after) = rest.strip_prefix('}') {
            let is_known = !is_first || !time.is_empty();
            let text = after.trim_start_matches([' ', '\t']);
            return (is_known && text.len() < after.len()).then_some(line.len() - text.len());
        }
        if !is_first {
            rest = rest.strip_prefix(',')?.trim_start();
        }
        is_first = false;
        rest = after_label(rest)?;
    }
}

/// Returns the text after a label: `name="value"`, or its value in backquotes.
fn after_label(text: &str) -> Option<&str> {
    let (name, value) = text.split_once('=')?;
    let is_name = |name: &str| {
        let mut bytes = name.bytes();
        bytes
            .next()
            .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
            && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    if name.len() > MAX_PREFIX_BYTES || !is_name(name.trim_end()) {
        return None;
    }
    let value = value.trim_start();
    if let Some(raw) = value.strip_prefix('`') {
        return raw.split_once('`').map(|(_, after)| after);
    }
    let mut rest = value.strip_prefix('"')?;
    loop {
        let at = rest.find(['"', '\\'])?;
        let is_end = rest.get(at..)?.starts_with('"');
        rest = rest.get(at + 1..)?;
        if is_end {
            return Some(rest);
        }
        // The escaped character.
        let mut escaped = rest.chars();
        escaped.next()?;
        rest = escaped.as_str();
    }
}

/// Returns the start of another container's line inside the content of a line.
pub(crate) fn inner_line(line: &PrefixedLine<'_>) -> Option<usize> {
    if line.wrapper != Wrapper::Cri {
        return None;
    }
    let is_line = |at: &usize| {
        let inner = line.rest.get(*at..).unwrap_or_default();
        time_in_front(inner).is_some_and(|(_, after_time)| cri(inner, after_time).is_some())
    };
    Some(0)
        .filter(is_line)
        .or_else(|| inner_cri(line.rest).filter(is_line))
}

/// Returns the start of a container's line after the rest of another.
fn inner_cri(head: &str) -> Option<usize> {
    const DATE: usize = "2024-01-02".len();
    /// A time of nanoseconds with an offset, and room.
    const MAX_TIME_BYTES: usize = 40;
    let mut streams = head
        .match_indices(" std")
        .filter(|(at, _)| {
            let after = head.get(*at..).unwrap_or_default();
            after.starts_with(" stdout ") || after.starts_with(" stderr ")
        })
        .map(|(at, _)| at);
    streams.find_map(|stream| {
        let first = stream.saturating_sub(MAX_TIME_BYTES);
        let before = head.as_bytes().get(first..stream)?;
        let time = first + memchr::memrchr(b'T', before)?;
        let start = time.checked_sub(DATE).filter(|start| *start > 0)?;
        head.is_char_boundary(start).then_some(start)
    })
}

/// Parses `stdout F text` after the time. The tag may consist of several, separated by colons.
fn cri<'a>(line: &'a str, after_time: &'a str) -> Option<PrefixedLine<'a>> {
    let (writer, after) = after_time.split_once(' ')?;
    let (tags, rest) = after.split_once(' ').unwrap_or((after, ""));
    if !matches!(writer, "stdout" | "stderr") {
        return None;
    }
    let is_part = match tags.split(':').next() {
        Some("P") => true,
        Some("F") => false,
        _ => return None,
    };
    Some(PrefixedLine {
        wrapper: Wrapper::Cri,
        writer,
        is_part: Some(is_part),
        damaged: 0,
        start: line.len() - rest.len(),
        rest,
    })
}

/// Parses `Jan 02 03:04:05 host process[pid]: text` and similar: a process before a colon, before any brace.
fn journal<'a>(line: &'a str, head: &'a str, brace: Option<usize>) -> Option<PrefixedLine<'a>> {
    let close = head
        .get(..brace.unwrap_or(head.len()))?
        .find("]: ")
        .filter(|close| {
            let open = head.get(..*close).and_then(|text| text.rfind('['));
            let pid = open.and_then(|open| head.get(open + 1..*close));
            pid.is_some_and(|pid| !pid.is_empty() && pid.bytes().all(|b| b.is_ascii_digit()))
        })?;
    let before = line.get(..close)?;
    let start = close + 3;
    Some(PrefixedLine {
        wrapper: Wrapper::Journal,
        // The process without the time, which differs between parts.
        writer: before.rsplit([' ', '\0']).next()?,
        is_part: None,
        damaged: 0,
        start,
        rest: line.get(start..)?,
    })
}

fn is_pod(before: &str) -> bool {
    let Some(inside) = before.strip_prefix("[pod/") else {
        return false;
    };
    inside.contains(']')
}

fn floor(text: &str, at: usize) -> usize {
    let mut at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_of_loki_end_before_the_line() {
        for (line, rest) in [
            (r#"{app="api"} x"#, Some("x")),
            (
                r#"2024-01-02T03:04:05Z {app="api", pod="a}{"}   x"#,
                Some("x"),
            ),
            (r#"2024-01-02T03:04:05+01:00 {} x"#, Some("x")),
            ("{a=\"\\\"}\\\\\",b=`}`}\tx", Some("x")),
            ("{} x", None),
            (r#"{"a":1} x"#, None),
            (r#"{app="api"}x"#, None),
            (r#"{app="api" x"#, None),
            (r#"{1a="api"} x"#, None),
            (r#"{app="api""#, None),
        ] {
            let start = after_labels(line);
            assert_eq!(start.and_then(|start| line.get(start..)), rest, "{line}");
        }
    }

    #[test]
    fn prefixes_of_lines_are_distinguished() {
        let rows = [
            (
                "2024-01-02T03:04:05.123456789Z stdout F {\"a\":1}",
                Wrapper::Cri,
                "stdout",
                Some(false),
                "{\"a\":1}",
            ),
            (
                "2024-01-02T03:04:05.1+02:00 stderr P:x {\"a\"",
                Wrapper::Cri,
                "stderr",
                Some(true),
                "{\"a\"",
            ),
            (
                "2024-01-02T03:04:05Z stdout F",
                Wrapper::Cri,
                "stdout",
                Some(false),
                "",
            ),
            (
                "2024-01-02T03:04:05.1Z {\"a\":1}",
                Wrapper::Timed,
                "",
                None,
                "{\"a\":1}",
            ),
            (
                "[pod/api-0/api] {\"a\":1}",
                Wrapper::Kubectl,
                "",
                None,
                "{\"a\":1}",
            ),
            (
                "[pod/api-0/api] 2024-01-02T03:04:05.1Z {\"a\":1}",
                Wrapper::Kubectl,
                "",
                None,
                "{\"a\":1}",
            ),
            (
                "2024-01-02T03:04:05.1+00:00 kube-apiserver-audit-0a1b {\"a\":1}",
                Wrapper::AwsTail,
                "kube-apiserver-audit-0a1b",
                None,
                "{\"a\":1}",
            ),
            (
                "2024-01-02T03:04:05 authenticator-0a1b level=info",
                Wrapper::AwsTail,
                "authenticator-0a1b",
                None,
                "level=info",
            ),
            (
                "2024-01-02T03:04:05.1+00:00 kube-apiserver-audit-0a1b ",
                Wrapper::AwsTail,
                "kube-apiserver-audit-0a1b",
                None,
                "",
            ),
            (
                "2024-01-02T03:04:05.1+00:00 kube-apiserver-one {\"a\":1}",
                Wrapper::Prefixed,
                "",
                None,
                "{\"a\":1}",
            ),
            (
                "Jan 02 03:04:05 n1 kube-apiserver[12]: {\"a\":1}",
                Wrapper::Journal,
                "kube-apiserver[12",
                None,
                "{\"a\":1}",
            ),
            (
                "Jan 02 03:04:05 n1 kube-apiserver[12]: b\":1}",
                Wrapper::Journal,
                "kube-apiserver[12",
                None,
                "b\":1}",
            ),
            (
                "<13>1 2024-01-02T03:04:05Z n1 api - - {\"a\":1}",
                Wrapper::Prefixed,
                "",
                None,
                "{\"a\":1}",
            ),
            (
                "kube-apiserver-1  | {\"a\":1}",
                Wrapper::Prefixed,
                "",
                None,
                "{\"a\":1}",
            ),
        ];
        for (line, wrapper, writer, is_part, rest) in rows {
            let parsed = parse(line).unwrap();
            assert_eq!(
                (parsed.wrapper, parsed.writer, parsed.is_part, parsed.rest),
                (wrapper, writer, is_part, rest),
                "{line}"
            );
            assert!(line[parsed.start..].starts_with(rest));
        }
        for nothing in [
            "",
            "time,user",
            "kind: Event",
            "2024-01-02T03:04:05Z stdout X",
        ] {
            assert_eq!(parse(nothing), None, "{nothing}");
        }
    }
}
