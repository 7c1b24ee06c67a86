//! Estimates from metrics. The requests of a recording are counted as a server counts them, and what real servers wrote of them under other
//! policies must be within the range that is estimated for each.

#![allow(clippy::unwrap_used, clippy::panic)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use audit_log::{Attributes, Event, LogItem, LogReader};
use audit_policy::{KubernetesVersion, Request, load};
use audit_sim::is_long_running;
use audit_volume::metrics::{MetricsEstimate, Scrape, Traffic};
use conformance::read;
use proptest::prelude::*;

fn events(path: &str, mut visit: impl FnMut(&Event<'_>)) {
    let mut reader = LogReader::new();
    let mut take = |item: LogItem<'_>| match item {
        LogItem::Event(_, event) => visit(event),
        LogItem::Problem(problem) => panic!("{path}: {problem:?}"),
    };
    reader.push(&read(path).unwrap(), &mut take);
    reader.finish(&mut take);
}

/// Labels of `apiserver_request_total` as kube-apiserver gives them, and what is left of a request in them.
fn labels(request: &Request, code: u16) -> String {
    let verb = match request.verb.as_str() {
        "create" => "POST".to_owned(),
        "update" => "PUT".to_owned(),
        verb @ ("get" | "list" | "watch" | "patch" | "delete" | "deletecollection" | "proxy") => {
            verb.to_ascii_uppercase()
        }
        _ => "other".to_owned(),
    };
    let is_collection = matches!(request.verb.as_str(), "list" | "watch" | "deletecollection");
    let scope = match request {
        _ if !request.is_resource_request => "",
        _ if !is_collection => "resource",
        _ if request.namespace.is_empty() => "cluster",
        _ => "namespace",
    };
    let subresource = if request.is_resource_request {
        &request.subresource
    } else {
        &request.path
    };
    let quoted = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    format!(
        "code=\"{code}\",group=\"{}\",resource=\"{}\",scope=\"{scope}\",subresource=\"{}\",verb=\"{verb}\"",
        quoted(&request.api_group),
        quoted(&request.resource),
        quoted(subresource)
    )
}

/// Requests that reach the handlers are counted; one whose user is unknown is rejected before. The API server of the 1.36 recording has only
/// one kind of long-running requests, watches, so the others are left out.
fn is_counted(server: &str, event: &Event<'_>) -> bool {
    let request = Attributes::from_event(event).request;
    let is_other = is_long_running(&request) && request.verb != "watch";
    request.user.is_some() && event.code() != Some(401) && !(server.ends_with("1.36") && is_other)
}

fn metrics(server: &str) -> String {
    let mut counts = BTreeMap::<String, u64>::new();
    events(&format!("{server}/base.jsonl.gz"), |event| {
        let attributes = Attributes::from_event(event);
        let is_end = matches!(event.stage, Some("\"ResponseComplete\"" | "\"Panic\""));
        if is_end && is_counted(server, event) {
            let labels = labels(&attributes.request, event.code().unwrap_or(200));
            *counts.entry(labels).or_insert(0) += 1;
        }
    });
    let mut text = String::new();
    for (labels, count) in counts {
        writeln!(text, "apiserver_request_total{{{labels}}} {count}").unwrap();
    }
    text
}

fn compare(server: &str, version: KubernetesVersion, names: &[&str]) {
    let text = metrics(server);
    for name in names {
        let policy = read(format!("{server}/policies/{name}.yaml")).unwrap();
        let policy = load(&policy, version).policy.unwrap();
        let traffic = Traffic::new(vec![Scrape::parse(&text).unwrap()], Some(86_400.0)).unwrap();
        let estimate = MetricsEstimate::new(&traffic, &policy);
        let (mut written, mut bytes) = (0.0, 0.0);
        events(&format!("{server}/logs/{name}.jsonl.gz"), |event| {
            if is_counted(server, event) {
                written += 1.0;
                bytes += event.raw.len() as f64 + 1.0;
            }
        });
        let range = estimate.written;
        println!(
            "{server} {name}: {written} events in {:?}, {bytes} bytes in {:?}",
            range.events, range.bytes
        );
        // The recording lacks the last event of 13 or 18 patches that are not JSON, so they are not counted. A Metadata log has two events
        // of each.
        let lost = 36.0;
        assert!(written >= range.events.low, "{server} {name}");
        assert!(written <= range.events.high + lost, "{server} {name}");
        assert!(bytes >= range.bytes.low, "{server} {name}");
        assert!(bytes <= range.bytes.high, "{server} {name}");
    }
}

#[test]
fn what_1_20_wrote_is_within_the_estimate() {
    let version = KubernetesVersion::from_minor(20).unwrap();
    let names = [
        "flawed-nesting",
        "meta-all",
        "none-users",
        "nonres-1",
        "omit",
        "request-all",
        "resnames-1",
        "subres",
    ];
    compare("kube-apiserver-1.20", version, &names);
}

#[test]
fn what_1_36_wrote_is_within_the_estimate() {
    let names = ["meta-all", "misspelt", "omit", "request-all", "star"];
    compare("kube-apiserver-1.36", KubernetesVersion::NEWEST, &names);
}

/// Parts of metrics, whole and damaged.
const PIECES: [&str; 24] = [
    "apiserver_request_total",
    "apiserver_response_sizes_sum",
    "apiserver_audit_level_total",
    "process_start_time_seconds",
    "go_memstats_last_gc_time_seconds",
    "{",
    "}",
    "{verb=\"GET\",resource=\"pods\",group=\"\",scope=\"namespace\"}",
    "{level=\"None\"}",
    "verb=\"LIST\"",
    ",",
    "=\"",
    "\\",
    "\"",
    " 1",
    " -1e308",
    " NaN",
    " +Inf",
    " 1700000000000",
    "\n",
    "# EOF\n",
    "<html>",
    "{\"data\":{\"result\":[{\"metric\":{\"__name__\":\"apiserver_request_total\"},\"value\":[1,\"2\"]}]}}",
    "\u{1}é",
];

fn check(text: &str) -> Result<(), TestCaseError> {
    let Ok(scrape) = Scrape::parse(text) else {
        return Ok(());
    };
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, users: [a]}, {level: RequestResponse, namespaces: [b]}, {level: Metadata}]\n";
    let policy = load(policy.as_bytes(), KubernetesVersion::NEWEST)
        .policy
        .unwrap();
    for scrapes in [vec![scrape.clone()], vec![scrape.clone(), scrape.clone()]] {
        let Ok(traffic) = Traffic::new(scrapes, None) else {
            continue;
        };
        let estimate = MetricsEstimate::new(&traffic, &policy);
        let range = estimate.written;
        for bound in [range.events.low, range.bytes.low, range.bytes.high] {
            prop_assert!(bound.is_finite() && bound >= 0.0);
        }
        prop_assert!(range.events.low <= range.events.high);
        prop_assert!(range.bytes.low <= range.bytes.high);
        if let Some(day) = estimate.per_day {
            prop_assert!(day.low.is_finite() && day.high.is_finite() && day.low <= day.high);
        }
        let sum: f64 = estimate
            .by
            .iter()
            .take(1)
            .flat_map(|by| &by.groups)
            .map(|group| group.requests.low)
            .sum();
        prop_assert!(sum <= estimate.requests * 1.000_001);
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn no_text_breaks_the_parser(pieces in proptest::collection::vec(proptest::sample::select(&PIECES[..]), 0..40)) {
        check(&pieces.concat())?;
    }

    #[test]
    fn no_bytes_break_the_parser(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        check(&String::from_utf8_lossy(&bytes))?;
    }
}
