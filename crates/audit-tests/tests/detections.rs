//! Detections: what each needs, and what blinds it. Results are stated by hand.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use std::collections::BTreeSet;

use audit_policy::{KubernetesVersion, Loaded, Policy, Rule, load};
use audit_tests::{
    Cause, Claim, Decision, Detected, Detection, Fires, Runner, TestFile, detection_packs,
};

const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;

fn loaded(rules: &str) -> Loaded {
    let text = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{rules}");
    let loaded = load(text.as_bytes(), VERSION);
    assert_eq!(loaded.error, None, "{text}");
    loaded
}

fn accepted(rules: &str) -> Policy {
    loaded(rules).policy.unwrap()
}

fn files() -> Vec<TestFile> {
    let parse = |pack: &audit_tests::BuiltInPack| {
        pack.parse()
            .unwrap_or_else(|errors| panic!("{}: {errors:?}", pack.name))
    };
    detection_packs().iter().map(parse).collect()
}

/// Returns the detection of a pack by its name.
fn detection(pack: &str, name: &str) -> Detection {
    let files = files();
    let mut files = files.iter().filter(|file| file.id.as_deref() == Some(pack));
    let mut cases = files.next().unwrap().tests.iter();
    let case = cases.find(|case| case.name == name);
    match &case.unwrap_or_else(|| panic!("{pack}: {name}")).claim {
        Claim::Detection(detection) => detection.clone(),
        claim => panic!("{name}: {claim:?}"),
    }
}

fn detect(rules: &str, pack: &str, name: &str) -> Detected {
    let policy = accepted(rules);
    let runner = Runner::new(&policy, VERSION);
    runner.detect(&detection(pack, name)).unwrap()
}

#[test]
fn each_pack_is_named_dated_and_sourced() {
    for (pack, file) in detection_packs().iter().zip(files()) {
        assert_eq!(file.id.as_deref(), Some(pack.name));
        assert!(file.title.is_some(), "{}", pack.name);
        let source = file.source.unwrap();
        assert!(source.starts_with("https://github.com/"), "{source}");
        assert!(source.contains("read 20"), "{source}");
        let ids: BTreeSet<_> = file.tests.iter().map(|case| &case.id).collect();
        assert_eq!(ids.len(), file.tests.len(), "{}: ids", pack.name);
        for case in &file.tests {
            let is_open = matches!(case.claim, Claim::Undecidable);
            assert!(is_open || matches!(case.claim, Claim::Detection(_)));
            assert!(!is_open || case.why.is_some(), "{:?}: a reason", case.id);
        }
    }
}

#[test]
fn every_detection_fires_if_everything_is_recorded_and_none_if_nothing_is() {
    for (rules, fires) in [
        ("rules:\n- level: RequestResponse\n", Fires::All),
        ("rules:\n- level: None\n", Fires::Never),
    ] {
        let policy = accepted(rules);
        let runner = Runner::new(&policy, VERSION);
        for file in files() {
            for case in &file.tests {
                if let Claim::Detection(detection) = &case.claim {
                    let detected = runner.detect(detection).unwrap();
                    assert_eq!(detected.fires, Some(fires), "{:?}", case.id);
                }
            }
        }
    }
}

/// Policies of which each blinds many detections, in several layouts.
const POLICIES: [&str; 5] = [
    "rules:\n- level: None\n",
    "omitStages: [RequestReceived]\nrules:\n# Nobody reads these.\n- level: None\n  resources:\n  - group: ''\n    resources: [events, secrets]\n- level: Metadata\n",
    "omitStages:\n- RequestReceived\n- ResponseStarted\n- ResponseComplete\nrules:\n- level: Request\n",
    "rules:\n- level: Metadata\n  resources:\n  - resources: [pods]",
    "rules:\n- level: None\n  users: ['system:kube-proxy']\n- level: Metadata\n  verbs: [create]\n- level: RequestResponse\n  omitStages: [ResponseComplete, ResponseStarted]\n",
];

#[test]
fn a_change_lets_the_detection_fire_and_nothing_can_be_left_out() {
    let files = files();
    let (mut changes, mut removed) = (0, 0);
    for rules in POLICIES {
        let loaded = loaded(rules);
        let policy = loaded.policy.clone().unwrap();
        let runner = Runner::new(&policy, VERSION);
        for case in files.iter().flat_map(|file| &file.tests) {
            let Claim::Detection(detection) = &case.claim else {
                continue;
            };
            let detected = runner.detect(detection).unwrap();
            let fires = detected.fires;
            let change = runner.change_for(detection, &detected).unwrap();
            assert_eq!(
                change.is_some(),
                fires == Some(Fires::Never),
                "{:?}: {rules}",
                case.id
            );
            let Some(change) = change else { continue };
            changes += 1;
            let text = change.text(&loaded, VERSION).unwrap();
            let changed = load(text.as_bytes(), VERSION).policy.unwrap();
            let fires = |policy: &Policy| {
                let runner = Runner::new(policy, VERSION);
                runner.detect(detection).unwrap().fires.unwrap()
            };
            assert_eq!(fires(&changed), change.fires, "{:?}: {text}", case.id);
            assert_ne!(change.fires, Fires::Never);
            for (index, rule) in change.rules.iter().enumerate() {
                let at = change.before.get() + index;
                let mut without = changed.clone();
                without.rules.remove(at);
                assert_ne!(fires(&without), change.fires, "{:?}: {text}", case.id);
                for (value, smaller) in without_a_value(rule) {
                    let mut without = changed.clone();
                    without.rules[at] = smaller;
                    removed += 1;
                    assert_ne!(
                        fires(&without),
                        change.fires,
                        "{:?}: {value}: {text}",
                        case.id
                    );
                }
            }
            if let Some(stage) = change.recorded_stage {
                let mut without = changed.clone();
                without.omit_stages.push(stage);
                assert_eq!(fires(&without), Fires::Never, "{:?}", case.id);
            }
        }
    }
    assert!(changes > 300, "{changes}");
    assert!(removed > 300, "{removed}");
}

/// Returns a rule without each of its values, with the value. The last one of a list stays: an empty list matches everything.
fn without_a_value(rule: &Rule) -> Vec<(String, Rule)> {
    let mut all = Vec::new();
    type List = fn(&mut Rule, usize) -> &mut Vec<String>;
    let of_rule: [List; 5] = [
        |rule, _| &mut rule.users,
        |rule, _| &mut rule.user_groups,
        |rule, _| &mut rule.verbs,
        |rule, _| &mut rule.namespaces,
        |rule, _| &mut rule.non_resource_urls,
    ];
    let of_entry: [List; 2] = [
        |rule, entry| &mut rule.resources[entry].resources,
        |rule, entry| &mut rule.resources[entry].resource_names,
    ];
    let entries = 0..rule.resources.len();
    let of_entries = entries.flat_map(|entry| of_entry.map(|list| (list, entry)));
    for (list, entry) in of_rule.map(|list| (list, 0)).into_iter().chain(of_entries) {
        let values = list(&mut rule.clone(), entry).clone();
        for (index, value) in values.iter().enumerate().filter(|_| values.len() > 1) {
            let mut smaller = rule.clone();
            list(&mut smaller, entry).remove(index);
            all.push((value.clone(), smaller));
        }
    }
    for (index, entry) in rule.resources.iter().enumerate() {
        if rule.resources.len() > 1 {
            let mut smaller = rule.clone();
            smaller.resources.remove(index);
            all.push((entry.group.clone(), smaller));
        }
    }
    all
}

#[test]
fn a_change_does_not_lower_a_level() {
    // Rule 2 records pods with bodies; a rule before rule 1 must not record them without.
    let policy = accepted(
        "rules:\n- level: None\n  verbs: [delete]\n  resources: [{resources: [secrets]}]\n- level: RequestResponse\n  verbs: [create, update]\n- level: None\n",
    );
    let runner = Runner::new(&policy, VERSION);
    let text = "tests:\n- {name: a, detects: {verb: delete, apiGroup: '', resource: [secrets, pods], subresource: ''}}\n";
    let file = TestFile::parse(text).unwrap();
    let Claim::Detection(detection) = &file.tests[0].claim else {
        panic!();
    };
    let detected = runner.detect(detection).unwrap();
    let change = runner.change_for(detection, &detected).unwrap().unwrap();
    let expected = "- level: Metadata\n  verbs: [\"delete\"]\n  resources:\n  - group: \"\"\n    resources: [\"secrets\", \"pods\"]\n";
    assert_eq!(change.yaml(), expected);
    assert_eq!(change.before.get(), 0);
    assert_eq!(change.words(), "insert a rule before rule 1");
}

#[test]
fn a_case_is_met_partly_met_refuted_or_not_decidable() {
    let head = "kind: RequirementPack\nid: a\ntests:\n- {id: a, name: a, source: a, detects: ";
    for (detects, rules, decision) in [
        ("{verb: get}", "rules:\n- level: Metadata\n", Decision::Met),
        (
            "{verb: [get, list]}",
            "rules:\n- level: Metadata\n  verbs: [get]\n",
            Decision::PartlyMet,
        ),
        (
            "{verb: list}",
            "rules:\n- level: Metadata\n  verbs: [get]\n",
            Decision::Refuted,
        ),
        // A create has no name in its URL.
        (
            "{verb: create, apiGroup: '', resource: pods, subresource: '', name: a}",
            "rules:\n- level: Metadata\n",
            Decision::NotDecidable,
        ),
    ] {
        let file = TestFile::parse(&format!("{head}{detects}}}\n")).unwrap();
        let policy = accepted(rules);
        let outcome = Runner::new(&policy, VERSION).run(&file.tests[0]);
        assert_eq!(
            Decision::of(&file.tests[0], &outcome, false),
            decision,
            "{detects}"
        );
        assert_eq!(
            outcome.witness.is_some(),
            matches!(decision, Decision::PartlyMet | Decision::Refuted)
        );
    }
}

#[test]
fn what_is_read_decides_the_level_and_the_stages() {
    for (fields, needs) in [
        (
            "",
            "an event of `RequestReceived` or `ResponseComplete` (`Metadata`)",
        ),
        (
            "reads: [userAgent]",
            "an event of `RequestReceived` or `ResponseComplete` with `userAgent` (`Metadata`)",
        ),
        (
            "reads: [responseStatus.code]",
            "an event of `ResponseComplete` with `responseStatus.code` (`Metadata`)",
        ),
        (
            "reads: [requestObject.spec.hostPID]",
            "an event of `ResponseComplete` with `requestObject.spec.hostPID` (`Request`)",
        ),
        (
            "reads: [responseObject.rules, userAgent]",
            "an event of `ResponseComplete` with `responseObject.rules`, `userAgent` (`RequestResponse`)",
        ),
        (
            "atLeast: RequestResponse, stages: [ResponseStarted]",
            "an event of `ResponseStarted` (`RequestResponse`)",
        ),
        (
            "atLeast: Metadata, reads: [requestObject]",
            "an event of `ResponseComplete` with `requestObject` (`Request`)",
        ),
    ] {
        let comma = if fields.is_empty() { "" } else { ", " };
        let text = format!("tests:\n- {{name: a, detects: {{verb: create}}{comma}{fields}}}\n");
        let file = TestFile::parse(&text).unwrap();
        let Claim::Detection(detection) = &file.tests[0].claim else {
            panic!("{fields}");
        };
        assert_eq!(detection.needs(), needs, "{fields}");
    }
    for (fields, message) in [
        (
            "detects: {}, reads: [requestBody]",
            "`requestBody` is not a field of an event",
        ),
        (
            "detects: {}, level: Request",
            "a detection states what it needs by `reads`, `atLeast` and `stages`",
        ),
        (
            "detects: {}, stages: {include: [Panic]}",
            "`stages` of a detection is a list",
        ),
        (
            "detects: {}, reads: [responseStatus], stages: [RequestReceived]",
            "events of `RequestReceived` have no `responseStatus`",
        ),
        (
            "requests: {}, atLeast: Request, reads: [userAgent]",
            "`reads` without `detects`",
        ),
        ("detects: {}, requests: {}", "both `requests` and `detects`"),
    ] {
        let errors = TestFile::parse(&format!("tests:\n- {{name: a, {fields}}}\n")).unwrap_err();
        assert_eq!(errors[0].message, message, "{fields}");
    }
}

/// A public report about a detection that does not fire.
struct Report {
    link: &'static str,
    /// Policy of the report, reduced to what matters.
    rules: &'static str,
    pack: &'static str,
    name: &'static str,
    fires: Fires,
    /// Number of the first rule that blinds it, and how; the number is 0 if no rule matches.
    blinded_by: Option<(usize, &'static str)>,
}

/// The sample policy of the Kubernetes documentation.
const SAMPLE: &str = "omitStages: [RequestReceived]
rules:
- level: RequestResponse
  resources: [{group: '', resources: [pods]}]
- level: Metadata
  resources: [{group: '', resources: [pods/log, pods/status]}]
- level: None
  resources: [{group: '', resources: [configmaps], resourceNames: [controller-leader]}]
- level: None
  users: ['system:kube-proxy']
  verbs: [watch]
  resources: [{group: '', resources: [endpoints, services]}]
- level: None
  userGroups: ['system:authenticated']
  nonResourceURLs: ['/api*', /version]
- level: Request
  resources: [{group: '', resources: [configmaps]}]
  namespaces: [kube-system]
- level: Metadata
  resources: [{group: '', resources: [secrets, configmaps]}]
- level: Request
  resources: [{group: ''}, {group: extensions}]
- level: Metadata
  omitStages: [RequestReceived]
";

const REPORTS: [Report; 11] = [
    // GKE leaves core events out, so the rule was not converted. Deletions through `events.k8s.io` are recorded.
    Report {
        link: "https://github.com/elastic/detection-rules/pull/6466",
        rules: "omitStages: [RequestReceived]\nrules:\n- level: None\n  resources: [{group: '', resources: [events]}]\n- level: Metadata\n",
        pack: "elastic",
        name: "Kubernetes Events Deleted",
        fires: Fires::Some,
        blinded_by: Some((1, "not-recorded")),
    },
    // The same rule of the policy of GCE, reported to Kubernetes.
    Report {
        link: "https://github.com/kubernetes/kubernetes/issues/112117",
        rules: "rules:\n- level: None\n  resources: [{group: '', resources: [events]}]\n- level: Metadata\n  resources: [{group: '', resources: [pods]}]\n",
        pack: "sigma",
        name: "Kubernetes Events Deleted",
        fires: Fires::Never,
        blinded_by: Some((1, "not-recorded")),
    },
    // GKE records config maps without their content.
    Report {
        link: "https://github.com/sysdiglabs/stackdriver-webhook-bridge/pull/12",
        rules: "rules:\n- level: Metadata\n  resources: [{group: '', resources: [secrets, configmaps]}]\n- level: RequestResponse\n",
        pack: "falco",
        name: "Create/Modify Configmap With Private Credentials",
        fires: Fires::Never,
        blinded_by: Some((1, "level")),
    },
    // The policy of RKE2's CIS profile records nothing.
    Report {
        link: "https://github.com/rancher/rke2/pull/701",
        rules: "rules:\n- level: None\n",
        pack: "falco",
        name: "K8s Secret Get Successfully",
        fires: Fires::Never,
        blinded_by: Some((1, "not-recorded")),
    },
    // Its first version recorded pods only, and without bodies.
    Report {
        link: "https://github.com/rancher/rke2/pull/511",
        rules: "rules:\n- level: Metadata\n  resources: [{resources: [pods]}]\n",
        pack: "elastic",
        name: "Kubernetes Privileged Pod Created",
        fires: Fires::Never,
        blinded_by: Some((1, "level")),
    },
    Report {
        link: "https://github.com/rancher/rke2/pull/511",
        rules: "rules:\n- level: Metadata\n  resources: [{resources: [pods]}]\n",
        pack: "sigma",
        name: "Secrets Enumeration",
        fires: Fires::Never,
        blinded_by: Some((0, "no-rule")),
    },
    // All stages that requests have are omitted.
    Report {
        link: "https://github.com/kubernetes/kubernetes/issues/114069",
        rules: "omitStages: [RequestReceived, ResponseStarted, ResponseComplete]\nrules:\n- level: Metadata\n",
        pack: "panther",
        name: "k8s_secret_enumeration",
        fires: Fires::Never,
        blinded_by: Some((1, "policy-stages")),
    },
    // The reviews were to be left out, but the rule names a version instead of their group.
    Report {
        link: "https://github.com/teutonet/teutonet-helm-charts/pull/2094",
        rules: "rules:\n- level: None\n  resources: [{group: v1, resources: [selfsubjectaccessreviews]}]\n- level: Metadata\n",
        pack: "elastic",
        name: "Kubernetes Suspicious Self-Subject Review via Unusual User Agent",
        fires: Fires::All,
        blinded_by: None,
    },
    // With the group that the review of that change asks for.
    Report {
        link: "https://github.com/teutonet/teutonet-helm-charts/pull/2094",
        rules: "rules:\n- level: None\n  resources: [{group: authorization.k8s.io, resources: [selfsubjectaccessreviews]}]\n- level: Metadata\n",
        pack: "elastic",
        name: "Kubernetes Suspicious Self-Subject Review via Unusual User Agent",
        fires: Fires::Some,
        blinded_by: Some((1, "not-recorded")),
    },
    // The arguments of exec are in the URL, so that `Metadata` is enough.
    Report {
        link: "https://github.com/kubernetes/kubernetes/issues/97795",
        rules: "rules:\n- level: Metadata\n",
        pack: "elastic",
        name: "Kubernetes Pod Exec with Curl or Wget to HTTPS",
        fires: Fires::All,
        blinded_by: None,
    },
    // With the sample policy, bindings are recorded without bodies.
    Report {
        link: "https://github.com/falcosecurity/falco/issues/1728",
        rules: SAMPLE,
        pack: "falco",
        name: "Attach to cluster-admin Role",
        fires: Fires::Never,
        blinded_by: Some((9, "level")),
    },
];

#[test]
fn public_reports_of_detections_that_never_fire_are_explained() {
    for report in &REPORTS {
        let detected = detect(report.rules, report.pack, report.name);
        assert_eq!(detected.fires, Some(report.fires), "{}", report.link);
        let first = detected.blinded_by.first();
        let first = first.map(|blinding| {
            let number = blinding.rule().map_or(0, |rule| rule.number());
            (number, blinding.cause.name())
        });
        assert_eq!(first, report.blinded_by, "{}", report.link);
    }
}

#[test]
fn an_exec_with_another_verb_is_not_what_the_rule_is_meant_for() {
    // https://github.com/falcosecurity/plugins/pull/563: exec comes as `get`, and the rule wants `create`.
    use audit_policy::Request;
    let exec = |verb: &str| Request::for_resource(verb, "", "pods").with_subresource("exec");
    let falco = detection("falco", "Attach/Exec Pod");
    let contains = |request: &Request| falco.classes.iter().any(|class| class.contains(request));
    assert!(contains(&exec("create")));
    assert!(!contains(&exec("get")));
}

#[test]
fn the_cause_is_in_words() {
    let words = |rules: &str, pack: &str, name: &str| {
        let detected = detect(rules, pack, name);
        let causes = detected.blinded_by.iter().map(|blinding| blinding.cause);
        causes
            .map(|cause: Cause| cause.words("rule 1"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        words(
            "rules:\n- level: Metadata\n  verbs: [get]\n",
            "sigma",
            "Deployment Deleted"
        ),
        ["no rule matches"]
    );
    assert_eq!(
        words(
            "rules:\n- level: Metadata\n  omitStages: [ResponseStarted]\n",
            "falco",
            "Attach/Exec Pod"
        ),
        ["rule 1 omits `ResponseStarted`"]
    );
    assert_eq!(
        words(
            "omitStages: [ResponseStarted]\nrules:\n- level: Metadata\n",
            "falco",
            "Attach/Exec Pod"
        ),
        ["the policy omits `ResponseStarted`"]
    );
}

#[test]
fn a_change_keeps_exclusions_of_users_if_it_can() {
    let excluded = "rules:\n- level: None\n  users: ['system:kube-proxy', 'system:anonymous']\n- level: Metadata\n";
    let anonymous = "Kubernetes Anonymous User Create/Update/Patch Pods Request";
    for (rules, pack, name, before, fires) in [
        (excluded, "falco", "Create Privileged Pod", 1, Fires::Some),
        // It is about nobody else.
        (excluded, "elastic", anonymous, 0, Fires::All),
        (
            "rules:\n- level: None\n  verbs: [create]\n- level: Metadata\n",
            "falco",
            "Create Privileged Pod",
            0,
            Fires::All,
        ),
    ] {
        let policy = accepted(rules);
        let runner = Runner::new(&policy, VERSION);
        let detection = detection(pack, name);
        let detected = runner.detect(&detection).unwrap();
        let change = runner.change_for(&detection, &detected).unwrap();
        let change = change.unwrap();
        assert_eq!(
            (change.before.get(), change.fires),
            (before, fires),
            "{name}"
        );
    }
}
