//! Healthy logs of every kind, and inputs made to be slow.

use std::io::Write;

use conformance::damage::{CONVERTED, Damage, KINDS, event, file};
use flate2::write::GzEncoder;

use crate::measure::Subject;
use crate::repeated::{Repeated, behind, row};

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

const LIST: &str = r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["#;

/// Texts that are not values: characters, blanks and brackets.
fn characters() -> Vec<Repeated> {
    let rows = [
        behind(
            "",
            &[
                ("one long line of letters", "x"),
                ("one long line with an open string", "{\"a\":\"«x»"),
                ("one long line with an open list", "{\"a\":[«1,»"),
                ("blank lines", "\n"),
                ("blank lines with CRLF", "\r\n"),
                ("blanks", " "),
                ("a brace and blank lines", "{«\n»"),
                ("a bracket and blank lines", "[«\n»"),
                ("a value and blanks", "{}« »"),
                ("NUL bytes", "\0"),
                ("NUL bytes in lines", "\0\n"),
                ("braces", "{"),
                ("brackets", "["),
                ("closing braces", "[«}»"),
                ("quotes", "\""),
                ("backslashes", "{\"«\\»"),
                ("braces and quotes", "{\""),
                ("brackets and quotes", "[\""),
                ("braces, a line each", "{\n"),
                ("brackets, a line each", "[\n"),
            ],
        ),
        behind(LIST, &[("NUL bytes in a list", "«\0»]}")]),
    ];
    rows.concat()
}

/// Values that do not end, and items that are not events.
fn open_values() -> Vec<Repeated> {
    let rows = [
        behind(
            "",
            &[
                ("open keys", "{\"a\":"),
                ("open keys, a line each", "{\"a\":\n"),
                (
                    "open events",
                    "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":",
                ),
                (
                    "open events, a line each",
                    "{\"kind\":\"Event\",\"auditID\":\"a\",\"user\":\n",
                ),
                ("open events behind commas", "[«,{\"auditID\":[1»"),
                ("open lists of events", "{\"auditID\":["),
                ("braces at the end of strings", "{\"a\":1,{«\"x{\",»"),
                ("lists in lists", "{\"items\":["),
                ("lists of lists", "{\"records\":«[»"),
                ("commas in an array", "[«,»]"),
                ("empty items in an array", "[«{},»{}]"),
                ("empty items in a document", "{\"records\":[«{},»{}]}"),
                ("numbers in a document", "{\"records\":[«1,»1]}"),
                ("stray words in an array", "[«x,»]"),
                ("stray words in a document", "{\"records\":[«x,»]}"),
                ("keys in a document", "{«\"a\":1,»\"records\":[]}"),
                ("colons", "{\"a\"«:»"),
            ],
        ),
        vec![row("EventLists in EventLists", "", LIST, "")],
    ];
    rows.concat()
}

/// Events next to each other, cut or one in the other.
fn joined_events() -> Vec<Repeated> {
    let one = event(1);
    let half = &one[..one.len() / 2];
    let rows = [
        behind(
            "",
            &[(
                "events that swallow others",
                "[«{\"auditID\":\"a\",\"stage\":\"Panic\",\"sourceIPs\":[»",
            )],
        ),
        vec![
            row("events on one line", "", &one, ""),
            row("halves of events on one line", "", half, ""),
            row(
                "halves of events, a line each",
                "",
                &format!("{half}\n"),
                "",
            ),
            row(
                "halves of events in an array",
                "[",
                &format!("{half},"),
                "]",
            ),
            row(
                "halves of events in an EventList",
                LIST,
                &format!("{half},"),
                "]}",
            ),
            row(
                "a half in front of each event",
                LIST,
                &format!("{half},{one},"),
                "]}",
            ),
        ],
    ];
    rows.concat()
}

/// Lines of wrappers around events.
fn wrapped_lines() -> Vec<Repeated> {
    let one = event(1);
    let cri = |tag: &str, text: &str| format!("2024-01-02T03:04:05.1Z stdout {tag} {text}\n");
    let rows = [
        behind(
            "",
            &[
                (
                    "parts of one Docker line",
                    "{\"log\":\"{\\\"a\\\":\\\"\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
                ),
                ("journald lines", "Jan 02 03:04:05 n1 api[12]: {\"a\":\n"),
                ("lines with a text prefix", "[pod/a] {\n"),
            ],
        ),
        vec![
            row(
                "parts of one container line",
                &cri("P", "{\"a\":\""),
                &cri("P", "x"),
                "",
            ),
            row(
                "first parts of container lines",
                "",
                &cri("P", "{\"a\":\""),
                "",
            ),
            row(
                "container lines joined to one",
                "",
                cri("F", &one).trim_end(),
                "",
            ),
            row("container lines behind a brace", "{\n", &cri("F", &one), ""),
            row(
                "events in one string",
                "{\"log\":\"",
                &(one.replace('\\', r"\\").replace('"', "\\\"") + "\\n"),
                "\",\"stream\":\"stdout\",\"time\":\"t\"}\n",
            ),
        ],
    ];
    rows.concat()
}

/// Formats whose events are built from fields, or that are detected late.
fn other_formats() -> Vec<Repeated> {
    let rows = [
        behind(
            "",
            &[
                ("quotes in a CSV file", "_raw\n«\"»"),
                ("open fields of a CSV file", "_raw\n«\"a\n»"),
                ("a long field of a CSV file", "_raw\n\"«a\n»"),
                ("text after a quote in a CSV file", "_raw\n\"a\"«x»"),
                ("separators in a CSV file", "_raw,x\n«,»"),
                ("rows without an event", "auditID,verb\n«a,b\n»"),
                (
                    "legacy text lines",
                    "2024-01-02T03:04:05Z AUDIT: id=\"1\" uri=\"/\" method=\"get\"\n",
                ),
                (
                    "a long legacy text line",
                    "2024-01-02T03:04:05Z AUDIT: id=\"«\\\"»",
                ),
                (
                    "flattened keys",
                    "{«\"a.b.requestURI\":\"/\",»\"a.verb\":1}",
                ),
                ("lines that are not UTF-8", "{\"a\u{ff}\n"),
                ("lines of text", "- one of the words\n"),
                (
                    "a list with damaged keys",
                    r#"{"kind":"EventList","iteMs":[«{"auditID":"a","stage":"Panic"},»{"a":1}]}"#,
                ),
            ],
        ),
        vec![
            row(
                "cut events in records",
                "",
                &(r#"{"log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#.to_owned() + "\n"),
                "",
            ),
            // One more sender than cut events are kept of.
            row(
                "cut events of nine senders",
                "",
                &(1..=9)
                    .map(|sender| {
                        r#"{"pod":"p@","log":"{\"auditID\":\"a\",\"stage\":\"Panic\",\"x\":["}"#
                            .replace('@', &sender.to_string())
                            + "\n"
                    })
                    .collect::<String>(),
                "",
            ),
            row(
                "parts of one cut event",
                &(r#"{"log":"{\"auditID\":\"a\",\"x\":\""}"#.to_owned() + "\n"),
                &(r#"{"log":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}"#.to_owned() + "\n"),
                "",
            ),
        ],
    ];
    rows.concat()
}

fn hostile() -> impl Iterator<Item = Repeated> {
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
    for text in hostile() {
        for (size, chunk) in [("", 1 << 20), (", small chunks", 64)] {
            let text = text.clone();
            inputs.push(Input {
                name: format!("{}{size}", text.name),
                make: Box::new(move |bytes| text.bytes(bytes)),
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
