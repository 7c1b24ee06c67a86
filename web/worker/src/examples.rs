//! Worked examples: policies with recorded logs, built in so that the page loads nothing.

use playground_protocol::ExampleTitle;

/// Titles and summaries of the examples, in menu order.
const TITLES: [(&str, &str); 5] = [
    (
        "Production policy",
        "Drops routine traffic of components and records changes to permissions in full",
    ),
    (
        "Misnested verbs",
        "A `verbs` list one level too deep is ignored, so the rule matches every verb",
    ),
    (
        "Catch-all first",
        "The first matching rule wins, so rules below a catch-all are never evaluated",
    ),
    (
        "Deployments in the wrong group",
        "Deployments are in the group `apps`; a rule for the core group never matches them",
    ),
    (
        "Pods without exec",
        "`pods` does not match `pods/exec`: subresources must be named",
    ),
];

/// A worked example.
pub(crate) struct Example {
    /// Hint at what to look at.
    pub(crate) hint: &'static str,
    /// Text of the policy.
    pub(crate) policy: &'static str,
    /// Name and text of the log.
    pub(crate) log: (&'static str, &'static str),
    /// Audit ID of the event to select first.
    pub(crate) select: &'static str,
}

const CONTROL_PLANE: (&str, &str) = (
    "control-plane.jsonl",
    include_str!("../examples/control-plane.jsonl"),
);
const REQUESTS: (&str, &str) = ("requests.jsonl", include_str!("../examples/requests.jsonl"));

/// The first example, which the first visit shows.
pub(crate) const FIRST: Example = Example {
    hint: "A production policy over half a minute of a real control plane. It drops lease renewals, health checks and the API server's own reads, never records bodies of secrets, and records changes to RBAC in full.",
    policy: include_str!("../examples/production.yaml"),
    log: CONTROL_PLANE,
    select: "e3510e64-d104-4ca6-b2e8-aea38c9bbc55",
};

/// The other examples, in menu order.
pub(crate) const OTHERS: [Example; 4] = [
    Example {
        hint: "`verbs` is inside a `resources` entry. The server ignores it with a warning, so rule 1 also records every read of a pod in full.",
        policy: include_str!("../examples/misnested-verbs.yaml"),
        log: REQUESTS,
        select: "imp-0006",
    },
    Example {
        hint: "Rule 1 matches every request, so rules 2 and 3 match none: bodies of RBAC changes are not recorded, and health checks fill the log.",
        policy: include_str!("../examples/catch-all-first.yaml"),
        log: REQUESTS,
        select: "setup-0020",
    },
    Example {
        hint: "Rule 1 names deployments in the core group, which doesn't have them. Changes to deployments fall through to Metadata: no body is recorded.",
        policy: include_str!("../examples/wrong-group.yaml"),
        log: REQUESTS,
        select: "work-0062",
    },
    Example {
        hint: "Rule 1 names `pods`, but a shell in a pod is a request for `pods/exec`. It falls through to rule 2 and is not recorded.",
        policy: include_str!("../examples/pods-without-exec.yaml"),
        log: REQUESTS,
        select: "work-0019",
    },
];

/// Returns the entries of the menu.
pub(crate) fn titles() -> Vec<ExampleTitle> {
    TITLES
        .iter()
        .map(|(title, summary)| ExampleTitle {
            title: (*title).to_owned(),
            summary: (*summary).to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_loads_and_contains_the_event_it_selects() {
        assert_eq!(TITLES.len(), OTHERS.len() + 1);
        for (example, (title, _)) in [FIRST].iter().chain(&OTHERS).zip(TITLES) {
            let version = audit_policy::KubernetesVersion::NEWEST;
            let loaded = audit_policy::load(example.policy.as_bytes(), version);
            assert!(loaded.policy.is_some(), "{title}");
            let id = format!("\"auditID\":\"{}\"", example.select);
            assert!(example.log.1.contains(&id), "{id}");
        }
    }
}
