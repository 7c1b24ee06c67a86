//! Healthy logs of every kind, and inputs made to be slow.

use std::io::Write;

use conformance::damage::{CONVERTED, Damage, KINDS, event, file};
use flate2::write::GzEncoder;

/// Makes an input of about a number of bytes.
pub(crate) type Make = Box<dyn Fn(usize) -> Vec<u8>>;

/// A log that is read at several lengths.
pub(crate) struct Input {
    pub(crate) name: String,
    pub(crate) make: Make,
    /// Number of bytes that are passed to the reader at once.
    pub(crate) chunk: usize,
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

/// Texts that are repeated: name, what comes before, what is repeated, what comes after.
fn hostile() -> Vec<(&'static str, String, String, &'static str)> {
    let plain = |name, head: &str, text: &str, tail| (name, head.to_owned(), text.to_owned(), tail);
    let one = event(1);
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05.1Z stdout {tag} {text}\n");
    let list = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;
    let half = &one[..one.len() / 2];
    vec![
        plain("one long line of letters", "", "x", ""),
        plain("one long line with an open string", "{\"a\":\"", "x", ""),
        plain("one long line with an open list", "{\"a\":[", "1,", ""),
        plain("blank lines", "", "\n", ""),
        plain("blank lines with CRLF", "", "\r\n", ""),
        plain("blanks", "", " ", ""),
        plain("a brace and blank lines", "{", "\n", ""),
        plain("a bracket and blank lines", "[", "\n", ""),
        plain("a value and blanks", "{}", " ", ""),
        plain("NUL bytes", "", "\0", ""),
        plain("NUL bytes in lines", "", "\0\n", ""),
        plain("NUL bytes in a list", list, "\0", "]}"),
        plain("braces", "", "{", ""),
        plain("brackets", "", "[", ""),
        plain("closing braces", "[", "}", ""),
        plain("quotes", "", "\"", ""),
        plain("backslashes", "{\"", "\\", ""),
        plain("braces and quotes", "", "{\"", ""),
        plain("brackets and quotes", "", "[\"", ""),
        plain("braces, a line each", "", "{\n", ""),
        plain("brackets, a line each", "", "[\n", ""),
        plain("open keys", "", "{\"a\":", ""),
        plain("open keys, a line each", "", "{\"a\":\n", ""),
        plain(
            "open events",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":",
            "",
        ),
        plain(
            "open events, a line each",
            "",
            "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":\n",
            "",
        ),
        plain("open events behind commas", "[", ",{\"auditID\":[1", ""),
        plain("open lists of events", "", "{\"auditID\":[", ""),
        plain("braces at the end of strings", "{\"a\":1,{", "\"x{\",", ""),
        plain("lists in lists", "", "{\"items\":[", ""),
        plain("lists of lists", "{\"records\":", "[", ""),
        plain("EventLists in EventLists", "", list, ""),
        plain("commas in an array", "[", ",", "]"),
        plain("empty items in an array", "[", "{},", "{}]"),
        plain("empty items in a document", "{\"records\":[", "{},", "{}]}"),
        plain("numbers in a document", "{\"records\":[", "1,", "1]}"),
        plain("stray words in an array", "[", "x,", "]"),
        plain("stray words in a document", "{\"records\":[", "x,", "]}"),
        plain("keys in a document", "{", "\"a\":1,", "\"records\":[]}"),
        plain("colons", "{\"a\"", ":", ""),
        ("events on one line", String::new(), one.clone(), ""),
        (
            "halves of events on one line",
            String::new(),
            half.to_owned(),
            "",
        ),
        (
            "halves of events, a line each",
            String::new(),
            format!("{half}\n"),
            "",
        ),
        (
            "halves of events in an array",
            "[".to_owned(),
            format!("{half},"),
            "]",
        ),
        (
            "halves of events in an EventList",
            list.to_owned(),
            format!("{half},"),
            "]}",
        ),
        (
            "a half in front of each event",
            list.to_owned(),
            format!("{half},{one},"),
            "]}",
        ),
        (
            "events that swallow others",
            "[".to_owned(),
            "{\"auditID\":\"a\",\"stage\":\"Panic\",\"sourceIPs\":[".to_owned(),
            "",
        ),
        (
            "parts of one container line",
            cri("P", "{\"a\":\""),
            cri("P", "x"),
            "",
        ),
        (
            "first parts of container lines",
            String::new(),
            cri("P", "{\"a\":\""),
            "",
        ),
        (
            "container lines joined to one",
            String::new(),
            cri("F", &one).trim_end().to_owned(),
            "",
        ),
        (
            "container lines behind a brace",
            "{\n".to_owned(),
            cri("F", &one),
            "",
        ),
        (
            "parts of one Docker line",
            String::new(),
            "{\"log\":\"{\\\"a\\\":\\\"\",\"stream\":\"stdout\",\"time\":\"t\"}\n".to_owned(),
            "",
        ),
        (
            "events in one string",
            "{\"log\":\"".to_owned(),
            one.replace('\\', r"\\").replace('"', "\\\"") + "\\n",
            "\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
        ),
        (
            "journald lines",
            String::new(),
            "Jan 02 03:04:05 n1 api[12]: {\"a\":\n".to_owned(),
            "",
        ),
        (
            "lines with a text prefix",
            String::new(),
            "[pod/a] {\n".to_owned(),
            "",
        ),
        plain("quotes in a CSV file", "_raw\n", "\"", ""),
        plain("open fields of a CSV file", "_raw\n", "\"a\n", ""),
        plain("a long field of a CSV file", "_raw\n\"", "a\n", ""),
        plain("text after a quote in a CSV file", "_raw\n\"a\"", "x", ""),
        plain("separators in a CSV file", "_raw,x\n", ",", ""),
        plain("rows without an event", "auditID,verb\n", "a,b\n", ""),
        (
            "cut events in records",
            String::new(),
            r#"{"log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#.to_owned() + "\n",
            "",
        ),
        (
            "parts of one cut event",
            r#"{"log":"{\"auditID\":\"a\",\"x\":\""}"#.to_owned() + "\n",
            r#"{"log":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#.to_owned() + "\n",
            "",
        ),
        plain(
            "legacy text lines",
            "",
            "2024-01-02T03:04:05Z AUDIT: id=\"1\" uri=\"/\" method=\"get\"\n",
            "",
        ),
        plain(
            "a long legacy text line",
            "2024-01-02T03:04:05Z AUDIT: id=\"",
            "\\\"",
            "",
        ),
        plain(
            "flattened keys",
            "{",
            "\"a.b.requestURI\":\"/\",",
            "\"a.verb\":1}",
        ),
        (
            "lines that are not UTF-8",
            String::new(),
            "{\"a\u{ff}\n".to_owned(),
            "",
        ),
    ]
}

/// Every input.
pub(crate) fn inputs() -> Vec<Input> {
    let mut inputs = Vec::new();
    for (name, head, text, tail) in hostile() {
        for (size, chunk) in [("", 1 << 20), (", small chunks", 64)] {
            inputs.push(Input {
                name: format!("{name}{size}"),
                make: repeated(&head, &text, tail),
                chunk,
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
            });
        }
    }
    let packed = packed().into_iter().map(|(name, make)| Input {
        name: name.to_owned(),
        make,
        chunk: 1 << 20,
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
