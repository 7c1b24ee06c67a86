//! Exec and other streams, and levels for bodies that do not exist, in the variants in which people write them: one row a fact.

mod common;

use audit_policy::{Diagnostic, Severity};
use common::{all, all_at, applied, of, policy};

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
        // An earlier rule takes exec, with all its verbs or with each.
        (
            "- level: None\n  resources: [{resources: [pods/exec]}]\n- level: Metadata\n  resources: [{resources: ['pods/*']}]\n",
            false,
            false,
        ),
        (
            "- level: None\n  verbs: [create]\n  resources: [{resources: ['pods/*']}]\n\
             - level: None\n  verbs: [get]\n  resources: [{resources: ['*/exec']}]\n\
             - level: Metadata\n  resources: [{resources: [pods/exec, pods]}]\n",
            false,
            false,
        ),
        (
            "- level: None\n  verbs: [create]\n  resources: [{resources: [pods/exec]}]\n\
             - level: Metadata\n  resources: [{resources: ['pods/*']}]\n",
            true,
            false,
        ),
        (
            "- level: None\n  users: [a]\n  resources: [{resources: [pods/exec]}]\n\
             - level: Metadata\n  resources: [{resources: ['pods/*']}]\n",
            true,
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
