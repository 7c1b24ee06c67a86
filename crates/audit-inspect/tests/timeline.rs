//! Timelines of objects and filters, and counts of clients.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use audit_inspect::{Bucket, ClientCounts, ClientKind, EventFilter, ObjectKey, Timeline};
use audit_log::Event;
use audit_types::Level;

struct Line<'a> {
    id: &'a str,
    stage: &'a str,
    verb: &'a str,
    uri: &'a str,
    second: u32,
    more: &'a str,
}

impl Line<'_> {
    fn text(&self) -> String {
        let Self {
            id,
            stage,
            verb,
            uri,
            second,
            more,
        } = self;
        format!(
            r#"{{"auditID":"{id}","stage":"{stage}","verb":"{verb}","requestURI":"{uri}","user":{{"username":"ann"}},"sourceIPs":["10.0.0.9"],"requestReceivedTimestamp":"1970-01-01T00:00:{second:02}.000000Z"{more}}}"#
        )
    }
}

const POD: &str = "/api/v1/namespaces/shop/pods/web-0";

fn timeline(lines: &[Line<'_>]) -> Timeline<usize> {
    let mut timeline = Timeline::of_object(ObjectKey {
        api_group: String::new(),
        resource: "pods".to_owned(),
        namespace: "shop".to_owned(),
        name: "web-0".to_owned(),
    });
    for (index, line) in lines.iter().enumerate() {
        timeline.push(&Event::new(&line.text()), || index);
    }
    timeline
}

fn line<'a>(
    id: &'a str,
    stage: &'a str,
    verb: &'a str,
    uri: &'a str,
    second: u32,
    more: &'a str,
) -> Line<'a> {
    Line {
        id,
        stage,
        verb,
        uri,
        second,
        more,
    }
}

#[test]
fn a_request_about_the_object_is_a_row() {
    let status =
        r#","responseStatus":{"code":201},"annotations":{"authorization.k8s.io/decision":"allow"}"#;
    let created = r#","objectRef":{"resource":"pods","name":"web-0","namespace":"shop"},"responseStatus":{"code":201}"#;
    let exec = "/api/v1/namespaces/shop/pods/web-0/exec?command=sh";
    let lines = [
        line(
            "a",
            "RequestReceived",
            "create",
            "/api/v1/namespaces/shop/pods",
            1,
            "",
        ),
        line(
            "a",
            "ResponseComplete",
            "create",
            "/api/v1/namespaces/shop/pods",
            1,
            created,
        ),
        line("b", "RequestReceived", "create", exec, 2, ""),
        line(
            "c",
            "ResponseComplete",
            "get",
            "/api/v1/namespaces/shop/pods/web-1",
            2,
            "",
        ),
        line("b", "ResponseStarted", "create", exec, 2, ""),
        line("b", "ResponseComplete", "create", exec, 2, status),
        line(
            "d",
            "ResponseComplete",
            "list",
            "/api/v1/namespaces/shop/pods",
            3,
            "",
        ),
        line(
            "e",
            "ResponseComplete",
            "delete",
            POD,
            4,
            r#","responseStatus":{"code":404}"#,
        ),
        line(
            "f",
            "ResponseComplete",
            "get",
            "/apis/other.io/v1/namespaces/shop/pods/web-0",
            5,
            "",
        ),
    ];
    let timeline = timeline(&lines);
    let rows: Vec<_> = timeline
        .rows()
        .iter()
        .map(|row| {
            (
                row.place,
                row.target.as_str(),
                row.verb.as_str(),
                row.code,
                row.stages.len(),
            )
        })
        .collect();
    assert_eq!(
        rows,
        [
            (1, "pods", "create", Some(201), 1),
            // The event of `ResponseComplete`.
            (5, "pods/exec", "create", Some(201), 3),
            (7, "pods", "delete", Some(404), 1),
        ]
    );
    assert_eq!(timeline.rows()[1].decision.as_deref(), Some("allow"));
    assert_eq!(timeline.rows()[1].address.as_deref(), Some("10.0.0.9"));
}

#[test]
fn requests_with_one_audit_id_stay_apart() {
    let lines = [
        line("a", "ResponseComplete", "get", POD, 1, ""),
        line("a", "ResponseComplete", "delete", POD, 2, ""),
        line("a", "ResponseComplete", "delete", POD, 3, ""),
        line("", "ResponseComplete", "get", POD, 4, ""),
        line("", "RequestReceived", "get", POD, 4, ""),
    ];
    assert_eq!(timeline(&lines).rows().len(), 5);
}

#[test]
fn events_of_one_request_are_one_row() {
    let complete = r#","level":"Request","responseStatus":{"code":200}"#;
    let lines = [
        // Two requests with one audit ID, whose stages alternate.
        line("a", "RequestReceived", "delete", POD, 1, ""),
        line("a", "RequestReceived", "delete", POD, 2, ""),
        line("a", "ResponseComplete", "delete", POD, 2, ""),
        line("a", "ResponseComplete", "delete", POD, 1, complete),
        // A webhook that tries again, and files that overlap, give the same event twice.
        line("a", "ResponseComplete", "delete", POD, 1, complete),
        line("b", "ResponseComplete", "get", POD, 3, ""),
        line("b", "RequestReceived", "get", POD, 3, ""),
    ];
    let timeline = timeline(&lines);
    let rows: Vec<_> = timeline
        .rows()
        .iter()
        .map(|row| (row.place, row.stages.len(), row.code, row.level))
        .collect();
    assert_eq!(
        rows,
        [
            (3, 2, Some(200), Some(Level::Request)),
            (2, 2, None, None),
            (5, 2, None, None)
        ]
    );
}

#[test]
fn events_without_the_time_of_the_request_are_joined_by_stage() {
    let text = |stage: &str| {
        format!(
            r#"{{"auditID":"a","stage":"{stage}","verb":"get","requestURI":"{POD}","user":{{"username":"ann"}},"stageTimestamp":"1970-01-01T00:00:01.000000Z"}}"#
        )
    };
    let mut timeline = Timeline::of_filter(EventFilter::new("verb:get").unwrap());
    for (index, stage) in ["RequestReceived", "ResponseComplete", "ResponseComplete"]
        .into_iter()
        .enumerate()
    {
        timeline.push(&Event::new(&text(stage)), || index);
    }
    let places: Vec<usize> = timeline.rows().iter().map(|row| row.place).collect();
    assert_eq!(places, [1, 2]);
}

#[test]
fn parts_of_the_time_are_counted() {
    let lines = [
        line("a", "ResponseComplete", "get", POD, 0, ""),
        line(
            "b",
            "ResponseComplete",
            "delete",
            POD,
            4,
            r#","responseStatus":{"code":403}"#,
        ),
        line("c", "ResponseComplete", "patch", POD, 9, ""),
    ];
    let timeline = timeline(&lines);
    // Nine seconds in three parts of three seconds and a microsecond.
    let bucket = |start, reads, writes, failed| Bucket {
        start,
        reads,
        writes,
        failed,
    };
    assert_eq!(
        timeline.buckets(3),
        [
            bucket(0, 1, 0, 0),
            bucket(3_000_001, 0, 1, 1),
            bucket(6_000_002, 0, 1, 0)
        ]
    );
    assert_eq!(timeline.buckets(0).len(), 1);
    assert!(timeline.buckets(usize::MAX).len() <= 1_000);
    let none = Timeline::<()>::of_filter(EventFilter::new("x").unwrap());
    assert!(none.buckets(10).is_empty());
}

#[test]
fn rows_have_a_limit() {
    let mut timeline = Timeline::of_filter(EventFilter::new("verb:get").unwrap());
    for number in 0..10_005_u32 {
        let id = number.to_string();
        timeline.push(
            &Event::new(&line(&id, "ResponseComplete", "get", POD, 1, "").text()),
            || (),
        );
    }
    assert_eq!((timeline.rows().len(), timeline.omitted()), (10_000, 5));
}

#[test]
fn rows_are_sorted_by_time() {
    let lines = [
        line("b", "ResponseComplete", "get", POD, 9, ""),
        line("a", "ResponseComplete", "get", POD, 3, ""),
    ];
    let mut timeline = timeline(&lines);
    timeline.sort();
    let places: Vec<usize> = timeline.rows().iter().map(|row| row.place).collect();
    assert_eq!(places, [1, 0]);
}

#[test]
fn clients_are_counted() {
    let mut counts = ClientCounts::default();
    let event = |user: &str, more: &str| {
        format!(r#"{{"user":{user},"responseStatus":{{"code":403}}{more}}}"#)
    };
    for text in [
        event(r#"{"username":"ann"}"#, ""),
        event(
            r#"{"username":"ann"}"#,
            r#","impersonatedUser":{"username":"bob"}"#,
        ),
        event("{}", ""),
    ] {
        counts.push(&Event::new(&text));
    }
    assert!(!counts.has_no_users());
    let counts = counts.into_counts();
    let rows: Vec<_> = counts
        .iter()
        .map(|count| {
            (
                count.user.as_deref(),
                count.events,
                count.denied,
                count.impersonating,
            )
        })
        .collect();
    assert_eq!(rows, [(Some("ann"), 2, 2, 1), (None, 1, 1, 0)]);
    assert_eq!(counts[1].kind, ClientKind::FailedAuthentication);
    let mut none = ClientCounts::default();
    none.push(&Event::new("{}"));
    assert!(none.has_no_users());
    assert!(!ClientCounts::default().has_no_users());
}
