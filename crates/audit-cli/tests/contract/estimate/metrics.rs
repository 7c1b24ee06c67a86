//! `estimate --metrics`.

use serde_json::json;

use crate::{Folder, GOOD, keys};

/// 1,000 lease updates and 100 lists, in two hours.
const METRICS: &str = r#"# TYPE apiserver_request_total counter
apiserver_request_total{code="200",component="apiserver",dry_run="",group="coordination.k8s.io",resource="leases",scope="resource",subresource="",verb="PUT",version="v1"} 1000
apiserver_request_total{code="200",component="apiserver",dry_run="",group="",resource="pods",scope="cluster",subresource="",verb="LIST",version="v1"} 100
# TYPE apiserver_audit_event_total counter
apiserver_audit_event_total 2200
process_start_time_seconds 1.7e+09
go_memstats_last_gc_time_seconds 1.7000072e+09
"#;

const BY_USER: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: None\n  users: [system:kube-controller-manager]\n  verbs: [update]\n- level: Metadata\n";

fn folder(test: &str) -> Folder {
    Folder::new(
        test,
        &[
            ("good.yaml", GOOD),
            ("by-user.yaml", BY_USER),
            ("metrics.txt", METRICS),
            ("kubelet.txt", "kubelet_running_pods 3\n"),
            ("empty.txt", ""),
            ("page.html", "<!DOCTYPE html><p>login"),
            (
                "log.jsonl",
                "{\"kind\":\"Event\",\"auditID\":\"a\",\"stage\":\"Panic\"}\n",
            ),
        ],
    )
}

fn words<'w>(policy: &'w str, metrics: &'w str, more: &[&'w str]) -> Vec<&'w str> {
    let mut words = vec!["estimate", "--policy", policy, "--metrics", metrics];
    words.extend(more);
    words
}

#[test]
fn equal_metrics_count_nothing() {
    let folder = folder("metrics-equal");
    folder.write("again.txt", METRICS);
    let ran = folder.run(&words(
        "good.yaml",
        "metrics.txt",
        &["--metrics", "again.txt"],
    ));
    let said = "audit-policy: again.txt: the metrics are equal to those of `metrics.txt`, so nothing was counted between the two";
    assert!(ran.err.starts_with(said), "{}", ran.err);
}

#[test]
fn json_has_ranges_per_day() {
    let folder = folder("metrics-json");
    let ran = folder.run(&words("by-user.yaml", "metrics.txt", &["--format", "json"]));
    assert_eq!((ran.status, ran.err.as_str()), (0, ""));
    let object = ran.object();
    assert_eq!(
        keys(&object),
        [
            "source",
            "requests",
            "servers",
            "seconds",
            "written",
            "perDay",
            "undecided",
            "by",
            "server",
            "version",
            "cautions",
            "files"
        ]
    );
    assert_eq!(object["seconds"], json!(7200.0));
    assert_eq!(
        object["written"]["events"],
        json!({"low": 100.0, "high": 1100.0})
    );
    // Twelve times two hours.
    assert_eq!(
        object["perDay"]["events"],
        json!({"low": 1200.0, "high": 13200.0})
    );
    // 650 to 1,500 bytes per event.
    assert_eq!(
        (&object["perDay"]["low"], &object["perDay"]["high"]),
        (&json!(780000.0), &json!(19800000.0))
    );
    assert_eq!(object["server"]["eventsPerDay"], json!(26400.0));
    let rules: Vec<_> = object["by"][0]["groups"]
        .as_array()
        .unwrap()
        .iter()
        .map(|group| (group["rule"].clone(), group["requests"].clone()))
        .collect();
    assert_eq!(
        rules,
        [
            (json!(0), json!({"low": 0.0, "high": 1000.0})),
            (json!(1), json!({"low": 100.0, "high": 1100.0}))
        ]
    );
}

#[test]
fn text_states_the_range_and_what_the_server_wrote() {
    let folder = folder("metrics-text");
    let ran = folder.run(&words("by-user.yaml", "metrics.txt", &[]));
    assert_eq!(ran.status, 0);
    for part in [
        "Events per day: 1,200 events to 13,200 events",
        "Bytes per day: 780 KB to 19.8 MB",
        "Written by the server under its current policy: 2,200 events",
        "rule 2, Metadata",
    ] {
        assert!(ran.out.contains(part), "{part}: {}", ran.out);
    }
}

#[test]
fn the_window_may_be_given() {
    let folder = folder("metrics-window");
    for (window, events) in [
        ("1h", 26_400.0),
        ("1d", 1_100.0),
        ("1d12h", 733.333),
        ("30m", 52_800.0),
    ] {
        let ran = folder.run(&words(
            "good.yaml",
            "metrics.txt",
            &["--window", window, "--format", "json"],
        ));
        let high = ran.object()["perDay"]["events"]["high"].as_f64().unwrap();
        // Every request has two events under this policy.
        assert!((high - 2.0 * events).abs() < 1.0, "{window}: {high}");
    }
    for window in ["0s", "5", "h", "1h1h", "1s1h", "-1h", ""] {
        assert_eq!(
            folder
                .run(&words("good.yaml", "metrics.txt", &["--window", window]))
                .status,
            2,
            "{window}"
        );
    }
}

#[test]
fn what_is_not_metrics_of_an_api_server_is_named() {
    let folder = folder("metrics-wrong");
    for (file, part) in [
        ("kubelet.txt", "metrics of the kubelet"),
        ("empty.txt", "empty"),
        ("page.html", "HTML page"),
        ("log.jsonl", "an audit log, not metrics"),
        ("absent.txt", "cannot read"),
    ] {
        let ran = folder.run(&words("good.yaml", file, &[]));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{file}");
        assert!(
            ran.err.contains(part) && ran.err.lines().count() == 1,
            "{file}: {}",
            ran.err
        );
    }
    // A log in addition to metrics, and neither.
    assert_eq!(
        folder
            .run(&words("good.yaml", "metrics.txt", &["log.jsonl"]))
            .status,
        2
    );
    assert_eq!(folder.run(&["estimate", "--policy", "good.yaml"]).status, 2);
    assert_eq!(
        folder
            .run(&words("good.yaml", "metrics.txt", &["--max-size", "5"]))
            .status,
        2
    );
}

#[test]
fn options_that_need_a_log_say_why() {
    let folder = folder("metrics-options");
    for (options, part) in [
        (
            &["--propose"][..],
            "`--propose` needs a log: metrics don't contain the users",
        ),
        (&["--propose", "--apply"], "`--propose` needs a log"),
        (
            &["--baseline", "by-user.yaml"],
            "`--baseline` needs a log: metrics give ranges",
        ),
    ] {
        let ran = folder.run(&words("good.yaml", "metrics.txt", options));
        assert_eq!((ran.status, ran.out.as_str()), (2, ""), "{options:?}");
        assert!(
            ran.err.contains(part) && ran.err.lines().count() == 1,
            "{options:?}: {}",
            ran.err
        );
    }
}

#[test]
fn without_a_time_the_option_that_sets_it_is_named() {
    let folder = folder("metrics-no-time");
    let text = METRICS.replace("go_memstats_last_gc_time_seconds", "go_other");
    std::fs::write(folder.0.join("no-time.txt"), text).unwrap();
    let ran = folder.run(&words("good.yaml", "no-time.txt", &[]));
    assert_eq!(ran.status, 0);
    assert!(
        ran.err.contains("set the time with `--window`"),
        "{}",
        ran.err
    );
    assert!(!ran.out.contains("per day"), "{}", ran.out);
    let ran = folder.run(&words("good.yaml", "no-time.txt", &["--window", "2h"]));
    assert_eq!(ran.err, "");
}

#[test]
fn metrics_of_another_version_are_reported() {
    let folder = folder("metrics-version");
    let text = format!("{METRICS}kubernetes_build_info{{git_version=\"v1.29.4-eks-1\"}} 1\n");
    std::fs::write(folder.0.join("old.txt"), text).unwrap();
    let ran = folder.run(&words("good.yaml", "old.txt", &[]));
    assert!(ran.err.contains("Kubernetes `1.29`"), "{}", ran.err);
    let ran = folder.run(&words(
        "good.yaml",
        "old.txt",
        &["--kubernetes-version", "1.29"],
    ));
    assert_eq!(ran.err, "");
}

#[test]
fn hostile_labels_do_not_reach_a_terminal() {
    let folder = folder("metrics-hostile");
    let text = METRICS.replace("leases", "lea\u{1b}[31m\u{202e}ses");
    std::fs::write(folder.0.join("hostile.txt"), text).unwrap();
    let ran = folder.run(&words("good.yaml", "hostile.txt", &[]));
    assert_eq!(ran.status, 0);
    assert!(!ran.out.contains(['\u{1b}', '\u{202e}']), "{:?}", ran.out);
    assert!(ran.out.contains("lea"), "{}", ran.out);
}

#[test]
fn the_help_names_what_metrics_exclude() {
    let folder = folder("metrics-help");
    let help = folder.run(&["estimate", "--help"]).out;
    let help: Vec<&str> = help.split_whitespace().collect();
    let help = help.join(" ");
    assert!(
        help.contains("Not with a log, and not with the options that need one: `--baseline`, `--propose`, `--explain`, and those for prices, truncation and the log file"),
        "{help}"
    );
    // Each of these is in fact an error.
    for option in ["--propose", "--explain", "--compress"] {
        let ran = folder.run(&words("good.yaml", "metrics.txt", &[option]));
        assert_eq!(ran.status, 2, "{option}");
    }
}
