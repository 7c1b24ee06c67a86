use audit_policy::{KubernetesVersion, RuleIndex, load};

use super::node::node_name;
use super::*;

fn check(policy: &str, events: &[String]) -> PolicyCheckResult {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{policy}\n");
    let policy = load(text.as_bytes(), KubernetesVersion::NEWEST).policy;
    let mut check = PolicyCheck::new(&policy.unwrap());
    for (line, event) in (1..).zip(events) {
        let location = Location {
            line,
            ..Location::default()
        };
        check.push(0, location, &Event::new(event));
    }
    check.finish()
}

/// An event of alice; the seconds are those of receipt and of the stage.
fn event(
    level: &str,
    stage: &str,
    verb: &str,
    uri: &str,
    seconds: (u32, u32),
    rest: &str,
) -> String {
    let time = |seconds: u32| {
        format!(
            "2026-01-02T03:{:02}:{:02}.000000Z",
            seconds / 60,
            seconds % 60
        )
    };
    format!(
        r#"{{"level":"{level}","auditID":"{}","stage":"{stage}","requestURI":"{uri}","verb":"{verb}","user":{{"username":"alice","groups":["dev"]}},"requestReceivedTimestamp":"{}","stageTimestamp":"{}"{rest}}}"#,
        seconds.0,
        time(seconds.0),
        time(seconds.1)
    )
}

fn complete(level: &str, seconds: u32) -> String {
    event(
        level,
        "ResponseComplete",
        "get",
        "/version",
        (seconds, seconds),
        r#","responseStatus":{"metadata":{},"code":200}"#,
    )
}

fn received(seconds: u32) -> String {
    event(
        "Metadata",
        "RequestReceived",
        "get",
        "/version",
        (seconds, seconds),
        "",
    )
}

fn kinds(result: &PolicyCheckResult) -> Vec<(&'static str, u64)> {
    let kind = |found: &Contradiction| (found.kind.name(), found.events);
    result.contradictions.iter().map(kind).collect()
}

const METADATA: &str = "omitStages: [RequestReceived]\nrules: [{level: Metadata}]";

#[test]
fn levels_stages_and_requests_contradict_a_policy() {
    for (policy, event, expected) in [
        (METADATA, complete("Metadata", 1), None),
        (
            METADATA,
            complete("Request", 1),
            Some(("level-higher", "Request", "Metadata")),
        ),
        (
            "rules: [{level: Request}]",
            complete("Metadata", 1),
            Some(("level-lower", "Metadata", "Request")),
        ),
        (
            METADATA,
            received(1),
            Some(("unexpected-stage", "RequestReceived", "")),
        ),
        (
            "rules: [{level: None, nonResourceURLs: [/version]}, {level: Metadata}]",
            complete("Metadata", 1),
            Some(("unexpected-request", "Metadata", "None")),
        ),
        (
            "rules: [{level: Metadata, users: [bob]}]",
            complete("Metadata", 1),
            Some(("unexpected-request", "Metadata", "None")),
        ),
    ] {
        let result = check(policy, std::slice::from_ref(&event));
        assert_eq!(result.consistent, Some(expected.is_none()), "{policy}");
        let found = result.first().map(|(kind, first)| {
            (
                kind.name(),
                first.recorded.unwrap_or_default(),
                first.expected.unwrap_or_default(),
            )
        });
        assert_eq!(found, expected, "{policy}");
    }
}

#[test]
fn an_event_counts_once_and_the_first_of_each_kind_is_named() {
    let events = [
        complete("Metadata", 1),
        event("Request", "RequestReceived", "get", "/version", (2, 2), ""),
        complete("Request", 2),
        complete("Metadata", 3),
    ];
    let result = check(METADATA, &events);
    assert_eq!((result.checked, result.contradicting), (4, 2));
    assert_eq!(
        kinds(&result),
        [("unexpected-stage", 1), ("level-higher", 2)]
    );
    let lines: Vec<u64> = result
        .contradictions
        .iter()
        .map(|found| found.first.location.line)
        .collect();
    assert_eq!(lines, [2, 2]);
    assert_eq!(result.sources[0].checked_since_last, 1);
}

#[test]
fn a_truncated_event_keeps_its_level() {
    let truncated = event(
        "RequestResponse",
        "ResponseComplete",
        "create",
        "/api/v1/namespaces/dev/pods",
        (1, 1),
        r#","responseStatus":{"metadata":{},"code":201},"annotations":{"audit.k8s.io/truncated":"true"}"#,
    );
    assert_eq!(
        check("rules: [{level: RequestResponse}]", &[truncated]).consistent,
        Some(true)
    );
}

#[test]
fn a_stage_is_missing_if_no_request_within_the_log_has_it() {
    let keeps = "rules: [{level: Metadata}]";
    // The first request may have been received before the log began.
    assert_eq!(kinds(&check(keeps, &[complete("Metadata", 1)])), []);
    let events = [
        complete("Metadata", 1),
        complete("Metadata", 2),
        complete("Metadata", 3),
    ];
    let result = check(keeps, &events);
    assert_eq!(kinds(&result), [("missing-stage", 2)]);
    assert_eq!(result.contradictions[0].first.location.line, 2);
    assert_eq!((result.consistent, result.contradicting), (Some(false), 0));
    // The same with the newest event first.
    let newest_first: Vec<String> = events.iter().rev().cloned().collect();
    assert_eq!(kinds(&check(keeps, &newest_first)), [("missing-stage", 2)]);
    // One request has it.
    let mixed = [events.as_slice(), &[received(4)]].concat();
    assert_eq!(check(keeps, &mixed).consistent, Some(true));
    // Omitted by the policy.
    assert_eq!(check(METADATA, &events).consistent, Some(true));
    // A watch that was received before the log began.
    let watch = event(
        "Metadata",
        "ResponseComplete",
        "watch",
        "/api/v1/pods?watch=1",
        (0, 9),
        "",
    );
    assert_eq!(
        check(keeps, &[received(5), complete("Metadata", 5), watch]).consistent,
        Some(true)
    );
}

#[test]
fn the_last_stage_is_missing_only_after_the_timeout_of_requests() {
    let keeps = "rules: [{level: Metadata}]";
    let early = [received(1), received(2), received(3)];
    assert_eq!(check(keeps, &early).consistent, Some(true));
    let late = [early.as_slice(), &[received(70)]].concat();
    assert_eq!(kinds(&check(keeps, &late)), [("missing-stage", 4)]);
    let result = check(keeps, &late);
    assert_eq!(
        result.contradictions[0].first.expected,
        Some("ResponseComplete")
    );
}

#[test]
fn a_started_watch_has_a_stage_of_its_own() {
    let keeps = "omitStages: [RequestReceived]\nrules: [{level: Metadata}]";
    let ok = r#","responseStatus":{"metadata":{},"code":200}"#;
    let watch = |stage: &str, seconds: (u32, u32)| {
        event(
            "Metadata",
            stage,
            "watch",
            "/api/v1/pods?watch=1",
            seconds,
            ok,
        )
    };
    let done = [
        complete("Metadata", 1),
        watch("ResponseComplete", (2, 9)),
        watch("ResponseComplete", (3, 9)),
    ];
    assert_eq!(kinds(&check(keeps, &done)), [("missing-stage", 2)]);
    let both = [
        complete("Metadata", 1),
        watch("ResponseStarted", (2, 2)),
        watch("ResponseComplete", (2, 9)),
    ];
    assert_eq!(check(keeps, &both).consistent, Some(true));
}

#[test]
fn managed_fields_contradict_a_policy_that_omits_them() {
    let pod = |managed: &str| {
        event(
            "RequestResponse",
            "ResponseComplete",
            "create",
            "/api/v1/namespaces/dev/pods",
            (1, 1),
            &format!(
                r#","responseStatus":{{"metadata":{{}},"code":201}},"responseObject":{{"kind":"Pod","apiVersion":"v1","metadata":{{"name":"a","uid":"u"{managed}}}}}"#
            ),
        )
    };
    let (bare, full) = (pod(""), pod(r#","managedFields":[{"manager":"m"}]"#));
    let keeps = "rules: [{level: RequestResponse}]";
    let omits = "omitManagedFields: true\nrules: [{level: RequestResponse}]";
    assert_eq!(
        kinds(&check(omits, std::slice::from_ref(&full))),
        [("managed-fields-present", 1)]
    );
    assert_eq!(
        check(omits, std::slice::from_ref(&bare)).consistent,
        Some(true)
    );
    assert!(check(keeps, std::slice::from_ref(&full)).hints.is_empty());
    // That they are absent proves nothing: old servers do not have them, and shippers remove them.
    let result = check(keeps, &[bare]);
    assert_eq!(result.consistent, Some(true));
    assert_eq!(result.hints[0].kind, HintKind::NoManagedFields);
}

#[test]
fn what_a_record_lacks_is_not_guessed() {
    let no_groups = Event {
        missing: audit_log::MissingFields {
            groups: true,
            ..audit_log::MissingFields::default()
        },
        ..Event::new(
            r#"{"level":"Metadata","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{"username":"a"}}"#,
        )
    };
    let text = b"apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: None, userGroups: [dev]}, {level: Metadata}]\n";
    let policy = load(text, KubernetesVersion::NEWEST).policy.unwrap();
    let mut by_group = PolicyCheck::new(&policy);
    by_group.push(0, Location::default(), &no_groups);
    let result = by_group.finish();
    assert_eq!(
        (result.consistent, result.checked, result.unknowable),
        (None, 0, 1)
    );
    // A severity instead of the level says nothing about the level.
    let severity = complete("info", 1);
    assert_eq!(check(METADATA, &[severity]).consistent, Some(true));
}

#[test]
fn a_controller_manager_without_lease_requests_is_a_hint() {
    let events: Vec<String> = (0..20)
        .map(|number| {
            complete("Metadata", number * 10).replace("alice", "system:kube-controller-manager")
        })
        .collect();
    let hints = check(METADATA, &events).hints;
    assert_eq!(hints.len(), 1);
    assert_eq!(
        (hints[0].kind, hints[0].rule),
        (HintKind::NoLeaseRequests, Some(RuleIndex::new(0)))
    );
    let drops = "omitStages: [RequestReceived]\nrules: [{level: None, resources: [{group: coordination.k8s.io}]}, {level: Metadata}]";
    assert!(check(drops, &events).hints.is_empty());
    let lease = event(
        "Metadata",
        "ResponseComplete",
        "get",
        "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager",
        (5, 5),
        "",
    )
    .replace("alice", "system:kube-controller-manager");
    assert!(
        check(METADATA, &[events, vec![lease]].concat())
            .hints
            .is_empty()
    );
}

#[test]
fn sources_are_distinguished() {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{METADATA}\n");
    let policy = load(text.as_bytes(), KubernetesVersion::NEWEST)
        .policy
        .unwrap();
    let mut nodes = PolicyCheck::new(&policy);
    for (source, level) in [(0, "Metadata"), (2, "Request"), (0, "Metadata")] {
        nodes.push(
            source,
            Location::default(),
            &Event::new(&complete(level, 1)),
        );
    }
    let result = nodes.finish();
    let consistent: Vec<Option<bool>> = result
        .sources
        .iter()
        .map(|source| source.consistent)
        .collect();
    assert_eq!(consistent, [Some(true), None, Some(false)]);
}

#[test]
fn a_shipper_names_the_node() {
    for (fields, name) in [
        ("", None),
        (r#","hostname":"cp-1""#, Some("cp-1")),
        (r#","host":{"name":"cp-2"}"#, Some("cp-2")),
        (
            r#","kubernetes":{"host":"cp-3","pod_name":"x"}"#,
            Some("cp-3"),
        ),
        (r#","host":"loki","node":"cp-4""#, Some("cp-4")),
        (r#","host":"cp-6","node":"","hostname":{}"#, Some("cp-6")),
        (r#","hostname":7,"host":"cp-5""#, Some("cp-5")),
    ] {
        let raw =
            complete("Metadata", 1).replacen(",\"auditID\"", &format!("{fields},\"auditID\""), 1);
        assert_eq!(node_name(&Event::new(&raw)).as_deref(), name, "{fields}");
    }
}

/// The final event of every request was too long for the service that forwards the log. The start of each says which stage it is.
#[test]
fn events_that_were_cut_contradict_nothing() {
    use audit_log::{LogItem, LogReader};
    let requests = 20;
    let policy = "rules: [{level: Metadata}]";
    // From two requests on without a cut event, the stage is missing.
    for (cut_events, missing) in [(20, 0), (19, 0), (18, 20), (0, 20)] {
        let mut log = String::new();
        for index in 0..requests {
            let seconds = index * 61;
            let wrap = |event: &str| {
                let event = event.replace('"', "\\\"");
                format!("{{\"category\":\"kube-audit\",\"properties\":{{\"log\":\"{event}\"}}}}\n")
            };
            log += &wrap(&received(seconds));
            if index < cut_events {
                log += &wrap(&complete("Metadata", seconds)[..150]);
            }
        }
        let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{policy}\n");
        let policy = load(text.as_bytes(), KubernetesVersion::NEWEST).policy;
        let mut check = PolicyCheck::new(&policy.unwrap());
        let mut cut = 0;
        let mut visit = |item: LogItem<'_>| match item {
            LogItem::Event(location, event) => {
                check.push(0, location, event);
            }
            LogItem::Problem(problem) => {
                cut += u32::from(problem.reason.is_cut_event());
                check.push_problem(&problem.reason);
            }
        };
        let mut reader = LogReader::new();
        reader.push(log.as_bytes(), &mut visit);
        reader.finish(&mut visit);
        assert_eq!(cut, cut_events);
        let result = check.finish();
        let found: u64 = result.contradictions.iter().map(|one| one.events).sum();
        assert_eq!(found, missing, "{cut_events} cut: {:?}", kinds(&result));
        assert_eq!(result.consistent, Some(missing == 0));
    }
}
