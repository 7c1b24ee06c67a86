//! Events in another encoding: Base64, lists of bytes and JSON strings. `read` also reads each event again from its location.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::*;

const NOT_READ: &str = "the data of this record cannot be decoded: ";

/// Encodes as RFC 4648 does.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for group in bytes.chunks(3) {
        let byte = |index: usize| u32::from(group.get(index).copied().unwrap_or(0));
        let bits = byte(0) << 16 | byte(1) << 8 | byte(2);
        for place in 0..4 {
            let letter = LETTERS[(bits >> (18 - 6 * place)) as usize & 63];
            text.push(if place > group.len() {
                '='
            } else {
                char::from(letter)
            });
        }
    }
    text
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Returns the data of a subscription of CloudWatch Logs.
fn subscription(ids: &[&str]) -> String {
    let events: Vec<_> = ids
        .iter()
        .map(|id| {
            format!(
                "{{\"id\":\"1\",\"timestamp\":1,\"message\":{}}}",
                decoded(&event(id))
            )
        })
        .collect();
    let events = events.join(",");
    format!(
        "{{\"messageType\":\"DATA_MESSAGE\",\"logGroup\":\"/aws/eks/c/cluster\",\"logStream\":\"kube-apiserver-audit-1\",\"logEvents\":[{events}]}}"
    )
}

fn check(rows: &[(String, &[&str])]) {
    for (text, expected) in rows {
        for chunk in [7, text.len()] {
            assert_eq!(
                read(text.as_bytes(), chunk, MAX_WHOLE_BYTES).0,
                *expected,
                "{text}"
            );
        }
    }
}

#[test]
fn base64_data_is_decoded_and_decompressed() {
    let plain = base64(event("a").as_bytes());
    let zipped = base64(&gzip(subscription(&["b", "c"]).as_bytes()));
    let lines = base64(format!("{}\n{}\n", event("d"), event("e")).as_bytes());
    check(&[
        (
            format!(
                "{{\"Records\":[{{\"kinesis\":{{\"data\":\"{plain}\"}},\"eventSource\":\"aws:kinesis\"}},{{\"kinesis\":{{\"data\":\"{zipped}\"}}}}]}}"
            ),
            &["1:a", "1:b", "1:c"],
        ),
        (
            format!(
                "{{\"awslogs\":{{\"data\":\"{zipped}\"}}}}\n{{\"awslogs\":{{\"data\":\"{zipped}\"}}}}\n"
            ),
            &["1:b", "1:c", "2:b", "2:c"],
        ),
        (
            format!(
                "{{\"requestId\":\"r\",\n\"records\":[{{\"recordId\":\"1\",\"data\":\"{plain}\"}},\n{{\"data\":\"{lines}\"}}]}}"
            ),
            &["2:a", "3:d", "3:e"],
        ),
        (
            format!("{{\"Records\":[{{\"SequenceNumber\":\"1\",\"Data\":\"{plain}\"}}]}}"),
            &["1:a"],
        ),
        // Pub/Sub.
        (
            format!(
                "[{{\"ackId\":\"1\",\"message\":{{\"data\":\"{plain}\",\"messageId\":\"2\"}}}}]"
            ),
            &["1:a"],
        ),
        // A program that escapes slashes.
        (
            format!(
                "{{\"kinesis\":{{\"data\":\"{}\"}}}}\n",
                zipped.replace('/', "\\/")
            ),
            &["1:b", "1:c"],
        ),
        // The record in a string of a log shipper's.
        (
            format!("{{\"items\":[{{\"awslogs\":{{\"data\":\"{plain}\"}}}}]}}"),
            &["1:a"],
        ),
    ]);
}

/// Returns the data of a subscription with these messages, as the value of `data`.
fn messages(messages: &[&str]) -> String {
    let events: Vec<_> = messages
        .iter()
        .map(|message| {
            format!(
                "{{\"id\":\"1\",\"timestamp\":1,\"message\":{}}}",
                decoded(message)
            )
        })
        .collect();
    let events = events.join(",");
    base64(&gzip(
        format!("{{\"logStream\":\"kube-apiserver-audit-1\",\"logEvents\":[{events}]}}").as_bytes(),
    ))
}

#[test]
fn events_that_were_cut_before_they_were_encoded_are_joined() {
    let whole = event("b");
    let (start, rest) = whole.split_at(100);
    let start = format!("{start}[Truncated...]");
    let cut = "cut by EKS or CloudWatch: only 100 bytes of the event are left; stage `Panic`, auditID `b`";
    let rest_alone = "the rest of an event that was cut; it cannot be joined with its start";
    for (records, expected) in [
        (
            vec![messages(&[&event("a"), &start, rest, &event("c")])],
            vec!["1:a", "1:b", "1:c"],
        ),
        (
            vec![
                messages(&[&event("a"), &start]),
                messages(&[rest, &event("c")]),
            ],
            vec!["1:a", "1:b", "2:c"],
        ),
        (vec![messages(&[&start, &event("c")])], vec!["1:c", cut]),
        (
            // With the name of a field, without which a text is not known as the rest of an event.
            vec![messages(&[&whole[70..], &event("c")])],
            vec![rest_alone, "1:c"],
        ),
    ] {
        let lines: Vec<_> = records
            .iter()
            .map(|data| format!("{{\"awslogs\":{{\"data\":\"{data}\"}}}}\n"))
            .collect();
        let expected: Vec<_> = expected
            .into_iter()
            .map(|item| match item.as_bytes() {
                [b'0'..=b'9', ..] => item.to_owned(),
                _ => format!("1! {item}"),
            })
            .collect();
        let text = lines.concat();
        assert_eq!(
            read(text.as_bytes(), 100, MAX_WHOLE_BYTES).0,
            expected,
            "{text}"
        );
    }
}

#[test]
fn the_wrapper_of_base64_data_is_named() {
    let text = format!(
        "{{\"kinesis\":{{\"data\":\"{}\"}}}}\n",
        base64(event("a").as_bytes())
    );
    let (_, summary) = read(text.as_bytes(), 100, MAX_WHOLE_BYTES);
    let wrappers: Vec<_> = summary.wrappers.iter().map(|found| found.wrapper).collect();
    assert_eq!(wrappers, [Wrapper::Encoded]);
}

#[test]
fn base64_data_that_cannot_be_read_is_reported_with_the_reason() {
    let plain = base64(event("a").as_bytes());
    let damaged = plain.replacen('Q', "!", 1);
    let zipped = gzip(subscription(&["b"]).as_bytes());
    let cut = base64(&zipped[..zipped.len() / 2]);
    let mut changed = zipped.clone();
    // The checksum is in the last eight bytes.
    let at = changed.len() - 6;
    changed[at] ^= 1;
    let changed = base64(&changed);
    // 65 MiB of spaces.
    let long = base64(&gzip(&vec![b' '; 65 << 20]));
    let other = base64(b"this is not about any event");
    let inner = base64(format!("{{\"kinesis\":{{\"data\":\"{plain}\"}}}}").as_bytes());
    for (data, expected) in [
        (&damaged, format!("1! {NOT_READ}it is not Base64")),
        (
            &plain[..25].to_owned(),
            format!("1! {NOT_READ}it is not Base64: its last characters are missing"),
        ),
        (&long, format!("1! {NOT_READ}it is longer than 64 MiB")),
        (&other, format!("1! {}", UnrecognizedKind::Encoded)),
        // Data in data is not decoded, because it would expand without limit.
        (&inner, format!("1! {}", UnrecognizedKind::Encoded)),
    ] {
        let text = format!("{{\"awslogs\":{{\"data\":\"{data}\"}}}}\n");
        let (seen, summary) = read(text.as_bytes(), text.len(), MAX_WHOLE_BYTES);
        assert_eq!(seen.as_slice(), std::slice::from_ref(&expected));
        assert_eq!(summary.rejection.as_deref(), expected.strip_prefix("1! "));
    }
    // How the decoder describes the damage is its own matter.
    let text = format!("{{\"awslogs\":{{\"data\":\"{cut}\"}}}}\n");
    let (seen, _) = read(text.as_bytes(), text.len(), MAX_WHOLE_BYTES);
    assert_eq!(seen.len(), 1, "{seen:?}");
    assert!(
        seen[0].starts_with(&format!("1! {NOT_READ}its gzip data is ")),
        "{seen:?}"
    );
    // The events before damage are read.
    let text = format!("{{\"awslogs\":{{\"data\":\"{changed}\"}}}}\n");
    let (seen, _) = read(text.as_bytes(), text.len(), MAX_WHOLE_BYTES);
    assert_eq!(seen.len(), 2, "{seen:?}");
    assert_eq!(seen[0], "1:b");
    assert!(
        seen[1].starts_with(&format!("1! {NOT_READ}its gzip data is damaged")),
        "{seen:?}"
    );
}

#[test]
fn json_strings_with_an_event_are_read() {
    let a = decoded(&event("a"));
    check(&[
        (format!("{a}\n{}\n", decoded(&event("b"))), &["1:a", "2:b"]),
        (format!("{}\n", decoded(&a)), &["1:a"]),
        (format!("{a}\n{}\n", event("b")), &["1:a", "2:b"]),
        (
            "\"a string\"\n".to_owned(),
            &["1! this is JSON but not an object, so it cannot be an audit event"],
        ),
    ]);
    let (_, summary) = read(format!("{a}\n").as_bytes(), 100, MAX_WHOLE_BYTES);
    assert_eq!(summary.wrappers[0].wrapper, Wrapper::Quoted);
}

#[test]
fn a_message_of_journald_may_be_a_list_of_bytes() {
    let bytes = |text: &str| {
        let numbers: Vec<_> = text.bytes().map(|byte| byte.to_string()).collect();
        format!("[{}]", numbers.join(", "))
    };
    let entry = |message: &str| format!("{{\"__CURSOR\":\"s\",\"MESSAGE\":{message}}}\n");
    let stream = |message: &str, more: &str| {
        format!("{{\"__CURSOR\":\"s\",\"_STREAM_ID\":\"1\",\"MESSAGE\":{message}{more}}}\n")
    };
    let text = event("b");
    let (half, rest) = text.split_at(40);
    check(&[
        (entry(&bytes(&event("a"))), &["1:a"]),
        (stream(&bytes(&event("a")), ""), &["1:a"]),
        // A line in two parts.
        (
            stream(&bytes(half), ",\"_LINE_BREAK\":\"line-max\"") + &stream(&bytes(rest), ""),
            &["1:b"],
        ),
    ]);
    // Neither bytes nor an event.
    for message in ["[1,2,256]", "[]", "[\"a\"]"] {
        let (seen, _) = read(entry(message).as_bytes(), 100, MAX_WHOLE_BYTES);
        assert_eq!(seen.len(), 1, "{message}");
    }
}
