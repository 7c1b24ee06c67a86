//! Findings about logs: one row a fact.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, clippy::panic)]

use audit_inspect::{EventFilter, FoundEvents, LogCode, LogFinding, LogFindings};
use audit_log::{Event, LogItem, LogReader};
use audit_types::{Code, LogFindingKind, Severity};

/// Reads a log and returns its findings, with lines as places.
fn findings(log: &str) -> Vec<LogFinding<u64>> {
    let mut found = LogFindings::default();
    let mut reader = LogReader::new();
    let mut sink = |item: LogItem<'_>| match item {
        LogItem::Event(location, event) => {
            found.push(event, || location.line);
        }
        LogItem::Problem(problem) => found.push_problem(&problem.reason, || problem.location.line),
    };
    reader.push(log.as_bytes(), &mut sink);
    reader.finish(&mut sink);
    found.finish()
}

fn codes(log: &str) -> Vec<String> {
    findings(log)
        .into_iter()
        .map(|found| found.diagnostic.code.into_owned())
        .collect()
}

/// An event of the stage ResponseComplete with a status of 200; further fields replace nothing.
fn event(id: &str, verb: &str, uri: &str, user: &str, more: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"{uri}","verb":"{verb}","user":{user},"responseStatus":{{"code":200}}{more}}}"#
    )
}

const ANN: &str = r#"{"username":"ann","groups":["system:authenticated"]}"#;
const BOB: &str = r#"{"username":"bob"}"#;
const ANONYMOUS: &str = r#"{"username":"system:anonymous","groups":["system:unauthenticated"]}"#;

#[test]
fn the_same_audit_id_and_stage_is_only_of_one_request() {
    let at = |time: &str| format!(r#","requestReceivedTimestamp":"2026-01-01T{time}Z""#);
    let get = |user, more: &str| event("x1", "get", "/api/v1/pods", user, more);
    for (name, lines, is_found) in [
        ("another user", [get(ANN, ""), get(BOB, "")], true),
        ("the same line twice", [get(ANN, ""), get(ANN, "")], false),
        (
            "another URL",
            [get(ANN, ""), event("x1", "get", "/version", ANN, "")],
            true,
        ),
        (
            "another verb",
            [get(ANN, ""), event("x1", "list", "/api/v1/pods", ANN, "")],
            true,
        ),
        (
            "another stage",
            [
                get(ANN, ""),
                get(BOB, "").replace("ResponseComplete", "RequestReceived"),
            ],
            false,
        ),
        (
            "an aggregated server's record",
            [get(ANN, &at("10:00:00")), get(ANN, &at("10:00:00.02"))],
            false,
        ),
        (
            "much later",
            [get(ANN, &at("10:00:00")), get(ANN, &at("10:05:00"))],
            true,
        ),
        (
            "other groups only",
            [get(ANN, ""), get(r#"{"username":"ann"}"#, "")],
            false,
        ),
        (
            "no audit ID",
            [
                event("", "get", "/version", ANN, ""),
                event("", "get", "/healthz", ANN, ""),
            ],
            false,
        ),
    ] {
        let expected: &[&str] = if is_found { &["AL001"] } else { &[] };
        assert_eq!(codes(&lines.join("\n")), expected, "{name}");
    }
    let found = findings(&[get(ANN, ""), get(BOB, ""), get(BOB, "")].join("\n"));
    assert_eq!(
        (found[0].count, found[0].first.as_slice()),
        (2, &[2, 3][..])
    );
    assert_eq!(
        found[0].diagnostic.message,
        "2 events have the audit ID and stage of a different request, such as `get /api/v1/pods` with the ID `x1`"
    );
}

#[test]
fn anonymous_requests_are_found_if_they_were_allowed() {
    let allow = r#","annotations":{"authorization.k8s.io/decision":"allow"}"#;
    let forbid = r#","annotations":{"authorization.k8s.io/decision":"forbid"}"#;
    let of = |verb: &str, uri: &str, more: &str| event("a", verb, uri, ANONYMOUS, more);
    let secrets = "/api/v1/namespaces/shop/secrets";
    for (line, is_found) in [
        (of("list", secrets, allow), true),
        (of("list", secrets, ""), true),
        (of("get", "/metrics", allow), true),
        (of("get", "/api", allow), true),
        (of("list", secrets, forbid), false),
        (of("list", secrets, "").replace("200", "403"), false),
        (of("list", secrets, "").replace("200", "401"), false),
        (
            of("list", secrets, "").replace("ResponseComplete", "RequestReceived"),
            false,
        ),
        // Every cluster allows them.
        (of("get", "/healthz", allow), false),
        (of("get", "/livez?verbose", allow), false),
        (of("get", "/readyz/etcd", allow), false),
        (of("get", "/version/", allow), false),
        (of("get", "/openid/v1/jwks", allow), false),
        (
            of(
                "get",
                "/api/v1/namespaces/kube-public/configmaps/cluster-info?timeout=10s",
                allow,
            ),
            false,
        ),
        (
            of(
                "update",
                "/api/v1/namespaces/kube-public/configmaps/cluster-info",
                allow,
            ),
            true,
        ),
        (event("a", "list", secrets, ANN, allow), false),
    ] {
        let expected: &[&str] = if is_found { &["AL004"] } else { &[] };
        assert_eq!(codes(&line), expected, "{line}");
    }
}

#[test]
fn secrets_in_urls_are_quoted_without_the_secret() {
    let exec = |query: &str| {
        let uri = format!("/api/v1/namespaces/shop/pods/db-0/exec?{query}");
        event("a", "create", &uri, ANN, "")
    };
    for (query, is_found) in [
        ("command=mysql&command=-phunter2", true),
        (
            "command=psql&command=postgres%3A%2F%2Fann%3Ahunter2%40db%2Fshop",
            true,
        ),
        (
            "command=env&command=PGPASSWORD%3Dhunter2&command=psql",
            true,
        ),
        (
            "command=curl&command=-H&command=Authorization%3A+Bearer+hunter2hunter2hunter2",
            true,
        ),
        ("command=ls&command=-la", false),
        (
            "command=sh&command=-c&command=mysql+-p%24MYSQL_PASSWORD",
            false,
        ),
        ("command=cat&command=%2Frun%2Fsecrets%2Ftoken", false),
        ("stdin=true&tty=true&container=db", false),
    ] {
        let found = findings(&exec(query));
        let expected: &[&str] = if is_found { &["AL005"] } else { &[] };
        assert_eq!(codes(&exec(query)), expected, "{query}");
        for found in found {
            assert!(
                !found.diagnostic.message.contains("hunter2"),
                "{}",
                found.diagnostic.message
            );
            assert!(
                found.diagnostic.message.contains("/exec`"),
                "{}",
                found.diagnostic.message
            );
        }
    }
}

#[test]
fn names_that_look_like_others_are_found_once() {
    let user = |(index, name): (usize, &&str)| {
        let user = format!(r#"{{"username":"{name}"}}"#);
        event(&format!("a{index}"), "get", "/version", &user, "")
    };
    for (names, message) in [
        (
            &["system:admln", "system:admln"][..],
            Some("user `system:admln` looks like `system:admin`"),
        ),
        (
            &["system:serviceaccount:kube-systern:x"],
            Some("namespace `kube-systern` looks like `kube-system`"),
        ),
        (
            &["system:serviceacount:shop:x"],
            Some("user `system:serviceacount:shop:x` looks like `system:serviceaccount`"),
        ),
        (
            &["ann", "аnn"],
            Some("user `аnn`, with the character U+0430 looks like `ann`"),
        ),
        (
            &["аnn", "ann"],
            Some("user `аnn`, with the character U+0430 looks like `ann`"),
        ),
        (
            &["ann\u{200b}"],
            Some("user `ann\\u{200b}`, with the character U+200B contains invisible characters"),
        ),
        (
            &["p\u{430}yments"],
            Some("user `pаyments`, with the character U+0430 mixes letters of two alphabets"),
        ),
        (
            &[
                "system:kube-scheduler",
                "kubernetes-admin",
                "admin",
                "иван",
                "josé",
            ],
            None,
        ),
        (&["web-0", "web-o", "ann1", "annl"], None),
    ] {
        let lines: Vec<String> = names.iter().enumerate().map(user).collect();
        let found = findings(&lines.join("\n"));
        let messages: Vec<&str> = found
            .iter()
            .map(|found| found.diagnostic.message.as_str())
            .collect();
        let expected: Vec<&str> = message.into_iter().collect();
        assert_eq!(messages, expected, "{names:?}");
    }
    let other = |more: &str| event("a", "get", "/version", ANN, more);
    for (more, is_found) in [
        (
            r#","impersonatedUser":{"username":"ann","groups":["system:master"]}"#,
            true,
        ),
        (
            r#","objectRef":{"resource":"pods","namespace":"kube-sytem"}"#,
            true,
        ),
        (
            r#","objectRef":{"resource":"pods","namespace":"kube-system"}"#,
            false,
        ),
    ] {
        assert_eq!(!codes(&other(more)).is_empty(), is_found, "{more}");
    }
}

#[test]
fn many_odd_names_are_a_bounded_list() {
    let lines: Vec<String> = (0..100)
        .map(|number| {
            event(
                "a",
                "get",
                "/version",
                &format!(r#"{{"username":"аnn{number}"}}"#),
                "",
            )
        })
        .collect();
    let mut found = findings(&lines.join("\n"));
    found.retain(|found| found.diagnostic.code == LogCode::LookalikeName.id());
    assert_eq!(found.len(), 20);
    assert_eq!(found.iter().map(|found| found.count).sum::<u64>(), 100);
}

#[test]
fn stages_are_missed_in_a_log_and_not_in_an_extract() {
    let complete = |verb: &str| event("a", verb, "/api/v1/pods", ANN, "");
    let repeat = |line: String, count| vec![line; count];
    let received = complete("get").replace("ResponseComplete", "RequestReceived");
    let started = complete("watch").replace("ResponseComplete", "ResponseStarted");
    for (lines, messages) in [
        (repeat(complete("get"), 19), &[][..]),
        (
            repeat(complete("get"), 20),
            &["no event has the stage `RequestReceived`"],
        ),
        (
            [repeat(complete("get"), 20), vec![received.clone()]].concat(),
            &[],
        ),
        (
            [repeat(complete("watch"), 20), vec![received.clone()]].concat(),
            &["no event has the stage `ResponseStarted`, although 20 watches ended"],
        ),
        (
            [
                repeat(complete("watch"), 20),
                vec![received.clone(), started],
            ]
            .concat(),
            &[],
        ),
        (
            repeat(received, 20),
            &["no event has the stage `ResponseComplete`"],
        ),
    ] {
        let found = findings(&lines.join("\n"));
        let of: Vec<&str> = found
            .iter()
            .map(|found| found.diagnostic.message.as_str())
            .collect();
        assert_eq!(of, messages, "{} lines", lines.len());
        assert!(
            found
                .iter()
                .all(|found| found.diagnostic.severity == Severity::Info)
        );
    }
}

/// Returns the indexes of the lines that the filter of a finding selects.
fn selected(found: &LogFinding<u64>, lines: &[String]) -> Vec<usize> {
    let FoundEvents::Filter(filter) = &found.events else {
        unreachable!("{:?}", found.events)
    };
    let filter = EventFilter::new(filter).unwrap();
    let is_selected = |index: &usize| filter.matches(&Event::new(&lines[*index]));
    (0..lines.len()).filter(is_selected).collect()
}

#[test]
fn an_event_belongs_to_its_findings() {
    let exec = "/api/v1/namespaces/a/pods/b/exec?command=mysql&command=--password%3Dhunter2";
    let mut found = LogFindings::default();
    let mut kinds = |event: &str| {
        let kinds = found.push(&Event::new(event), || ());
        let all = LogFindingKind::ALL.into_iter();
        all.filter(|kind| kinds.contains(*kind)).collect::<Vec<_>>()
    };
    assert_eq!(kinds(&event("a", "get", "/version", ANN, "")), []);
    assert_eq!(
        kinds(&event("a", "create", exec, ANONYMOUS, "")),
        [
            LogFindingKind::SharedAuditId,
            LogFindingKind::AnonymousAllowed,
            LogFindingKind::SecretInUrl
        ]
    );
    let cut = r#","annotations":{"audit.k8s.io/truncated":"true"}"#;
    assert_eq!(
        kinds(&event("b", "get", "/version", ANN, cut)),
        [LogFindingKind::LostBodies]
    );
}

#[test]
fn the_events_of_a_lookalike_are_selected_by_a_filter_if_one_can() {
    let lookalike = r#"{"username":"system:admln"}"#;
    let acting = format!(r#","impersonatedUser":{lookalike}"#);
    let lines = [
        event("a", "get", "/version", ANN, ""),
        event("b", "get", "/version", lookalike, ""),
    ];
    assert_eq!(selected(&findings(&lines.join("\n"))[0], &lines), [1]);
    // The filter `user:` is about the client.
    let found = findings(&event("c", "get", "/version", ANN, &acting));
    assert_eq!(found[0].events, FoundEvents::Unlisted);
    assert_eq!(found[0].first, [1]);
}

#[test]
fn a_gap_is_named_with_its_length_and_start() {
    let at = |second: u32| {
        let (minute, second) = (second / 60, second % 60);
        let time =
            format!(r#","requestReceivedTimestamp":"2026-01-01T10:{minute:02}:{second:02}.5Z""#);
        event(
            &format!("a{minute}-{second}"),
            "get",
            "/version",
            ANN,
            &time,
        )
    };
    // A hundred seconds, and a hundred more from 11 minutes and 39 seconds on.
    let lines: Vec<String> = (0..100).chain(699..799).map(at).collect();
    let log = lines.join("\n");
    let found: Vec<_> = findings(&log)
        .into_iter()
        .filter(|found| found.diagnostic.code == LogCode::Gap.id())
        .collect();
    assert_eq!(found.len(), 1);
    assert_eq!(
        found[0].diagnostic.message,
        "1 gap in time, although almost all events follow another within 1 s: 10 min after 2026-01-01 10:01:39"
    );
    // The last event before the gap and the first after it.
    assert_eq!(selected(&found[0], &lines), [99, 100]);
}

#[test]
fn cut_events_are_found_by_their_end_or_their_annotation() {
    let whole = event("a", "get", "/version", ANN, "");
    let cut = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"b","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list","user":{"username":"ann"},"responseObject":{"items":[{"na"#;
    let found = findings(&format!("{whole}\n{cut}[Truncated...]\n{whole}\n"));
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].count, found[0].first.as_slice()), (1, &[2][..]));
    assert_eq!(found[0].diagnostic.code, "AL006");
    let marked = event(
        "a",
        "get",
        "/version",
        ANN,
        r#","annotations":{"audit.k8s.io/truncated":"true"}"#,
    );
    assert_eq!(codes(&marked), ["AL006"]);
}

#[test]
fn a_log_without_users_is_one_finding() {
    let without = event("a", "get", "/version", ANN, "").replace(&format!(r#""user":{ANN},"#), "");
    assert_eq!(codes(&format!("{without}\n{without}")), ["AL008"]);
    let with = event("b", "get", "/version", "{}", "");
    assert_eq!(codes(&format!("{without}\n{with}")), Vec::<String>::new());
    assert_eq!(codes(""), Vec::<String>::new());
}

/// Returns the examples of a page: texts between fences.
fn examples(page: &str) -> Vec<&str> {
    let blocks = page.split("```").skip(1).step_by(2);
    blocks
        .map(|block| block.split_once('\n').unwrap().1)
        .collect()
}

#[test]
fn examples_that_stand_for_more_lines_have_the_finding() {
    for (code, is_found) in [
        (LogCode::MissingStage, [true, false]),
        (LogCode::Gap, [true, false]),
    ] {
        let page = LogCode::TABLE
            .iter()
            .find(|info| info.id == code.id())
            .unwrap()
            .page;
        let examples = examples(page);
        assert_eq!(examples.len(), 2, "{}", code.id());
        for (example, is_found) in examples.into_iter().zip(is_found) {
            let lines = example.lines().flat_map(|line| {
                (0..30).map(move |second| {
                    line.replace(":00.000000Z", &format!(":{second:02}.000000Z"))
                        .replace(":30.000000Z", &format!(":{:02}.000000Z", second + 30))
                })
            });
            let log: Vec<String> = lines.collect();
            let found = codes(&log.join("\n"));
            assert_eq!(
                found.iter().any(|found| found == code.id()),
                is_found,
                "{}: {found:?}",
                code.id()
            );
        }
    }
}

#[test]
fn every_code_is_listed_in_the_index_of_its_pages() {
    let list = include_str!("../findings/README.md");
    for info in LogCode::TABLE {
        let line = format!("- [{0}]({0}.md): {1}\n", info.id, info.title);
        assert!(list.contains(&line), "{}", info.id);
    }
}
