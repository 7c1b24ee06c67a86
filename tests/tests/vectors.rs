//! Compares random policies and requests with the verdicts of k8s.io/apiserver 0.36.4.

#![allow(clippy::unwrap_used, clippy::panic, clippy::indexing_slicing)]

use audit_policy::{
    KubernetesVersion, Matcher, MissingAttributes, Request, RuleIndex, explain, load,
};
use conformance::{json_lines, printed_verdict, text};
use playground_protocol::verified::{POLICIES, REQUESTS};
use serde_json::{Value, json};

fn vectors() -> Vec<Value> {
    json_lines("conformance/vectors-public.jsonl.gz").unwrap()
}

#[test]
fn every_policy_is_accepted_or_rejected_as_upstream_does() {
    let mut agreed = 0;
    for vector in vectors() {
        let loaded = load(
            text(&vector, "policy_yaml").as_bytes(),
            KubernetesVersion::NEWEST,
        );
        let expected = &vector["load"];
        assert_eq!(
            loaded.policy.is_some(),
            expected["accepted"],
            "{}",
            text(&vector, "id")
        );
        assert_eq!(
            loaded.error.is_some(),
            !expected["error"].is_null(),
            "{}",
            text(&vector, "id")
        );
        agreed += 1;
    }
    println!("accept or reject: {agreed} of 400");
    assert_eq!(agreed, 400);
}

#[test]
fn every_text_and_loaded_form_is_upstreams() {
    let mut agreed = [0; 3];
    for vector in vectors() {
        let id = text(&vector, "id");
        let loaded = load(
            text(&vector, "policy_yaml").as_bytes(),
            KubernetesVersion::NEWEST,
        );
        let expected = &vector["load"];
        assert_eq!(json!(loaded.error), expected["error"], "error of {id}");
        assert_eq!(
            json!(loaded.warning),
            expected["warning"],
            "warning of {id}"
        );
        assert_eq!(
            json!(loaded.policy),
            *vector.get("policy").unwrap_or(&Value::Null),
            "policy of {id}"
        );
        agreed = agreed.map(|count| count + 1);
    }
    println!("errors, warnings, loaded forms: {agreed:?} of 400 each");
    assert_eq!(agreed, [POLICIES.agreed; 3]);
}

#[test]
fn every_request_gets_upstreams_verdict() {
    let mut agreed = 0;
    for vector in vectors() {
        let loaded = load(
            text(&vector, "policy_yaml").as_bytes(),
            KubernetesVersion::NEWEST,
        );
        let Some(policy) = loaded.policy else {
            continue;
        };
        let matcher = Matcher::new(&policy);
        for case in vector["requests"].as_array().unwrap() {
            let request: Request = serde_json::from_value(case["attrs"].clone()).unwrap();
            let verdict = matcher.evaluate(&request);
            assert_eq!(
                printed_verdict(verdict),
                case["expect"],
                "{} {request:?}",
                text(&vector, "id")
            );
            let answers = explain(&policy, &request, MissingAttributes::NONE);
            let first = answers
                .iter()
                .position(|answer| matches!(answer, audit_policy::Explanation::Matched { .. }));
            assert_eq!(
                first.map(RuleIndex::new),
                verdict.rule,
                "explanation of {request:?}"
            );
            agreed += 1;
        }
    }
    println!("verdicts: {agreed} of 12480");
    assert_eq!(agreed, REQUESTS.agreed);
}
