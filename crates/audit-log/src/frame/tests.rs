use super::*;
use crate::validator::{JsonValidator, Validation};

/// Frames of a text in chunks of a size: line, text, and a mark if damaged.
fn frames(text: &str, chunk: usize) -> Vec<String> {
    let mut found = Vec::new();
    let mut sink = |frame: Frame<'_>| {
        let bytes = String::from_utf8_lossy(frame.bytes).replace(char::is_whitespace, "");
        let location = usize::try_from(frame.offset).unwrap();
        assert!(text.as_bytes()[location..].starts_with(frame.bytes));
        let mut check = JsonValidator::at(0);
        if frame.state == FrameState::Line
            && bytes.starts_with('{')
            && check.run(frame.bytes) == Validation::Incomplete
            && !check.is_in_string()
        {
            return FrameStatus::Incomplete;
        }
        let mark = match frame.state {
            FrameState::Whole | FrameState::Line => "",
            _ => " damaged",
        };
        found.push(format!("{}:{bytes}{mark}", frame.line));
        FrameStatus::Consumed
    };
    let mut framer = Framer::new();
    for piece in text.as_bytes().chunks(chunk) {
        framer.push(piece, &mut sink);
    }
    framer.finish(&mut sink);
    found
}

#[test]
fn frames_do_not_depend_on_the_chunk_size() {
    let rows: [(&str, &[&str]); 16] = [
        ("{\"a\":1}\n{\"b\":2}\n", &["1:{\"a\":1}", "2:{\"b\":2}"]),
        (
            "{\"a\":1}\r\n\r\n{\"b\":2}",
            &["1:{\"a\":1}", "3:{\"b\":2}"],
        ),
        (
            "[{\"a\":1},\n {\"b\":[2]}]",
            &["1:{\"a\":1}", "2:{\"b\":[2]}"],
        ),
        (
            "{\n  \"a\": 1\n}\n{\n  \"b\": \"}\"\n}\n",
            &["1:{\"a\":1}", "4:{\"b\":\"}\"}"],
        ),
        ("{\"a\":1}{\"b\":2}", &["1:{\"a\":1}", "1:{\"b\":2}"]),
        (
            "{\"a\":\n{\"auditID\":2}\n{\"c\":3}\n",
            &["1:{\"a\": damaged", "2:{\"auditID\":2}", "3:{\"c\":3}"],
        ),
        ("{\"a\":\"x\n{\"b\":2}\n", &["1:{\"a\":\"x", "2:{\"b\":2}"]),
        (
            "{\"a\":1}\n{\"b\":\n{\"auditID\":3}\n{\"d\":4}\n",
            &[
                "1:{\"a\":1}",
                "2:{\"b\": damaged",
                "3:{\"auditID\":3}",
                "4:{\"d\":4}",
            ],
        ),
        (
            "{\"a\":1}\n{\n\"b\":2\n}\n{\"c\":3}\n",
            &["1:{\"a\":1}", "2:{\"b\":2}", "5:{\"c\":3}"],
        ),
        (
            "{\n \"a\":\n{\n \"auditID\": 2\n}\n",
            &["1:{\"a\": damaged", "3:{\"auditID\":2}"],
        ),
        ("{\n\"a\": {\n\"b\": 2\n}\n}", &["1:{\"a\":{\"b\":2}}"]),
        ("{\n \"a\": \"x", &["1:{\"a\":\"x damaged"]),
        ("{\"a\":\"\\\\\\\"}\"}", &["1:{\"a\":\"\\\\\\\"}\"}"]),
        ("time,user\n1,alice\n", &["1:time,user", "2:1,alice"]),
        // Separators are not part of a run of NUL bytes.
        (
            "{\"a\":1,\n\"b\":2}\0\0,\0\n\0",
            &["1:{\"a\":1,\"b\":2}", "2:\0\0", "2:\0", "3:\0"],
        ),
        ("", &[]),
    ];
    for (text, expected) in rows {
        for chunk in [1, 2, 3, 7, 1000] {
            assert_eq!(
                frames(text, chunk),
                expected,
                "{text:?} in chunks of {chunk}"
            );
        }
    }
}

#[test]
fn stray_text_between_values_is_one_frame() {
    let text = "[{\"a\":1},\nnonsense\nmore\n{\"auditID\":2}] more";
    for chunk in [1, 2, 3, 7, 1000] {
        assert_eq!(
            frames(text, chunk),
            [
                "1:{\"a\":1}",
                "2:nonsensemore damaged",
                "4:{\"auditID\":2}",
                "4:more damaged"
            ],
            "in chunks of {chunk}"
        );
    }
}
