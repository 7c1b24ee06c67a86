//! Events that a service has cut: each is one problem with what is known of it, or an event if its rest is in a later record.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    reason = "a test"
)]

use audit_log::{CutBy, Location, LogItem, LogReader, ProblemReason, reread_with_header};
use proptest::prelude::*;
use serde_json::{Value, json};

/// Returns an event with a body, as the server writes it.
fn event(number: usize) -> String {
    let names: Vec<_> = (0..40)
        .map(|name| json!({"name": format!("é\u{2028}{name}")}))
        .collect();
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "auditID": format!("id{number}"),
        "stage": "ResponseComplete", "requestURI": format!("/api/v1/nodes/n{number}/status"), "verb": "patch",
        "user": {"username": "ann", "groups": ["system:authenticated"]},
        "requestObject": {"names": names, "note": json!({"a": "\"\\\n"}).to_string()},
        "stageTimestamp": "2025-01-01T00:00:00.010000Z",
    })
    .to_string()
}

fn azure(text: &str) -> Value {
    json!({"category": "kube-audit", "properties": {"log": text, "pod": "p"}, "time": "t"})
}

fn cloudwatch(text: &str) -> Value {
    json!({"logStreamName": "kube-apiserver-audit-0", "timestamp": 1, "message": text})
}

/// Items of a file: IDs of events, and problems with their locations.
#[derive(Debug, Default, PartialEq)]
struct Read {
    events: Vec<String>,
    problems: Vec<(Location, ProblemReason)>,
}

/// Reads a file in chunks, and every event again from its location.
fn read(file: &str, piece: usize) -> Read {
    let mut read = Read::default();
    let mut places = Vec::new();
    let mut note = |item: LogItem<'_>| match item {
        LogItem::Event(place, event) => {
            read.events.push(event.id().unwrap().into_owned());
            places.push((place, event.raw.to_owned()));
        }
        LogItem::Problem(problem) => read.problems.push((problem.location, problem.reason)),
    };
    let mut reader = LogReader::new();
    for bytes in file.as_bytes().chunks(piece) {
        reader.push(bytes, &mut note);
    }
    let summary = reader.finish(&mut note);
    for (place, raw) in places {
        let start = usize::try_from(place.offset).unwrap();
        let text = &file.as_bytes()[start..start + usize::try_from(place.length).unwrap()];
        let again = reread_with_header(summary.csv_header.as_deref(), text, 0);
        assert_eq!(again.unwrap().event().raw, raw, "{file}");
    }
    read
}

/// Writes records as lines, as a document, as a pretty-printed document, and as an array.
fn layouts(records: &[Value], list: &str) -> Vec<String> {
    let lines: String = records.iter().map(|record| format!("{record}\n")).collect();
    let document = json!({list: records});
    vec![
        lines,
        document.to_string(),
        format!("{document:#}\n"),
        json!(records).to_string(),
    ]
}

/// Records of everything that names its sender.
fn senders() -> Vec<fn(&str, &str) -> Value> {
    vec![
        |text, pod| json!({"category": "kube-audit", "properties": {"log": text, "pod": pod}, "time": "t"}),
        |text, stream| json!({"logStreamName": format!("kube-apiserver-audit-{stream}"), "timestamp": 1, "message": text}),
        |text, pod| json!({"log": text, "kubernetes": {"pod_name": pod}}),
        |text, node| json!({"result": {"_raw": text, "host": node}}),
        // Pods of two nodes with one name.
        |text, node| json!({"log": text, "kubernetes": {"pod_name": "p", "host": node}}),
    ]
}

#[test]
fn interleaved_parts_of_different_senders_are_joined() {
    let (one, two) = (event(1), event(2));
    // Both events are as long, so the rest of one would fit behind the start of the other.
    let (starts, rests) = ([&one[..400], &two[..400]], [&one[400..], &two[400..]]);
    for record in senders() {
        let records = [
            record(starts[0], "a"),
            record(starts[1], "b"),
            record(rests[0], "a"),
            record(rests[1], "b"),
        ];
        for file in layouts(&records, "records") {
            for piece in [100, file.len()] {
                let found = read(&file, piece);
                assert_eq!(found.events, ["id1", "id2"], "{file}");
                assert_eq!(found.problems, [], "{file}");
            }
        }
        let lost = [record(starts[0], "a"), record(rests[1], "b")];
        let lost = &layouts(&lost, "records")[0];
        assert_eq!(read(lost, 1 << 20).events, [""; 0], "{lost}");
    }
    let insights = |text: &str, stream: &str| json!([{"field": "@logStream", "value": format!("kube-apiserver-audit-{stream}")}, {"field": "@message", "value": text}]);
    let analytics = |text: &str, pod: &str| json!([pod, text]);
    let columns = json!([{"name": "pod_s"}, {"name": "log_s"}]);
    let rows = |row: &dyn Fn(&str, &str) -> Value| {
        [
            row(starts[0], "a"),
            row(starts[1], "b"),
            row(rests[0], "a"),
            row(rests[1], "b"),
        ]
    };
    for file in [
        json!({"results": rows(&insights)}),
        json!({"tables": [{"columns": columns, "rows": rows(&analytics)}]}),
    ] {
        let found = read(&file.to_string(), 1 << 20);
        assert_eq!(found.events, ["id1", "id2"], "{file}");
        assert_eq!(found.problems, [], "{file}");
    }
    let rows = json!({"results": [insights(starts[0], "a"), insights(rests[1], "b")]});
    assert_eq!(read(&rows.to_string(), 1 << 20).events, [""; 0], "{rows}");
}

/// Rows of Log Analytics, as its portal exports them, with other rows between the parts of an event.
#[test]
fn parts_in_rows_of_a_csv_file_are_joined_by_their_sender() {
    let (one, two, three) = (event(1), event(2), event(3));
    let row = |text: &str, pod: &str| {
        let cell = text.replace('"', "\"\"");
        format!("kube-audit,\"{cell}\",{pod}\n")
    };
    let join = |rows: &[String]| format!("Category,log_s,pod_s\n{}", rows.concat());
    let [start_1, rest_1] = [&one[..400], &one[400..]];
    let [start_2, rest_2] = [&two[..400], &two[400..]];
    let other = "guard,text,g\n".to_owned();
    for (rows, events, lines) in [
        (
            vec![
                row(start_1, "a"),
                row(start_2, "b"),
                row(rest_1, "a"),
                row(rest_2, "b"),
            ],
            vec!["id1", "id2"],
            vec![],
        ),
        (
            vec![
                row(start_1, "a"),
                row(&three, "a"),
                other.clone(),
                row(rest_1, "a"),
            ],
            vec!["id3", "id1"],
            vec![4],
        ),
        // The rest of another pod's event.
        (
            vec![row(start_1, "a"), row(rest_1, "b")],
            vec![],
            vec![2, 3],
        ),
        // Without a pod, the rest is in the next row or missing.
        (vec![row(start_1, ""), row(rest_1, "")], vec!["id1"], vec![]),
        (
            vec![row(start_1, ""), row(&three, ""), row(rest_1, "")],
            vec!["id3"],
            vec![2, 4],
        ),
    ] {
        let file = join(&rows);
        for piece in [50, file.len()] {
            let found = read(&file, piece);
            assert_eq!(found.events, events, "{file}");
            let found: Vec<u64> = found.problems.iter().map(|(place, _)| place.line).collect();
            assert_eq!(found, lines, "{file}");
        }
    }
}

/// Two events are cut, and nothing tells whose rest a part is: an event that never was could come out of it.
#[test]
fn interleaved_parts_of_one_sender_are_not_joined() {
    let (one, two) = (event(1), event(2));
    let record = |text: &str, cluster: &str| match cluster {
        "" => json!({"log": text}),
        _ => {
            json!({"resourceId": format!("/SUBSCRIPTIONS/{cluster}"), "properties": {"log": text}})
        }
    };
    let both = ["id1", "id2"].to_vec();
    for (first, second, expected) in [("", "", vec![]), ("a", "a", vec![]), ("a", "b", both)] {
        let records = [
            record(&one[..400], first),
            record(&two[..400], second),
            record(&one[400..], first),
            record(&two[400..], second),
        ];
        let file: String = records.iter().map(|record| format!("{record}\n")).collect();
        let found = read(&file, file.len());
        assert_eq!(found.events, expected, "{file}");
        assert_eq!(found.problems.is_empty(), !expected.is_empty(), "{file}");
    }
}

/// Nine senders, of which eight are kept.
#[test]
fn of_more_senders_than_the_limit_the_first_is_cut() {
    let events: Vec<String> = (1..=9).map(event).collect();
    let record = senders()[0];
    let part = |from: usize, to: usize| {
        let events = events.iter().zip(1..);
        events.map(move |(event, number)| {
            record(&event[from..to.min(event.len())], &format!("pod-{number}"))
        })
    };
    let records: Vec<Value> = part(0, 400).chain(part(400, usize::MAX)).collect();
    for file in layouts(&records, "records") {
        let found = read(&file, 1000);
        let others: Vec<String> = (2..=9).map(|number| format!("id{number}")).collect();
        assert_eq!(found.events, others, "{file}");
        let reasons: Vec<_> = found.problems.iter().map(|(_, reason)| reason).collect();
        let [ProblemReason::Cut(cut), ProblemReason::CutRest] = &reasons[..] else {
            panic!("{reasons:?}");
        };
        assert_eq!(cut.audit_id.as_deref(), Some("id1"));
    }
}

/// Problems are reported in the order of the file, so those between the parts of an event wait for it.
#[test]
fn problems_between_the_parts_of_several_events_stay_in_order() {
    let (one, two) = (event(1), event(2));
    let record = senders()[1];
    let klog = record("I0101 12:00:00.000000 1 a.go:1] x", "c");
    let [start_1, start_2] = [record(&one[..400], "a"), record(&two[..400], "b")];
    let [rest_1, rest_2] = [record(&one[400..], "a"), record(&two[400..], "b")];
    // Records, IDs of the events, and lines of the problems.
    let rows: [(&[&Value], &[&str], &[u64]); 5] = [
        (
            &[&start_1, &start_2, &klog, &rest_2, &rest_1],
            &["id2", "id1"],
            &[3],
        ),
        (&[&start_1, &start_2, &klog, &rest_2], &["id2"], &[1, 3]),
        (&[&start_1, &start_2, &klog, &rest_1], &["id1"], &[2, 3]),
        (&[&start_1, &klog, &start_2, &klog], &[], &[1, 2, 3, 4]),
        // Another event of the same sender: the first is cut.
        (
            &[&start_1, &start_2, &start_1, &rest_2, &rest_1],
            &["id2", "id1"],
            &[1],
        ),
    ];
    for (records, events, lines) in rows {
        let file: String = records.iter().map(|record| format!("{record}\n")).collect();
        for piece in [50, file.len()] {
            let found = read(&file, piece);
            assert_eq!(found.events, events, "{file}");
            let found_lines: Vec<u64> =
                found.problems.iter().map(|(place, _)| place.line).collect();
            assert_eq!(found_lines, lines, "{file}");
        }
    }
}

#[test]
fn the_parts_of_an_event_are_joined() {
    let (cut, other, last) = (event(1), event(2), event(3));
    let (first, rest) = cut.split_at(400);
    let marked = format!("{first}[Truncated...]");
    let files = [
        layouts(
            &[azure(first), azure(&other), azure(rest), azure(&last)],
            "records",
        ),
        layouts(
            &[
                cloudwatch(&marked),
                cloudwatch(&other),
                cloudwatch("I0101 12:00:00.000000 1 a.go:1] x"),
                cloudwatch(rest),
                cloudwatch(&last),
            ],
            "events",
        ),
    ];
    for (file, problems) in files
        .iter()
        .zip([0, 1])
        .flat_map(|(files, problems)| files.iter().map(move |file| (file, problems)))
    {
        for piece in [7, 777, file.len()] {
            let found = read(file, piece);
            assert_eq!(found.events, ["id2", "id1", "id3"], "{file}");
            assert_eq!(found.problems.len(), problems, "{:?}", found.problems);
        }
    }
    // Three parts, of which the last is shorter.
    let end = (999..).find(|at| cut.is_char_boundary(*at)).unwrap();
    let parts = [&cut[..500], &cut[500..end], &cut[end..]].map(azure);
    for file in layouts(&parts, "records") {
        assert_eq!(read(&file, 100).events, ["id1"]);
        assert_eq!(read(&file, 100).problems, []);
    }
    // CloudWatch's export to S3 has a time before each line.
    let lines: String = [&marked, &other, rest]
        .map(|text| format!("2025-01-01T00:00:00.000Z {text}\n"))
        .concat();
    assert_eq!(read(&lines, 50).events, ["id2", "id1"]);
}

/// Returns the cut events among problems, or panics.
fn cuts(read: &Read) -> Vec<audit_log::CutEvent> {
    read.problems
        .iter()
        .map(|(_, reason)| match reason {
            ProblemReason::Cut(event) => (**event).clone(),
            reason => panic!("{reason}"),
        })
        .collect()
}

#[test]
fn a_cut_event_without_its_rest_is_one_problem() {
    let (cut, other) = (event(1), event(2));
    let first = &cut[..500];
    let quoted = |text: &str| text.replace('"', "\"\"");
    let files = [
        (layouts(&[azure(first), azure(&other)], "records")[1].clone(), CutBy::Azure),
        (format!("{}\n{}\n", azure(first), azure(&other)), CutBy::Azure),
        (json!([{"log_s": first}, {"log_s": other}]).to_string(), CutBy::Azure),
        (format!("log_s\n\"{}\"\n\"{}\"\n", quoted(first), quoted(&other)), CutBy::Azure),
        (layouts(&[cloudwatch(first), cloudwatch(&other)], "events")[2].clone(), CutBy::CloudWatch),
        (format!("{first}[Truncated...]\n{other}\n"), CutBy::CloudWatch),
        (format!("@message\n\"{}[Truncated...]\"\n\"{}\"\n", quoted(first), quoted(&other)), CutBy::CloudWatch),
        (
            json!({"results": [[{"field": "@message", "value": first}], [{"field": "@message", "value": other}]]}).to_string(),
            CutBy::CloudWatch,
        ),
        (format!("_raw,x\n\"{}\",1\n\"{}\",2\n", quoted(first), quoted(&other)), CutBy::Splunk),
        (format!("{first}\n{other}\n"), CutBy::Other),
        (format!("{}\n{}\n", json!({"message": json!({"log": first}).to_string()}), json!({"log": other})), CutBy::Other),
        (format!("2025-01-01T00:00:00.000Z {first}\n2025-01-01T00:00:00.000Z {other}\n"), CutBy::Other),
    ];
    for (file, by) in files {
        for piece in [1, 100, file.len()] {
            let found = read(&file, piece);
            assert_eq!(found.events, ["id2"], "{file}");
            let [cut] = &cuts(&found)[..] else {
                panic!("{:?}", found.problems);
            };
            assert_eq!((cut.by, cut.bytes), (by, 500), "{file}");
            assert_eq!(cut.audit_id.as_deref(), Some("id1"));
            assert_eq!(cut.level.as_deref(), Some("RequestResponse"));
            assert_eq!(cut.verb.as_deref(), Some("patch"));
            assert_eq!(cut.user.as_deref(), Some("ann"));
        }
    }
}

/// The limits of AKS and Azure Monitor are named where the length shows which of them it was.
#[test]
fn the_cause_names_the_limit() {
    let long = event(1).replace(
        "\"requestObject\":{",
        &format!("\"requestObject\":{{\"x\":\"{}\",", "x".repeat(40_000)),
    );
    for (length, cause) in [
        (16_384, "cut by AKS at 16 KiB"),
        (32_766, "cut by Azure Monitor at 32 KiB"),
        (20_000, "cut by Azure"),
    ] {
        let file = azure(&long[..length]).to_string();
        let found = read(&file, file.len());
        assert_eq!(cuts(&found)[0].cause(), cause);
        let (place, reason) = &found.problems[0];
        assert_eq!((place.line, place.length), (1, file.len() as u64));
        assert_eq!(reason.category(), cause);
    }
}

/// Writes a CSV file with the event in the second column.
fn table(name: &str, cells: &[&str]) -> String {
    let row = |cell: &&str| format!("t,\"{}\"\r\n", cell.replace('"', "\"\""));
    format!(
        "time,{name}\r\n{}",
        cells.iter().map(row).collect::<String>()
    )
}

#[test]
fn a_cut_cell_names_what_has_cut_it() {
    let long = event(1).replace(
        "\"names\":[",
        &format!("\"long\":\"{}\",\"names\":[", "\u{e9}x".repeat(20_000)),
    );
    let excel: String =
        String::from_utf16(&long.encode_utf16().take(32_767).collect::<Vec<_>>()).unwrap();
    let marked = format!("{}[Truncated...]", &long[..900]);
    let rows = [
        ("_raw", &long[..900], CutBy::Splunk),
        ("message", &long[..900], CutBy::Other),
        ("_source", &long[..900], CutBy::Other),
        ("@message", &long[..900], CutBy::CloudWatch),
        ("@message", &marked, CutBy::CloudWatch),
        ("log_s", &long[..900], CutBy::Azure),
        ("message", &excel, CutBy::Spreadsheet),
        ("_raw", &excel, CutBy::Spreadsheet),
    ];
    for (name, cell, by) in rows {
        let file = table(name, &[&event(2), cell, &event(3)]);
        for piece in [97, file.len()] {
            let found = read(&file, piece);
            assert_eq!(found.events, ["id2", "id3"], "{name}");
            let cut = cuts(&found);
            assert_eq!(
                (cut.len(), cut[0].by, cut[0].verb.as_deref()),
                (1, by, Some("patch")),
                "{name}"
            );
            // The header is the first line, and the row has no line break inside.
            let place = found.problems[0].0;
            assert_eq!(
                (place.line, place.length),
                (3, table("", &[cell]).len() as u64 - 9),
                "{name}"
            );
        }
    }
}

#[test]
fn a_cell_that_continues_in_the_next_row_is_joined() {
    let whole = event(1);
    let (first, rest) = whole.split_at(whole.find("\"names\"").unwrap());
    let spilled = format!(
        "time,log\nt,\"{}\"\n\"{}\",\n",
        first.replace('"', "\"\""),
        rest.replace('"', "\"\"")
    );
    let same = table("log", &[first, rest]);
    for file in [spilled, same] {
        let file = file + table("log", &[&event(2)]).split_once('\n').unwrap().1;
        for piece in [61, file.len()] {
            let found = read(&file, piece);
            assert_eq!(found.events, ["id1", "id2"]);
            assert_eq!(found.problems, []);
        }
    }
    // Another row is between the parts, so that they are two problems.
    let found = read(&table("log", &[first, &event(2), rest]), 61);
    assert_eq!(found.events, ["id2"]);
    assert!(matches!(found.problems[0].1, ProblemReason::Cut(_)));
    assert_eq!(found.problems[1].1, ProblemReason::CutRest);
}

#[test]
fn a_rest_without_its_start_is_named() {
    let (cut, other) = (event(1), event(2));
    let file = format!("{}\n{}\n", azure(&cut[500..]), azure(&other));
    let found = read(&file, 64);
    assert_eq!(found.events, ["id2"]);
    assert_eq!(found.problems.len(), 1);
    assert_eq!(found.problems[0].1, ProblemReason::CutRest);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Wherever an event is cut, it is one problem, and no other event is affected.
    #[test]
    fn any_cut_is_one_problem(at in 60_usize..1000, piece in 1_usize..300) {
        let cut = event(1);
        let at = (at..).find(|at| cut.is_char_boundary(*at)).unwrap();
        let first = &cut[..at];
        let wraps: [fn(&str) -> Value; 3] = [azure, cloudwatch, |text| json!({"_raw": text})];
        for wrap in wraps {
            for file in layouts(&[wrap(&event(0)), wrap(first), wrap(&event(2))], "records") {
                let found = read(&file, piece);
                prop_assert_eq!(&found.events, &["id0", "id2"], "{}", file);
                prop_assert_eq!(cuts(&found).len(), 1, "{}", file);
            }
            // With its rest, it is an event.
            for file in layouts(&[wrap(&event(0)), wrap(first), wrap(&cut[at..]), wrap(&event(2))], "records") {
                let found = read(&file, piece);
                prop_assert_eq!(&found.events, &["id0", "id1", "id2"], "{}", file);
                prop_assert_eq!(&found.problems, &[]);
            }
        }
    }
}
