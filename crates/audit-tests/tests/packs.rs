//! The packs that are built in. Results are stated by hand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use std::collections::BTreeSet;

use audit_policy::{KubernetesVersion, Policy, load};
use audit_tests::{Case, Claim, Decision, FileKind, Runner, TestFile, packs};

fn accepted(rules: &str) -> Policy {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{rules}");
    let loaded = load(text.as_bytes(), KubernetesVersion::NEWEST);
    loaded
        .policy
        .unwrap_or_else(|| panic!("{:?}", loaded.error))
}

fn files() -> Vec<TestFile> {
    let parse = |pack: &audit_tests::BuiltInPack| {
        pack.parse()
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", pack.name))
    };
    packs().iter().map(parse).collect()
}

fn decide<'f>(files: &'f [TestFile], rules: &str) -> Vec<(&'f Case, Decision)> {
    let policy = accepted(rules);
    let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
    let cases = files.iter().flat_map(|file| &file.tests);
    cases
        .map(|case| (case, Decision::of(case, &runner.run(case), false)))
        .collect()
}

/// Returns the claims about classes that are refuted. Each of the others is met.
fn refuted(rules: &str) -> BTreeSet<String> {
    let files = files();
    let of_classes = decide(&files, rules)
        .into_iter()
        .filter(|(case, _)| matches!(case.claim, Claim::Class(_)));
    let mut refuted = BTreeSet::new();
    for (case, decision) in of_classes {
        let id = case.id.clone().unwrap();
        match decision {
            Decision::Met => {}
            Decision::Refuted => assert!(refuted.insert(id)),
            Decision::PartlyMet | Decision::NotDecidable => panic!("{id} is not decided"),
        }
    }
    refuted
}

fn set(ids: &[&str]) -> BTreeSet<String> {
    ids.iter().map(|id| (*id).to_owned()).collect()
}

/// The claims that bodies are not recorded.
const BODIES: [&str; 3] = [
    "CIS-3.2.2-configmap-bodies",
    "CIS-3.2.2-secret-bodies",
    "CIS-3.2.2-tokenreview-bodies",
];

/// The claims that everything is recorded with bodies, and at every stage.
const EVERYTHING: [&str; 3] = ["CNTR-K8-000700", "CNTR-K8-000700-stages", "NSA-all"];

/// The claims that requests are recorded.
const RECORDED: [&str; 21] = [
    "APP.4.4.A3-log-anonymous",
    "APP.4.4.A3-log-rights",
    "APP.4.4.A3-log-volumes",
    "CIS-3.2.2-deployments",
    "CIS-3.2.2-exec",
    "CIS-3.2.2-pod-proxy",
    "CIS-3.2.2-pods",
    "CIS-3.2.2-portforward",
    "CIS-3.2.2-secrets",
    "CIS-3.2.2-service-proxy",
    "NSA-anonymous",
    "NSA-deployments",
    "NSA-history",
    "NSA-permissions",
    "PCI-10.2.1.2-interactive",
    "PCI-10.2.1.2-masters",
    "PCI-10.2.1.4-authentication",
    "PCI-10.2.1.4-authorization",
    "PCI-10.2.1.5-accounts",
    "PCI-10.2.1.5-permissions",
    "PCI-10.2.1.7",
];

#[test]
fn each_pack_is_named_dated_and_sourced() {
    for (pack, file) in packs().iter().zip(files()) {
        assert_eq!(file.kind, FileKind::RequirementPack, "{}", pack.name);
        assert_eq!(file.id.as_deref(), Some(pack.name));
        assert!(file.title.is_some(), "{}", pack.name);
        assert!(file.source.unwrap().contains("20"), "{}: a year", pack.name);
        let ids: BTreeSet<_> = file.tests.iter().map(|case| &case.id).collect();
        assert_eq!(ids.len(), file.tests.len(), "{}: ids", pack.name);
        for case in &file.tests {
            let is_open = matches!(case.claim, Claim::Undecidable);
            assert!(!is_open || case.why.is_some(), "{:?}: a reason", case.id);
        }
    }
}

#[test]
fn every_claim_about_requests_is_decided() {
    let [bodies, everything, recorded] = [&BODIES[..], &EVERYTHING[..], &RECORDED[..]];
    // Every claim about a class is in one of the lists: none of them holds.
    let all =
        refuted("omitStages: [ResponseComplete, ResponseStarted]\nrules:\n- level: Request\n");
    assert_eq!(all, set(&[bodies, everything, recorded].concat()));
    for (rules, expected) in [
        // Access is recorded, bodies that have secrets are not.
        (
            "omitStages: [RequestReceived]\nrules:\n- level: Metadata\n  resources:\n  - {group: '', resources: [secrets, configmaps]}\n  - {group: authentication.k8s.io, resources: [tokenreviews]}\n- level: RequestResponse\n",
            everything.to_vec(),
        ),
        // The policy that the STIG wants.
        ("rules:\n- level: RequestResponse\n", bodies.to_vec()),
        // Nothing is recorded, so no body is either.
        (
            "rules:\n- level: Metadata\n  users: [nobody]\n",
            [everything, recorded].concat(),
        ),
        // A component is left out: the history is not complete.
        (
            "rules:\n- level: None\n  users: ['system:kube-proxy']\n- level: Metadata\n",
            vec![
                "CNTR-K8-000700",
                "CNTR-K8-000700-stages",
                "NSA-all",
                "NSA-history",
                // kube-proxy could also be a member of `system:masters`, use exec, or change what it has no permission for.
                "PCI-10.2.1.2-masters",
                "PCI-10.2.1.2-interactive",
                "PCI-10.2.1.5-accounts",
                "PCI-10.2.1.5-permissions",
                "PCI-10.2.1.7",
                "CIS-3.2.2-deployments",
                "CIS-3.2.2-exec",
                "CIS-3.2.2-pod-proxy",
                "CIS-3.2.2-pods",
                "CIS-3.2.2-portforward",
                "CIS-3.2.2-secrets",
                "CIS-3.2.2-service-proxy",
                "NSA-deployments",
                "NSA-permissions",
                "APP.4.4.A3-log-rights",
                "APP.4.4.A3-log-volumes",
            ],
        ),
        // Only its watches are left out.
        (
            "rules:\n- level: None\n  users: ['system:kube-proxy']\n  verbs: [watch]\n  resources: [{group: '', resources: [services]}]\n- level: Metadata\n",
            vec![
                "CNTR-K8-000700",
                "CNTR-K8-000700-stages",
                "NSA-all",
                "NSA-history",
                "PCI-10.2.1.2-masters",
            ],
        ),
        // kube-apiserver records an answer of 401 at ResponseStarted only.
        (
            "omitStages: [ResponseStarted]\nrules:\n- level: Metadata\n",
            vec![
                "CNTR-K8-000700",
                "CNTR-K8-000700-stages",
                "NSA-all",
                "PCI-10.2.1.4-authentication",
            ],
        ),
    ] {
        assert_eq!(refuted(rules), set(&expected), "{rules}");
    }
}

#[test]
fn claims_about_flags_need_settings() {
    let files = files();
    let settings = |case: &Case| matches!(case.claim, Claim::Setting(_));
    let rules = "rules:\n- level: Metadata\n";
    for (case, decision) in decide(&files, rules) {
        if settings(case) || matches!(case.claim, Claim::Undecidable) {
            assert_eq!(decision, Decision::NotDecidable, "{:?}", case.id);
        }
    }
    let policy = accepted(rules);
    let runner = Runner::new(&policy, KubernetesVersion::NEWEST).with_flags(|name| {
        let value = match name {
            "audit-policy-file" => "/etc/kubernetes/audit.yaml",
            "audit-log-path" => "/var/log/audit.log",
            "audit-log-maxage" => "30",
            "audit-log-maxbackup" => "9",
            _ => return Ok(None),
        };
        Ok(Some(value.to_owned()))
    });
    let cases = files.iter().flat_map(|file| &file.tests);
    let refuted: Vec<&str> = cases
        .filter(|case| settings(case))
        .filter(|case| Decision::of(case, &runner.run(case), true) == Decision::Refuted)
        .map(|case| case.id.as_deref().unwrap())
        .collect();
    assert_eq!(
        refuted,
        [
            "CIS-1.2.18",
            "CIS-1.2.19",
            "CNTR-K8-003290",
            "CNTR-K8-003300",
            "PCI-10.5.1-available"
        ]
    );
}

/// Returns the pairs of ids that contradict each other.
fn contradictions(files: &[TestFile]) -> Vec<(String, String)> {
    let policy = accepted("rules:\n- level: Metadata\n");
    let runner = Runner::new(&policy, KubernetesVersion::NEWEST);
    let cases: Vec<&Case> = files.iter().flat_map(|file| &file.tests).collect();
    let found = runner.contradictions(&cases);
    assert!(!found.is_partial);
    let id = |index: usize| cases[index].id.clone().unwrap();
    for pair in &found.found {
        // The request is in the class of both.
        for claim in [&cases[pair.first].claim, &cases[pair.second].claim] {
            if let (Claim::Class(claim), Some(request)) = (claim, &pair.request) {
                assert!(claim.classes.iter().any(|class| class.contains(request)));
            }
        }
    }
    let pairs = found.found.iter();
    pairs
        .map(|pair| (id(pair.first), id(pair.second)))
        .collect()
}

#[test]
fn standards_contradict_each_other_about_bodies() {
    let mut expected = Vec::new();
    for bodies in ["secret", "configmap", "tokenreview"] {
        for all in ["CNTR-K8-000700", "NSA-all"] {
            expected.push((format!("CIS-3.2.2-{bodies}-bodies"), all.to_owned()));
        }
    }
    assert_eq!(contradictions(&files()), expected);
}

#[test]
fn claims_contradict_each_other_if_nothing_meets_both() {
    for (one, other, is_contradiction) in [
        (
            "requests: {resource: pods}, atMost: Metadata",
            "requests: {verb: get}, atLeast: Request",
            true,
        ),
        (
            "requests: {resource: pods}, atMost: Metadata",
            "requests: {verb: get}, atLeast: Metadata",
            false,
        ),
        (
            "requests: {namespace: a}, level: None",
            "requests: {namespace: b}, level: Metadata",
            false,
        ),
        // No request is for a resource and for a URL.
        (
            "requests: {resource: pods}, level: None",
            "requests: {path: /version}, level: Metadata",
            false,
        ),
        // A deletecollection has no name.
        (
            "requests: {verb: deletecollection}, level: None",
            "requests: {name: a, subresource: ''}, level: Metadata",
            false,
        ),
        (
            "requests: {verb: deletecollection}, level: None, every: true",
            "requests: {name: a, subresource: ''}, level: Metadata, every: true",
            true,
        ),
        (
            "requests: {}, notRecorded: true",
            "requests: {}, stages: {include: [Panic]}",
            true,
        ),
        (
            "requests: {}, stages: {not: [Panic]}",
            "requests: {}, stages: {include: [Panic]}",
            true,
        ),
        (
            "requests: {}, omitManagedFields: true",
            "requests: {}, omitManagedFields: false",
            true,
        ),
        (
            "setting: {flag: a, atLeast: 30}",
            "setting: {flag: a, atMost: 29}",
            true,
        ),
        (
            "setting: {flag: a, atLeast: 30}",
            "setting: {flag: a, atMost: 30}",
            false,
        ),
        (
            "setting: {flag: a, atLeast: 30}",
            "setting: {flag: b, atMost: 29}",
            false,
        ),
        (
            "setting: {flag: a, atLeast: 30}",
            "setting: {flag: a, value: 7}",
            true,
        ),
        (
            "setting: {flag: a, value: x}",
            "setting: {flag: a, value: y}",
            true,
        ),
        (
            "setting: {flag: a, isSet: true}",
            "setting: {flag: a, isSet: false}",
            true,
        ),
        (
            "setting: {flag: a, isSet: false}",
            "setting: {flag: a, isSet: false}",
            false,
        ),
    ] {
        let text = format!(
            "kind: RequirementPack\nid: p\ntests:\n- {{id: a, name: a, source: s, {one}}}\n- {{id: b, name: b, source: s, {other}}}\n"
        );
        let file = TestFile::parse(&text).unwrap_or_else(|errors| panic!("{text}: {errors:?}"));
        let found = contradictions(&[file]);
        assert_eq!(!found.is_empty(), is_contradiction, "{one} / {other}");
    }
}
