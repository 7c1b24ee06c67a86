//! Random events are extracted unchanged from every wrapper, at locations from which they can be read again.

#![expect(clippy::unwrap_used, reason = "a test")]

use audit_log::{LogItem, LogReader};
use audit_log::{Wrapper, reread};
use proptest::collection::vec;
use proptest::prelude::*;
use serde_json::{Value, json};

/// Wraps events, given as the server's lines, into a file.
type Wrap = fn(&[String]) -> String;

const WRAPS: [(Wrapper, Wrap); 27] = [
    (Wrapper::Azure, |events| {
        let record =
            |event: &String| json!({"category": "kube-audit", "properties": {"log": event}});
        json!({"records": events.iter().map(record).collect::<Vec<_>>()}).to_string()
    }),
    (Wrapper::Azure, |events| {
        let event = |event: &String| {
            format!("{{\"category\":\"kube-audit-admin\",\"properties\":{{\"log\":{event}}}}}\n")
        };
        events.iter().map(event).collect()
    }),
    (Wrapper::Elasticsearch, |events| {
        let hits: Vec<_> = events
            .iter()
            .map(|event| format!("{{\"_index\":\"i\",\"_source\":{event}}}"))
            .collect();
        format!(
            "{{\"took\":1,\"hits\":{{\"total\":{{}},\"hits\":[{}]}}}}",
            hits.join(",\n")
        )
    }),
    (Wrapper::Elasticsearch, |events| {
        lines(
            events,
            |event| json!({"_index": "i", "_source": {"message": event}}),
        )
    }),
    (Wrapper::Otlp, |events| {
        let record = |event: &String| json!({"timeUnixNano": "1", "body": {"stringValue": event}});
        let records: Vec<_> = events.iter().map(record).collect();
        let scopes = json!([{"scope": {}, "logRecords": records}]);
        let document = json!({"resourceLogs": [{"resource": {}, "scopeLogs": scopes}]});
        serde_json::to_string_pretty(&document).unwrap()
    }),
    (Wrapper::CloudWatch, |events| {
        let message = |event: &String| json!({"timestamp": 1, "message": event});
        json!({"events": events.iter().map(message).collect::<Vec<_>>()}).to_string()
    }),
    (Wrapper::Insights, |events| {
        let row = |event: &String| json!([{"field": "@ptr", "value": "x"}, {"field": "@message", "value": event}]);
        let rows: Vec<_> = events.iter().map(row).collect();
        serde_json::to_string_pretty(&json!({"results": rows, "status": "Complete"})).unwrap()
    }),
    (Wrapper::LogAnalytics, |events| {
        let columns = json!([{"name": "n", "type": "long"}, {"name": "tags", "type": "dynamic"}, {"name": "properties_s", "type": "string"}]);
        let rows: Vec<_> = events
            .iter()
            .map(|event| json!([1, ["t"], event]))
            .collect();
        json!({"tables": [{"name": "PrimaryResult", "columns": columns, "rows": rows}]}).to_string()
    }),
    // `az monitor log-analytics query`.
    (Wrapper::LogAnalytics, |events| {
        let row = |event: &String| json!({"Log": event, "TableName": "PrimaryResult", "TimeGenerated": "t"});
        serde_json::to_string_pretty(&events.iter().map(row).collect::<Vec<_>>()).unwrap()
    }),
    (Wrapper::Loki, |events| {
        let line = |event: &String| json!(["1700000000000000000", event]);
        let values: Vec<_> = events.iter().map(line).collect();
        let result = json!([{"stream": {"job": "audit"}, "values": values}]);
        json!({"status": "success", "data": {"resultType": "streams", "result": result}})
            .to_string()
    }),
    (Wrapper::Docker, |events| {
        let part =
            |text: String| json!({"log": text, "stream": "stdout", "time": "t"}).to_string() + "\n";
        events
            .iter()
            .flat_map(|event| parts(&format!("{event}\n")).map(part))
            .collect()
    }),
    (Wrapper::Cri, |events| {
        let line = |event: &String| {
            let [first, last] = parts(event);
            format!(
                "2024-01-02T03:04:05.1Z stdout P {first}\n2024-01-02T03:04:05.1Z stdout F {last}\n"
            )
        };
        events.iter().map(line).collect()
    }),
    (Wrapper::Kubectl, |events| {
        events
            .iter()
            .map(|event| format!("[pod/api-0/api] {event}\n"))
            .collect()
    }),
    (Wrapper::Timed, |events| {
        events
            .iter()
            .map(|event| format!("2024-01-02T03:04:05Z {event}\r\n"))
            .collect()
    }),
    (Wrapper::AwsTail, |events| {
        let line = |event: &String| {
            format!("2024-01-02T03:04:05.123000+00:00 kube-apiserver-audit-0a1b {event}\n")
        };
        events.iter().map(line).collect()
    }),
    (Wrapper::Journal, |events| {
        events
            .iter()
            .map(|event| format!("Jan 02 03:04:05 n api[1]: {event}\n"))
            .collect()
    }),
    (Wrapper::JournalJson, |events| {
        lines(
            events,
            |event| json!({"__CURSOR": "c", "MESSAGE": event, "_PID": "1"}),
        )
    }),
    (Wrapper::Csv, |events| {
        table("_time,host,_raw", events, "\n", |event| {
            format!("t,h,{}", cell(event))
        })
    }),
    (Wrapper::Csv, |events| {
        table("\u{feff}\"log_s\";\"Category\"", events, "\r\n", |event| {
            format!("{};kube-audit", cell(event))
        })
    }),
    (Wrapper::Csv, |events| {
        table("time\tlog", events, "\n", |event| format!("\t{event}"))
    }),
    // A quote has a backslash before it instead of being doubled.
    (Wrapper::Csv, |events| {
        table("@timestamp,@message", events, "\n", |event| {
            format!("2024-01-02 03:04:05,{}", json!(event))
        })
    }),
    (Wrapper::Csv, |events| {
        table("properties", events, "\n", |event| {
            cell(&serde_json::to_string_pretty(&json!({"log": event})).unwrap())
        })
    }),
    // `logcli`.
    (Wrapper::Loki, |events| {
        let line = |event: &String| {
            format!("2024-01-02T03:04:05Z {{app=\"api\", pod=\"a}} {{\"}} {event}\n")
        };
        events.iter().map(line).collect()
    }),
    (Wrapper::Loki, |events| {
        let line = |event: &String| format!("{{app=`api`}}\t{event}\n");
        events.iter().map(line).collect()
    }),
    (Wrapper::Colored, |events| {
        let line = |event: &String| {
            let rest = event.strip_prefix('{').unwrap();
            format!("\u{1b}[1;39m{{\u{1b}[0m\u{1b}[K{rest}\u{1b}[m\n")
        };
        events.iter().map(line).collect()
    }),
    (Wrapper::InQuotes, |events| {
        events.iter().map(|event| format!("'{event}',\n")).collect()
    }),
    // A log shipper that wraps the output of another.
    (Wrapper::Record, |events| {
        lines(
            events,
            |event| json!({"payload": {"text": json!({"log": event}).to_string()}}),
        )
    }),
];

/// Writes a CSV file with a row per event.
fn table(header: &str, events: &[String], end: &str, row: impl Fn(&str) -> String) -> String {
    let rows: String = events.iter().map(|event| row(event) + end).collect();
    format!("{header}{end}{rows}")
}

/// Quotes a CSV field.
fn cell(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn lines(events: &[String], wrap: impl Fn(&String) -> Value) -> String {
    let line = |event| wrap(event).to_string() + "\n";
    events.iter().map(line).collect()
}

/// Splits a text near the middle.
fn parts(text: &str) -> [String; 2] {
    let middle = (text.len() / 2..)
        .find(|at| text.is_char_boundary(*at))
        .unwrap();
    let (first, last) = text.split_at(middle);
    [first.to_owned(), last.to_owned()]
}

fn event() -> impl Strategy<Value = String> {
    let text = "[ -~\n\t\"\\\\é\u{1F600}\u{2028}{}]{0,12}";
    let names = (text, text, "[a-z]{1,8}");
    (any::<u32>(), names, vec(text, 0..4)).prop_map(|(id, (user, agent, verb), groups)| {
        json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
            "auditID": format!("{id}"), "stage": "ResponseComplete",
            "requestURI": format!("/api/v1/namespaces/{id}/pods"), "verb": verb,
            "user": {"username": user, "groups": groups}, "userAgent": agent,
            "requestObject": {"metadata": {"annotations": {"last": json!({"log": user}).to_string()}}},
        })
        .to_string()
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(96))]

    #[test]
    fn events_are_extracted_unchanged(events in vec(event(), 1..6), piece in 1_usize..200) {
        for (wrapper, wrap) in WRAPS {
            let file = wrap(&events);
            let (mut found, mut places) = (Vec::new(), Vec::new());
            let mut note = |item: LogItem<'_>| match item {
                LogItem::Event(place, event) => {
                    found.push(event.raw.to_owned());
                    places.push(place);
                }
                LogItem::Problem(problem) => panic!("{wrapper}: {}: {file}", problem.reason),
            };
            let mut reader = LogReader::new();
            for bytes in file.as_bytes().chunks(piece) {
                reader.push(bytes, &mut note);
            }
            let summary = reader.finish(&mut note);
            prop_assert_eq!(&found, &events, "{}: {}", wrapper, file);
            prop_assert_eq!(summary.wrappers.len(), 1);
            prop_assert_eq!(summary.wrappers[0].wrapper, wrapper);
            for (place, event) in places.iter().zip(&events) {
                let start = usize::try_from(place.offset).unwrap();
                let text = &file[start..start + usize::try_from(place.length).unwrap()];
                let again = reread(text, 0);
                prop_assert_eq!(again.as_ref().map(|again| again.event().raw), Some(event.as_str()));
            }
        }
    }

    #[test]
    fn no_line_is_lost(
        pieces in vec(prop_oneof![
            Just("{\"records\":["), Just("{\"hits\":{\"hits\":["), Just("]"), Just("}"), Just(","), Just("\n"),
            Just("{\"log\":\""), Just("\"}"), Just("\\\""), Just("{\"auditID\":\"a\",\"stage\":\"Panic\"}"),
            Just("2024-01-02T03:04:05Z stdout P "), Just("x"), Just("[pod/a] "), Just("\u{e9}"), Just("\"stream\":1,\"time\":2"),
            Just("_time,_raw\n"), Just("\"{\"\"auditID\"\":"), Just("\""), Just("2024-01-02T03:04:05Z AUDIT: id=\"1\" method=\"get\" uri=\"/\""),
        ], 0..40),
        size in 1_usize..50,
    ) {
        let file: String = pieces.concat();
        let read = |size: usize| {
            let mut items = Vec::new();
            let mut note = |item: LogItem<'_>| items.push(match item {
                LogItem::Event(place, event) => (place, event.raw.to_owned()),
                LogItem::Problem(problem) => (problem.location, problem.reason.to_string()),
            });
            let mut reader = LogReader::new();
            for bytes in file.as_bytes().chunks(size) {
                reader.push(bytes, &mut note);
            }
            let summary = reader.finish(&mut note);
            (items, summary)
        };
        let (items, summary) = read(file.len().max(1));
        prop_assert_eq!(&read(size), &(items.clone(), summary.clone()), "{:?}", file);
        prop_assert_eq!(summary.events + summary.problems, items.len() as u64);
        // Everything except whitespace and the brackets of lists is emitted.
        let marks = file.matches("auditID").count();
        if marks > 0 {
            prop_assert!(!items.is_empty(), "{:?}", file);
        }
    }
}

/// Starts of documents that are invalid at their first record, before lines of other formats. Whether that is a document cannot depend on
/// how much of the next line has arrived.
#[test]
fn a_damaged_document_is_read_the_same_in_any_chunks() {
    const EVENT: &str = r#"{"auditID":"a","stage":"Panic"}"#;
    const LEGACY: &str = r#"2024-01-02T03:04:05Z AUDIT: id="1" method="get" uri="/""#;
    let files = [
        format!("{EVENT}{{\"records\":[{LEGACY}\n\\\"{EVENT}"),
        format!("{EVENT}{{\"records\":[{LEGACY}\n[pod/a] {EVENT}"),
        format!("{EVENT}{{\"records\":[x\n{LEGACY}\n{EVENT}\n"),
        format!("{EVENT}{{\"records\":[\n2024-01-02T03:04:05Z stdout F {EVENT}\n"),
        format!("{EVENT}{{\"resourceLogs\":[,{{\"scopeLogs\":[{{\"logRecords\":[{EVENT}]}}]}}]}}"),
        format!("{{\"records\":[{LEGACY}\n2024-01-02T03:04:05Z stdout F {EVENT}\n"),
    ];
    for file in files {
        let read = |size: usize| {
            let mut items = Vec::new();
            let mut note = |item: LogItem<'_>| {
                items.push(match item {
                    LogItem::Event(place, event) => (place, event.raw.to_owned()),
                    LogItem::Problem(problem) => (problem.location, problem.reason.to_string()),
                });
            };
            let mut reader = LogReader::new();
            for bytes in file.as_bytes().chunks(size) {
                reader.push(bytes, &mut note);
            }
            (reader.finish(&mut note), items)
        };
        let whole = read(file.len());
        assert_eq!(whole.0.events, file.matches(EVENT).count() as u64, "{file}");
        for size in 1..file.len() {
            assert_eq!(read(size), whole, "in chunks of {size}: {file}");
        }
    }
}
