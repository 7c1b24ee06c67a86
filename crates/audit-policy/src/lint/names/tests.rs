//! Names in the forms in which people write them.

use super::*;

#[test]
fn names_that_no_user_has_are_certain_and_have_their_place() {
    let same = |name: &str| Meant::Same(name.to_owned());
    let group = |name: &str| Meant::Group(name.to_owned());
    for (name, meant) in [
        ("system:nodes", group("system:nodes")),
        ("system:masters", group("system:masters")),
        ("system:authenticated", group("system:authenticated")),
        ("system:unauthenticated", group("system:unauthenticated")),
        (
            "system:serviceaccounts:ns",
            group("system:serviceaccounts:ns"),
        ),
        (
            "system:serviceaccount:ns",
            group("system:serviceaccounts:ns"),
        ),
        (
            "system:serviceaccount:ns:",
            group("system:serviceaccounts:ns"),
        ),
        ("system:serviceaccount", group("system:serviceaccounts")),
        ("system:node", group("system:nodes")),
        (
            "system:serviceaccounts:a:b",
            same("system:serviceaccount:a:b"),
        ),
        (
            "system:serviceaccount:a/b",
            same("system:serviceaccount:a:b"),
        ),
        (
            "system:ServiceAccount:a:b",
            same("system:serviceaccount:a:b"),
        ),
        ("serviceaccount:a:b", same("system:serviceaccount:a:b")),
        ("system:sa:a:b", same("system:serviceaccount:a:b")),
        (
            "kube-system:default",
            same("system:serviceaccount:kube-system:default"),
        ),
        (
            "kube-system/coredns",
            same("system:serviceaccount:kube-system:coredns"),
        ),
        ("argocd/argocd-server", Meant::Unknown),
        (
            "system:kube-system:default",
            same("system:serviceaccount:kube-system:default"),
        ),
        ("system:serviceaccount:a:b:c", Meant::Unknown),
        (
            "system:serviceaccount:A:b",
            same("system:serviceaccount:a:b"),
        ),
        ("System:Kube-Proxy", same("system:kube-proxy")),
        (" system:kube-proxy", same("system:kube-proxy")),
    ] {
        let problem = user_problem(name);
        let found = problem.map(|problem| (problem.is_certain, problem.meant));
        assert_eq!(found, Some((true, meant)), "{name}");
    }
}

#[test]
fn names_that_no_group_has_are_certain_and_have_their_place() {
    let same = |name: &str| Meant::Same(name.to_owned());
    let user = |name: &str| Meant::User(name.to_owned());
    for (name, meant) in [
        ("system:kube-scheduler", user("system:kube-scheduler")),
        (
            "system:serviceaccount:a:b",
            user("system:serviceaccount:a:b"),
        ),
        (
            "system:serviceaccounts:a:b",
            user("system:serviceaccount:a:b"),
        ),
        ("system:anonymous", user("system:anonymous")),
        ("system:node:n1", user("system:node:n1")),
        ("system:node", same("system:nodes")),
        ("system:master", same("system:masters")),
        ("system:serviceaccount", same("system:serviceaccounts")),
        ("system:serviceaccount:a", same("system:serviceaccounts:a")),
        ("system:Authenticated", same("system:authenticated")),
    ] {
        let problem = group_problem(name);
        let found = problem.map(|problem| (problem.is_certain, problem.meant));
        assert_eq!(found, Some((true, meant)), "{name}");
    }
}

#[test]
fn ordinary_names_are_notes_at_most() {
    for (user, is_note) in [
        ("cluster-admin", true),
        ("default", true),
        ("kubernetes-admin@kubernetes", true),
        ("system:volume-scheduler", true),
        ("system:controller:job-controller", true),
        ("kube-proxy", true),
        ("kube-system", true),
        ("system:kubelet", true),
        ("system:scheduler", true),
        ("system:kube-apiserver", false),
        ("alice", false),
        ("alice@example.com", false),
        ("oidc:alice", false),
        ("https://issuer.example.com#alice", false),
        ("arn:aws:iam::111122223333:role/admin", false),
        ("CN=alice,O=dev", false),
        ("kubernetes-admin", false),
        ("kubelet", false),
        ("system:admin", false),
        ("system:unsecured", true),
        ("system:node:ip-10-0-0-1.ec2.internal", false),
        ("system:serviceaccount:kube-system:default", false),
        ("system:kube-proxy", false),
        ("eks:node-manager", false),
        ("system:bootstrap:abcdef", false),
    ] {
        let found = user_problem(user).map(|problem| problem.is_certain);
        assert_eq!(found, is_note.then_some(false), "{user}");
    }
    for group in [
        "developers",
        "oidc:dev",
        "org/team",
        "/keycloak",
        "system:cluster-admins",
        "system:bootstrappers:kubeadm:default-node-token",
        "system:node-proxier",
        "system:serviceaccounts",
    ] {
        assert_eq!(group_problem(group), None, "{group}");
    }
}

#[test]
fn patterns_that_mean_a_group() {
    for (pattern, group) in [
        ("system:node:*", Some("system:nodes")),
        (
            "system:serviceaccount:ns:*",
            Some("system:serviceaccounts:ns"),
        ),
        ("system:serviceaccount:*:*", Some("system:serviceaccounts")),
        ("system:serviceaccount:*", Some("system:serviceaccounts")),
        ("system:serviceaccounts:*", Some("system:serviceaccounts")),
        ("system:serviceaccount:*:default", None),
        ("system:serviceaccount:ns:a*", None),
        ("system:node:gke-*", None),
        ("*", None),
    ] {
        assert_eq!(group_of_pattern(pattern).as_deref(), group, "{pattern}");
    }
}

#[test]
fn membership_follows_the_authenticators() {
    for (user, group, expected) in [
        ("system:serviceaccount:a:b", "system:serviceaccounts", true),
        (
            "system:serviceaccount:a:b",
            "system:serviceaccounts:a",
            true,
        ),
        (
            "system:serviceaccount:a:b",
            "system:serviceaccounts:c",
            false,
        ),
        ("system:serviceaccount:a:b", "system:masters", false),
        ("system:serviceaccount:a:b", "dev", false),
        ("system:serviceaccount:a:b", "system:authenticated", true),
        ("system:anonymous", "system:authenticated", false),
        ("system:anonymous", "system:unauthenticated", true),
        ("alice", "system:unauthenticated", false),
        ("alice", "system:serviceaccounts", false),
        ("alice", "dev", true),
        ("alice", "system:masters", true),
        ("system:kube-proxy", "system:nodes", false),
        ("system:node:a", "system:nodes", true),
        ("system:apiserver", "system:masters", true),
    ] {
        assert_eq!(may_be_in(user, group), expected, "{user} {group}");
    }
    for group in GROUPS {
        assert!(may_be_in(&member_of(group), group), "{group}");
    }
}
