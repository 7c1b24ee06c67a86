//! Parsing a policy from text, and from the JSON that it serializes to.

#![allow(clippy::unwrap_used)]

use audit_policy::{Level, Policy};

const SOURCE: &str = r#"
apiVersion: audit.k8s.io/v1
kind: Policy
metadata: {name: example, labels: {a: b}}
omitStages: [RequestReceived]
omitManagedFields: true
rules:
- level: Metadata
  users: [alice]
  verbs: [get]
  resources: [{group: apps, resources: [deployments], resourceNames: [web]}]
  namespaces: [default]
  omitManagedFields: false
- level: None
  nonResourceURLs: [/healthz*]
  omitStages: [Panic]
"#;

#[test]
fn a_policy_deserializes_from_its_own_json() {
    let policy: Policy = SOURCE.parse().unwrap();
    assert_eq!(policy.rules[0].level, Level::Metadata);
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(serde_json::from_str::<Policy>(&json).unwrap(), policy);
}

#[test]
fn a_rejected_policy_has_the_error_of_the_server() {
    let error = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: []\n"
        .parse::<Policy>()
        .unwrap_err();
    assert_eq!(error.to_string(), "loaded illegal policy with 0 rules");
}

#[test]
fn other_objects_and_unknown_fields_do_not_deserialize() {
    for json in [
        r#"{"kind": "Pod", "apiVersion": "v1"}"#,
        r#"{"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rule": []}"#,
        r#"{"kind": "Policy", "apiVersion": "audit.k8s.io/v1", "rules": [{"verb": ["get"]}]}"#,
        r#"{"rules": []}"#,
    ] {
        assert!(serde_json::from_str::<Policy>(json).is_err(), "{json}");
    }
}
