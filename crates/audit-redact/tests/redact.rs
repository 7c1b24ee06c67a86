//! Facts about redacted policies and events.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use audit_policy::KubernetesVersion;
use audit_redact::Redactor;
use proptest::prelude::*;
use serde_json::{Value, json};

const VERSION: KubernetesVersion = KubernetesVersion::NEWEST;
const CATCH_ALL: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: RequestResponse\n";

fn redact(policy: &str, event: &Value) -> (String, Value) {
    let mut redactor = Redactor::new(policy, VERSION, 7).unwrap();
    let redacted = redactor.event(&event.to_string()).unwrap();
    let policy = redactor.policy().unwrap();
    (policy, serde_json::from_str(&redacted).unwrap())
}

fn event(extra: Value) -> Value {
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/payments/pods/web-7d9f", "verb": "get", "user": {"username": "alice"},
        "requestReceivedTimestamp": "2026-01-31T12:00:00.000000Z", "stageTimestamp": "2026-01-31T12:00:00.000001Z",
    });
    for (key, value) in extra.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn text<'v>(value: &'v Value, pointer: &str) -> &'v str {
    value.pointer(pointer).and_then(Value::as_str).unwrap()
}

#[test]
fn stays() {
    for (place, value) in [
        ("/level", json!("RequestResponse")),
        ("/stage", json!("ResponseComplete")),
        ("/verb", json!("deletecollection")),
        ("/stageTimestamp", json!("2026-01-31T12:00:00.000001Z")),
        (
            "/user/username",
            json!("system:serviceaccount:kube-system:generic-garbage-collector"),
        ),
        ("/user/groups/0", json!("system:authenticated")),
        ("/sourceIPs/0", json!("127.0.0.1")),
        ("/sourceIPs/0", json!("::1")),
        ("/userAgent", json!("kubectl/v1.36.0 (linux/amd64)")),
        (
            "/requestURI",
            json!("/apis/apps/v1/deployments?limit=500&resourceVersion=0"),
        ),
        (
            "/requestURI",
            json!("/api/v1/namespaces/kube-system/pods?fieldSelector=spec.nodeName%3D&watch=true"),
        ),
        (
            "/requestURI",
            json!(
                "/api/v1/namespaces/kube-system/pods/kube-proxy/exec?stdin=true&tty=true&stdout=false"
            ),
        ),
        ("/responseStatus/code", json!(404)),
        (
            "/annotations/authorization.k8s.io~1decision",
            json!("allow"),
        ),
        ("/annotations/audit.k8s.io~1truncated", json!("true")),
        (
            "/requestObject/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration",
            json!("true"),
        ),
        (
            "/user/extra/authentication.kubernetes.io~1credential-id/0",
            json!("true"),
        ),
        (
            "/annotations/apiserver.latency.k8s.io~1mutating-webhook",
            json!("true"),
        ),
        ("/responseObject/kind", json!("NetworkPolicyList")),
        ("/responseObject/apiVersion", json!("networking.k8s.io/v1")),
        (
            "/requestObject/metadata/creationTimestamp",
            json!("2026-01-31T12:00:00Z"),
        ),
        ("/requestObject/metadata/namespace", json!("default")),
        ("/requestObject/spec/replicas", json!(3)),
    ] {
        let mut original = event(json!({}));
        put(&mut original, place, value.clone());
        let (_, redacted) = redact(CATCH_ALL, &original);
        assert_eq!(redacted.pointer(place), Some(&value), "{place}");
    }
}

/// Puts a value at a place, and objects and arrays above it.
fn put(object: &mut Value, pointer: &str, value: Value) {
    let mut at = object;
    for key in pointer.split('/').skip(1) {
        let key = key.replace("~1", "/");
        at = match key.as_str() {
            "0" => {
                if !at.is_array() {
                    *at = json!([null]);
                }
                &mut at[0]
            }
            _ => {
                if !at.is_object() {
                    *at = json!({});
                }
                &mut at[&key]
            }
        };
    }
    *at = value;
}

#[test]
fn is_replaced() {
    for (place, secret) in [
        ("/user/username", "alice"),
        ("/user/groups/0", "oidc:payments-admins"),
        ("/user/uid", "blue"),
        ("/sourceIPs/0", "203.0.113.77"),
        ("/sourceIPs/0", "2001:db8::17"),
        ("/auditID", "f47ac10b-58cc-4372-a567-0e02b2c3d479"),
        ("/userAgent", "acme-deployer/v2.1"),
        ("/requestURI", "/apis/acme.dev/v1/payrolls"),
        ("/objectRef/namespace", "payments"),
        (
            "/annotations/authorization.k8s.io~1reason",
            "RBAC: allowed by RoleBinding \"alice/payments\"",
        ),
        ("/responseStatus/message", "pods \"web-7d9f\" not found"),
        ("/requestObject/metadata/name", "blue"),
        ("/requestObject/spec/env/0/value", "default"),
        ("/requestObject/spec/env/0/value", "x1"),
        (
            "/requestObject/spec/containers/0/image",
            "registry.acme.example/web:1.2",
        ),
    ] {
        let mut original = event(json!({}));
        put(&mut original, place, json!(secret));
        let (_, redacted) = redact(CATCH_ALL, &original);
        let replaced = text(&redacted, place);
        assert_ne!(replaced, secret, "{place}");
        assert_eq!(replaced.len(), secret.len(), "{place}: {replaced}");
        for word in secret.split(|c: char| !c.is_alphanumeric()) {
            let is_name = [
                "alice", "payments", "blue", "acme", "payrolls", "web", "203", "77",
            ]
            .contains(&word);
            assert!(!is_name || !replaced.contains(word), "{place}: {replaced}");
        }
    }
}

/// The keys of maps that people choose are names as well.
#[test]
fn keys_are_replaced() {
    let (_, redacted) = redact(
        CATCH_ALL,
        &event(json!({"user": {"extra": {"acme.dev/team": ["blue"]}}})),
    );
    assert!(!redacted.to_string().contains("acme"));

    let body = json!({"kind": "Secret", "data": {"acmetoken": "YWJj"}, "metadata": {"labels": {"acme.dev/team": "blue"}}});
    let (_, redacted) = redact(CATCH_ALL, &event(json!({"requestObject": body})));
    let redacted = redacted.to_string();
    assert!(redacted.contains(r#""data":{"#) && redacted.contains(r#""labels":{"#));
    for name in ["acmetoken", "acme.dev", "team", "blue", "YWJj"] {
        assert!(!redacted.contains(name), "{name} in {redacted}");
    }
}

#[test]
fn one_name_has_one_pseudonym() {
    let original = event(json!({
        "objectRef": {"resource": "pods", "namespace": "payments", "name": "web-7d9f"},
        "responseStatus": {"message": "pods \"web-7d9f\" is forbidden: User \"alice\" cannot get resource in the namespace \"payments\""},
    }));
    let (_, redacted) = redact(CATCH_ALL, &original);
    let namespace = text(&redacted, "/objectRef/namespace");
    let name = text(&redacted, "/objectRef/name");
    let user = text(&redacted, "/user/username");
    assert_eq!(
        text(&redacted, "/requestURI"),
        format!("/api/v1/namespaces/{namespace}/pods/{name}")
    );
    assert_eq!(
        text(&redacted, "/responseStatus/message"),
        format!(
            "pods \"{name}\" is forbidden: User \"{user}\" cannot get resource in the namespace \"{namespace}\""
        )
    );
}

#[test]
fn percent_encoded_names_have_the_same_pseudonym() {
    let uri = "/api/v1/pods?labelSelector=app%3Dpayments%2Cpayments%21%3Dcaf%C3%A9";
    let (_, redacted) = redact(
        CATCH_ALL,
        &event(json!({"requestURI": uri, "user": {"username": "payments caf\u{e9}"}})),
    );
    let user = text(&redacted, "/user/username");
    let (first, second) = user.split_once(' ').unwrap();
    let encoded: String = second
        .bytes()
        .map(|byte| match byte.is_ascii() {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect();
    let parts = text(&redacted, "/requestURI")
        .strip_prefix("/api/v1/pods?labelSelector=")
        .unwrap();
    let (_, value) = parts.split_once("%3D").unwrap();
    assert_eq!(value, format!("{first}%2C{first}%21%3D{encoded}"));
}

/// A policy whose rules name users, groups, namespaces, resources of others and the start of a path.
const NAMED: &str = r#"apiVersion: audit.k8s.io/v1
kind: Policy
metadata:
  name: acme-policy
# alice asked for this
rules:
- level: None
  users: ["alice", "system:serviceaccount:payments:builder"]
- level: Request
  userGroups: ["oidc:admins-of-acme"]
  verbs: ["promote"]
- level: Metadata
  namespaces: ["payments"]
  resources:
  - group: acme.dev
    resources: ["payrolls/run"]
    resourceNames: ["july"]
- level: None
  nonResourceURLs: ["/customs/pay*", "/met*"]
- level: RequestResponse
"#;

#[test]
fn a_policy_keeps_its_meaning() {
    let requests = [
        ("alice", "/version", "get"),
        ("system:serviceaccount:payments:builder", "/version", "get"),
        (
            "bob",
            "/apis/acme.dev/v1/namespaces/payments/payrolls/july/run",
            "create",
        ),
        (
            "bob",
            "/apis/acme.dev/v1/namespaces/payments/payrolls/june/run",
            "create",
        ),
        ("bob", "/customs/payslips", "get"),
        ("bob", "/customs/paylist", "get"),
        ("bob", "/customs/pax", "get"),
        ("bob", "/metrics", "get"),
        ("bob", "/meteors", "get"),
        ("bob", "/healthz", "get"),
    ];
    let mut redactor = Redactor::new(NAMED, VERSION, 7).unwrap();
    for (user, uri, verb) in requests {
        let original = event(json!({"user": {"username": user}, "requestURI": uri, "verb": verb}));
        redactor.event(&original.to_string()).unwrap();
    }
    let policy = redactor.policy().unwrap();
    for name in [
        "alice", "payments", "builder", "acme", "payrolls", "july", "customs",
    ] {
        assert!(!policy.contains(name), "{name} in {policy}");
    }
    for kept in [
        "system:serviceaccount:",
        "[\"promote\"]",
        "\"/met*\"",
        "asked for this",
        "level: RequestResponse",
    ] {
        assert!(policy.contains(kept), "{kept} not in {policy}");
    }
    assert_eq!(policy.len(), NAMED.len());
}

/// Names are replaced in fields that the server does not know, in every document, however they are written, and words of the policy do not
/// stay elsewhere.
#[test]
fn names_of_a_policy_are_found_in_any_form() {
    let head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
    for rest in [
        "  user: [alice]\n",
        "  description: noise from alice\n",
        "  x-owner: {team: [alice]}\n",
        "  users: [\"\\x61lice\"]\n",
        "  users: ['alice']\n",
        "  users:\n  - |-\n    alice\n",
        "  users: [&alice alice, *alice]\n",
        "  verbs: [get]\n---\nrules: [{users: [alice]}]\n",
        "metadata: {labels: {alice: x1}}\n",
        "  lvl: alice\n",
        " users: [alice]\n",
    ] {
        let policy = [head, rest].concat();
        let mut redactor = Redactor::new(&policy, VERSION, 7).unwrap();
        let redacted = redactor.event(&event(json!({})).to_string()).unwrap();
        assert!(!redacted.contains("alice"), "{policy}: {redacted}");
        let redacted = redactor.policy().unwrap();
        assert!(
            !redacted.contains("alice") && !redacted.contains("x61lice"),
            "{policy}: {redacted}"
        );
        for kept in ["level: Metadata", "kind: Policy"] {
            assert!(redacted.contains(kept), "{redacted}");
        }
    }
}

/// Azure's groups are UUIDs, and nodes may be named by their address.
#[test]
fn rules_with_identifiers_and_addresses_keep_their_meaning() {
    let id = "f47ac10b-58cc-4372-a567-0e02b2c3d479";
    let policy = format!(
        "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  userGroups: [{id}]\n- level: Request\n  resources: [{{group: '', resources: [nodes], resourceNames: [10.12.13.14]}}]\n- level: Metadata\n"
    );
    let mut redactor = Redactor::new(&policy, VERSION, 7).unwrap();
    for extra in [
        json!({"user": {"username": "alice", "groups": [id]}}),
        json!({"requestURI": "/api/v1/nodes/10.12.13.14"}),
        json!({"requestURI": "/api/v1/nodes/10.12.13.15"}),
    ] {
        let redacted = redactor.event(&event(extra).to_string()).unwrap();
        assert!(
            !redacted.contains(id) && !redacted.contains("10.12.13.1"),
            "{redacted}"
        );
    }
    let redacted = redactor.policy().unwrap();
    assert!(
        !redacted.contains(id) && !redacted.contains("10.12.13.14"),
        "{redacted}"
    );
}

/// The arguments of commands and of requests through a proxy are values; those that the server itself reads stay if they are numbers.
#[test]
fn parameters_of_urls_are_replaced() {
    let exec = "/api/v1/namespaces/payments/pods/web/exec?container=main";
    let proxy = "/api/v1/namespaces/payments/services/web/proxy/login";
    for (uri, secret) in [
        (format!("{exec}&command=login&command=--pin%3D4242"), "4242"),
        (format!("{exec}&command=login&command=root"), "root"),
        (
            format!("{exec}&command=login&command=v20240101"),
            "20240101",
        ),
        (format!("{proxy}?pin=0042"), "0042"),
        (
            "/api/v1/pods?labelSelector=account%3D555123".to_owned(),
            "555123",
        ),
        (
            "/api/v1/pods?fieldSelector=metadata.name%3D123456".to_owned(),
            "123456",
        ),
    ] {
        let (_, redacted) = redact(CATCH_ALL, &event(json!({"requestURI": uri})));
        let redacted = text(&redacted, "/requestURI");
        assert!(!redacted.contains(secret), "{redacted}");
        assert_eq!(redacted.len(), uri.len());
    }
    let (_, redacted) = redact(
        CATCH_ALL,
        &event(json!({"requestURI": "/api/v1/pods?a=%E9%FF&limit=500&timeoutSeconds=473"})),
    );
    let redacted = text(&redacted, "/requestURI");
    assert!(
        redacted.ends_with("=%E9%FF&limit=500&timeoutSeconds=473"),
        "{redacted}"
    );
}

#[test]
fn values_and_keys_of_every_kind_are_replaced() {
    let user = json!({"username": "v123456", "groups": ["\u{674e} \u{660e}", "globex"], "extra": {"globex": ["a"]}});
    let body = json!({
        "spec": {"tenants": {"globex": 1}, "latitude": 52.520008, "balance": -73500, "selector": {"matchLabels": {"app": "web"}}},
        "text": "{\"note\":\"a\\nbeta\"}",
    });
    let original = event(
        json!({"user": user, "annotations": {"payments": "x"}, "requestObject": body, "sourceIPs": ["::ffff:192.168.77.66"]}),
    );
    let (_, redacted) = redact(CATCH_ALL, &original);
    let all = redacted.to_string();
    for name in [
        "123456",
        "\u{674e}",
        "\u{660e}",
        "globex",
        "payments",
        "52.520008",
        "73500",
        "192.168.77.66",
        "beta",
    ] {
        assert!(!all.contains(name), "{name} in {all}");
    }
    assert!(
        redacted
            .pointer("/requestObject/spec/selector/matchLabels")
            .is_some(),
        "{all}"
    );
    let inner: Result<Value, _> = serde_json::from_str(text(&redacted, "/requestObject/text"));
    assert!(inner.is_ok(), "{all}");
    let address: Result<std::net::Ipv6Addr, _> = text(&redacted, "/sourceIPs/0").parse();
    assert!(address.is_ok(), "{all}");
}

#[test]
fn a_rejected_policy_stays_rejected() {
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Everything\n  users: [alice]\n";
    let mut redactor = Redactor::new(policy, VERSION, 7).unwrap();
    let redacted = redactor.policy().unwrap();
    assert!(
        redacted.contains("level: Everything") && !redacted.contains("alice"),
        "{redacted}"
    );
}

/// Without the key, a reader can compute what a guessed name would become.
#[test]
fn the_key_decides() {
    let pseudonym = |key| {
        let mut redactor = Redactor::new(CATCH_ALL, VERSION, key).unwrap();
        redactor.event(&event(json!({})).to_string()).unwrap();
        redactor.replaced()
    };
    assert_eq!(pseudonym(1), pseudonym(1));
    assert_ne!(pseudonym(1), pseudonym(2));
}

#[test]
fn text_that_is_not_json_causes_no_panic() {
    for text in [
        "",
        "\"",
        "{\"a",
        "{\"a\":\"\\",
        "}}]",
        "\\\u{e9}",
        "{\"user\":{\"username\":\"\\\u{e9}\\ud800\"}}",
        "1e5",
    ] {
        let mut redactor = Redactor::new(CATCH_ALL, VERSION, 7).unwrap();
        if let Ok(redacted) = redactor.event(text) {
            assert_eq!(redacted.len(), text.len());
        }
    }
}

/// A user name of any characters in any form of JSON.
fn user() -> impl Strategy<Value = String> {
    let part = prop_oneof![
        // Without the quotes around it: a quote itself is escaped.
        any::<char>().prop_map(|c| {
            let quoted = serde_json::to_string(&c).unwrap();
            quoted[1..quoted.len() - 1].to_owned()
        }),
        any::<u16>().prop_map(|unit| format!("\\u{unit:04X}")),
        "[a-z0-9.:-]{1,9}",
        Just("system:serviceaccount:".to_owned()),
        Just("203.0.113.7".to_owned()),
        Just("2001:db8::1".to_owned()),
        Just("f47ac10b-58cc-4372-a567-0e02b2c3d479".to_owned()),
    ];
    prop::collection::vec(part, 1..9).prop_map(|parts| parts.concat())
}

proptest! {
    #[test]
    fn any_user_keeps_its_length(user in user()) {
        let event = format!(r#"{{"level":"Metadata","stage":"ResponseComplete","requestURI":"/version","verb":"get","user":{{"username":"{user}"}}}}"#);
        let mut redactor = Redactor::new(CATCH_ALL, VERSION, 7).unwrap();
        let redacted = redactor.event(&event).unwrap();
        prop_assert_eq!(redacted.len(), event.len());
    }

    #[test]
    fn any_text_causes_no_panic(event in "[\\[\\]{}:,\"\\\\ a-z0-9\u{e9}%]{0,80}", policy in "[\\[\\]{}:,\"\\\\ a-z\n-]{0,80}") {
        if let Ok(mut redactor) = Redactor::new(&policy, VERSION, 7) {
            let _ = redactor.event(&event);
            let _ = redactor.policy();
        }
    }
}

#[test]
fn several_policies_get_the_same_pseudonyms() {
    let policy = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n  namespaces: [payments]\n";
    let baseline = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n  users: [alice]\n- level: Request\n  namespaces: [payments]\n";
    let policies = vec![policy.to_owned(), baseline.to_owned()];
    let mut redactor = Redactor::for_policies(policies, VERSION, 7).unwrap();
    redactor.event(&event(json!({})).to_string()).unwrap();
    let redacted = redactor.policies().unwrap();
    let namespace = |text: &str| {
        let (_, after) = text.split_once("namespaces: [").unwrap();
        after.split_once(']').unwrap().0.to_owned()
    };
    let [first, second] = redacted.as_slice() else {
        panic!("{redacted:?}");
    };
    assert_eq!(namespace(first), namespace(second));
    assert_ne!(namespace(first), "payments");
    assert!(!second.contains("alice"), "{second}");
}

#[test]
fn names_of_different_lengths_do_not_begin_alike() {
    let names: Vec<String> = (8..40).map(|length| "q".repeat(length)).collect();
    let event = event(json!({"requestObject": {"data": {"names": names}}}));
    for key in [1, 7, u64::MAX] {
        let mut redactor = Redactor::new(CATCH_ALL, VERSION, key).unwrap();
        redactor.event(&event.to_string()).unwrap();
        let replaced = redactor.replaced();
        let is_long = |(name, _): &&(String, String)| name.len() >= 8 && name.starts_with("qq");
        let long: Vec<_> = replaced.iter().filter(is_long).collect();
        assert_eq!(long.len(), names.len());
        let mut starts: Vec<&str> = Vec::new();
        for (name, pseudonym) in long {
            assert_eq!(name.len(), pseudonym.len());
            starts.push(&pseudonym[..5]);
        }
        starts.sort_unstable();
        starts.dedup();
        assert_eq!(starts.len(), names.len(), "key {key}: {starts:?}");
    }
}
