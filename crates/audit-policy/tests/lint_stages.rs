//! Omitted stages, and the events that are left, in the variants in which people write them: one row a fact.

mod common;

use common::{HEAD, all, of};

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
