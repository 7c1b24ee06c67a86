//! Cases pass or fail as the policy decides.

#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    reason = "a test may fail by a panic"
)]

use audit_policy::{KubernetesVersion, Level, Policy, load};
use audit_tests::{Outcome, Runner, Status, TestFile};

const POLICY: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
omitStages: [RequestReceived]
rules:
- level: None
  users: ["system:kube-proxy"]
  verbs: [watch]
- level: Metadata
  resources:
  - group: ""
    resources: [secrets, configmaps]
- level: RequestResponse
  omitManagedFields: true
  resources:
  - group: ""
    resources: [pods/exec]
- level: Request
  resources:
  - group: ""
    resources: [pods]
  omitStages: [ResponseStarted]
- level: None
  nonResourceURLs: [/healthz*]
- level: None
  omitStages: [ResponseStarted, ResponseComplete, Panic]
  users: [silent]
"#;

fn policy() -> Policy {
    load(POLICY.as_bytes(), KubernetesVersion::NEWEST)
        .policy
        .unwrap()
}

fn run(case: &str) -> Outcome {
    let file = TestFile::parse(&format!("tests:\n- {{name: x, {case}}}\n"))
        .unwrap_or_else(|errors| panic!("{case}: {errors:?}"));
    let policy = policy();
    Runner::new(&policy, KubernetesVersion::NEWEST).run(&file.tests[0])
}

#[test]
fn requests_are_evaluated() {
    for (case, passes) in [
        (
            "request: {user: a, verb: get, resource: secrets}, level: Metadata, rule: 2",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: secrets}, level: Request",
            false,
        ),
        (
            "request: {user: a, verb: get, resource: secrets}, rule: 3",
            false,
        ),
        // Rule 4 is for pods, not for their subresources.
        (
            "request: {user: a, verb: get, resource: pods/log}, rule: none",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods, subresource: log}, notRecorded: true",
            true,
        ),
        (
            "request: {user: a, verb: create, resource: pods/exec}, omitManagedFields: true",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, omitManagedFields: true",
            false,
        ),
        (
            "request: {user: a, verb: get, path: /healthz/ping}, rule: 5",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, stages: [ResponseComplete, Panic]",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, stages: [ResponseComplete]",
            false,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, stages: {include: [ResponseComplete]}",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, stages: {not: [RequestReceived]}",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, stages: {not: [Panic]}",
            false,
        ),
        // Level None has no events, whatever the stages.
        (
            "request: {user: a, verb: get, path: /healthz}, stages: []",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, notRecorded: false",
            true,
        ),
        (
            "request: {user: a, verb: get, resource: pods}, atLeast: Metadata, atMost: Request",
            true,
        ),
    ] {
        let outcome = run(case);
        assert_eq!(outcome.has_passed(), passes, "{case}: {outcome:?}");
        assert_eq!(outcome.witness.is_some(), !passes, "{case}");
        assert!(!outcome.is_proved);
    }
}

#[test]
fn a_claim_that_one_user_refutes_names_the_user() {
    // kube-proxy watches secrets without a record, and nobody else does.
    let one = "requests: {apiGroup: '', resource: secrets, subresource: '', verb: watch}, atLeast: Metadata";
    let message = run(one).message;
    let only = "; only requests by `system:kube-proxy` show it";
    assert!(message.ends_with(only), "{message}");
    // The claim is about that user, or others refute it as well.
    for case in [
        "requests: {apiGroup: '', resource: secrets, subresource: '', verb: watch, user: 'system:kube-proxy'}, atLeast: Metadata",
        "requests: {apiGroup: '', resource: secrets, subresource: '', verb: watch}, atLeast: Request",
    ] {
        let message = run(case).message;
        assert!(!message.contains("only requests"), "{message}");
    }
}

#[test]
fn classes_are_proved() {
    for (case, passes) in [
        (
            "requests: {apiGroup: '', resource: secrets}, atMost: Metadata",
            true,
        ),
        // The group of a custom resource may have secrets too; no rule matches them.
        ("requests: {resource: secrets}, atMost: Metadata", true),
        ("requests: {resource: secrets}, level: Metadata", false),
        // kube-proxy watches it without a record.
        (
            "requests: {apiGroup: '', resource: secrets, subresource: ''}, atLeast: Metadata",
            false,
        ),
        (
            "requests: {apiGroup: '', resource: secrets, subresource: '', verb: {not: watch}}, level: Metadata",
            true,
        ),
        (
            "requests: {apiGroup: '', resource: secrets, subresource: '', user: {not: ['system:kube-proxy']}}, level: Metadata",
            true,
        ),
        (
            "requests: {apiGroup: '', resource: pods/exec, verb: [create, get]}, level: RequestResponse",
            true,
        ),
        (
            "requests: {apiGroup: '', resource: [pods/exec, secrets], verb: get}, atLeast: Metadata",
            false,
        ),
        (
            "requests: [{apiGroup: '', resource: pods/exec, verb: get}, {path: /healthz}], rule: 5",
            false,
        ),
        (
            "requests: {path: '/healthz*', user: {not: ['system:kube-proxy']}}, rule: 5",
            true,
        ),
        (
            "requests: {path: {in: ['/*'], not: ['/healthz*']}}, rule: none",
            false,
        ),
        (
            "requests: {path: {in: ['/*'], not: ['/healthz*']}, user: {not: ['silent', 'system:kube-proxy']}}, rule: none",
            true,
        ),
        ("requests: {user: null}, atMost: RequestResponse", true),
        (
            "requests: {user: silent, path: /version}, notRecorded: true",
            true,
        ),
        (
            "requests: {resource: {not: [pods, secrets, configmaps, pods/exec]}}, notRecorded: true",
            true,
        ),
        (
            "requests: {resource: {not: [pods/exec]}, apiGroup: ''}, atMost: Request",
            true,
        ),
        (
            "requests: {resource: {not: [pods/log]}, apiGroup: ''}, atMost: Request",
            false,
        ),
        (
            "requests: {resource: '*/exec', apiGroup: ''}, rule: 3",
            false,
        ),
        (
            "requests: {resource: 'pods/*', apiGroup: '', verb: create}, atMost: Request",
            false,
        ),
        ("requests: {}, notRecorded: false", false),
    ] {
        let outcome = run(case);
        assert_eq!(outcome.has_passed(), passes, "{case}: {outcome:?}");
        assert_eq!(outcome.is_proved, passes, "{case}");
        assert_eq!(outcome.witness.is_some(), !passes, "{case}");
    }
}

#[test]
fn a_failed_proof_has_a_witness_that_shows_it() {
    let outcome = run("requests: {apiGroup: '', resource: pods/exec, verb: get}, atMost: Metadata");
    let witness = outcome.witness.unwrap();
    assert_eq!(witness.full_resource(), "pods/exec");
    assert_eq!(outcome.verdict.unwrap().level, Level::RequestResponse);
    assert!(
        outcome
            .message
            .starts_with("expected at most `Metadata`, found `RequestResponse` by rule 3 for `get` of `pods/exec`"),
        "{}",
        outcome.message
    );
    // The witness is evaluated as the message states.
    let matcher = audit_policy::Matcher::new(&policy());
    assert_eq!(Some(matcher.evaluate(&witness)), outcome.verdict);
}

#[test]
fn a_class_without_requests_fails() {
    for case in [
        // A POST to a collection has no name.
        "requests: {verb: create, name: x, resource: pods, subresource: ''}, atLeast: None",
        // A GET of an object has its name.
        "requests: {verb: get, resource: pods, name: ''}, atLeast: None",
        "requests: {user: null, userGroup: a}, atLeast: None",
        "requests: {path: {in: /a, not: '/a*'}}, atLeast: None",
    ] {
        let outcome = run(case);
        assert_eq!(outcome.status, Status::Failed, "{case}");
        assert!(outcome.witness.is_none(), "{case}");
        assert!(
            outcome
                .message
                .starts_with("no request that can come is in the class: "),
            "{case}: {}",
            outcome.message
        );
    }
    // Rules can distinguish it.
    assert!(run("requests: {verb: create, name: x, resource: pods, subresource: ''}, every: true, atLeast: None").has_passed());
    let outcome = run("requests: {path: {in: /a, not: '/a*'}}, every: true, atLeast: None");
    assert!(outcome.message.starts_with("no request is in the class: "));
    // A witness that no URL produces is named as such.
    let case = "requests: {verb: create, name: x, apiGroup: '', resource: pods, subresource: ''}, every: true, level: None";
    let message = run(case).message;
    assert!(
        message.ends_with(" (no combination of URL, method and identity produces such a request)"),
        "{message}"
    );
}

#[test]
fn claims_about_flags_need_settings() {
    let file =
        TestFile::parse("tests:\n- {name: x, setting: {flag: audit-log-maxage, atLeast: 30}}\n")
            .unwrap();
    let policy = policy();
    let run = |value: Option<&'static str>| {
        Runner::new(&policy, KubernetesVersion::NEWEST)
            .with_flags(move |name| {
                let own = value.filter(|_| name == "audit-log-maxage");
                Ok(own.map(str::to_owned))
            })
            .run(&file.tests[0])
    };
    assert!(run(Some("30")).has_passed());
    assert_eq!(
        run(Some("7")).message,
        "expected at least `30`, but `--audit-log-maxage` is `7`"
    );
    let unknown = Runner::new(&policy, KubernetesVersion::NEWEST).run(&file.tests[0]);
    assert_eq!(unknown.status, Status::Failed);
    let variable = Runner::new(&policy, KubernetesVersion::NEWEST)
        .with_flags(|_| Err("the value is a variable"))
        .run(&file.tests[0]);
    assert_eq!(
        (variable.status, variable.message.as_str()),
        (
            Status::Failed,
            "`--audit-log-maxage` cannot be checked: the value is a variable"
        )
    );
}

#[test]
fn a_pack_lists_what_cannot_be_decided() {
    let text = "kind: RequirementPack\nid: p\ntitle: P\nsource: S 1.0\ntests:\n- {name: who reads the log, id: P1, source: S 1.0 §3, decidable: false}\n";
    let file = TestFile::parse(text).unwrap();
    let policy = policy();
    let outcome = Runner::new(&policy, KubernetesVersion::NEWEST).run(&file.tests[0]);
    assert_eq!(outcome.status, Status::NotDecidable);
    assert_eq!(file.tests[0].id.as_deref(), Some("P1"));
}
