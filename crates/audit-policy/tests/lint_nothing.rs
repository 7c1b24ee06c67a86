//! Policies and rules that log nothing, in the variants in which people write them: one row a fact.

mod common;

use audit_policy::{Diagnostic, Severity};
use common::{HEAD, all, of, policy};

#[test]
fn policies_that_log_nothing_or_nobody() {
    let signed_in = "userGroups: [\"system:authenticated\"]";
    for (rules, part) in [
        ("- level: None\n".to_owned(), "nothing is logged: rule 1 matches every request"),
        ("- level: None\n- level: Metadata\n".to_owned(), "nothing is logged: rule 1"),
        ("- level: None\n  users: [a]\n- level: None\n".to_owned(), "nothing is logged: rule 2"),
        ("- level: None\n  users: [a]\n- level: None\n  verbs: [get]\n".to_owned(), "nothing is logged: rules 1 to 2 have level `None`"),
        (format!("- level: None\n  {signed_in}\n- level: RequestResponse\n  resources: [{{resources: [secrets]}}]\n- level: Metadata\n"), "nobody signed in is logged: rule 1"),
        (format!("- level: None\n  users: [a]\n- level: None\n  {signed_in}\n- level: Metadata\n"), "nobody signed in is logged: rule 2"),
        (format!("- level: None\n  {signed_in}\n- level: None\n  userGroups: [system:unauthenticated]\n- level: Metadata\n"), "nobody signed in is logged: rule 1"),
        ("- level: None\n  userGroups: [system:unauthenticated, system:authenticated]\n- level: Metadata\n".to_owned(), "only failed authentications (401) are logged: rule 1"),
        // Nor are those, without their only stage.
        ("- level: None\n  userGroups: [system:unauthenticated, system:authenticated]\n- level: Metadata\n  omitStages: [ResponseStarted]\n".to_owned(), "nothing is logged: rule 1"),
        ("- level: None\n  resources: [{group: '*'}]\n- level: None\n  nonResourceURLs: ['*']\n- level: Metadata\n".to_owned(), "nothing is logged: rule 2 matches every remaining request at level `None`"),
        (format!("- level: None\n  {signed_in}\n  resources: [{{group: '*', resources: ['*']}}]\n- level: None\n  {signed_in}\n  nonResourceURLs: ['/*']\n- level: Metadata\n"), "nobody signed in is logged: rule 2"),
        ("- level: Metadata\n  omitStages: [ResponseStarted, ResponseComplete, Panic]\n".to_owned(), "nothing is logged: rule 1"),
        (
            "- level: None\n  resources: [{group: '*', resources: ['*']}]\n- level: Metadata\n".to_owned(),
            "no signed-in user's request for a resource is logged: rule 1",
        ),
        (
            "- level: None\n  verbs: [get, list, watch, create, update, patch, delete, deletecollection]\n- level: Metadata\n".to_owned(),
            "no signed-in user's request for a resource is logged: rule 1",
        ),
        (
            "- level: Metadata\n  nonResourceURLs: [/version]\n- level: None\n- level: Metadata\n".to_owned(),
            "no signed-in user's request for a resource is logged: rule 2",
        ),
        ("- level: Metadata\n  verbs: ['*']\n".to_owned(), "nobody signed in is logged"),
    ] {
        let text = policy(&rules);
        let findings = all(&text);
        let found = of(&findings, "AP037");
        assert!(found.iter().any(|finding| finding.message.starts_with(part) && finding.severity == Severity::Warning), "{text}{findings:#?}");
        assert_eq!(found.len(), 1, "{text}");
    }
    // The remedy depends on whether a rule below logs.
    for (rules, help) in [
        (
            format!("- level: None\n  {signed_in}\n- level: None\n"),
            "add a rule with level `Metadata`",
        ),
        (
            format!("- level: None\n  {signed_in}\n- level: Metadata\n"),
            "move rule 1 below the rules that log",
        ),
    ] {
        let findings = all(&policy(&rules));
        let found = of(&findings, "AP037");
        assert!(
            found.iter().any(|finding| finding.help.contains(help)),
            "{findings:#?}"
        );
    }
    for rules in [
        "- level: Metadata\n".to_owned(),
        "- level: None\n  users: [a]\n- level: Metadata\n- level: None\n".to_owned(),
        format!(
            "- level: Metadata\n  resources: [{{resources: [secrets]}}]\n- level: None\n  {signed_in}\n- level: Metadata\n"
        ),
        format!("- level: None\n  {signed_in}\n  verbs: [get, list, watch]\n- level: Metadata\n"),
        "- level: None\n  userGroups: [system:unauthenticated]\n- level: Metadata\n".to_owned(),
        "- level: None\n  resources: [{group: ''}]\n- level: Metadata\n".to_owned(),
    ] {
        let text = policy(&rules);
        assert_eq!(
            of(&all(&text), "AP037"),
            Vec::<&Diagnostic>::new(),
            "{text}"
        );
    }
}

#[test]
fn rules_whose_resources_match_nothing_log_nothing() {
    let nothing = [
        "{group: core}",
        "{resources: [deployments]}",
        "{resources: ['*/*', pods/execs, Pods]}",
        "{resources: ['*/scales']}",
        "{group: apps, resources: [pods]}, {group: rbac, resources: [roles]}",
        "{group: extensions}",
    ];
    for entries in nothing {
        let rule = format!("- level: RequestResponse\n  resources: [{entries}]\n");
        let alone = all(&format!("{HEAD}rules:\n{rule}"));
        assert_eq!(of(&alone, "AP030"), Vec::<&Diagnostic>::new(), "{rule}");
        assert_eq!(of(&alone, "AP025"), Vec::<&Diagnostic>::new(), "{rule}");
        assert!(
            of(&alone, "AP037")
                .iter()
                .any(|found| found.message.starts_with("nobody signed in is logged")),
            "{rule}{alone:#?}"
        );
        // The rest is logged twice; the rule is not counted.
        let followed = all(&format!("{HEAD}rules:\n{rule}- level: Metadata\n"));
        let found = of(&followed, "AP030");
        assert!(
            found.iter().any(|found| found
                .message
                .starts_with("each logged request has two events")),
            "{rule}{followed:#?}"
        );
        assert_eq!(of(&followed, "AP037"), Vec::<&Diagnostic>::new(), "{rule}");
    }
}

#[test]
fn entries_whose_object_names_never_match_log_nothing() {
    // A create has no object name in its URL, unless it is of a subresource.
    let named = |verbs: &str, entries: &str| {
        let rule = format!("- level: Request\n  verbs: [{verbs}]\n  resources: [{entries}]\n");
        let found = all(&format!(
            "{HEAD}rules:\n{rule}- level: Metadata\n  omitStages: [RequestReceived]\n"
        ));
        let texts = of(&found, "AP026")
            .into_iter()
            .map(|one| one.message.clone());
        (!of(&found, "AP030").is_empty(), texts.collect::<Vec<_>>())
    };
    let never =
        "this entry of rule 1 never matches: such requests have no object name for `resourceNames`";
    let except =
        "`resourceNames` never match `create`, which `verbs` lists, except of subresources";
    for (verbs, entries, is_logged, messages) in [
        (
            "create",
            "{resources: [pods], resourceNames: [a]}",
            false,
            vec![never],
        ),
        (
            "create",
            "{resources: [pods], resourceNames: [a]}, {group: apps, resources: [pods]}",
            false,
            vec![never],
        ),
        (
            "create",
            "{resources: [pods], resourceNames: [a]}, {resources: [nodes]}",
            true,
            vec![never],
        ),
        (
            "create",
            "{resources: [pods], resourceNames: ['']}",
            true,
            vec![],
        ),
        (
            "create",
            "{resources: [pods/exec], resourceNames: [a]}",
            true,
            vec![],
        ),
        (
            "create",
            "{resources: [pods, pods/exec], resourceNames: [a]}",
            true,
            vec![except],
        ),
        (
            "create",
            "{resources: ['pods/*'], resourceNames: [a]}",
            true,
            vec![except],
        ),
        (
            "create",
            "{resources: ['*'], resourceNames: [a]}",
            true,
            vec![except],
        ),
        // A subresource has no collection.
        (
            "deletecollection",
            "{resources: ['*'], resourceNames: [a]}",
            false,
            vec![never],
        ),
    ] {
        let expected: Vec<String> = messages.into_iter().map(str::to_owned).collect();
        assert_eq!(
            named(verbs, entries),
            (is_logged, expected),
            "{verbs} {entries}"
        );
    }
}

#[test]
fn rules_of_which_one_entry_matches_log() {
    for entries in [
        "{group: core}, {resources: [pods]}",
        "{resources: [deployments, pods]}",
        "{group: metrics.k8s.io, resources: [pods]}",
        "{group: '*', resources: [pods]}",
        "{resources: ['*/scale']}",
    ] {
        let rule = format!("- level: Metadata\n  resources: [{entries}]\n");
        let found = all(&format!("{HEAD}rules:\n{rule}"));
        assert!(!of(&found, "AP030").is_empty(), "{rule}{found:#?}");
        assert_eq!(of(&found, "AP037"), Vec::<&Diagnostic>::new(), "{rule}");
    }
}

#[test]
fn a_cluster_scoped_resource_in_a_namespace_logs_nothing() {
    let scoped = "- level: Metadata\n  namespaces: [shop]\n  resources: [{resources: [nodes]}]\n";
    let found = all(&format!("{HEAD}rules:\n{scoped}"));
    assert_eq!(of(&found, "AP030"), Vec::<&Diagnostic>::new(), "{found:#?}");
}
