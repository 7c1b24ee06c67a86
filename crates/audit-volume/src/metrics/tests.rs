use audit_policy::{KubernetesVersion, Policy, load};

use super::*;

fn policy(rules: &str) -> Policy {
    let text = format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules: [{rules}]\n"
    );
    load(text.as_bytes(), KubernetesVersion::NEWEST)
        .policy
        .unwrap()
}

/// A line of `apiserver_request_total`.
fn series(
    verb: &str,
    group: &str,
    resource: &str,
    subresource: &str,
    scope: &str,
    count: u64,
) -> String {
    format!(
        "apiserver_request_total{{code=\"200\",component=\"apiserver\",dry_run=\"\",group=\"{group}\",resource=\"{resource}\",scope=\"{scope}\",subresource=\"{subresource}\",verb=\"{verb}\",version=\"v1\"}} {count}\n"
    )
}

fn leases(count: u64) -> String {
    series(
        "PUT",
        "coordination.k8s.io",
        "leases",
        "",
        "resource",
        count,
    )
}

const DAY: Option<f64> = Some(86_400.0);

fn estimate(metrics: &str, window: Option<f64>, rules: &str) -> MetricsEstimate {
    let scrape = Scrape::parse(metrics).unwrap();
    MetricsEstimate::new(&Traffic::new(vec![scrape], window).unwrap(), &policy(rules))
}

fn events(estimate: &MetricsEstimate) -> (f64, f64) {
    (estimate.written.events.low, estimate.written.events.high)
}

#[test]
fn a_certain_rule_gives_exact_events_and_a_range_of_bytes() {
    let result = estimate(&leases(1_000), DAY, "{level: Metadata}");
    assert_eq!(events(&result), (1_000.0, 1_000.0));
    let day = result.per_day.unwrap();
    // 650 to 1,500 bytes per event.
    assert_eq!(
        (day.factor, day.low, day.high),
        (1.0, 650_000.0, 1_500_000.0)
    );
    assert_eq!(result.undecided, 0.0);
}

#[test]
fn stages_follow_the_policy_and_the_kind_of_request() {
    let watch = series("WATCH", "", "pods", "", "cluster", 10);
    let exec = series("CONNECT", "", "pods", "exec", "resource", 10);
    let healthz = series("GET", "", "", "/healthz", "", 10);
    let all = format!("{watch}{exec}{healthz}");
    for (rules, expected) in [
        ("{level: Metadata}", 50.0),
        ("{level: Metadata, omitStages: [ResponseStarted]}", 30.0),
        ("{level: Metadata, omitStages: [ResponseComplete]}", 20.0),
        ("{level: None}", 0.0),
    ] {
        assert_eq!(
            events(&estimate(&all, DAY, rules)),
            (expected, expected),
            "{rules}"
        );
    }
}

#[test]
fn what_metrics_do_not_say_makes_a_range() {
    let pods = |scope: &str| series("LIST", "", "pods", "", scope, 10);
    let get = series("GET", "", "pods", "", "resource", 10);
    let create = series("POST", "", "pods", "", "resource", 10);
    for (metrics, first, expected) in [
        (pods("cluster"), "{level: None, users: [a]}", (0.0, 10.0)),
        (
            pods("cluster"),
            "{level: None, userGroups: [a]}",
            (0.0, 10.0),
        ),
        (pods("cluster"), "{level: None, verbs: [list]}", (0.0, 0.0)),
        (pods("cluster"), "{level: None, verbs: [get]}", (10.0, 10.0)),
        (
            pods("cluster"),
            "{level: None, namespaces: [a]}",
            (10.0, 10.0),
        ),
        (
            pods("cluster"),
            "{level: None, namespaces: ['']}",
            (0.0, 0.0),
        ),
        (
            pods("namespace"),
            "{level: None, namespaces: [a]}",
            (0.0, 10.0),
        ),
        (
            pods("namespace"),
            "{level: None, namespaces: ['']}",
            (10.0, 10.0),
        ),
        (get.clone(), "{level: None, namespaces: [a]}", (0.0, 10.0)),
        (
            get.clone(),
            "{level: None, resources: [{group: '', resources: [pods], resourceNames: [a]}]}",
            (0.0, 10.0),
        ),
        // A create has no name in its URL.
        (
            create,
            "{level: None, resources: [{group: '', resources: [pods], resourceNames: [a]}]}",
            (10.0, 10.0),
        ),
        (
            get.clone(),
            "{level: None, resources: [{group: apps}]}",
            (10.0, 10.0),
        ),
        (get, "{level: None, nonResourceURLs: ['*']}", (10.0, 10.0)),
    ] {
        let result = estimate(&metrics, DAY, &format!("{first}, {{level: Metadata}}"));
        assert_eq!(events(&result), expected, "{first}");
    }
}

#[test]
fn paths_are_known_only_of_health_checks() {
    let pods = series("LIST", "", "pods", "", "cluster", 0);
    let path = |path: &str| format!("{pods}{}", series("GET", "", "", path, "", 10));
    for (path, urls, expected) in [
        (path("/readyz"), "['/readyz*']", (0.0, 0.0)),
        (path("/livez"), "['/readyz*']", (10.0, 10.0)),
        (path(""), "['/readyz*']", (0.0, 10.0)),
        (path(""), "['*']", (0.0, 0.0)),
        (path(""), "['/*']", (0.0, 0.0)),
    ] {
        let rules = format!("{{level: None, nonResourceURLs: {urls}}}, {{level: Metadata}}");
        assert_eq!(events(&estimate(&path, DAY, &rules)), expected, "{urls}");
    }
}

#[test]
fn rules_and_levels_have_a_certain_and_a_possible_share() {
    let metrics = format!(
        "{}{}",
        leases(100),
        series("LIST", "", "pods", "", "cluster", 10)
    );
    let result = estimate(
        &metrics,
        DAY,
        "{level: None, users: [a], resources: [{group: coordination.k8s.io}]}, {level: Metadata}",
    );
    let rules: Vec<(&str, f64, f64)> = result.by[0]
        .groups
        .iter()
        .map(|group| (group.key.as_str(), group.requests.low, group.requests.high))
        .collect();
    assert_eq!(rules, [("1", 0.0, 100.0), ("2", 10.0, 110.0)]);
    let levels: Vec<(&str, f64, f64)> = result.by[1]
        .groups
        .iter()
        .map(|group| {
            (
                group.key.as_str(),
                group.written.events.low,
                group.written.events.high,
            )
        })
        .collect();
    assert_eq!(levels, [("None", 0.0, 0.0), ("Metadata", 10.0, 110.0)]);
    assert_eq!((result.requests, result.undecided), (110.0, 100.0));
    // Requests that no rule matches are not logged.
    let none = estimate(&metrics, DAY, "{level: Metadata, users: [a]}");
    assert_eq!(none.by[0].groups[1].key, "none");
}

#[test]
fn recorded_responses_have_the_size_that_was_sent() {
    let lists = series("LIST", "", "pods", "", "cluster", 10);
    let sizes = "apiserver_response_sizes_sum{component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\"} 50000\napiserver_response_sizes_count{component=\"apiserver\",group=\"\",resource=\"pods\",scope=\"cluster\",subresource=\"\",verb=\"LIST\",version=\"v1\"} 5\n";
    let result = estimate(&format!("{lists}{sizes}"), DAY, "{level: RequestResponse}");
    // 10 events of 650 to 1,500 bytes with a body of 10,000 bytes, or three times as much as JSON.
    assert_eq!(
        result.written.bytes,
        Range {
            low: 106_500.0,
            high: 315_000.0
        }
    );
}

#[test]
fn the_time_that_counters_cover_comes_from_the_metrics_or_the_call() {
    let start = "process_start_time_seconds 1.7e+09\n";
    for (rest, window, seconds) in [
        (String::new(), None, None),
        (start.to_owned(), None, None),
        (start.to_owned(), Some(7_200.0), Some(7_200.0)),
        // The last garbage collection is not long ago.
        (
            format!("{start}go_memstats_last_gc_time_seconds 1.7000036e+09\n"),
            None,
            Some(3_600.0),
        ),
        // A time in milliseconds, on each line.
        (
            format!("{start}apiserver_audit_event_total 5 1700007200000\n"),
            None,
            Some(7_200.0),
        ),
    ] {
        let result = estimate(
            &format!("{}{rest}", leases(10)),
            window,
            "{level: Metadata}",
        );
        assert_eq!(result.seconds, seconds, "{rest}");
        assert_eq!(result.per_day.is_some(), seconds.is_some(), "{rest}");
    }
}

#[test]
fn without_a_time_the_missing_part_is_named() {
    let start = "process_start_time_seconds 1.7e+09\n";
    let collection = "go_memstats_last_gc_time_seconds 1.7000036e+09\n";
    for (rest, window, expected) in [
        (
            "",
            None,
            Some("the metrics do not say how long the server has been running"),
        ),
        (
            collection,
            None,
            Some("the metrics do not say how long the server has been running"),
        ),
        (start, None, Some("but not the time of the scrape")),
        (start, DAY, None),
    ] {
        let result = estimate(
            &format!("{}{rest}", leases(10)),
            window,
            "{level: Metadata}",
        );
        let cautions: Vec<&String> = result
            .cautions
            .iter()
            .filter(|caution| caution.contains("there is no rate"))
            .collect();
        assert_eq!(cautions.len(), usize::from(expected.is_some()), "{rest}");
        assert!(
            cautions
                .iter()
                .all(|caution| expected.is_some_and(|part| caution.contains(part))),
            "{cautions:?}"
        );
    }
}

#[test]
fn rules_that_match_nobody_do_not_widen_the_range() {
    for (conditions, is_dead) in [
        ("userGroups: [\"*\"]", true),
        ("users: [\"system:node:*\"]", true),
        ("verbs: [\"*\"]", true),
        ("namespaces: [\"*\"]", true),
        // A user in the list of groups.
        ("userGroups: [\"system:kube-scheduler\"]", true),
        ("userGroups: [\"*\", \"dev\"]", false),
        ("users: [alice]", false),
        ("namespaces: [\"*\", shop]", false),
    ] {
        let rules = format!("{{level: None, {conditions}}}, {{level: Metadata}}");
        let result = estimate(&leases(1_000), DAY, &rules);
        let low = if is_dead { 1_000.0 } else { 0.0 };
        assert_eq!(events(&result), (low, 1_000.0), "{conditions}");
    }
}

#[test]
fn two_scrapes_of_a_server_give_their_difference() {
    let scrape = |count: u64, start: &str, millis: u64| {
        let text = leases(count).trim_end().to_owned();
        Scrape::parse(&format!(
            "{text} {millis}\nprocess_start_time_seconds {start}\n"
        ))
        .unwrap()
    };
    let one = || scrape(1_000, "1.7e+09", 1_700_100_000_000);
    let other = || scrape(1_600, "1.7e+09", 1_700_107_200_000);
    let traffic = Traffic::new(vec![other(), one()], None).unwrap();
    let result = MetricsEstimate::new(&traffic, &policy("{level: Metadata}"));
    assert_eq!(
        (result.requests, result.seconds, result.servers),
        (600.0, Some(7_200.0), 1)
    );
    assert_eq!(
        result.per_day.unwrap().events,
        Range {
            low: 7_200.0,
            high: 7_200.0
        }
    );
    // Another start is another server: 1,600 in 107,200 s and 500 in 50,000 s.
    let third = scrape(500, "1.7001e+09", 1_700_150_000_000);
    let traffic = Traffic::new(vec![other(), third], None).unwrap();
    let result = MetricsEstimate::new(&traffic, &policy("{level: Metadata}"));
    assert_eq!((result.requests, result.servers), (2_100.0, 2));
    let daily = 1_600.0 / 107_200.0 * 86_400.0 + 500.0 / 50_000.0 * 86_400.0;
    assert!((result.per_day.unwrap().events.high - daily).abs() < 1e-6);
    assert!(
        result
            .cautions
            .iter()
            .any(|caution| caution.contains("different API servers"))
    );
    // In the wrong order, without times.
    let plain = |count| Scrape::parse(&leases(count)).unwrap();
    let error = Traffic::new(vec![plain(5), plain(4)], None).unwrap_err();
    assert_eq!(error, MetricsError::Decreasing);
    let traffic = Traffic::new(vec![plain(4), plain(5)], None).unwrap();
    let result = MetricsEstimate::new(&traffic, &policy("{level: Metadata}"));
    assert_eq!((result.requests, result.per_day), (1.0, None));
    assert!(
        result
            .cautions
            .iter()
            .any(|caution| caution.contains("give the time between them"))
    );
}

#[test]
fn audited_requests_that_are_not_counted_may_be_anything() {
    let metrics = format!(
        "{}apiserver_audit_level_total{{level=\"Metadata\"}} 90\napiserver_audit_level_total{{level=\"None\"}} 30\napiserver_audit_event_total 150\n",
        leases(100)
    );
    let result = estimate(
        &metrics,
        DAY,
        "{level: None, nonResourceURLs: ['*']}, {level: Metadata}",
    );
    // 20 requests may be for URLs, which are not logged, or watches, which have two events.
    assert_eq!((result.requests, result.written.events.low), (120.0, 100.0));
    assert!(result.written.events.high >= 120.0);
    let server = result.server.unwrap();
    assert_eq!((server.events, server.events_per_day), (150.0, Some(150.0)));
    assert_eq!(server.requests_by_level.get("None"), Some(&30.0));
}

#[test]
fn other_forms_of_the_metrics_say_the_same() {
    let labels = r#""code":"200","group":"coordination.k8s.io","resource":"leases","scope":"resource","subresource":"","verb":"PUT","version":"v1","instance":"cp-1:6443","job":"apiserver""#;
    let vector = format!(
        r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{"__name__":"apiserver_request_total",{labels}}},"value":[1700000000.1,"1000"]}}]}}}}"#
    );
    let old = leases(1_000).replace("apiserver_request_total", "apiserver_request_count");
    let durations = leases(1_000).replace(
        "apiserver_request_total",
        "apiserver_request_duration_seconds_count",
    );
    let open = format!(
        "# TYPE apiserver_request counter\n{} # {{trace_id=\"a\"}} 1 1700000000\n# EOF\n",
        leases(1_000).trim_end()
    );
    let prefixed = format!("\u{feff}\r\n{}", leases(1_000).replace('\n', "\r\n"));
    for text in [leases(1_000), vector, old, durations, open, prefixed] {
        let result = estimate(&text, DAY, "{level: Metadata}");
        assert_eq!(events(&result), (1_000.0, 1_000.0), "{text}");
    }
    // Two instances are two servers, and a counter that starts again goes on.
    let matrix = format!(
        r#"{{"data":{{"result":[{{"metric":{{"__name__":"apiserver_request_total",{labels}}},"values":[[1000,"100"],[4600,"160"],[8200,"40"]]}}]}}}}"#
    );
    let result = estimate(&matrix, None, "{level: Metadata}");
    assert_eq!((result.requests, result.seconds), (100.0, Some(7_200.0)));
    let two = format!(
        "{}{}",
        leases(10).replace("code=", "instance=\"a\",code="),
        leases(20).replace("code=", "instance=\"b\",code=")
    );
    let result = estimate(&two, DAY, "{level: Metadata}");
    assert_eq!((result.requests, result.servers), (30.0, 2));
}

#[test]
fn series_without_labels_give_wide_ranges() {
    let result = estimate(
        "apiserver_request_total{verb=\"LIST\"} 10\n",
        DAY,
        "{level: None, resources: [{group: '', resources: [pods]}]}, {level: Metadata}",
    );
    assert_eq!((result.written.events.low, result.requests), (0.0, 10.0));
    let result = estimate("apiserver_request_total 10\n", DAY, "{level: Metadata}");
    assert_eq!(result.written.events.low, 10.0);
}

#[test]
fn unusable_texts_have_one_reason_each() {
    let name = |text: &str| Scrape::parse(text).unwrap_err();
    assert_eq!(name(" \n"), MetricsError::Empty);
    assert_eq!(name("# HELP a b\n"), MetricsError::Empty);
    assert_eq!(name("<!DOCTYPE html>"), MetricsError::Html);
    assert_eq!(
        name("hello world"),
        MetricsError::NotMetrics {
            line: 1,
            reason: "the value is not a number"
        }
    );
    assert_eq!(
        name("etcd_server_has_leader 1\nup 1\n"),
        MetricsError::OtherProgram("etcd")
    );
    assert_eq!(
        name("kubelet_running_pods 1\n"),
        MetricsError::OtherProgram("the kubelet")
    );
    assert_eq!(
        name("scheduler_pending_pods 1\napiserver_audit_event_total 0\n"),
        MetricsError::OtherProgram("kube-scheduler")
    );
    assert_eq!(name("up 1\nup2 1\n"), MetricsError::NoRequests(2));
    assert_eq!(
        name(&series("GET", "", "", "/healthz", "", 3)),
        MetricsError::NoResources
    );
    assert_eq!(
        name(&series("LIST", "metrics.k8s.io", "pods", "", "cluster", 3)),
        MetricsError::OtherProgram("metrics-server")
    );
    assert_eq!(
        name(r#"{"kind":"Event","auditID":"a"}"#),
        MetricsError::AuditLog
    );
    assert_eq!(
        name("{\"kind\":\"Event\",\"auditID\":\"a\"}\n{\"kind\":\"Event\"}"),
        MetricsError::AuditLog
    );
    assert_eq!(
        name(r#"{"kind":"Status","message":"no"}"#),
        MetricsError::Status("`no`".to_owned())
    );
    assert_eq!(
        name(r#"{"status":"error","error":"bad"}"#),
        MetricsError::Prometheus("`bad`".to_owned())
    );
    assert_eq!(name(r#"{"a":1}"#), MetricsError::OtherJson);
    assert_eq!(
        name(r#"{"data":{"result":[{"metric":{"verb":"GET"},"value":[1,"2"]}]}}"#),
        MetricsError::Unnamed
    );
    assert_eq!(name(r#"{"data":{"result":[]}}"#), MetricsError::NoSeries);
    let forbidden = "Error from server (Forbidden): nodes is forbidden";
    assert_eq!(
        name(forbidden),
        MetricsError::Status(format!("`{forbidden}`"))
    );
    assert!(matches!(name("{"), MetricsError::BadJson(_)));
}

#[test]
fn odd_values_are_reported_and_do_not_count() {
    let text = format!(
        "{}{}{}broken line here\n{}",
        leases(10),
        leases(10),
        series("LIST", "", "pods", "", "cluster", 1).replace("} 1", "} NaN"),
        series("LIST", "", "nodes", "", "cluster", 1).replace("} 1", "} -5"),
    );
    let result = estimate(&text, DAY, "{level: Metadata}");
    assert_eq!(result.requests, 10.0);
    let cautions = result.cautions.join("\n");
    for part in [
        "1 line is not metrics, the first of them line 4",
        "1 series occur more than once",
        "line 3: `apiserver_request_total` is NaN, which is not a count: it is ignored, like 1 other value",
    ] {
        assert!(cautions.contains(part), "{cautions}");
    }
}

#[test]
fn a_value_that_is_not_a_count_is_named_with_its_line() {
    let request = |value: &str| leases(1).replace("} 1", &["} ", value].concat());
    // The metrics without any other count, and the reason.
    for (text, place, value) in [
        (request("NaN"), "line 1: ", "NaN"),
        (format!("\n# HELP a b\nup 1\n{}", request("+Inf")), "line 4: ", "+Inf"),
        (request("-Inf"), "line 1: ", "-Inf"),
        (request("-5"), "line 1: ", "-5"),
        // That of the requests is named, not that of the start.
        (
            format!("process_start_time_seconds -1\n{}", request("NaN")),
            "line 2: ",
            "NaN",
        ),
        (
            r#"{"data":{"result":[{"metric":{"__name__":"apiserver_request_total","resource":"pods"},"value":[1,"NaN"]}]}}"#.to_owned(),
            "",
            "NaN",
        ),
    ] {
        let reason = format!("{place}`apiserver_request_total` is {value}, which is not a count");
        let error = Scrape::parse(&text).unwrap_err();
        assert_eq!(
            error.to_string(),
            format!("{reason}, and no other value counts requests"),
            "{text}"
        );
        // Next to another request it is ignored.
        if !place.is_empty() {
            let result = estimate(&format!("{text}{}", series("LIST", "", "pods", "", "cluster", 3)), DAY, "{level: Metadata}");
            assert_eq!(result.requests, 3.0);
            let caution = format!("{reason}: it is ignored");
            assert!(
                result.cautions.iter().any(|one| one.starts_with(&caution)),
                "{:?}",
                result.cautions
            );
        }
    }
    // A value that does not count requests is not the reason.
    let start = Scrape::parse("process_start_time_seconds NaN\n").unwrap_err();
    assert_eq!(start, MetricsError::NoRequests(1));
}
