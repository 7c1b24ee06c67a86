use super::*;
use crate::compare::compare;
use crate::protected::ProtectedReason;
use crate::protection::check_protection;
use crate::testing::{event, table, text};

const HEAD: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n";
const ALL: &str = "- level: Metadata\n";

fn suggestions(rules: &str, events: &[String], options: &SuggestOptions) -> Suggestions {
    let lines: Vec<&str> = events.iter().map(String::as_str).collect();
    let table = table(&lines);
    let source = format!("{HEAD}{rules}");
    let found = suggest(source.as_bytes(), &table, options);
    assert_eq!(found.policy_error, None);
    let before = load(source.as_bytes(), options.version).policy.unwrap();
    for rule in found.rules() {
        let changed = apply(&source, std::slice::from_ref(&rule.edit)).unwrap();
        let after = load(changed.as_bytes(), options.version).policy.unwrap();
        let safety = check_protection(&before, &after, &table);
        assert_eq!(safety.passes(), !rule.is_write, "{safety:?}");
        let verdicts_of = |policy| Verdicts::new(&Matcher::new(policy), table.requests());
        let found = compare(
            &table,
            &verdicts_of(&before),
            &verdicts_of(&after),
            options.version,
        );
        assert_eq!(found.lost.before, rule.saves);
        assert_eq!(found.lost.after, Volume::default());
        assert_eq!((found.gained.groups.len(), found.unknowable), (0, 0));
    }
    found
}

/// Returns the reason why there is no suggestion, if so.
fn reason(rules: &str, event: String, options: &SuggestOptions) -> Option<KeepReason> {
    let found = suggestions(rules, &[event], options);
    match &found.groups[0].suggestion {
        Suggestion::Rule(_) => None,
        Suggestion::None {
            reason,
            explanation,
        } => {
            assert_eq!(*explanation, reason.explanation());
            Some(*reason)
        }
    }
}

const PODS: &str = "/api/v1/namespaces/a/pods";
const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l";
const SCHEDULER: &str = "system:kube-scheduler";
const AGENT: &str = "system:serviceaccount:obs:agent";

#[test]
fn only_reads_by_components_and_probes_are_suggested() {
    let guarded = |guard| Some(KeepReason::Protected { guard });
    let not_asked = |kind| Some(KeepReason::WriteNotRequested { kind });
    let core = "/api/v1/namespaces/a";
    let rbac = "/apis/rbac.authorization.k8s.io/v1/roles";
    let certificates = "/apis/certificates.k8s.io/v1/certificatesigningrequests";
    for (user, verb, uri, expected) in [
        (SCHEDULER, "watch", PODS, None),
        (AGENT, "list", PODS, None),
        (AGENT, "get", LEASE, None),
        (AGENT, "list", "/api/v1/events", None),
        (AGENT, "get", "/metrics", None),
        ("alice", "get", "/healthz", None),
        ("alice", "get", "/readyz/etcd", None),
        ("alice", "get", "/healthzz", Some(KeepReason::Person)),
        ("alice", "list", PODS, Some(KeepReason::Person)),
        ("system:admin", "list", PODS, Some(KeepReason::Person)),
        ("", "list", PODS, guarded(ProtectedReason::Anonymous)),
        (
            "system:anonymous",
            "get",
            "/healthz",
            guarded(ProtectedReason::Anonymous),
        ),
        (AGENT, "create", PODS, guarded(ProtectedReason::Write)),
        (
            AGENT,
            "update",
            &format!("{PODS}/p"),
            guarded(ProtectedReason::Write),
        ),
        (
            AGENT,
            "patch",
            &format!("{PODS}/p/status"),
            guarded(ProtectedReason::Write),
        ),
        (
            AGENT,
            "delete",
            &format!("{PODS}/p"),
            guarded(ProtectedReason::Write),
        ),
        (
            AGENT,
            "deletecollection",
            PODS,
            guarded(ProtectedReason::Write),
        ),
        (AGENT, "post", "/healthz", guarded(ProtectedReason::Write)),
        (
            AGENT,
            "list",
            &format!("{core}/secrets"),
            guarded(ProtectedReason::Secrets),
        ),
        (
            AGENT,
            "watch",
            &format!("{core}/configmaps"),
            guarded(ProtectedReason::ConfigMaps),
        ),
        (
            AGENT,
            "get",
            &format!("{PODS}/p/exec"),
            guarded(ProtectedReason::Connection),
        ),
        (
            AGENT,
            "get",
            &format!("{PODS}/p/log"),
            guarded(ProtectedReason::Connection),
        ),
        (AGENT, "list", rbac, guarded(ProtectedReason::Rbac)),
        (
            AGENT,
            "watch",
            certificates,
            guarded(ProtectedReason::Certificates),
        ),
        (AGENT, "update", LEASE, not_asked(NoiseKind::Lease)),
        (
            AGENT,
            "create",
            &format!("{core}/events"),
            not_asked(NoiseKind::EventRecord),
        ),
        (AGENT, "create", LEASE, guarded(ProtectedReason::Write)),
        (AGENT, "delete", LEASE, guarded(ProtectedReason::Write)),
        ("alice", "update", LEASE, Some(KeepReason::Person)),
        (AGENT, "options", "/metrics", Some(KeepReason::OtherMethod)),
    ] {
        let found = reason(
            ALL,
            event(1, user, verb, uri, 200),
            &SuggestOptions::default(),
        );
        assert_eq!(found, expected, "{user} {verb} {uri}");
    }
}

#[test]
fn denied_and_impersonated_requests_are_kept() {
    let watch = |code| event(1, SCHEDULER, "watch", PODS, code);
    for (code, expected) in [
        (200, None),
        (404, None),
        (401, Some(KeepReason::Denied { events: 1 })),
        (403, Some(KeepReason::Denied { events: 1 })),
    ] {
        assert_eq!(
            reason(ALL, watch(code), &SuggestOptions::default()),
            expected,
            "{code}"
        );
    }
    let silent = watch(200).replace(r#""responseStatus":{"metadata":{},"code":200},"#, "");
    assert_eq!(
        reason(ALL, silent, &SuggestOptions::default()),
        Some(KeepReason::NoStatus)
    );
    let options = SuggestOptions {
        impersonated: vec![EventTable::recorded_id(0)],
        ..SuggestOptions::default()
    };
    assert_eq!(
        reason(ALL, watch(200), &options),
        Some(KeepReason::Impersonated)
    );
    let traced = watch(200).replace(
        r#""responseStatus""#,
        r#""authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"},"responseStatus""#,
    );
    assert_eq!(
        reason(ALL, traced, &SuggestOptions::default()),
        Some(KeepReason::Impersonated)
    );
    let failed = suggestions(ALL, &[watch(200), watch(404)], &SuggestOptions::default());
    let rule = failed.rules().next().unwrap();
    assert_eq!((rule.failed, rule.saves.events), (1, 3));
}

#[test]
fn a_rule_is_inserted_after_rules_that_name_the_requests() {
    let on_purpose = |index| {
        let rule = RuleIndex::new(index);
        Err(KeepReason::OnPurpose { rule })
    };
    for (rules, place) in [
        ("- level: Metadata\n", Ok(0)),
        ("- level: None\n  users: [bob]\n- level: Metadata\n", Ok(1)),
        (
            "- level: Request\n  verbs: [get, list, watch]\n  resources: [{group: \"\"}]\n- level: Metadata\n",
            Ok(0),
        ),
        (
            "- level: Request\n  resources: [{group: \"\", resources: [pods]}]\n- level: Metadata\n",
            Ok(0),
        ),
        // These name such requests, and take all of them.
        (
            "- level: Request\n  verbs: [watch]\n  resources: [{group: \"\", resources: [pods]}]\n- level: Metadata\n",
            on_purpose(0),
        ),
        (
            "- level: Request\n  users: [\"system:kube-scheduler\"]\n- level: Metadata\n",
            on_purpose(0),
        ),
        (
            "- level: Request\n  namespaces: [a]\n- level: Metadata\n",
            on_purpose(0),
        ),
        // This one names those of a namespace that the log does not have; the catch-all after it is free.
        (
            "- level: Request\n  namespaces: [prod]\n- level: Metadata\n",
            Ok(1),
        ),
        // This one can never be reached by such requests.
        (
            "- level: Metadata\n- level: Request\n  users: [\"system:kube-scheduler\"]\n",
            Ok(0),
        ),
        // Before this one no rule may go: it would be hidden.
        (
            "- level: Metadata\n  namespaces: [a]\n- level: Request\n  users: [\"system:kube-scheduler\"]\n",
            on_purpose(1),
        ),
        // Rules about others do not move the new rule further down.
        (
            "- level: Metadata\n  resources: [{group: \"\"}]\n- level: Request\n  users: [alice]\n",
            Ok(0),
        ),
    ] {
        let found = suggestions(
            rules,
            &[event(1, SCHEDULER, "watch", PODS, 200)],
            &SuggestOptions::default(),
        );
        let result = match &found.groups[0].suggestion {
            Suggestion::Rule(rule) => Ok(rule.before_rule.get()),
            Suggestion::None { reason, .. } => Err(*reason),
        };
        assert_eq!(result, place, "{rules}");
    }
}

#[test]
fn a_suggested_rule_has_savings_and_yaml() {
    let events = [
        event(1, SCHEDULER, "watch", PODS, 200),
        event(2, SCHEDULER, "watch", PODS, 200),
        event(3, SCHEDULER, "list", PODS, 200),
        event(4, "alice", "watch", PODS, 200),
    ];
    let found = suggestions(ALL, &events, &SuggestOptions::default());
    // Each watch is a ResponseStarted and a ResponseComplete event.
    assert_eq!(found.written.events, 7);
    let rule = found.rules().next().unwrap();
    assert_eq!((rule.saves.events, rule.requests), (4, 1));
    assert_eq!(rule.saves, found.groups[0].candidate.written);
    assert_eq!(
        rule.rule,
        "- level: None\n  users: [\"system:kube-scheduler\"]\n  verbs: [\"watch\"]\n  resources:\n  - group: \"\"\n    resources: [\"pods\"]\n"
    );
    assert_eq!((rule.edit.at, &rule.edit.insert), (HEAD.len(), &rule.rule));
    let source = format!("{HEAD}{ALL}");
    let both = apply_all(&source, found.rules()).unwrap();
    assert_eq!(found.rules().count(), 2);
    assert_eq!(
        load(both.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .unwrap()
            .rules
            .len(),
        3
    );
    assert!(text(&found).contains(r#""kind":"machineRead""#));
    let probe = suggestions(
        ALL,
        &[event(1, "alice", "get", "/readyz/etcd", 200)],
        &SuggestOptions::default(),
    );
    let probe = probe.rules().next().unwrap();
    assert_eq!(
        (probe.kind, probe.rule.as_str()),
        (
            NoiseKind::HealthProbe,
            "- level: None\n  users: [\"alice\"]\n  verbs: [\"get\"]\n  nonResourceURLs: [\"/readyz/etcd\"]\n"
        )
    );
}

#[test]
fn writes_are_marked_and_name_their_namespaces() {
    let options = SuggestOptions {
        include_writes: true,
        ..SuggestOptions::default()
    };
    let found = suggestions(ALL, &[event(1, AGENT, "update", LEASE, 200)], &options);
    let rule = found.rules().next().unwrap();
    assert_eq!((rule.kind, rule.is_write), (NoiseKind::Lease, true));
    assert!(
        rule.rule.contains("  namespaces: [\"kube-system\"]\n"),
        "{}",
        rule.rule
    );
    let many: Vec<String> = (0..6)
        .map(|id| {
            event(
                id,
                AGENT,
                "update",
                &LEASE.replace("kube-system", &format!("n{id}")),
                200,
            )
        })
        .collect();
    let found = suggestions(ALL, &many, &options);
    let Suggestion::None { reason, .. } = &found.groups[0].suggestion else {
        panic!("{found:?}");
    };
    assert_eq!(*reason, KeepReason::TooManyNamespaces { namespaces: 6 });
    for (verb, uri) in [
        ("update", PODS),
        ("create", LEASE),
        ("update", "/api/v1/namespaces/a/secrets/s"),
    ] {
        let found = suggestions(ALL, &[event(1, AGENT, verb, uri, 200)], &options);
        assert_eq!(found.rules().count(), 0, "{verb} {uri}");
    }
}

#[test]
fn kubelets_are_one_group() {
    let kubelet = |id: usize, groups: &str| {
        event(id, &format!("system:node:n{id}"), "watch", PODS, 200)
            .replace(r#"["system:authenticated"]"#, groups)
    };
    let nodes = r#"["system:nodes","system:authenticated"]"#;
    let events: Vec<String> = (0..5).map(|id| kubelet(id, nodes)).collect();
    let found = suggestions(ALL, &events, &SuggestOptions::default());
    assert_eq!(found.groups.len(), 1);
    let rule = found.rules().next().unwrap();
    assert!(
        rule.rule.contains("  userGroups: [\"system:nodes\"]\n"),
        "{}",
        rule.rule
    );
    // Somebody else in the group would be silenced with them.
    let mut more = events.clone();
    more.push(event(9, "alice", "watch", PODS, 200).replace(r#"["system:authenticated"]"#, nodes));
    let found = suggestions(ALL, &more, &SuggestOptions::default());
    let Suggestion::None { reason, .. } = &found.groups[0].suggestion else {
        panic!("{found:?}");
    };
    assert_eq!(*reason, KeepReason::ChangesOthers);
}

#[test]
fn a_policy_without_safe_insertion_gets_no_rule() {
    let watch = event(1, SCHEDULER, "watch", PODS, 200);
    for rules in [
        "- &all {level: Metadata}\n",
        "- level: Metadata\n  users: &u []\n",
    ] {
        let found = reason(rules, watch.clone(), &SuggestOptions::default());
        let why = InsertionError::Anchors;
        assert_eq!(found, Some(KeepReason::NotInsertable { why }), "{rules}");
    }
    let table = table(&[&watch]);
    let flow = HEAD.replace("rules:\n", "rules: [{level: Metadata}]\n");
    let found = suggest(flow.as_bytes(), &table, &SuggestOptions::default());
    let why = KeepReason::NotInsertable {
        why: InsertionError::NotBlockStyle,
    };
    let Suggestion::None { reason: found, .. } = found.groups[0].suggestion else {
        panic!("{found:?}");
    };
    assert_eq!(found, why);
    for source in [
        "",
        "rules: 5",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: none\n",
    ] {
        let found = suggest(source.as_bytes(), &table, &SuggestOptions::default());
        assert!(
            found.policy_error.is_some() && found.groups.is_empty(),
            "{source}"
        );
    }
    let silent = suggestions("- level: None\n", &[watch], &SuggestOptions::default());
    assert!(silent.groups.is_empty());
}

#[test]
fn an_incomplete_record_gets_no_rule() {
    let raw = r#"{"level":"Metadata","auditID":"1","stage":"Panic","verb":"get","user":{"username":"system:x"},"responseStatus":{"code":200}}"#;
    let guard = ProtectedReason::Unknown;
    let found = reason(ALL, raw.to_owned(), &SuggestOptions::default());
    assert_eq!(found, Some(KeepReason::Protected { guard }));
    // A new rule might match such a request, so no rule is suggested for others either.
    let found = suggestions(
        ALL,
        &[raw.to_owned(), event(2, "system:x", "get", PODS, 200)],
        &SuggestOptions::default(),
    );
    let reasons = found.groups.iter().filter(|answer| {
        matches!(
            answer.suggestion,
            Suggestion::None {
                reason: KeepReason::ChangesOthers,
                ..
            }
        )
    });
    assert_eq!(reasons.count(), 1);
}
