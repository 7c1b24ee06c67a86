use super::*;
use crate::compare::compare;
use crate::guard::Guard;
use crate::safety::prove_safe;
use crate::testing::{event, table, text};

const HEAD: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n";
const ALL: &str = "- level: Metadata\n";

fn proposals(rules: &str, events: &[String], asked: &Asked) -> Proposals {
    let lines: Vec<&str> = events.iter().map(String::as_str).collect();
    let table = table(&lines);
    let source = format!("{HEAD}{rules}");
    let found = propose(source.as_bytes(), &table, asked);
    assert_eq!(found.refusal, None);
    let before = load(source.as_bytes(), asked.version).policy.unwrap();
    for proposal in found.offered() {
        let changed = apply(&source, std::slice::from_ref(&proposal.edit)).unwrap();
        let after = load(changed.as_bytes(), asked.version).policy.unwrap();
        let safety = prove_safe(&before, &after, &table);
        assert_eq!(safety.holds(), !proposal.is_write, "{safety:?}");
        let judge = |policy| Verdicts::new(&Matcher::new(policy), table.requests());
        let found = compare(&table, &judge(&before), &judge(&after), asked.version);
        assert_eq!(found.lost.before, proposal.saves);
        assert_eq!(found.lost.after, Amount::default());
        assert_eq!((found.gained.groups.len(), found.unknowable), (0, 0));
    }
    found
}

/// The reason why there is no proposal; none where there is one.
fn reason(rules: &str, event: String, asked: &Asked) -> Option<Reason> {
    let found = proposals(rules, &[event], asked);
    match &found.groups[0].offer {
        Offer::Proposal(_) => None,
        Offer::Nothing { why, sentence } => {
            assert_eq!(*sentence, why.sentence());
            Some(*why)
        }
    }
}

const PODS: &str = "/api/v1/namespaces/a/pods";
const LEASE: &str = "/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/l";
const SCHEDULER: &str = "system:kube-scheduler";
const AGENT: &str = "system:serviceaccount:obs:agent";

#[test]
fn only_reads_by_machines_and_probes_are_proposed() {
    let guarded = |guard| Some(Reason::Guarded { guard });
    let not_asked = |kind| Some(Reason::WriteNotAsked { kind });
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
        ("alice", "get", "/healthzz", Some(Reason::Person)),
        ("alice", "list", PODS, Some(Reason::Person)),
        ("system:admin", "list", PODS, Some(Reason::Person)),
        ("", "list", PODS, guarded(Guard::Anonymous)),
        (
            "system:anonymous",
            "get",
            "/healthz",
            guarded(Guard::Anonymous),
        ),
        (AGENT, "create", PODS, guarded(Guard::Write)),
        (AGENT, "update", &format!("{PODS}/p"), guarded(Guard::Write)),
        (
            AGENT,
            "patch",
            &format!("{PODS}/p/status"),
            guarded(Guard::Write),
        ),
        (AGENT, "delete", &format!("{PODS}/p"), guarded(Guard::Write)),
        (AGENT, "deletecollection", PODS, guarded(Guard::Write)),
        (AGENT, "post", "/healthz", guarded(Guard::Write)),
        (
            AGENT,
            "list",
            &format!("{core}/secrets"),
            guarded(Guard::Secrets),
        ),
        (
            AGENT,
            "watch",
            &format!("{core}/configmaps"),
            guarded(Guard::ConfigMaps),
        ),
        (
            AGENT,
            "get",
            &format!("{PODS}/p/exec"),
            guarded(Guard::Connection),
        ),
        (
            AGENT,
            "get",
            &format!("{PODS}/p/log"),
            guarded(Guard::Connection),
        ),
        (AGENT, "list", rbac, guarded(Guard::Rbac)),
        (AGENT, "watch", certificates, guarded(Guard::Certificates)),
        (AGENT, "update", LEASE, not_asked(Kind::Lease)),
        (
            AGENT,
            "create",
            &format!("{core}/events"),
            not_asked(Kind::EventRecord),
        ),
        (AGENT, "create", LEASE, guarded(Guard::Write)),
        (AGENT, "delete", LEASE, guarded(Guard::Write)),
        ("alice", "update", LEASE, Some(Reason::Person)),
        (AGENT, "options", "/metrics", Some(Reason::OtherMethod)),
    ] {
        let found = reason(ALL, event(1, user, verb, uri, 200), &Asked::default());
        assert_eq!(found, expected, "{user} {verb} {uri}");
    }
}

#[test]
fn refused_answers_and_borrowed_names_stay() {
    let watch = |code| event(1, SCHEDULER, "watch", PODS, code);
    for (code, expected) in [
        (200, None),
        (404, None),
        (401, Some(Reason::Refused { events: 1 })),
        (403, Some(Reason::Refused { events: 1 })),
    ] {
        assert_eq!(
            reason(ALL, watch(code), &Asked::default()),
            expected,
            "{code}"
        );
    }
    let silent = watch(200).replace(r#""responseStatus":{"metadata":{},"code":200},"#, "");
    assert_eq!(
        reason(ALL, silent, &Asked::default()),
        Some(Reason::NoAnswers)
    );
    // The first recorded event has the third number of its row.
    let asked = Asked {
        impersonated: vec![2],
        ..Asked::default()
    };
    assert_eq!(reason(ALL, watch(200), &asked), Some(Reason::Impersonated));
    let traced = watch(200).replace(
        r#""responseStatus""#,
        r#""authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"},"responseStatus""#,
    );
    assert_eq!(
        reason(ALL, traced, &Asked::default()),
        Some(Reason::Impersonated)
    );
    let failed = proposals(ALL, &[watch(200), watch(404)], &Asked::default());
    let proposal = failed.offered().next().unwrap();
    assert_eq!((proposal.failed, proposal.saves.events), (1, 3));
}

#[test]
fn a_rule_goes_where_it_works_and_past_those_that_name_such_requests() {
    let on_purpose = |rule| Err(Reason::OnPurpose { rule });
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
        // Rules about others are no reason to go further down.
        (
            "- level: Metadata\n  resources: [{group: \"\"}]\n- level: Request\n  users: [alice]\n",
            Ok(0),
        ),
    ] {
        let found = proposals(
            rules,
            &[event(1, SCHEDULER, "watch", PODS, 200)],
            &Asked::default(),
        );
        let result = match &found.groups[0].offer {
            Offer::Proposal(proposal) => Ok(proposal.before_rule),
            Offer::Nothing { why, .. } => Err(*why),
        };
        assert_eq!(result, place, "{rules}");
    }
}

#[test]
fn a_proposal_says_what_it_saves_and_how_it_is_spelt() {
    let events = [
        event(1, SCHEDULER, "watch", PODS, 200),
        event(2, SCHEDULER, "watch", PODS, 200),
        event(3, SCHEDULER, "list", PODS, 200),
        event(4, "alice", "watch", PODS, 200),
    ];
    let found = proposals(ALL, &events, &Asked::default());
    // Each watch is a ResponseStarted and a ResponseComplete event.
    assert_eq!(found.written.events, 7);
    let proposal = found.offered().next().unwrap();
    assert_eq!((proposal.saves.events, proposal.requests), (4, 1));
    assert_eq!(proposal.saves, found.groups[0].noise.written);
    assert_eq!(
        proposal.rule,
        "- level: None\n  users: [\"system:kube-scheduler\"]\n  verbs: [\"watch\"]\n  resources:\n  - group: \"\"\n    resources: [\"pods\"]\n"
    );
    assert_eq!(
        (proposal.edit.at, &proposal.edit.insert),
        (HEAD.len(), &proposal.rule)
    );
    let source = format!("{HEAD}{ALL}");
    let both = apply_all(&source, found.offered()).unwrap();
    assert_eq!(found.offered().count(), 2);
    assert_eq!(
        load(both.as_bytes(), KubernetesVersion::NEWEST)
            .policy
            .unwrap()
            .rules
            .len(),
        3
    );
    assert!(text(&found).contains(r#""kind":"machineRead""#));
    let probe = proposals(
        ALL,
        &[event(1, "alice", "get", "/readyz/etcd", 200)],
        &Asked::default(),
    );
    let probe = probe.offered().next().unwrap();
    assert_eq!(
        (probe.kind, probe.rule.as_str()),
        (
            Kind::HealthProbe,
            "- level: None\n  users: [\"alice\"]\n  verbs: [\"get\"]\n  nonResourceURLs: [\"/readyz/etcd\"]\n"
        )
    );
}

#[test]
fn writes_are_marked_and_name_their_namespaces() {
    let asked = Asked {
        include_writes: true,
        ..Asked::default()
    };
    let found = proposals(ALL, &[event(1, AGENT, "update", LEASE, 200)], &asked);
    let proposal = found.offered().next().unwrap();
    assert_eq!((proposal.kind, proposal.is_write), (Kind::Lease, true));
    assert!(
        proposal.rule.contains("  namespaces: [\"kube-system\"]\n"),
        "{}",
        proposal.rule
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
    let found = proposals(ALL, &many, &asked);
    let Offer::Nothing { why, .. } = &found.groups[0].offer else {
        panic!("{found:?}");
    };
    assert_eq!(*why, Reason::TooManyNamespaces { namespaces: 6 });
    for (verb, uri) in [
        ("update", PODS),
        ("create", LEASE),
        ("update", "/api/v1/namespaces/a/secrets/s"),
    ] {
        let found = proposals(ALL, &[event(1, AGENT, verb, uri, 200)], &asked);
        assert_eq!(found.offered().count(), 0, "{verb} {uri}");
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
    let found = proposals(ALL, &events, &Asked::default());
    assert_eq!(found.groups.len(), 1);
    let proposal = found.offered().next().unwrap();
    assert!(
        proposal.rule.contains("  userGroups: [\"system:nodes\"]\n"),
        "{}",
        proposal.rule
    );
    // Somebody else in the group would be silenced with them.
    let mut more = events.clone();
    more.push(event(9, "alice", "watch", PODS, 200).replace(r#"["system:authenticated"]"#, nodes));
    let found = proposals(ALL, &more, &Asked::default());
    let Offer::Nothing { why, .. } = &found.groups[0].offer else {
        panic!("{found:?}");
    };
    assert_eq!(*why, Reason::ChangesOthers);
}

#[test]
fn a_policy_that_cannot_be_explained_gets_none() {
    let watch = event(1, SCHEDULER, "watch", PODS, 200);
    for rules in [
        "- &all {level: Metadata}\n",
        "- level: Metadata\n  users: &u []\n",
    ] {
        let found = reason(rules, watch.clone(), &Asked::default());
        let why = Unplaceable::Anchors;
        assert_eq!(found, Some(Reason::Unplaceable { why }), "{rules}");
    }
    let table = table(&[&watch]);
    let flow = HEAD.replace("rules:\n", "rules: [{level: Metadata}]\n");
    let found = propose(flow.as_bytes(), &table, &Asked::default());
    let why = Reason::Unplaceable {
        why: Unplaceable::NotBlockStyle,
    };
    let Offer::Nothing { why: found, .. } = found.groups[0].offer else {
        panic!("{found:?}");
    };
    assert_eq!(found, why);
    for source in [
        "",
        "rules: 5",
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: none\n",
    ] {
        let found = propose(source.as_bytes(), &table, &Asked::default());
        assert!(
            found.refusal.is_some() && found.groups.is_empty(),
            "{source}"
        );
    }
    let silent = proposals("- level: None\n", &[watch], &Asked::default());
    assert!(silent.groups.is_empty());
}

#[test]
fn a_record_that_lacks_what_is_asked_gets_none() {
    let raw = r#"{"level":"Metadata","auditID":"1","stage":"Panic","verb":"get","user":{"username":"system:x"},"responseStatus":{"code":200}}"#;
    let guard = Guard::Unknown;
    let found = reason(ALL, raw.to_owned(), &Asked::default());
    assert_eq!(found, Some(Reason::Guarded { guard }));
    // Such a request may be one that a new rule takes, so no rule is offered for others either.
    let found = proposals(
        ALL,
        &[raw.to_owned(), event(2, "system:x", "get", PODS, 200)],
        &Asked::default(),
    );
    let reasons = found.groups.iter().filter(|answer| {
        matches!(
            answer.offer,
            Offer::Nothing {
                why: Reason::ChangesOthers,
                ..
            }
        )
    });
    assert_eq!(reasons.count(), 1);
}
