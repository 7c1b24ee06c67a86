//! The fast scanner compared with the general parser: both agree on every line that both accept.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use std::fs;

use audit_log::{Event, json, scan};
use audit_sim::SizeBreakdown;
use conformance::{data, read};
use proptest::prelude::*;
use proptest::sample::{Index, select};

/// Returns every recording of both servers under every policy.
fn recordings() -> Vec<String> {
    let mut texts = Vec::new();
    for server in ["kube-apiserver-1.20", "kube-apiserver-1.36"] {
        texts.push(format!("{server}/base.jsonl.gz"));
        for entry in fs::read_dir(data().join(server).join("logs")).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            texts.push(format!("{server}/logs/{name}"));
        }
    }
    texts
        .into_iter()
        .map(|path| String::from_utf8(read(path).unwrap()).unwrap())
        .collect()
}

/// Compares both on one line and returns `true` if the scanner accepts it.
fn agree(line: &str) -> bool {
    let Some(fast) = scan::event(line) else {
        return false;
    };
    let value = json::value(line).unwrap_or_else(|error| panic!("{error}: {line}"));
    assert!(
        matches!(audit_log::detect_kind(value), audit_log::ValueKind::Event),
        "{line}"
    );
    let slow = Event::new(value);
    assert_eq!(
        SizeBreakdown::measure(&fast),
        SizeBreakdown::measure(&slow),
        "{line}"
    );
    let fast = Event {
        canonical: None,
        ..fast
    };
    assert_eq!(format!("{fast:?}"), format!("{slow:?}"));
    true
}

#[test]
fn the_scanner_agrees_with_the_parser_on_every_recording() {
    let (mut lines, mut fast) = (0, 0);
    for text in recordings() {
        for line in text.lines() {
            lines += 1;
            fast += usize::from(agree(line));
        }
    }
    println!("scan: {fast} of {lines} lines read fast");
    assert!(fast * 100 >= lines * 99, "{fast} of {lines}");
}

const HEAD: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete","requestURI":"/","verb":"get","user":{}"#;

#[test]
fn the_scanner_rejects_what_the_encoder_would_not_write() {
    let rows: &[(&str, bool)] = &[
        (r#"}"#, true),
        (r#","requestObject":{"a":[1,-0.5e+3,true,null,"x"]}}"#, true),
        (r#","requestObject":[]}"#, true),
        (r#","requestObject":{"a":1,"a":2}}"#, true),
        (r#","requestObject":{"a":"\u00e9\/"}}"#, true),
        (
            r#","responseObject":{"items":[{"metadata":{"managedFields":[1],"a":1}}]}}"#,
            true,
        ),
        // Objects that may not be tables are left to the general parser.
        (
            r#","responseObject":{"rows":[{"object":{"metadata":{"managedFields":[]}}}]}}"#,
            false,
        ),
        (
            r#","responseObject":{"kind":"Table","apiVersion":"meta.k8s.io/v1","rows":[{"object":{"metadata":{"managedFields":[]}}}]}}"#,
            true,
        ),
        (
            r#","responseObject":{"kind":"Table","apiVersion":"meta.k8s.io/v1beta1","rows":[{"object":{"metadata":{"managedFields":[]}}}]}}"#,
            true,
        ),
        // If some item is not an object, managed fields stay.
        (
            r#","responseObject":{"items":["a"],"metadata":{"managedFields":[1]}}}"#,
            true,
        ),
        (
            r#","responseObject":{"items":[{"metadata":{"managedFields":[1]}},[],1],"metadata":{"managedFields":[1]}}}"#,
            true,
        ),
        (
            r#","responseObject":{"x":["a"],"items":[{"y":["a"]}],"metadata":{"managedFields":[1]}}}"#,
            true,
        ),
        (
            r#","responseObject":{"kind":"Pod","apiVersion":"v1","metadata":{"name":"a","creationTimestamp":null},"spec":{"template":{"metadata":{"creationTimestamp":null}}}}}"#,
            true,
        ),
        (
            r#","responseObject":{"kind":"PodList","apiVersion":"v1","metadata":{},"items":[{"metadata":{"creationTimestamp":"t"}},{"metadata":{}}]}}"#,
            true,
        ),
        (
            r#","responseObject":{"kind":"ControllerRevision","apiVersion":"apps/v1","metadata":{"creationTimestamp":null},"data":{"metadata":{"creationTimestamp":null}}}}"#,
            true,
        ),
        (
            r#","responseObject":{"kind":"Pod","apiVersion":"v1","metadata":{"creationTimestamp":null,"managedFields":[]}}}"#,
            false,
        ),
        (
            r#","responseObject":{"kind":"Pod","apiVersion":"v1","metadata":{"creationTimestamp":null,"creationTimestamp":null}}}"#,
            false,
        ),
        (
            r#","userAgent":"caf\ufffd","annotations":{"apiserver.latency.k8s.io/total":"1s"}}"#,
            true,
        ),
        (r#","userAgent":"a\b"}"#, false),
        (r#","requestObject":{"a":"\f"}}"#, false),
        (r#","requestObject":{"a":"\u0008"}}"#, false),
        (
            r#","responseObject":{"spec":{"metadata":{"managedFields":[{"a":[]}]}}}}"#,
            true,
        ),
        (
            r#","responseObject":{"x":{"rows":[{"object":{"metadata":{"managedFields":[]}}}]}}}"#,
            true,
        ),
        (
            r#","responseObject":{"metadata":{"managedFields":{}}}}"#,
            false,
        ),
        (
            r#","responseObject":{"metadata":{"managedFields":[],"managedFields":[]}}}"#,
            false,
        ),
        (r#","objectRef":{"name":"a","name":"b"}}"#, false),
        (
            r#","responseStatus":{"status":"a","metadata":{},"status":"b"}}"#,
            false,
        ),
        (r#","annotations":{}}"#, false),
        (r#","requestObject":null}"#, false),
        (r#","unknown":1}"#, false),
        (r#","verb":"get"}"#, false),
        (r#","userAgent":"a<b"}"#, false),
        (r#","userAgent":"a\u00e9"}"#, false),
        ("\"userAgent\":\"a\u{2028}\"}", false),
        (r#","userAgent":"é"}"#, true),
        (r#", "userAgent":"a"}"#, false),
        (r#","requestObject":{"a":01}}"#, false),
        (r#","requestObject":{"a":1.}}"#, false),
        (r#","requestObject":{"a":tru}}"#, false),
        (r#","requestObject":{"a"}}"#, false),
        (r#","requestObject":{"a":1,}}"#, false),
        (r#","requestObject":{"a":1:2}}"#, false),
        (r#","requestObject":{"a":{}"b":1}}"#, false),
        (r#","requestObject":{1:2}}"#, false),
        (r#","requestObject":["a":1]}"#, false),
        (r#","requestObject":[1,]}"#, false),
        (r#","requestObject":[1}]"#, false),
        (r#","requestObject":{"a":"\x"}}"#, false),
        (r#","requestObject":{"a":"\u12g4"}}"#, false),
        (r#","requestObject":{"a":"b"c}}"#, false),
        (r#"}}"#, false),
        (r#"},"#, false),
        (r#"}x"#, false),
        (r#","#, false),
        ("", false),
    ];
    for (tail, fast) in rows {
        let line = format!("{HEAD}{tail}");
        assert_eq!(agree(&line), *fast, "{tail}");
    }
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!("{HEAD},\"requestObject\":{open}{close}}}")
    };
    assert!(agree(&deep(60)));
    assert!(!agree(&deep(61)));
}

/// Tokens that matter to a JSON parser.
const PIECES: [&str; 38] = [
    "\"",
    "\\",
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    " ",
    "\n",
    "0",
    "1",
    "-",
    ".",
    "e",
    "null",
    "true",
    "\\u00e9",
    "\\\"",
    "\\\\",
    "<",
    "é",
    "\u{2028}",
    "\"managedFields\":[1]",
    "\"metadata\":{",
    "\"items\":[",
    "\"a\":1,",
    ",\"verb\":\"patch\"",
    "\"annotations\":{}",
    "\u{7f}",
    "\\ufffd",
    "\\b",
    "\"creationTimestamp\":null,",
    "{\"kind\":\"Pod\",\"apiVersion\":\"v1\",",
    "{\"kind\":\"DeleteOptions\",\"apiVersion\":\"v1\"}",
    "\"rows\":[{\"object\":{",
    "\"data\":{",
    "\"apiserver.latency.k8s.io/total\":\"1s\"",
];

fn base() -> Vec<String> {
    let text = String::from_utf8(read("kube-apiserver-1.36/base.jsonl.gz").unwrap()).unwrap();
    // Short and long events, with and without bodies.
    text.lines().step_by(37).map(str::to_owned).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4_000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_mangled_line_is_rejected_or_parsed_alike(
        line in select(base()),
        edits in proptest::collection::vec((any::<Index>(), any::<Index>(), 0..4usize, select(&PIECES[..])), 1..4),
    ) {
        let mut text = line;
        for (from, to, kind, piece) in edits {
            let mut cut = [from.index(text.len() + 1), to.index(text.len() + 1)];
            cut.sort_unstable();
            let [mut from, mut to] = cut;
            let near = to.min(from + [0, 3, 200, 40][kind]);
            let on_boundary = |mut at: usize| {
                while !text.is_char_boundary(at) {
                    at -= 1;
                }
                at
            };
            (from, to) = (on_boundary(from), on_boundary(near));
            match kind {
                0 => text.insert_str(from, piece),
                1 => text.replace_range(from..to, piece),
                2 => {
                    let copy = text[from..to].to_owned();
                    text.insert_str(to, &copy);
                }
                _ => text.replace_range(from..to, ""),
            }
        }
        agree(&text);
    }
}
