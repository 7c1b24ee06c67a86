//! Stages, streams and policies that log nothing, in the variants in which people write them: one row a fact.

mod common;

use audit_policy::{Diagnostic, Severity};
use common::{HEAD, all, all_at, applied, of, policy};

#[test]
fn stages_that_remain() {
    // The omitted stages, the rules, a code, and a part of its message; an empty part means that there is no such finding.
    for (stages, rules, code, part) in [
        (
            "RequestReceived, ResponseComplete",
            "- level: RequestResponse\n",
            "AP038",
            "ordinary requests are never logged",
        ),
        (
            "RequestReceived, ResponseComplete",
            "- level: RequestResponse\n",
            "AP025",
            "",
        ),
        (
            "ResponseComplete",
            "- level: Metadata\n",
            "AP038",
            "the responses of ordinary requests are never logged",
        ),
        ("ResponseComplete", "- level: Metadata\n", "AP030", ""),
        (
            "ResponseStarted, ResponseComplete, Panic",
            "- level: Request\n",
            "AP029",
            "never logs a body",
        ),
        (
            "ResponseStarted, ResponseComplete, Panic",
            "- level: RequestResponse\n",
            "AP025",
            "",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n",
            "AP039",
            "failed authentications (401) are never logged",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "ResponseStarted",
            "- level: None\n  users: [a]\n- level: Metadata\n",
            "AP039",
            "401",
        ),
        ("RequestReceived", "- level: Metadata\n", "AP039", ""),
        (
            "RequestReceived",
            "- level: Metadata\n  omitStages: [ResponseStarted]\n",
            "AP039",
            "401",
        ),
        // A rule for one user does not match a request that fails authentication; the last one does.
        (
            "RequestReceived",
            "- level: Metadata\n  users: [a]\n  omitStages: [ResponseStarted]\n- level: Metadata\n",
            "AP039",
            "",
        ),
        // A catch-all decides about all that no other rule names.
        (
            "RequestReceived",
            "- level: Metadata\n  resources: [{group: '', resources: [secrets]}]\n- level: Metadata\n  omitStages: [ResponseStarted]\n",
            "AP039",
            "failed authentications (401) that match rule 2 are never logged",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [watch]\n  omitStages: [ResponseStarted]\n- level: Metadata\n",
            "AP039",
            "",
        ),
        // Without a rule for requests without a user, the stages make no difference.
        (
            "RequestReceived, ResponseStarted",
            "- level: Metadata\n  userGroups: [dev]\n",
            "AP039",
            "",
        ),
        (
            "RequestReceived, Panic",
            "- level: Metadata\n",
            "AP039",
            "handler panics",
        ),
        (
            "RequestReceived, ResponseStarted",
            "- level: RequestResponse\n",
            "AP025",
            "secrets",
        ),
        (
            "RequestReceived, ResponseStarted, ResponseComplete",
            "- level: Metadata\n",
            "AP038",
            "requests are never logged unless a handler panics",
        ),
        (
            "ResponseStarted, ResponseComplete",
            "- level: Metadata\n",
            "AP038",
            "the responses of requests are never logged",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [watch]\n  omitStages: [ResponseStarted, ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "requests that match rule 1 are never logged unless a handler panics",
        ),
        // A watch has a stage of its own before it ends.
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [watch]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  resources: [{resources: [pods/exec]}]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived",
            "- level: Metadata\n  verbs: [get, watch]\n  omitStages: [ResponseComplete]\n- level: Metadata\n",
            "AP038",
            "that match rule 1",
        ),
        (
            "RequestReceived, ResponseStarted, ResponseComplete, Panic",
            "- level: Metadata\n",
            "AP038",
            "",
        ),
        (
            "RequestReceived, ResponseStarted, ResponseComplete, Panic",
            "- level: Metadata\n",
            "AP029",
            "nothing is logged",
        ),
        ("ResponseComplete", "- level: None\n", "AP038", ""),
    ] {
        let text = format!("{HEAD}omitStages: [{stages}]\nrules:\n{rules}");
        let findings = all(&text);
        let found = of(&findings, code);
        if part.is_empty() {
            assert!(found.is_empty(), "{text}{found:#?}");
        } else {
            let is_there = found.iter().any(|finding| finding.message.contains(part));
            assert!(is_there, "{text}{findings:#?}");
        }
    }
}

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
fn commands_and_levels_of_streams() {
    for (rules, commands, bodies) in [
        (
            "- level: Metadata\n  resources: [{resources: [pods/exec]}]\n",
            true,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: [pods/exec, pods/attach, pods/portforward]}]\n",
            true,
            true,
        ),
        (
            "- level: Request\n  resources: [{resources: [pods, pods/log]}]\n",
            false,
            true,
        ),
        (
            "- level: Metadata\n  resources: [{resources: ['pods/*']}]\n",
            true,
            false,
        ),
        (
            "- level: Metadata\n  resources: [{group: '*', resources: ['*/exec']}]\n",
            true,
            false,
        ),
        (
            "- level: None\n  resources: [{resources: [pods/exec]}]\n",
            false,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{group: apps, resources: [deployments]}]\n",
            false,
            false,
        ),
        (
            "- level: Metadata\n  verbs: [delete]\n  resources: [{resources: [pods/exec]}]\n",
            false,
            false,
        ),
        (
            "- level: RequestResponse\n  resources: [{resources: [pods/eviction, serviceaccounts/token]}]\n",
            false,
            false,
        ),
        // A read has no request body, and the events of a watch are not logged.
        (
            "- level: Request\n  verbs: [get, list, watch]\n",
            false,
            true,
        ),
        (
            "- level: Request\n  verbs: [list]\n  resources: [{resources: [pods]}]\n",
            false,
            true,
        ),
        ("- level: RequestResponse\n  verbs: [watch]\n", false, true),
        (
            "- level: RequestResponse\n  verbs: [get, list, watch]\n",
            false,
            false,
        ),
        ("- level: Request\n  verbs: [get, create]\n", false, false),
        (
            "- level: Request\n  verbs: [delete, deletecollection]\n",
            false,
            false,
        ),
        ("- level: Metadata\n  verbs: [get]\n", false, false),
        // Requests for URLs have no bodies.
        (
            "- level: RequestResponse\n  nonResourceURLs: [/version]\n",
            false,
            true,
        ),
        (
            "- level: Metadata\n  nonResourceURLs: [/version]\n",
            false,
            false,
        ),
    ] {
        let text = policy(&format!("{rules}- level: Metadata\n"));
        let findings = all(&text);
        assert_eq!(!of(&findings, "AP040").is_empty(), commands, "{text}");
        assert_eq!(!of(&findings, "AP041").is_empty(), bodies, "{text}");
    }
}

#[test]
fn a_level_for_bodies_has_one_note_per_rule() {
    for (rule, message) in [
        (
            "- level: Request\n  verbs: [watch, get]\n  resources: [{resources: [pods, pods/log]}]\n",
            "`get` and `watch` have no request body to log: rule 1 logs the same of them at level `Request` as at `Metadata`",
        ),
        (
            "- level: RequestResponse\n  verbs: [watch]\n",
            "`watch` has no body to log: rule 1 logs the same of it at level `RequestResponse` as at `Metadata`",
        ),
        (
            "- level: Request\n  verbs: [get]\n  resources: [{resources: [pods/log]}]\n",
            "`pods/log` has no body to log: level `Request` logs the same of it as `Metadata`",
        ),
        (
            "- level: Request\n  nonResourceURLs: [/api*]\n",
            "non-resource requests have no body to log: rule 1 logs the same of them at level `Request` as at `Metadata`",
        ),
    ] {
        let findings = all(&policy(&format!("{rule}- level: Metadata\n")));
        let found = of(&findings, "AP041");
        let messages: Vec<&str> = found
            .iter()
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(messages, [message], "{rule}");
    }
}

#[test]
fn exec_with_the_other_verb() {
    let create = "- level: Metadata\n  verbs: [create]\n  resources: [{resources: [pods/exec]}]\n";
    let drop_reads = "- level: None\n  verbs: [get, list, watch]\n";
    let rest = "- level: Metadata\n";
    // The rules, the minor version, and severity and a part of the message, if there is a finding.
    for (rules, minor, expected) in [
        (
            create.to_owned(),
            36,
            Some((
                Severity::Warning,
                "rule 1 does not list the verb, and no other rule matches it",
            )),
        ),
        (
            create.to_owned(),
            31,
            Some((Severity::Warning, "a `get` of `pods/exec` is not logged")),
        ),
        // kubectl sends a `create` before 1.31, but other clients use WebSockets.
        (
            create.to_owned(),
            30,
            Some((Severity::Info, "a `get` of `pods/exec` is not logged")),
        ),
        (format!("{create}{rest}"), 36, None),
        (
            format!("{create}- level: None\n"),
            36,
            Some((Severity::Warning, "rule 2 matches it at level `None`")),
        ),
        (
            format!("{drop_reads}{create}{rest}"),
            36,
            Some((Severity::Warning, "rule 1 matches it before rule 2")),
        ),
        (
            format!(
                "{drop_reads}{}{rest}",
                create.replace("  verbs: [create]\n", "")
            ),
            36,
            Some((Severity::Warning, "rule 1 matches it before rule 2")),
        ),
        (create.replace("create", "create, get"), 36, None),
        (
            create.replace("create", "get"),
            36,
            Some((Severity::Info, "a `create` of `pods/exec` is not logged")),
        ),
        (
            create.replace("pods/exec", "pods, pods/portforward"),
            36,
            Some((Severity::Warning, "`pods/portforward`")),
        ),
        (
            create.replace("pods/exec", "'*/attach'"),
            36,
            Some((Severity::Warning, "`pods/attach`")),
        ),
        // `pods/*` does not say that exec is meant; a pattern that does comes first.
        (
            create.replace("pods/exec", "'pods/*'"),
            36,
            Some((Severity::Info, "a `get` of `pods/exec`")),
        ),
        (
            create.replace("pods/exec", "'pods/*', pods/attach"),
            36,
            Some((Severity::Warning, "`pods/attach`")),
        ),
        (
            create
                .replace("pods/exec", "'pods/*'")
                .replace("create", "create, get"),
            36,
            None,
        ),
        // Logs are only read, evictions only created.
        (create.replace("pods/exec", "pods/eviction"), 36, None),
        (
            create.replace("create", "get").replace("exec", "log"),
            36,
            None,
        ),
        (create.replace("Metadata", "None"), 36, None),
        (create.replace("create", "delete"), 36, None),
        // Nobody who is matched by the second rule has requests that the first one matches.
        (
            format!(
                "- level: None\n  users: ['system:kube-proxy']\n{}",
                create.replace("create", "create, get")
            ),
            36,
            None,
        ),
    ] {
        let text = policy(&rules);
        let findings = all_at(&text, minor);
        let found = of(&findings, "AP044");
        let Some((severity, part)) = expected else {
            assert_eq!(found, Vec::<&Diagnostic>::new(), "{text}");
            continue;
        };
        let is_there = found
            .iter()
            .any(|finding| finding.severity == severity && finding.message.contains(part));
        assert!(
            is_there && found.len() == 1,
            "1.{minor} {text}{findings:#?}"
        );
        // Of a rule that only lists such subresources, the missing verb is certain.
        let Some(fix) = found.first().and_then(|finding| finding.fix.as_ref()) else {
            continue;
        };
        let fixed = applied(&text, fix);
        assert_eq!(
            of(&all_at(&fixed, minor), "AP044"),
            Vec::<&Diagnostic>::new(),
            "{fixed}"
        );
    }
    let findings = all(&policy(create));
    let fixes = of(&findings, "AP044")
        .into_iter()
        .filter_map(|finding| finding.fix.as_ref());
    let fixed: Vec<String> = fixes.map(|fix| applied(&policy(create), fix)).collect();
    assert_eq!(
        fixed,
        [policy(&create.replace("[create]", "[\"create\", \"get\"]"))]
    );
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
    let scoped = "- level: Metadata\n  namespaces: [shop]\n  resources: [{resources: [nodes]}]\n";
    let found = all(&format!("{HEAD}rules:\n{scoped}"));
    assert_eq!(of(&found, "AP030"), Vec::<&Diagnostic>::new(), "{found:#?}");
}

#[test]
fn two_events_are_those_of_logged_requests() {
    for (rules, message) in [
        (
            "- level: Metadata\n",
            "every request is logged twice: at `RequestReceived` and at `ResponseComplete`",
        ),
        (
            "- level: None\n  users: [a]\n- level: Metadata\n",
            "each logged request has two events: at `RequestReceived` and at `ResponseComplete`",
        ),
    ] {
        let findings = all(&format!("{HEAD}rules:\n{rules}"));
        let found = of(&findings, "AP030");
        assert_eq!(
            found.first().map(|finding| finding.message.as_str()),
            Some(message)
        );
    }
}
