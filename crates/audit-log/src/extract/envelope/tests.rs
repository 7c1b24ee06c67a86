//! Records of documents, in chunks of any size.

use super::*;

/// Records of a document on a line of its own in chunks of a size, with stray text and the end.
fn records(text: &str, chunk: usize) -> Vec<String> {
    let text = format!("{text}\n");
    let (mut kept, mut found) = (Vec::new(), Vec::new());
    let mut scanner = EnvelopeScanner::at(0);
    for bytes in text.as_bytes().chunks(chunk) {
        kept.extend_from_slice(bytes);
        loop {
            let say = |from: usize, to: usize| String::from_utf8_lossy(&kept[from..to]);
            match scanner.next(&kept, false) {
                ScanStep::Record(from, to, context) => {
                    let list = if context.is_event_list { "list " } else { "" };
                    found.push(format!("{list}{}", say(from, to)));
                }
                ScanStep::Damage(from, to, _) => found.push(format!("damage {}", say(from, to))),
                ScanStep::Unclosed(_) => found.push("unclosed".to_owned()),
                ScanStep::Done(_) => {
                    found.push("done".to_owned());
                    return found;
                }
                ScanStep::NeedsMore(from) => {
                    kept.drain(..from);
                    scanner.discard(from);
                    break;
                }
            }
        }
    }
    found
}

#[test]
fn records_do_not_depend_on_the_chunk_size() {
    let rows: [(&str, &[&str]); 12] = [
        (
            r#"{"records": [{"a":1}, {"b":"]"}]}"#,
            &[r#"{"a":1}"#, r#"{"b":"]"}"#, "done"],
        ),
        (
            r#"{"hits":{"total":{"value":2},"hits":[{"_source":{}}]}}"#,
            &[r#"{"_source":{}}"#, "done"],
        ),
        (
            r#"{"resourceLogs":[{"scopeLogs":[{"logRecords":[{"a":1}]},{"logRecords":[{"b":2}]}]},{"scopeLogs":[]}]}"#,
            &[r#"{"a":1}"#, r#"{"b":2}"#, "done"],
        ),
        (
            r#"{"data":{"result":[{"stream":{},"values":[["1","x"],["2","y"]]}]}}"#,
            &[r#"["1","x"]"#, r#"["2","y"]"#, "done"],
        ),
        (
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"a":1}]}"#,
            &[r#"list {"a":1}"#, "done"],
        ),
        (
            r#"{"kind":"PodList","apiVersion":"v1","items":[{"a":1}]}"#,
            &[r#"{"a":1}"#, "done"],
        ),
        (
            r#"{"a":{"records":[{"a":1}]},"b":[[{"records":1}]]}"#,
            &["done"],
        ),
        (
            r#"{"records":[{"a":1},17,"x",null,oops {"auditID":"b"}]}"#,
            &[
                r#"{"a":1}"#,
                "17",
                r#""x""#,
                "null",
                "damage oops",
                r#"{"auditID":"b"}"#,
                "done",
            ],
        ),
        (
            r#"{"records":[{"auditID":"a"},{"auditID":"b},{"auditID":"c"}]}"#,
            &[
                r#"{"auditID":"a"}"#,
                r#"damage {"auditID":"b}"#,
                r#"{"auditID":"c"}"#,
                "done",
            ],
        ),
        (r#"{"records":[{"a":1},{"b":"#, &[r#"{"a":1}"#]),
        (r#"[{"a":1},[2]]"#, &[r#"{"a":1}"#, "[2]", "done"]),
        (
            r#"{"\u0072ecords":[{"a":"\"}"}]}"#,
            &[r#"{"a":"\"}"}"#, "done"],
        ),
    ];
    for (text, expected) in rows {
        for chunk in [1, 2, 5, 1000] {
            assert_eq!(
                records(text, chunk),
                expected,
                "{text} in chunks of {chunk}"
            );
        }
    }
}

#[test]
fn an_extra_bracket_before_records_is_damage() {
    // The list around it is only closed in the last two.
    let rows: [(&str, &[&str]); 5] = [
        (
            r#"{"results":[[{"a":1}],[[{"b":2}],[{"c":3}]],"status":"Complete"}"#,
            &[
                r#"[{"a":1}]"#,
                "damage [",
                r#"[{"b":2}]"#,
                r#"[{"c":3}]"#,
                "done",
            ],
        ),
        (
            r#"{"events":[[{"auditID":1},{"b":2}] , "nextToken":"t"}"#,
            &["damage [", r#"{"auditID":1}"#, r#"{"b":2}"#, "done"],
        ),
        (
            r#"{"data":{"result":[{"stream":{},"values":[["1","x"],[["2","y"]]}]}}"#,
            &[r#"["1","x"]"#, "damage [", r#"["2","y"]"#, "done"],
        ),
        (
            r#"{"results":[[[{"a":1}],[{"b":2}]],[[{"c":3}]]]}"#,
            &[r#"[[{"a":1}],[{"b":2}]]"#, r#"[[{"c":3}]]"#, "done"],
        ),
        (
            r#"{"events":[[{"a":1}],[{"b":2}]],"nextToken":"t"}"#,
            &[r#"[{"a":1}]"#, r#"[{"b":2}]"#, "done"],
        ),
    ];
    for (text, expected) in rows {
        for chunk in [1, 2, 3, 7, 1000] {
            assert_eq!(
                records(text, chunk),
                expected,
                "{text} in chunks of {chunk}"
            );
        }
    }
}

#[test]
fn a_document_that_damage_has_closed_continues_at_its_next_record() {
    let rows: [(&str, &[&str]); 6] = [
        (
            r#"{"events":[{"a":1}]},\"b\":2}"},{"a":{"auditID":3}}],"nextToken":null}"#,
            &[
                r#"{"a":1}"#,
                r#"damage ]},\"b\":2}"}"#,
                r#"{"a":{"auditID":3}}"#,
                "done",
            ],
        ),
        (
            r#"{"events":[{"a":1}]},{"a":{"auditID":3}}]}"#,
            &[r#"{"a":1}"#, "damage ]}", r#"{"a":{"auditID":3}}"#, "done"],
        ),
        (
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"a":1}],"verb":"get"},{"a":{"auditID":3}}]}"#,
            &[
                r#"list {"a":1}"#,
                r#"damage ],"verb":"get"}"#,
                r#"{"a":{"auditID":3}}"#,
                "done",
            ],
        ),
        (
            r#"{"events":[{"a":1}]}}"#,
            &[r#"{"a":1}"#, "damage }", "done"],
        ),
        // Other values after a document.
        (
            r#"{"events":[{"a":1}]},{"events":[]}"#,
            &[r#"{"a":1}"#, "done"],
        ),
        (r#"{"events":[{"a":1}]},{"b":1}"#, &[r#"{"a":1}"#, "done"]),
    ];
    for (text, expected) in rows {
        for chunk in [1, 2, 7, 1000] {
            assert_eq!(
                records(text, chunk),
                expected,
                "{text} in chunks of {chunk}"
            );
        }
    }
}

#[test]
fn a_row_without_its_end_contains_the_end_of_the_list() {
    let text = r#"{"results":[[{"a":1},[{"a":"auditID"}],[{"a":"auditID"}]],"status":"Complete"}"#;
    for chunk in [1, 3, 1000] {
        let row = r#"[{"a":1},[{"a":"auditID"}],[{"a":"auditID"}]]"#;
        assert_eq!(records(text, chunk), [row, "done"]);
    }
}
