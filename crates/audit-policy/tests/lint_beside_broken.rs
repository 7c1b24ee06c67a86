//! Findings about the rules around a broken one: what holds whatever it is meant to say is reported.

mod common;

use audit_policy::Severity;
use common::{all, policy};

/// Rules with one that the server rejects, the code of a finding about the others, and its message.
const FACTS: &[(&str, &str, &str)] = &[
    // A level that is not known does not change what a rule matches.
    (
        "- level: Some\n- level: Metadata\n  users: [a]\n",
        "AP020",
        "rule 2 can never match: rule 1 matches all its requests first",
    ),
    (
        "- level: Metadata\n- level: Some\n  users: [a]\n- level: Metadata\n  verbs: [get]\n",
        "AP020",
        "rule 3 is redundant: rule 1 matches all its requests first, with the same effect",
    ),
    (
        "- level: Metadata\n- level: Some\n  users: [a]\n",
        "AP020",
        "rule 2 can never match: rule 1 matches all its requests first",
    ),
    (
        "- level: Some\n  users: [a]\n- level: Metadata\n  users: [b]\n",
        "AP027",
        "no catch-all rule: requests that match no rule are not logged",
    ),
    // What a rule matches at most is covered as well.
    (
        "- level: None\n- level: Metadata\n  users: a\n",
        "AP020",
        "rule 2 can never match: rule 1 matches all its requests first, at level `None` instead of `Metadata`",
    ),
    (
        "- level: None\n  verbs: [get]\n- level: Metadata\n  verbs: [get]\n  resources: [pods]\n",
        "AP020",
        "rule 2 can never match: rule 1 matches all its requests first, at level `None` instead of `Metadata`",
    ),
    // Neither rule can be the catch-all: the other conditions of the first are known.
    (
        "- level: None\n  users: 1\n  verbs: [get]\n- level: Metadata\n  users: [b]\n",
        "AP027",
        "no catch-all rule: requests that match no rule are not logged",
    ),
    // A rule that was not read does not match secrets: they are not in its URLs, group or resources.
    (
        "- level: None\n  nonResourceURLs: [healthz]\n- level: Request\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
        "AP025",
        "rule 2 logs the contents of `secrets`",
    ),
    (
        "- level: None\n  resources: [{group: apps/v1, resources: [deployments]}]\n- level: Request\n  resources: [{resources: \
         [secrets]}]\n- level: Metadata\n",
        "AP025",
        "rule 2 logs the contents of `secrets`",
    ),
    (
        "- level: None\n  resources: [{group: apps, resources: deployments}]\n- level: Request\n  resources: [{resources: \
         [secrets]}]\n- level: Metadata\n",
        "AP025",
        "rule 2 logs the contents of `secrets`",
    ),
    (
        "- level: None\n  verbs: get\n  users: [jane]\n- level: Request\n  users: [joe]\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
        "AP025",
        "rule 2 logs the contents of `secrets`",
    ),
    (
        "- level: Some\n  users: [jane]\n- level: Request\n  resources: [{resources: [secrets]}]\n- level: Metadata\n",
        "AP025",
        "rule 2 logs the contents of `secrets`",
    ),
    // Nothing is logged, whichever requests the broken rule matches.
    (
        "- level: None\n  users: a\n- level: None\n  verbs: [get]\n",
        "AP037",
        "nothing is logged: rules 1 to 2 have level `None`, and requests that match no rule are not logged",
    ),
    (
        "- level: None\n- level: Some\n  verbs: [get]\n",
        "AP037",
        "nothing is logged: rule 1 matches every request at level `None`",
    ),
    // The first match decides, so a later broken rule does not matter.
    (
        "- level: Metadata\n  resources: [{resources: [pods/exec]}]\n- level: None\n  verbs: 1\n",
        "AP040",
        "rule 1 logs the commands of exec with their arguments: `requestURI` contains them, even at level `Metadata`",
    ),
    (
        "- level: None\n  nonResourceURLs: [healthz]\n- level: Metadata\n  resources: [{resources: [pods/exec]}]\n- level: None\n",
        "AP040",
        "rule 2 logs the commands of exec with their arguments: `requestURI` contains them, even at level `Metadata`",
    ),
    (
        "- level: Metadata\n  resources: [{resources: [pods]}]\n- level: None\n- level: Some\n  users: [a]\n",
        "AP022",
        "`pods` does not cover `pods/exec`, `pods/attach`, `pods/portforward`, `pods/proxy`, `pods/log`, \
         `pods/ephemeralcontainers` and `pods/eviction`: they match rule 2 at level `None`, unless an earlier rule matches them",
    ),
    (
        "- level: Metadata\n  verbs: [create]\n  resources: [{resources: [pods/exec]}]\n- level: None\n  nonResourceURLs: [healthz]\n",
        "AP044",
        "a `get` of `pods/exec` is not logged: rule 1 does not list the verb, and no other rule matches it",
    ),
    (
        "- level: Metadata\n  resources: [{resources: [events]}]\n- level: Some\n  users: [a]\n",
        "AP042",
        "`events` is also in the API group `events.k8s.io`, which rule 1 does not match: there, a `create` matches no rule, and is not logged",
    ),
    // Stages are those of the rules that log, with those that may.
    (
        "- level: Metadata\n  omitStages: [ResponseStarted]\n- level: Some\n  users: [a]\n",
        "AP039",
        "failed authentications (401) are never logged: their only stage, `ResponseStarted`, is omitted",
    ),
];

#[test]
fn findings_that_hold_for_every_meaning_of_a_broken_rule_are_reported() {
    for (rules, code, message) in FACTS {
        let text = policy(rules);
        let findings = all(&text);
        let mut errors = findings.iter();
        assert!(errors.any(|one| one.severity == Severity::Error), "{text}");
        let mut messages = findings
            .iter()
            .filter(|finding| finding.code == *code)
            .map(|finding| finding.message.as_str());
        assert!(
            messages.any(|one| one == *message),
            "{text}{message}\n{findings:#?}"
        );
    }
}
