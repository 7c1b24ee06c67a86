//! Who sent a request, what its annotations mean, and what can be followed: one row a fact.

#![allow(clippy::unwrap_used, clippy::indexing_slicing)]

use audit_filter::parse;
use audit_inspect::{
    ClaimKind, Client, ClientKind, EventFilter, FollowKind, annotation_sentences, follow,
};
use audit_log::Event;
use proptest::prelude::*;

fn client(fields: &str) -> Client {
    Client::from_event(&Event::new(&["{", fields, "}"].concat()))
}

#[test]
fn the_kind_of_a_client_is_that_of_its_name_and_groups() {
    let account = |namespace: &str, name: &str| ClientKind::ServiceAccount {
        namespace: namespace.to_owned(),
        name: name.to_owned(),
    };
    let component = |name: &str| ClientKind::Component {
        name: name.to_owned(),
    };
    for (user, kind) in [
        (
            r#"{"username":"ann","groups":["system:authenticated"]}"#,
            ClientKind::Person,
        ),
        (r#"{"username":"kubernetes-admin"}"#, ClientKind::Person),
        (
            r#"{"username":"system:serviceaccount:shop:web"}"#,
            account("shop", "web"),
        ),
        // `serviceaccount.SplitUsername` wants two parts that are not empty.
        (
            r#"{"username":"system:serviceaccount:shop"}"#,
            ClientKind::System,
        ),
        (
            r#"{"username":"system:serviceaccount:shop:web:x"}"#,
            ClientKind::System,
        ),
        (
            r#"{"username":"system:serviceaccount::web"}"#,
            ClientKind::System,
        ),
        (
            r#"{"username":"system:node:n1","groups":["system:nodes"]}"#,
            ClientKind::Node {
                name: "n1".to_owned(),
            },
        ),
        // The node authorizer wants the group, too.
        (r#"{"username":"system:node:n1"}"#, ClientKind::System),
        (
            r#"{"username":"system:apiserver","groups":["system:masters"]}"#,
            component("kube-apiserver"),
        ),
        (
            r#"{"username":"system:kube-scheduler"}"#,
            component("kube-scheduler"),
        ),
        (
            r#"{"username":"system:bootstrap:abc123"}"#,
            ClientKind::BootstrapToken {
                id: "abc123".to_owned(),
            },
        ),
        (
            r#"{"username":"system:k3s-controller"}"#,
            ClientKind::System,
        ),
        (
            r#"{"username":"system:anonymous","groups":["system:unauthenticated"]}"#,
            ClientKind::Anonymous,
        ),
        ("{}", ClientKind::FailedAuthentication),
        (r#"{"username":"Syst\u0065m:x"}"#, ClientKind::Person),
        (r#"{"username":"syst\u0065m:x"}"#, ClientKind::System),
    ] {
        assert_eq!(client(&format!(r#""user":{user}"#)).kind, kind, "{user}");
    }
    assert_eq!(client("").kind, ClientKind::Unrecorded);
    assert_eq!(
        client(r#""user":{},"responseStatus":{"code":400}"#).kind,
        ClientKind::RejectedBeforeAuthentication
    );
}

#[test]
fn the_last_address_is_that_of_the_connection() {
    for (addresses, peer, forged) in [
        (r#"["10.0.0.9"]"#, Some("10.0.0.9"), &[][..]),
        (
            r#"["192.0.2.1","10.0.0.9"]"#,
            Some("10.0.0.9"),
            &["192.0.2.1"],
        ),
        (
            r#"["192.0.2.1","192.0.2.2","::1"]"#,
            Some("::1"),
            &["192.0.2.1", "192.0.2.2"],
        ),
        ("[]", None, &[]),
    ] {
        let client = client(&format!(r#""sourceIPs":{addresses}"#));
        assert_eq!(client.peer.as_deref(), peer, "{addresses}");
        let claims: Vec<&str> = client
            .claims
            .iter()
            .map(|claim| claim.value.as_str())
            .collect();
        assert_eq!(claims, forged, "{addresses}");
    }
}

#[test]
fn an_audit_id_that_the_server_cannot_have_made_is_certainly_claimed() {
    for (id, is_certain) in [
        ("5f0e2ab9-6d3e-4c0c-9d9e-3a1f0a4d7c11", false),
        // Another version, another variant, upper case, too short, anything.
        ("5f0e2ab9-6d3e-1c0c-9d9e-3a1f0a4d7c11", true),
        ("5f0e2ab9-6d3e-4c0c-cd9e-3a1f0a4d7c11", true),
        ("5F0E2AB9-6D3E-4C0C-9D9E-3A1F0A4D7C11", true),
        ("5f0e2ab9-6d3e-4c0c-9d9e-3a1f0a4d7c1", true),
        ("hello", true),
    ] {
        let client = client(&format!(r#""auditID":"{id}""#));
        let claim = &client.claims[0];
        assert_eq!(
            (claim.kind, claim.is_certain),
            (ClaimKind::AuditId, is_certain),
            "{id}"
        );
    }
    let agent = client(r#""userAgent":"kubectl/v1.36.0""#);
    assert_eq!(agent.claims[0].kind, ClaimKind::UserAgent);
    assert_eq!(
        agent.claims[0].sentence(),
        "User agent `kubectl/v1.36.0`. It is the header `User-Agent`, which a client chooses."
    );
}

#[test]
fn a_client_is_a_sentence() {
    for (fields, sentence) in [
        (
            r#""user":{"username":"system:serviceaccount:shop:web","groups":["system:serviceaccounts"],"extra":{"authentication.kubernetes.io/pod-name":["web-0"],"authentication.kubernetes.io/node-name":["n1"]}}"#,
            "The service account `web` of namespace `shop`, with the token of pod `web-0` on node `n1`. Its group: `system:serviceaccounts`.",
        ),
        (
            r#""user":{"username":"system:serviceaccount:kube-system:job-controller"}"#,
            "The service account `job-controller` of namespace `kube-system`, a controller of kube-controller-manager.",
        ),
        (
            r#""user":{"username":"system:anonymous"}"#,
            "An anonymous client: the request had no credentials (`system:anonymous`).",
        ),
        (
            r#""user":{},"responseStatus":{"code":401}"#,
            "A client whose credentials were rejected, so that its name is not known.",
        ),
        (
            r#""user":{"username":"system:apiserver","groups":["system:masters"]}"#,
            "kube-apiserver itself (`system:apiserver`). Its group: `system:masters`. The group `system:masters` may do everything, whatever RBAC says.",
        ),
        ("", "The log doesn't contain the user."),
    ] {
        assert_eq!(client(fields).sentence(), sentence);
    }
    let acting = client(
        r#""user":{"username":"ann"},"impersonatedUser":{"username":"bob","groups":["dev"]},"authenticationMetadata":{"impersonationConstraint":"impersonate:user-info"}"#,
    );
    let sentence = acting.sentence();
    for part in [
        "with the user name `ann`",
        "by impersonation. A person or a program with the user name `bob`",
        "Its group: `dev`.",
        "The verb `impersonate:user-info` allowed it.",
    ] {
        assert!(sentence.contains(part), "{sentence}");
    }
}

#[test]
fn names_cannot_leave_their_backticks() {
    let hostile = client(r#""user":{"username":"a` b\n<b>","groups":["x`y"]}"#);
    let sentence = hostile.sentence();
    assert_eq!(sentence.matches('`').count(), 4, "{sentence}");
    assert!(!sentence.contains('\n'));
}

#[test]
fn annotations_are_sentences() {
    for (key, value, sentence) in [
        (
            "authorization.k8s.io/decision",
            "allow",
            Some("Authorization allowed the request."),
        ),
        (
            "authorization.k8s.io/decision",
            "forbid",
            Some("Authorization denied the request."),
        ),
        (
            "authorization.k8s.io/reason",
            r#"RBAC: allowed by ClusterRoleBinding \"open\" of ClusterRole \"view\" to Group \"dev\""#,
            Some(
                r#"RBAC allowed it: `ClusterRoleBinding "open"` gives `ClusterRole "view"` to `Group "dev"`."#,
            ),
        ),
        (
            "authorization.k8s.io/reason",
            "",
            Some("The authorizer gave no reason."),
        ),
        (
            "authorization.k8s.io/reason",
            "access granted by IAM",
            Some("Reason of the authorizer: `access granted by IAM`."),
        ),
        (
            "k8s.io/deprecated",
            "true",
            Some("The request used a deprecated version of the API."),
        ),
        (
            "k8s.io/removed-release",
            "1.25",
            Some("Kubernetes `1.25` no longer has this version of the API."),
        ),
        (
            "apiserver.latency.k8s.io/etcd",
            "4.7s",
            Some("Calls of the storage, etcd, took `4.7s`."),
        ),
        (
            "pod-security.kubernetes.io/enforce-policy",
            "restricted:latest",
            Some("Pod Security admission enforced the level and version `restricted:latest`."),
        ),
        (
            "pod-security.kubernetes.io/exempt",
            "namespace",
            Some("Pod Security admission made an exemption because of the `namespace`."),
        ),
        (
            "mutation.webhook.admission.k8s.io/round_0_index_1",
            r#"{\"configuration\":\"istio\",\"webhook\":\"inject.example.com\",\"mutated\":true}"#,
            Some(
                "The mutating webhook `inject.example.com` of `istio` changed the object (webhook 2 of round 1).",
            ),
        ),
        (
            "patch.webhook.admission.k8s.io/round_0_index_1",
            r#"{\"configuration\":\"istio\",\"webhook\":\"inject.example.com\",\"patch\":[{\"op\":\"add\"},{\"op\":\"add\"}],\"patchType\":\"JSONPatch\"}"#,
            Some(
                "The patch, of 2 operations, that the mutating webhook `inject.example.com` of `istio` applied is recorded.",
            ),
        ),
        (
            "failed-open.validating.webhook.admission.k8s.io/round_0_index_0",
            "validation.gatekeeper.sh",
            Some(
                "The validating webhook `validation.gatekeeper.sh` failed, and the request was allowed without it, because its `failurePolicy` is `Ignore`.",
            ),
        ),
        (
            "validation.policy.admission.k8s.io/validation_failure",
            r#"[{\"message\":\"too many replicas\",\"policy\":\"limits\",\"binding\":\"all\",\"expressionIndex\":\"1\",\"validationActions\":[\"Audit\"]}]"#,
            Some(
                "The validating admission policy `limits`, bound by `all`, found a violation: `too many replicas`.",
            ),
        ),
        (
            "missing-san.invalid-cert.kubernetes.io/hook.shop.svc",
            "relies on a legacy Common Name field instead of the SAN extension for subject validation",
            Some(
                "The server that kube-apiserver called at `hook.shop.svc` has a certificate without a subject alternative name: Go programs of 1.15 and later reject it.",
            ),
        ),
        ("example.com/x", "y", None),
        ("no-prefix", "y", None),
    ] {
        let raw = format!(r#"{{"annotations":{{"{key}":"{value}"}}}}"#);
        let annotations = annotation_sentences(&Event::new(&raw));
        assert_eq!(annotations[0].sentence.as_deref(), sentence, "{key}");
    }
    let odd = r#"{"annotations":{"patch.webhook.admission.k8s.io/x":"{\"patch\":","validation.policy.admission.k8s.io/validation_failure":"[","a":1}}"#;
    assert_eq!(annotation_sentences(&Event::new(odd)).len(), 2);
}

const EXEC: &str = r#"{"auditID":"5f0e2ab9-6d3e-4c0c-9d9e-3a1f0a4d7c11","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/shop/pods/web-0/exec?command=sh","user":{"username":"ann"},"sourceIPs":["192.0.2.1","10.0.0.9"]}"#;

#[test]
fn what_can_be_followed_has_a_filter() {
    let all = follow(&Event::new(EXEC));
    let filters: Vec<(FollowKind, &str)> = all
        .iter()
        .map(|follow| (follow.kind, follow.filter.as_str()))
        .collect();
    assert_eq!(
        filters,
        [
            (
                FollowKind::Object,
                "resource:pods,pods/* apiGroup:\"\" namespace:shop name:web-0"
            ),
            (FollowKind::User, "user:ann"),
            (FollowKind::Address, "ip:10.0.0.9"),
            (FollowKind::Address, "ip:192.0.2.1"),
            (
                FollowKind::AuditId,
                "auditID:5f0e2ab9-6d3e-4c0c-9d9e-3a1f0a4d7c11"
            ),
        ]
    );
    // Not one object; no user; an audit ID too short to be searched for.
    let list = Event::new(r#"{"auditID":"x","verb":"list","requestURI":"/api/v1/pods","user":{}}"#);
    let filters: Vec<String> = follow(&list)
        .into_iter()
        .map(|follow| follow.filter)
        .collect();
    assert_eq!(filters, ["user:\"\""]);
}

#[test]
fn filters_select_what_they_are_about() {
    let exec = Event::new(EXEC);
    let created = Event::new(
        r#"{"verb":"create","requestURI":"/api/v1/namespaces/shop/pods","user":{"username":"ann"},"objectRef":{"resource":"pods","namespace":"shop","name":"web-0"},"requestReceivedTimestamp":"2026-01-01T10:00:00Z"}"#,
    );
    for (filter, of_exec, of_created) in [
        ("user:ann", true, true),
        ("user:bob", false, false),
        ("-user:bob", true, true),
        ("resource:pods", false, true),
        ("resource:pods/*", true, false),
        ("resource:pods,pods/* name:web-0", true, true),
        ("resource:*/exec", true, false),
        ("verb:get verb:create", true, true),
        ("verb:get,create", true, true),
        ("subresource:exec", true, false),
        ("stage:complete", true, false),
        ("ip:10.0.0.0/8", true, false),
        ("ip:192.0.2.1", true, false),
        ("code:\"\"", true, true),
        ("code:4xx", false, false),
        ("time:2026-01-01", false, true),
        ("time:>2026-01-02", false, false),
        ("web-0 shop", true, false),
        ("auditID:5f0e2ab9*", true, false),
        ("useragent:\"\"", true, true),
    ] {
        let filter_of = EventFilter::new(filter).unwrap();
        assert_eq!(
            (filter_of.matches(&exec), filter_of.matches(&created)),
            (of_exec, of_created),
            "{filter}"
        );
    }
    for (filter, message) in [
        (
            "level:M",
            "`level:` needs a policy, and is not supported here",
        ),
        (
            "rule:3",
            "`rule:` needs a policy, and is not supported here",
        ),
        (
            "outcome:written",
            "`outcome:` needs a policy, and is not supported here",
        ),
        (
            "time:-15m",
            "`time:` relative to the log is not supported here",
        ),
        (
            "time:>+1h",
            "`time:` relative to the log is not supported here",
        ),
    ] {
        assert_eq!(EventFilter::new(filter).unwrap_err().to_string(), message);
    }
}

/// Texts that a filter could read as something else.
fn hostile() -> impl Strategy<Value = String> {
    let pieces = prop::sample::select(vec![
        "a", "B", "*", ",", "\"", "\\", " ", ":", "-", "!", "user:", "..", ">=", "é", "\u{202e}",
        "\n", "\t", "'", "`", "(", "|",
    ]);
    prop::collection::vec(pieces, 1..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn a_filter_selects_the_event_that_it_was_made_of(user in hostile(), name in hostile(), id in hostile(), address in hostile()) {
        let id = format!("12345678{id}");
        let quote = |text: &str| audit_text::quote::json(text);
        let path: String = name.bytes().map(|byte| format!("%{byte:02X}")).collect();
        let raw = format!(
            r#"{{"auditID":{},"verb":"get","requestURI":"/api/v1/namespaces/shop/pods/{path}","user":{{"username":{}}},"sourceIPs":[{}]}}"#,
            quote(&id), quote(&user), quote(&address)
        );
        let event = Event::new(&raw);
        let all = follow(&event);
        // A name with a slash would be more than a name.
        prop_assert_eq!(all.len(), 4, "{}", raw);
        let other = Event::new(r#"{"auditID":"other-id","verb":"list","requestURI":"/apis/apps/v1/deployments","user":{"username":"nobody-else"},"sourceIPs":["203.0.113.7"]}"#);
        for one in all {
            let parsed = parse(&one.filter);
            prop_assert!(parsed.problems.is_empty(), "{}: {:?}", one.filter, parsed.problems);
            let filter = EventFilter::new(&one.filter).unwrap();
            prop_assert!(filter.matches(&event), "{} {}", one.filter, raw);
            prop_assert!(!filter.matches(&other), "{}", one.filter);
        }
    }
}
