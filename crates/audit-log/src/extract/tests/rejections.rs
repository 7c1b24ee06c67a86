//! Values that are not events, nesting over the limit, and wrappers without events.

use super::*;

#[test]
fn an_item_without_fields_of_an_event_is_not_an_event() {
    // A truncated record: part of its body looks like an item of the list.
    let list = br#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{"auditID":"a"},{"manager":"o"},{}]}"#;
    let mut found = Vec::new();
    let mut note = |item: LogItem<'_>| {
        found.push(match item {
            LogItem::Event(_, event) => event.id().unwrap_or_default().to_string(),
            LogItem::Problem(problem) => problem.reason.to_string(),
        });
    };
    let mut reader = LogReader::new();
    reader.push(list, &mut note);
    reader.finish(&mut note);
    let no_event = ProblemReason::Unrecognized(UnrecognizedKind::OtherJson).to_string();
    assert_eq!(found, ["a".to_owned(), no_event.clone(), no_event]);
}

#[test]
fn nesting_is_limited() {
    let mut text = event("a");
    for _ in 0..12 {
        text = format!("{{\"log\":{}}}", decoded(&text));
        if text.len() > 1 << 20 {
            break;
        }
    }
    let (seen, _) = read(text.as_bytes(), 1 << 20, MAX_WHOLE_BYTES);
    assert_eq!(seen.len(), 1);
    let lists = "{\"items\":[".repeat(5_000) + &"]}".repeat(5_000);
    let (seen, summary) = read(lists.as_bytes(), 1 << 20, MAX_WHOLE_BYTES);
    assert_eq!((seen.len(), summary.events), (1, 0));
}

#[test]
fn a_wrapper_without_events_is_named_in_the_rejection() {
    for (file, word) in [
        ("{\"records\":[]}", "empty"),
        (
            "{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\"}",
            "the EventList contains no events",
        ),
        (
            "{\"category\":\"guard\",\"properties\":{\"log\":\"I0102 klog\"}}",
            "kube-audit-admin",
        ),
        ("{\"_index\":\"i\",\"_source\":{\"a\":1}}", "Elasticsearch"),
        (
            "{\"events\":[{\"message\":\"x\",\"logStreamName\":\"y\"}]}",
            "CloudWatch",
        ),
        ("{\"hits\":{\"hits\":[{\"_source\":{}}]}}", "Elasticsearch"),
    ] {
        let rejection = read(file.as_bytes(), 100, MAX_WHOLE_BYTES).1.rejection;
        assert!(
            rejection.as_deref().unwrap_or_default().contains(word),
            "{file}: {rejection:?}"
        );
    }
}

#[test]
fn a_message_of_a_program_is_named_behind_any_prefix() {
    let klog = r#"I1101 00:00:00.000000       1 flags.go:64] FLAG: --audit-log-path="-""#;
    let event = event("a");
    for prefix in [
        "",
        "2026-11-01T00:00:00.000000000Z stderr F ",
        "2026-11-01T00:00:00.000000000Z ",
        "[pod/api-0/api] ",
        "[pod/api-0/api] 2026-11-01T00:00:00.000000000Z ",
        "Nov 01 00:00:00 n1 kube-apiserver[12]: ",
    ] {
        // The message may contain objects and names of an event's fields.
        for more in ["", r#" obj={"a":1}"#, r#" "audit.k8s.io/v1""#] {
            let file = format!("{prefix}{klog}{more}\n{prefix}{event}\n");
            let (seen, _) = read(file.as_bytes(), 100, MAX_WHOLE_BYTES);
            assert_eq!(
                seen,
                [
                    "1! this is a log message of a Kubernetes program, not an audit event",
                    "2:a"
                ],
                "{file}"
            );
        }
    }
}

/// Wherever an event is cut, its rest without the start is one problem, on a line and in a record.
#[test]
fn the_rest_of_a_cut_event_is_counted_once() {
    let (b, c) = (event("b"), event("c"));
    let check = |text: &str| {
        let (seen, summary) = read(text.as_bytes(), text.len(), MAX_WHOLE_BYTES);
        let counts = (summary.events, summary.problems);
        assert_eq!(counts, (2, 1), "{text}\n{seen:?}");
    };
    let whole = r#"{"auditID":"a","stage":"Panic","sourceIPs":["192.0.2.1"],"verb":"get","objectRef":{"resource":"pods"},"responseObject":{"items":[{"metadata":{"name":"a"},"spec":{"containers":[{"env":[{"name":"A"}]}]}},{"metadata":{}}]}}"#;
    for at in whole.find("\"sourceIPs\"").unwrap()..whole.len() - 2 {
        let rest = &whole[at..];
        check(&format!("{b}\n{rest}\n{c}\n"));
        let [first, rest, last] = [b.as_str(), rest, c.as_str()].map(decoded);
        check(&format!(
            "{{\"log\":{first}}}\n{{\"log\":{rest}}}\n{{\"log\":{last}}}\n"
        ));
    }
    // In a list, where the rest begins with a whole value.
    for start in ["\"Panic\",", "[\"192", "\"get\",", "{\"resource\""] {
        let rest = &whole[whole.find(start).unwrap()..];
        check(&format!(
            "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[{b},\n{rest},\n{c}]}}"
        ));
    }
}

/// A service cuts the event in a cell, whose quote follows. Where the quote is missing, the file was cut.
#[test]
fn a_csv_file_that_is_cut_is_not_a_cell_that_was_cut() {
    let cell = event("a").replace('"', "\"\"");
    let start = &cell[..cell.find("questURI").unwrap()];
    for (text, cause) in [
        (
            format!("_time,_raw\n1,\"{start}\"\n"),
            "cut by Splunk (`TRUNCATE` in `props.conf`)",
        ),
        (format!("_time,_raw\n1,\"{start}"), "cut off"),
        (format!("id,@message\n1,\"{start}"), "cut off"),
        (
            format!("id,@message\n1,\"{start}[Truncated...]\"\n"),
            "cut by EKS or CloudWatch",
        ),
    ] {
        let (_, summary) = read(text.as_bytes(), text.len(), MAX_WHOLE_BYTES);
        assert_eq!(summary.reasons, [(cause.to_owned(), 1)], "{text}");
    }
}
