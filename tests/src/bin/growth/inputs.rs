//! Healthy logs of every kind, and inputs made to be slow.

use std::io::Write;

use conformance::damage::{CONVERTED, Damage, KINDS, event, file};
use flate2::write::GzEncoder;

use crate::measure::Subject;

/// Makes an input of about a number of bytes.
pub(crate) type Make = Box<dyn Fn(usize) -> Vec<u8>>;

/// A log or text that is read at several lengths.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) make: Make,
    /// Number of bytes that are passed to the reader at once.
    pub(crate) chunk: usize,
    pub(crate) subject: Subject,
}

fn repeated(head: &str, text: &str, tail: &str) -> Make {
    let (head, text, tail) = (head.to_owned(), text.to_owned(), tail.to_owned());
    Box::new(move |bytes| {
        let count = bytes / text.len().max(1);
        [head.as_str(), &text.repeat(count), tail.as_str()]
            .concat()
            .into_bytes()
    })
}

/// A text that is repeated, which readers could be slow on.
struct HostileText {
    name: &'static str,
    /// Text before the first repetition.
    head: String,
    text: String,
    /// Text after the last repetition.
    tail: &'static str,
}

fn text(name: &'static str, head: &str, text: &str, tail: &'static str) -> HostileText {
    HostileText {
        name,
        head: head.to_owned(),
        text: text.to_owned(),
        tail,
    }
}

const LIST: &str = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;

/// Texts that are not values: characters, blanks and brackets.
fn characters() -> Vec<HostileText> {
    vec![
        text("one long line of letters", "", "x", ""),
        text("one long line with an open string", "{\"a\":\"", "x", ""),
        text("one long line with an open list", "{\"a\":[", "1,", ""),
        text("blank lines", "", "\n", ""),
        text("blank lines with CRLF", "", "\r\n", ""),
        text("blanks", "", " ", ""),
        text("a brace and blank lines", "{", "\n", ""),
        text("a bracket and blank lines", "[", "\n", ""),
        text("a value and blanks", "{}", " ", ""),
        text("NUL bytes", "", "\0", ""),
        text("NUL bytes in lines", "", "\0\n", ""),
        text("NUL bytes in a list", LIST, "\0", "]}"),
        text("braces", "", "{", ""),
        text("brackets", "", "[", ""),
        text("closing braces", "[", "}", ""),
        text("quotes", "", "\"", ""),
        text("backslashes", "{\"", "\\", ""),
        text("braces and quotes", "", "{\"", ""),
        text("brackets and quotes", "", "[\"", ""),
        text("braces, a line each", "", "{\n", ""),
        text("brackets, a line each", "", "[\n", ""),
    ]
}

/// Values that do not end, and items that are not events.
fn open_values() -> Vec<HostileText> {
    vec![
        text("open keys", "", "{\"a\":", ""),
        text("open keys, a line each", "", "{\"a\":\n", ""),
        text(
            "open events",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":",
            "",
        ),
        text(
            "open events, a line each",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":\n",
            "",
        ),
        text("open events behind commas", "[", ",{\"auditID\":[1", ""),
        text("open lists of events", "", "{\"auditID\":[", ""),
        text("braces at the end of strings", "{\"a\":1,{", "\"x{\",", ""),
        text("lists in lists", "", "{\"items\":[", ""),
        text("lists of lists", "{\"records\":", "[", ""),
        text("EventLists in EventLists", "", LIST, ""),
        text("commas in an array", "[", ",", "]"),
        text("empty items in an array", "[", "{},", "{}]"),
        text("empty items in a document", "{\"records\":[", "{},", "{}]}"),
        text("numbers in a document", "{\"records\":[", "1,", "1]}"),
        text("stray words in an array", "[", "x,", "]"),
        text("stray words in a document", "{\"records\":[", "x,", "]}"),
        text("keys in a document", "{", "\"a\":1,", "\"records\":[]}"),
        text("colons", "{\"a\"", ":", ""),
    ]
}

/// Events next to each other, cut or one in the other.
fn joined_events() -> Vec<HostileText> {
    let one = event(1);
    let half = &one[..one.len() / 2];
    vec![
        text("events on one line", "", &one, ""),
        text("halves of events on one line", "", half, ""),
        text(
            "halves of events, a line each",
            "",
            &format!("{half}\n"),
            "",
        ),
        text(
            "halves of events in an array",
            "[",
            &format!("{half},"),
            "]",
        ),
        text(
            "halves of events in an EventList",
            LIST,
            &format!("{half},"),
            "]}",
        ),
        text(
            "a half in front of each event",
            LIST,
            &format!("{half},{one},"),
            "]}",
        ),
        text(
            "events that swallow others",
            "[",
            "{\"auditID\":\"a\",\"stage\":\"Panic\",\"sourceIPs\":[",
            "",
        ),
    ]
}

/// Lines of wrappers around events.
fn wrapped_lines() -> Vec<HostileText> {
    let one = event(1);
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05.1Z stdout {tag} {text}\n");
    vec![
        text(
            "parts of one container line",
            &cri("P", "{\"a\":\""),
            &cri("P", "x"),
            "",
        ),
        text(
            "first parts of container lines",
            "",
            &cri("P", "{\"a\":\""),
            "",
        ),
        text(
            "container lines joined to one",
            "",
            cri("F", &one).trim_end(),
            "",
        ),
        text("container lines behind a brace", "{\n", &cri("F", &one), ""),
        text(
            "parts of one Docker line",
            "",
            "{\"log\":\"{\\\"a\\\":\\\"\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
            "",
        ),
        text(
            "events in one string",
            "{\"log\":\"",
            &(one.replace('\\', r"\\").replace('"', "\\\"") + "\\n"),
            "\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
        ),
        text(
            "journald lines",
            "",
            "Jan 02 03:04:05 n1 api[12]: {\"a\":\n",
            "",
        ),
        text("lines with a text prefix", "", "[pod/a] {\n", ""),
    ]
}

/// Formats whose events are built from fields, or that are detected late.
fn other_formats() -> Vec<HostileText> {
    vec![
        text("quotes in a CSV file", "_raw\n", "\"", ""),
        text("open fields of a CSV file", "_raw\n", "\"a\n", ""),
        text("a long field of a CSV file", "_raw\n\"", "a\n", ""),
        text("text after a quote in a CSV file", "_raw\n\"a\"", "x", ""),
        text("separators in a CSV file", "_raw,x\n", ",", ""),
        text("rows without an event", "auditID,verb\n", "a,b\n", ""),
        text(
            "cut events in records",
            "",
            &(r#"{"log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#.to_owned() + "\n"),
            "",
        ),
        // One more sender than cut events are kept of.
        text(
            "cut events of nine senders",
            "",
            &(1..=9)
                .map(|sender| {
                    format!(
                        "{}\n",
                        r#"{"pod":"p@","log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#
                            .replace('@', &sender.to_string())
                    )
                })
                .collect::<String>(),
            "",
        ),
        text(
            "a list with damaged keys",
            r#"{"kind":"EventList","iteMs":["#,
            r#"{"auditID":"a","stage":"Panic"},"#,
            r#"{"a":1}]}"#,
        ),
        text("lines of text", "", "- one of the words\n", ""),
        text(
            "parts of one cut event",
            &(r#"{"log":"{\"auditID\":\"a\",\"x\":\""}"#.to_owned() + "\n"),
            &(r#"{"log":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#.to_owned() + "\n"),
            "",
        ),
        text(
            "legacy text lines",
            "",
            "2024-01-02T03:04:05Z AUDIT: id=\"1\" uri=\"/\" method=\"get\"\n",
            "",
        ),
        text(
            "a long legacy text line",
            "2024-01-02T03:04:05Z AUDIT: id=\"",
            "\\\"",
            "",
        ),
        text(
            "flattened keys",
            "{",
            "\"a.b.requestURI\":\"/\",",
            "\"a.verb\":1}",
        ),
        text("lines that are not UTF-8", "", "{\"a\u{ff}\n", ""),
    ]
}

fn hostile() -> impl Iterator<Item = HostileText> {
    [
        characters(),
        open_values(),
        joined_events(),
        wrapped_lines(),
        other_formats(),
    ]
    .into_iter()
    .flatten()
}

/// Every log.
pub(crate) fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for HostileText {
        name,
        head,
        text,
        tail,
    } in hostile()
    {
        for (size, chunk) in [("", 1 << 20), (", small chunks", 64)] {
            inputs.push(Input {
                name: format!("{name}{size}"),
                make: repeated(&head, &text, tail),
                chunk,
                subject: Subject::Log,
            });
        }
    }
    for kind in KINDS.into_iter().chain(CONVERTED) {
        for (state, is_damaged) in [("", false), (", one damaged", true)] {
            let make: Make = Box::new(move |bytes| {
                let count = bytes / 1000;
                let damage = Damage::Insert(
                    if is_damaged { 30 } else { 0 },
                    if is_damaged {
                        b"\"{".to_vec()
                    } else {
                        Vec::new()
                    },
                );
                file(&kind, count, count / 2, &damage).bytes
            });
            inputs.push(Input {
                name: format!("{}{state}", kind.name),
                make,
                chunk: 1 << 20,
                subject: Subject::Log,
            });
        }
    }
    let packed = packed().into_iter().map(|(name, make)| Input {
        name: name.to_owned(),
        make,
        chunk: 1 << 20,
        subject: Subject::Log,
    });
    inputs.extend(packed);
    inputs
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), flate2::Compression::fast());
    // Writing to memory does not fail.
    let _ = encoder.write_all(bytes);
    encoder.finish().unwrap_or_default()
}

fn packed() -> Vec<(&'static str, Make)> {
    // The format's own way to say "ab" without packing it, as a frame of its own.
    const FRAME: [u8; 11] = [0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, b'a', b'b'];
    vec![
        (
            "gzip",
            Box::new(|bytes| gzip(&event(1).into_bytes().repeat(bytes * 8 / 900))),
        ),
        (
            "gzip of blank lines",
            Box::new(|bytes| gzip(&b"\n".repeat(bytes * 16))),
        ),
        (
            "gzip of one long line",
            Box::new(|bytes| gzip(&b"x".repeat(bytes * 16))),
        ),
        (
            "many gzip members",
            Box::new(|bytes| gzip(b"{}\n").repeat(bytes / 23)),
        ),
        (
            "many empty gzip members",
            Box::new(|bytes| gzip(b"").repeat(bytes / 23)),
        ),
        (
            "many zstd frames",
            Box::new(|bytes| FRAME.repeat(bytes / 11 / 8)),
        ),
        (
            "many zstd frames to skip",
            Box::new(|bytes| {
                [
                    &[0x28, 0xb5, 0x2f, 0xfd, 0x20, 2, 0x11, 0, 0, b'a', b'b'][..],
                    &b"\x50\x2a\x4d\x18\0\0\0\0".repeat(bytes / 8),
                ]
                .concat()
            }),
        ),
        (
            "UTF-16",
            Box::new(|bytes| {
                event(1)
                    .repeat(bytes / 900)
                    .encode_utf16()
                    .flat_map(u16::to_le_bytes)
                    .collect()
            }),
        ),
    ]
}
