//! Lines of the log, as recorded and as written.

use playground_protocol::{EventSelection, LineChunk, LineFormat, LineRequest};

use super::*;

/// Exports all lines. Returns them and the last chunk.
fn export_all(session: &mut Session, job: u32, lines: LineRequest) -> (String, LineChunk) {
    let mut text = String::new();
    loop {
        let ToPage::Lines(chunk) = only(session, ToWorker::Lines { job, lines }) else {
            panic!("not a chunk");
        };
        assert_eq!((chunk.job, &chunk.error), (job, &None));
        text.push_str(&chunk.text);
        if chunk.summary.done >= chunk.summary.total {
            return (text, chunk);
        }
    }
}

#[test]
fn recorded_lines_are_copied_verbatim() {
    let mut session = opened();
    all(&mut session, View::default());
    let lines = LineRequest {
        events: EventSelection::Rows {
            first: 0,
            last: 100_000,
        },
        format: LineFormat::Recorded,
    };
    let (text, chunk) = export_all(&mut session, 1, lines);
    assert_eq!(text, log());
    assert_eq!(chunk.summary.lines, 200);
    assert_eq!(chunk.summary.done, 200 + chunk.summary.derived);

    let wanted = of_text("user:alice");
    all(&mut session, wanted);
    let (text, _) = export_all(&mut session, 2, lines);
    let log = log();
    let own = log.lines().filter(|line| line.contains("alice"));
    assert_eq!(
        text,
        own.map(|line| line.to_owned() + "\n").collect::<String>()
    );
}

#[test]
fn written_lines_have_the_sizes_of_the_table_and_keep_the_policy_they_started_with() {
    let mut session = opened();
    let rows = all(&mut session, View::default()).rows;
    let lines = LineRequest {
        events: EventSelection::Log,
        format: LineFormat::Written,
    };
    let sizes: Vec<usize> = rows
        .iter()
        .filter(|row| row.outcome == playground_protocol::Outcome::Written)
        .filter_map(|row| row.written.map(|bytes| bytes as usize))
        .collect();
    let (text, chunk) = export_all(&mut session, 1, lines);
    let found: Vec<usize> = text.lines().map(|line| line.len() + 1).collect();
    assert_eq!(found, sizes);
    let summary = chunk.summary;
    let left_out = summary.dropped + summary.incomplete + summary.unknowable;
    assert_eq!(summary.done, summary.lines + left_out);
    assert!(summary.dropped > 0 && summary.incomplete > 0 && summary.unknowable > 0);

    // The second chunk of a longer log is exported after the policy has changed.
    session.handle_message(ToWorker::Paste {
        log: 2,
        text: log().repeat(400),
    });
    let (whole, _) = export_all(&mut session, 2, lines);
    let ToPage::Lines(first) = only(&mut session, ToWorker::Lines { job: 3, lines }) else {
        panic!("not a chunk");
    };
    assert!(first.summary.done < first.summary.total);
    session.handle_message(ToWorker::Policy {
        generation: 2,
        text: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None}]\n".to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let (rest, _) = export_all(&mut session, 3, lines);
    assert_eq!(first.text + &rest, whole);
}

#[test]
fn a_pretty_printed_event_is_copied_as_one_line() {
    let mut session = opened();
    let event = event(
        1,
        r#""stage":"Panic","verb":"get","requestURI":"/a","user":{}"#,
    );
    let pretty = event.replace(",\"", ",\n  \"").replace(":{", ": {");
    session.handle_message(ToWorker::Paste {
        log: 2,
        text: pretty,
    });
    all(&mut session, View::default());
    let lines = LineRequest {
        events: EventSelection::Rows { first: 0, last: 1 },
        format: LineFormat::Recorded,
    };
    assert_eq!(export_all(&mut session, 1, lines).0, event + "\n");
}

#[test]
fn events_of_a_changed_file_are_skipped_and_the_others_saved() {
    let mut session = opened();
    session.begin_log(2);
    let (one, other) = (
        log(),
        log().replace("\"auditID\":\"", "\"auditID\":\"other-"),
    );
    let reading = session.log_being_read();
    for (name, text) in [("one", &one), ("other", &other)] {
        reading.begin_file(name, 0.0, Source::Text(Vec::new()));
        reading.push(text.as_bytes());
        reading.end_file();
    }
    session.finish_log(false);
    let lines = LineRequest {
        events: EventSelection::Rows {
            first: 0,
            last: 100_000,
        },
        format: LineFormat::Recorded,
    };
    session.log.sources = vec![
        Source::Text(one.clone().into_bytes()),
        Source::Text(Vec::new()),
    ];
    let (text, chunk) = export_all(&mut session, 1, lines);
    let count = one.lines().count();
    let summary = chunk.summary;
    assert_eq!((summary.lines, summary.unreadable), (count, count));
    assert_eq!(text.lines().count(), count);
    assert!(!text.contains("other-"));
    assert_eq!(chunk.changed, ["other"]);
    // If nothing can be read, nothing is saved.
    session.log.sources = vec![Source::Text(Vec::new()), Source::Text(Vec::new())];
    let ToPage::Lines(chunk) = only(&mut session, ToWorker::Lines { job: 3, lines }) else {
        panic!("not a chunk");
    };
    assert!(chunk.error.is_some() && chunk.text.is_empty());
}
