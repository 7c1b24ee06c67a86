//! Requests that some URL, method and identity produce, and requests that none do: a row a fact of the server.

use audit_analysis::{Options, can, query};
use audit_policy::{Level, Policy, Rule};

/// Query, and whether a request of it can come.
const ROWS: [(&str, bool); 48] = [
    // A name in the URL of a create is that of the parent of a subresource.
    ("verb=create resource=pods subresource= name=", true),
    ("verb=create resource=pods subresource= name=web", false),
    ("verb=create resource=pods subresource=exec name=web", true),
    ("verb=create resource=pods subresource=exec name=", false),
    // A GET without a name is a list or a watch.
    ("verb=get resource=pods subresource= name=", false),
    ("verb=get resource=pods name=web", true),
    ("verb=list resource=pods namespace=", true),
    // `fieldSelector=metadata.name=web`.
    ("verb=list resource=pods name=web", true),
    ("verb=watch resource=pods name=web", true),
    ("verb=list resource=pods subresource=log", false),
    // A DELETE without a name is a deletecollection, which never has one.
    ("verb=delete resource=pods name=", false),
    ("verb=deletecollection resource=pods name=", true),
    ("verb=deletecollection resource=pods name=web", false),
    // Verbs of authorization only.
    ("verb=impersonate resource=users", false),
    ("verb=bind resource=roles", false),
    // OPTIONS, and other methods that the server does not know.
    ("verb= resource=pods", true),
    // Resources that no server has are requested, and audited, as well.
    ("verb=get resource=nosuch apiGroup=example.com", true),
    // `/api/v1/namespaces/x` has the namespace x; `/api/v1/namespaces` does not have one.
    ("verb=get resource=namespaces name=x namespace=x", true),
    ("verb=get resource=namespaces name=x namespace=", false),
    ("verb=get resource=namespaces name=x namespace=y", false),
    (
        "verb=create resource=namespaces subresource= namespace=",
        true,
    ),
    (
        "verb=create resource=namespaces subresource= namespace=x",
        false,
    ),
    ("verb=list resource=namespaces namespace=", true),
    ("verb=list resource=namespaces namespace=x", false),
    (
        "verb=update resource=namespaces subresource=finalize name=x namespace=x",
        true,
    ),
    (
        "verb=get resource=namespaces subresource=other name=x",
        false,
    ),
    // The verb of a URL is its method in lowercase.
    ("verb=get path=/healthz", true),
    ("verb=head path=/healthz", true),
    // Servers take any token for a method: `curl -X LIST`.
    ("verb=list path=/healthz", true),
    ("verb=LIST path=/healthz", false),
    // The deprecated prefix `/api/v1/watch`.
    ("verb=watch resource=pods subresource=log name=web", true),
    ("verb=watch resource=namespaces name=x namespace=x", true),
    // A part of a path has no slash.
    ("verb=get resource=pods name=a/b", false),
    ("verb=get resource=jobs apiGroup=a/b name=x", false),
    // A failed authentication.
    ("user= verb=get resource=pods name=x", true),
    ("verb=get path=/api/v1", true),
    ("verb=get path=/api/v1/pods", false),
    ("verb=get path=/api/v1/po*", false),
    ("verb=get path=/apis/apps*", true),
    // Groups that the server gives.
    (
        "user=system:anonymous userGroup=system:unauthenticated",
        true,
    ),
    (
        "user=system:anonymous userGroup=system:authenticated",
        false,
    ),
    ("user=alice userGroup=dev", true),
    ("user=alice userGroup!=system:authenticated", false),
    (
        "user=system:serviceaccount:ci:bot userGroup=system:serviceaccounts:ci",
        true,
    ),
    (
        "user=system:serviceaccount:ci:bot userGroup!=system:serviceaccounts",
        false,
    ),
    (
        "user=system:serviceaccount:ci:bot userGroup=system:serviceaccounts:prod",
        false,
    ),
    ("user=system:node:a userGroup=system:nodes", true),
    ("user=system:node:a userGroup!=system:nodes", false),
];

#[test]
fn only_what_some_url_method_and_identity_produce_can_come() {
    let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
    for (text, is_possible) in ROWS {
        let classes = query(text).unwrap();
        let all = can(&policy, &classes, Options::default()).unwrap();
        assert!(!all.is_empty(), "{text}");
        let found = all.iter().any(|answer| answer.is_producible);
        assert_eq!(found, is_possible, "{text}");
        let possible = can(&policy, &classes, Options::default().only_possible(true)).unwrap();
        assert_eq!(!possible.is_empty(), is_possible, "{text}");
    }
}

#[test]
fn a_witness_has_the_groups_that_the_server_gives() {
    let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
    for (text, groups) in [
        ("user=alice", &["system:authenticated"][..]),
        ("user=system:anonymous", &["system:unauthenticated"]),
        ("user=system:apiserver", &["system:masters"]),
        (
            "user=system:node:a",
            &["system:authenticated", "system:nodes"],
        ),
        (
            "user=system:serviceaccount:ci:bot userGroup!=system:serviceaccounts:prod",
            &["system:authenticated", "system:serviceaccounts"],
        ),
        (
            "userGroup=system:serviceaccounts:ci",
            &[
                "system:authenticated",
                "system:serviceaccounts",
                "system:serviceaccounts:ci",
            ],
        ),
    ] {
        let options = Options::default().only_possible(true);
        let answers = can(&policy, &query(text).unwrap(), options).unwrap();
        let mut found = answers[0].witness.groups.clone();
        found.sort();
        assert_eq!(found, groups, "{text}");
    }
}

#[test]
fn a_request_without_authentication_has_no_groups() {
    let policy = Policy::new(vec![Rule::new(Level::Metadata)]);
    let query = query("userGroup!=system:authenticated,system:unauthenticated").unwrap();
    let options = Options::default().only_possible(true);
    let answers = can(&policy, &query, options).unwrap();
    // Only requests of the server to itself are in neither group, and failed authentications.
    let witness = &answers[0].witness;
    assert!(witness.user.is_none() || witness.user.as_deref() == Some("system:apiserver"));
}
