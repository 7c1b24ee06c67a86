//! Detected format and number of events of real-world logs. The counts were made with other programs (`jq`, Python). Skipped with a message
//! if the logs are not available in `AUDIT_SHARED` or next to the workspace.

#![expect(clippy::unwrap_used, clippy::indexing_slicing, reason = "a test")]

use std::fs;
use std::path::PathBuf;

use audit_log::{Attributes, LogItem, LogReader, reread_with_header};

/// File, format, number of events, number of problems.
const LOGS: [(&str, &str, u64, u64); 44] = [
    ("aks-event-requestresponse-bom.json", "JSON values", 1, 0),
    (
        "aks-eventhub-record-single-bom.json",
        "AKS diagnostic records",
        1,
        0,
    ),
    ("aks-eventhub-records.json", "AKS diagnostic records", 22, 0),
    ("audit2rbac-demo.log.jsonl", "JSON lines", 37, 0),
    (
        "auditsink-to-rbac-2019-04-05-33eda50.flattened-eventlist.jsonl",
        "EventList",
        5,
        0,
    ),
    (
        "auditsink-to-rbac-2019-04-05-f81c610.flattened-eventlist.jsonl",
        "EventList",
        9,
        0,
    ),
    ("auditsink-to-rbac-demo.eventlist.json", "EventList", 1, 0),
    (
        "aws-cloudwatch-insights-results.truncated.json",
        "CloudWatch Insights results",
        1,
        1,
    ),
    (
        "elastic-integrations-test-audit.jsonl",
        "JSON lines and AKS diagnostic records and GKE audit log entries",
        5,
        0,
    ),
    (
        "falco-k8s_audit/create_configmap_sensitive_values.json",
        "JSON lines",
        6,
        0,
    ),
    ("falco-k8s_audit/fal_01_003.json", "JSON lines", 0, 1),
    ("hkerma-audit-logs-head.csv", "JSON lines", 0, 7000),
    ("honeytoken-webhook.eventlist.json", "EventList", 1, 0),
    (
        "khi-gke-container_recorder_test_1_1.yaml",
        "JSON lines",
        0,
        251,
    ),
    (
        "khi-gke-container_recorder_test_1_2.yaml",
        "JSON lines",
        0,
        95,
    ),
    (
        "khi-gke-container_recorder_test_1_3.yaml",
        "JSON lines",
        0,
        85,
    ),
    ("khi-oss-event.yaml", "JSON lines", 0, 104),
    ("lab-6.2-sample-audit.jsonl", "JSON lines", 10, 0),
    ("openshift-clo-audit-want.jsonl", "JSON lines", 4, 0),
    ("openshift-clo-audit.jsonl", "JSON lines", 5, 0),
    ("openshift-clo-audit_in.jsonl", "JSON lines", 100, 0),
    ("openshift-clo-audit_out_exporter.jsonl", "JSON lines", 9, 0),
    ("openshift-clo-log5607_sample.json", "JSON values", 1, 0),
    (
        "openshift-clo-otlp_audit_kube.json",
        "OTLP log records",
        3,
        0,
    ),
    (
        "openshift-clo-otlp_audit_openshift.json",
        "OTLP log records",
        3,
        0,
    ),
    (
        "openshift-clo-raw_audit_kubernetes.json",
        "JSON values",
        1,
        0,
    ),
    (
        "openshift-clo-raw_audit_oauth-apiserver.json",
        "JSON values",
        1,
        0,
    ),
    (
        "openshift-clo-raw_audit_openshift.json",
        "JSON values",
        1,
        0,
    ),
    (
        "openshift-clo-viaq_audit_kubernetes.json",
        "OpenShift flattened events",
        1,
        0,
    ),
    ("openshift-single-event.json", "JSON values", 1, 0),
    ("panther-tests-aks.jsonl", "AKS diagnostic records", 34, 0),
    // Hand-written tests of detection rules: 119 lack two of the three fields that identify an event without a version.
    ("panther-tests-eks.jsonl", "JSON lines", 69, 119),
    // Six entries are from other Google services.
    ("panther-tests-gke.jsonl", "GKE audit log entries", 51, 6),
    ("panther-tests-other.jsonl", "JSON lines", 0, 3),
    ("sekoia-event_api_group.json", INPUT, 1, 0),
    ("sekoia-event_roleref.json", INPUT, 1, 0),
    ("sekoia-event_spec_containers.json", INPUT, 1, 0),
    ("sekoia-event_spec_volumes.json", INPUT, 1, 0),
    ("sekoia-event_user_exec_in_pod.json", INPUT, 1, 0),
    ("sekoia-event_user_list_pod.json", INPUT, 1, 0),
    ("sekoia-event_user_patch_deploy.json", INPUT, 1, 0),
    ("sekoia-gke_log_id_event.json", "JSON values", 0, 1),
    ("sekoia-gke_log_id_event2.json", "JSON values", 0, 1),
    ("sekoia-gke_log_id_event3.json", "JSON values", 0, 1),
];

/// A test case of another parser: the event as a string, and again in the expected output.
const INPUT: &str = "log shipper records with the event in `input.message`";

/// Logs of every kind in `tests/data/logs`: file and expected kind. Each has the same three events.
const OWN_LOGS: [(&str, &str); 35] = [
    ("aks-cut.jsonl", "AKS diagnostic records"),
    ("aks-table.json", "rows of `AKSAudit` or `AKSAuditAdmin`"),
    ("aks.json", "AKS diagnostic records"),
    ("array.json", "JSON array"),
    ("cloudwatch-cut.json", "CloudWatch log events"),
    ("cloudwatch.json", "CloudWatch log events"),
    ("colored.log", "lines with color codes"),
    ("columns.tsv", "CSV rows"),
    ("cri.log", "CRI container log lines"),
    ("docker.log", "Docker json-file lines"),
    ("elasticsearch.json", "Elasticsearch documents"),
    ("event-list.json", "EventList"),
    ("gke.json", "GKE audit log entries"),
    ("insights.json", "CloudWatch Insights results"),
    ("journal.json", "journald JSON entries"),
    ("journal.log", "journald or syslog lines"),
    ("kibana-fields.jsonl", "records with flattened fields"),
    ("kibana.csv", "CSV rows"),
    ("kinesis.json", "records with Base64 data"),
    ("kubectl.log", "`kubectl logs` lines with a pod prefix"),
    ("legacy.log", "legacy text lines"),
    ("lines.jsonl", "JSON lines"),
    ("log-analytics-aks.json", "Log Analytics query results"),
    ("log-analytics.json", "Log Analytics query results"),
    ("logcli.log", "Loki lines"),
    ("loki.json", "Loki lines"),
    ("openshift.jsonl", "OpenShift flattened events"),
    ("otlp.json", "OTLP log records"),
    ("prefixed.log", "lines with a text prefix"),
    ("quoted.log", "lines in quotes"),
    (
        "shipper.jsonl",
        "log shipper records with the event in `log`",
    ),
    ("splunk.csv", "CSV rows"),
    ("strings.log", "JSON strings"),
    ("timed.log", "lines with a time prefix"),
    ("values.json", "JSON values"),
];

#[test]
fn every_kind_of_log_is_detected() {
    let folder = conformance::data().join("logs");
    let files = fs::read_dir(&folder).unwrap();
    let logs = files.filter(|file| file.as_ref().unwrap().file_name() != "README.md");
    assert_eq!(logs.count(), OWN_LOGS.len());
    for (file, kind) in OWN_LOGS {
        let bytes = fs::read(folder.join(file)).unwrap();
        for piece in [7, 777, 1 << 20] {
            let expected = (kind.to_owned(), 3, 0);
            assert_eq!(
                taken(&bytes, piece),
                expected,
                "{file} in pieces of {piece}"
            );
        }
    }
}

/// Returns the folder of logs that are not part of the repository. `None` if it does not exist.
fn logs() -> Option<PathBuf> {
    let shared = match std::env::var_os("AUDIT_SHARED") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../shared"),
    };
    let logs = shared.join("corpus/logs");
    if logs.is_dir() {
        return Some(logs);
    }
    println!("skipped: no logs in {}", logs.display());
    None
}

/// Reads a file in chunks and returns its format, events and problems. Reads every event again from its location.
fn taken(bytes: &[u8], piece: usize) -> (String, u64, u64) {
    let mut events = Vec::new();
    let mut note = |item: LogItem<'_>| {
        if let LogItem::Event(place, event) = item {
            events.push((place, event.raw.to_owned()));
        }
    };
    let mut reader = LogReader::new();
    for bytes in bytes.chunks(piece) {
        reader.push(bytes, &mut note);
    }
    let summary = reader.finish(&mut note);
    let (mut last, mut alike) = (None, 0);
    for (place, raw) in events {
        alike = if last == Some(place) { alike + 1 } else { 0 };
        last = Some(place);
        let start = usize::try_from(place.offset).unwrap();
        let end = start + usize::try_from(place.length).unwrap();
        let header = summary.csv_header.as_deref();
        let again = reread_with_header(header, &bytes[start..end], alike);
        assert_eq!(again.unwrap().event().raw, raw);
    }
    assert_eq!(summary.rejection.is_none(), summary.events > 0);
    (summary.description(), summary.events, summary.problems)
}

/// The same requests are in each of these files, although not all of their fields.
#[test]
fn converted_events_are_the_same_requests() {
    let read = |file: &str| {
        let bytes = fs::read(conformance::data().join("logs").join(file)).unwrap();
        let mut requests = Vec::new();
        let mut note = |item: LogItem<'_>| {
            if let LogItem::Event(_, event) = item {
                let attributes = Attributes::from_event(event);
                assert!(!attributes.unknown.any(), "{file}");
                let stage = event.recorded_stage();
                requests.push((
                    attributes.request,
                    event.id().unwrap().into_owned(),
                    stage,
                    event.code(),
                ));
            }
        };
        let mut reader = LogReader::new();
        reader.push(&bytes, &mut note);
        reader.finish(&mut note);
        requests
    };
    let lines = read("lines.jsonl");
    for file in [
        "aks-table.json",
        "log-analytics-aks.json",
        "columns.tsv",
        "kibana-fields.jsonl",
        "kibana.csv",
        "legacy.log",
        "splunk.csv",
    ] {
        assert_eq!(read(file), lines, "{file}");
    }
}

#[test]
fn the_format_of_each_log_is_detected() {
    let Some(logs) = logs() else { return };
    let files = fs::read_dir(&logs)
        .unwrap()
        .map(|file| file.unwrap().path());
    for path in files.filter(|path| path.is_file()) {
        let is_listed = LOGS.iter().any(|(file, ..)| path.ends_with(file));
        assert!(is_listed, "{} is not in the list", path.display());
    }
    for (file, kind, events, problems) in LOGS {
        let Ok(bytes) = fs::read(logs.join(file)) else {
            panic!("{file} is missing");
        };
        for piece in [777, 1 << 20] {
            let expected = (kind.to_owned(), events, problems);
            assert_eq!(
                taken(&bytes, piece),
                expected,
                "{file} in pieces of {piece}"
            );
        }
    }
}

#[test]
fn recordings_of_single_events_contain_one_event() {
    let Some(logs) = logs() else { return };
    let listed = |path: &PathBuf| LOGS.iter().any(|(file, ..)| path.ends_with(file));
    let files = fs::read_dir(logs.join("falco-k8s_audit")).unwrap();
    let files: Vec<_> = files.map(|file| file.unwrap().path()).collect();
    assert_eq!(files.len(), 46);
    for path in files.iter().filter(|path| !listed(path)) {
        let (_, events, problems) = taken(&fs::read(path).unwrap(), 1 << 20);
        assert_eq!((events, problems), (1, 0), "{}", path.display());
    }
}
