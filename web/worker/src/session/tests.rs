//! Messages to a session, as the page sends them.

use std::collections::BTreeMap;

use audit_filter::narrow;
use playground_protocol::export::ExportSettings;
use playground_protocol::terms::term;
use playground_protocol::{
    Column, EventSelection, FacetValue, LineChunk, LineFormat, LineRequest, MetricsFile,
    PolicyCheckStatus, RowView, Rows, View,
};

use super::*;

mod documents;
mod examples;
mod filter;
mod policy_check;

fn rows(session: &mut Session) -> Vec<RowView> {
    let mut messages = session.handle_message(ToWorker::Rows {
        start: 0,
        count: 10,
    });
    match messages.pop() {
        Some(ToPage::Rows(rows)) => rows.rows,
        other => panic!("{other:?}"),
    }
}

#[test]
fn derived_events_are_rows_only_if_they_are_written() {
    let mut session = Session::default();
    let text = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"u"},"responseStatus":{"code":200}}"#;
    for (rule, stages) in [
        (
            "{level: Metadata}",
            vec!["RequestReceived", "ResponseComplete"],
        ),
        (
            "{level: Metadata, omitStages: [RequestReceived]}",
            vec!["ResponseComplete"],
        ),
        ("{level: None}", vec!["ResponseComplete"]),
    ] {
        let policy = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{rule}]\n");
        session.handle_message(ToWorker::Policy {
            generation: 1,
            text: policy,
            version: KubernetesVersion::NEWEST,
            part: 0,
        });
        session.handle_message(ToWorker::Paste {
            log: 1,
            text: text.to_owned(),
        });
        let shown: Vec<_> = rows(&mut session)
            .into_iter()
            .map(|row| row.stage)
            .collect();
        assert_eq!(shown, stages, "{rule}");
    }
}

/// Returns settings of an estimate without prices.
fn volume_settings() -> VolumeSettings {
    VolumeSettings {
        version: KubernetesVersion::NEWEST,
        export: ExportSettings::default(),
        price_ingested: None,
        price_stored: None,
    }
}

/// Sends a message and returns the only reply.
fn only(session: &mut Session, message: ToWorker) -> ToPage {
    let mut messages = session.handle_message(message);
    assert_eq!(messages.len(), 1);
    messages.pop().unwrap()
}

fn event(number: usize, fields: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{number}",{fields}}}"#
    )
}

/// Returns a log with users in two groups or none, resources and subresources, addresses of proxies, and events with missing fields.
fn log() -> String {
    let users = [
        r#"{"username":"alice","groups":["dev","dev","system:authenticated"]}"#,
        r#"{"username":"Bob Smith"}"#,
        r#"{"username":"a\"b\\c","groups":["dev"]}"#,
        "{}",
    ];
    let uris = [
        "/api/v1/namespaces/shop/pods",
        "/api/v1/namespaces/shop/pods/web/exec",
        "/apis/apps/v1/deployments",
        "/healthz",
    ];
    let sources = [r#"["10.0.0.1"]"#, r#"["10.0.0.1","10.0.0.22"]"#, "[]"];
    let stages = ["RequestReceived", "ResponseComplete", "Panic"];
    let events = (0..200_usize).map(|number| {
        let stage = stages[number % 3];
        let status = match stage {
            "RequestReceived" => String::new(),
            _ => format!(r#","responseStatus":{{"code":{}}}"#, [200, 403][number % 2]),
        };
        let user = match number % 13 {
            5 => String::new(),
            _ => format!(r#""user":{},"#, users[number % 4]),
        };
        event(
            number,
            &format!(
                r#""stage":"{stage}","requestURI":"{}","verb":"{}",{user}"sourceIPs":{}{status}"#,
                uris[number / 3 % 4],
                ["get", "create", ""][number / 2 % 3],
                sources[number / 5 % 3],
            ),
        )
    });
    events.map(|event| event + "\n").collect()
}

const POLICY: &str = "apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- {level: None, users: [alice], verbs: [get]}
- {level: Metadata, omitStages: [RequestReceived], resources: [{group: '', resources: [pods]}]}
- {level: Request, verbs: [create], userGroups: [dev]}
";

fn opened() -> Session {
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: POLICY.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    session.handle_message(ToWorker::Paste {
        log: 1,
        text: log(),
    });
    session
}

fn all(session: &mut Session, view: View) -> Rows {
    session.handle_message(ToWorker::View(view));
    let message = ToWorker::Rows {
        start: 0,
        count: 2000,
    };
    match only(session, message) {
        ToPage::Rows(rows) => rows,
        other => panic!("{other:?}"),
    }
}

fn facets(session: &mut Session) -> Vec<(Column, Vec<FacetValue>)> {
    match only(session, ToWorker::Facets) {
        ToPage::Facets(facets) => {
            let fields = facets.fields.into_iter();
            fields.map(|facet| (facet.column, facet.values)).collect()
        }
        other => panic!("{other:?}"),
    }
}

fn of_text(text: &str) -> View {
    View {
        text: text.to_owned(),
        ..View::default()
    }
}

#[test]
fn every_facet_selects_as_many_rows_and_bytes_as_it_shows() {
    let mut session = opened();
    for base in ["", "ns:shop", "level:unknown", "outcome:dropped verb:get"] {
        all(&mut session, of_text(base));
        let shown = facets(&mut session);
        assert_eq!(shown.len(), 11);
        for (column, values) in shown {
            assert!(!values.is_empty(), "{column:?} of `{base}`");
            for value in values {
                let mut text = base.to_owned();
                narrow(&mut text, &value.term);
                let rows = all(&mut session, of_text(&text));
                let bytes: f64 = rows.rows.iter().map(|row| row.recorded).sum();
                let said = (value.sum.events, value.sum.bytes);
                assert_eq!(said, (rows.total, bytes), "{column:?} {value:?} `{base}`");
            }
        }
    }
}

#[test]
fn facets_count_the_listed_rows() {
    let mut session = opened();
    let rows = all(&mut session, View::default()).rows;
    assert!(rows.iter().any(|row| row.derived));
    let mut expected: BTreeMap<(&str, String), usize> = BTreeMap::new();
    for row in &rows {
        let rule = row.rule.map(|rule| (rule + 1).to_string());
        let rule = match row.level {
            Some(_) => rule.unwrap_or("none".to_owned()),
            None => "unknown".to_owned(),
        };
        for key in [
            ("rule", rule),
            ("stage", row.stage.clone()),
            ("verb", row.verb.clone()),
        ] {
            *expected.entry(key).or_default() += 1;
        }
    }
    let shown = facets(&mut session);
    let names = [
        (Column::Rule, "rule"),
        (Column::Stage, "stage"),
        (Column::Verb, "verb"),
    ];
    let found: BTreeMap<_, _> = names
        .into_iter()
        .flat_map(|(column, name)| {
            let (_, values) = shown.iter().find(|(of, _)| *of == column).unwrap();
            let values = values.iter();
            values.map(move |value| ((name, value.key.clone()), value.sum.events))
        })
        .collect();
    assert_eq!(found, expected);
}

#[test]
fn groups_have_the_values_of_facets() {
    let mut session = opened();
    all(&mut session, View::default());
    for (column, values) in facets(&mut session) {
        let view = View {
            group_by: Some(column),
            ..View::default()
        };
        let groups = all(&mut session, view).groups;
        assert_eq!(groups.len(), values.len(), "{column:?}");
        for value in values {
            let group = groups.iter().find(|group| group.key == value.key).unwrap();
            assert_eq!(group.recorded.bytes, value.sum.bytes);
            assert_eq!(group.term, term(column, &value.key));
            let rows = all(&mut session, of_text(&value.term)).rows;
            let recorded = rows.iter().filter(|row| !row.derived).count();
            assert_eq!(group.recorded.events, recorded, "{column:?} {}", value.key);
            let written: f64 = rows.iter().filter_map(|row| row.written).sum();
            assert_eq!(group.written.bytes, written, "{column:?} {}", value.key);
        }
    }
}

#[test]
fn resource_terms_match_as_in_rules_and_source_terms_as_addresses() {
    let mut session = opened();
    let mut count = |text: &str| all(&mut session, of_text(text)).total;
    let (pods, exec) = (count("resource:pods"), count("resource:pods/exec"));
    assert!(pods > 0 && exec > 0);
    assert_eq!(count("resource:pods/*"), exec);
    assert_eq!(count("resource:*/exec"), exec);
    assert_eq!(count("resource:healthz"), 0);
    assert!(count("source:10.0.0.22") > 0);
    assert_eq!(count("source:10.0.0.2"), 0);
    assert_eq!(count("source:10.0.0.2*"), count("source:10.0.0.22"));
    assert_eq!(count("outcome:nonsense"), count(""));
    assert_eq!(count("stage:\"\""), 0);
}

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
fn an_estimate_is_updated_after_the_log_is_read() {
    let line = |number: usize, body: &str| {
        let fields = r#""stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"u"},"responseStatus":{"metadata":{},"code":200}"#;
        event(number, &[fields, body].concat()) + "\n"
    };
    let body = |number: usize| {
        let body = "x".repeat(number * 100);
        line(number, &format!(r#","responseObject":{{"a":"{body}"}}"#))
    };
    let lacking = line(99, "");
    let mut session = Session::default();
    session.handle_message(ToWorker::Policy {
        generation: 1,
        text: "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n"
            .to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    });
    let show = || ToWorker::Volume(volume_settings());
    session.begin_log(1);
    session
        .log_being_read()
        .begin_file("a", 0.0, Source::Text(Vec::new()));
    session.log_being_read().push(lacking.as_bytes());
    session.log_being_read().push(lacking.as_bytes());
    session.show_so_far();
    let ToPage::Volume(early) = only(&mut session, show()) else {
        panic!("no estimate");
    };
    assert!(
        early.body_estimates[0].contains("typical size"),
        "{:?}",
        early.body_estimates
    );
    for number in 1..=3 {
        session.log_being_read().push(body(number).as_bytes());
    }
    session.log_being_read().end_file();
    session.finish_log(false);
    let ToPage::Volume(whole) = only(&mut session, show()) else {
        panic!("no estimate");
    };
    assert!(
        whole.body_estimates[0].contains("measured on 3 similar bodies in the log"),
        "{:?}",
        whole.body_estimates
    );
}

#[test]
fn reports_do_not_depend_on_previous_policies() {
    let load = |session: &mut Session, generation: u32, text: &str, version: &str| {
        session.handle_message(ToWorker::Policy {
            generation,
            text: text.to_owned(),
            version: version.parse().unwrap(),
            part: 0,
        })
    };
    let commented = POLICY.replace("rules:", "# why\nrules: # all");
    let without = POLICY.replace(", verbs: [create]", "");
    let rejected = POLICY.replace("Request,", "Loud,");
    let shown = || ToWorker::Volume(volume_settings());
    let mut session = opened();
    let steps = [
        (POLICY, "1.36", true),
        (commented.as_str(), "1.36", true),
        (without.as_str(), "1.36", true),
        (rejected.as_str(), "1.36", true),
        (POLICY, "1.36", true),
        (POLICY, "1.20", true),
        (POLICY, "1.20", false),
        (commented.as_str(), "1.20", false),
        (without.as_str(), "1.20", false),
        (without.as_str(), "1.20", true),
        (commented.as_str(), "1.20", true),
    ];
    for (generation, (text, version, is_shown)) in (2..).zip(steps) {
        session.handle_message(if is_shown {
            shown()
        } else {
            ToWorker::HideVolume
        });
        let messages = load(&mut session, generation, text, version);
        if text == rejected {
            continue;
        }
        let mut fresh = Session::default();
        fresh.handle_message(ToWorker::Paste {
            log: 1,
            text: log(),
        });
        if is_shown {
            fresh.handle_message(shown());
        }
        assert_eq!(
            messages,
            load(&mut fresh, generation, text, version),
            "{text} {version} {is_shown}"
        );
        assert_eq!(
            only(&mut session, shown()),
            only(&mut fresh, shown()),
            "{text} {version}"
        );
    }
}

#[test]
fn the_open_log_stays_until_the_next_one_has_an_event() {
    let mut session = opened();
    let before = rows(&mut session);
    assert!(!before.is_empty());
    for text in [
        "",
        "Monday: call Bob.\n",
        "{\"kind\":\"ClusterConfiguration\"}",
    ] {
        let messages = session.handle_message(ToWorker::Paste {
            log: 2,
            text: text.to_owned(),
        });
        let [ToPage::NotOpened { log: 2, report, .. }] = messages.as_slice() else {
            panic!("{messages:?}");
        };
        assert_eq!(report.events, 0);
        assert!(report.files[0].rejection.is_some(), "{text}");
        assert_eq!(rows(&mut session), before);
    }
    // A log that is cancelled while it is being read does not replace it either.
    assert_eq!(session.begin_log(3), vec![]);
    let log = session.log_being_read();
    log.begin_file("a", 0.0, Source::Text(Vec::new()));
    log.push(b"{\"kind\":");
    assert_eq!(rows(&mut session), before);
    assert!(matches!(
        session.finish_log(true).as_slice(),
        [ToPage::NotOpened { log: 3, report, .. }] if report.cancelled
    ));
    assert_eq!(rows(&mut session), before);
    let messages = session.handle_message(ToWorker::Paste {
        log: 4,
        text: event(1, r#""stage":"Panic","requestURI":"/a","user":{}"#),
    });
    assert!(matches!(
        messages.as_slice(),
        [ToPage::Opened { log: 4 }, ToPage::Log(_), ToPage::Answer(_)]
    ));
    assert_eq!(rows(&mut session).len(), 1);
}

#[test]
fn a_log_replaced_while_it_is_read_is_complete_up_to_there() {
    let mut session = opened();
    session.begin_log(2);
    let log = session.log_being_read();
    log.begin_file("a", 0.0, Source::Text(Vec::new()));
    log.push((event(1, r#""stage":"Panic","requestURI":"/a","user":{}"#) + "\n").as_bytes());
    let messages = session.show_so_far();
    assert_eq!(messages.first(), Some(&ToPage::Opened { log: 2 }));
    let messages = session.begin_log(3);
    assert!(matches!(
        messages.as_slice(),
        [ToPage::Log(report), ToPage::Answer(_)] if report.cancelled && report.events == 1
    ));
    assert_eq!(rows(&mut session).len(), 1);
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
