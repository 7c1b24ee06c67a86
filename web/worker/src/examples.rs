//! Worked examples: policies with recorded logs, built in so that the page loads nothing.

use playground_protocol::ExampleTitle;

/// A worked example.
pub(crate) struct Example {
    title: &'static str,
    summary: &'static str,
    /// Hint at what to look at.
    pub(crate) hint: &'static str,
    /// Text of the policy.
    pub(crate) policy: &'static str,
    /// Name and bytes of the log.
    pub(crate) log: (&'static str, &'static [u8]),
    /// Audit ID of the event to select first.
    pub(crate) select: &'static str,
}

const CONTROL_PLANE: (&str, &[u8]) = (
    "control-plane.jsonl",
    include_bytes!("../examples/control-plane.jsonl"),
);
const REQUESTS: (&str, &[u8]) = (
    "requests.jsonl",
    include_bytes!("../examples/requests.jsonl"),
);

/// Examples in menu order. The first visit shows the first.
pub(crate) const EXAMPLES: [Example; 5] = [
    Example {
        title: "Production policy",
        summary: "Drops routine traffic of components and records changes to permissions in full",
        hint: "A production policy over half a minute of a real control plane. It drops lease renewals, health checks and the API server's own reads, never records bodies of secrets, and records changes to RBAC in full.",
        policy: include_str!("../examples/production.yaml"),
        log: CONTROL_PLANE,
        select: "e3510e64-d104-4ca6-b2e8-aea38c9bbc55",
    },
    Example {
        title: "Misnested verbs",
        summary: "A `verbs` list one level too deep is ignored, so the rule matches every verb",
        hint: "`verbs` is inside a `resources` entry. The server ignores it with a warning, so rule 1 also records every read of a pod in full.",
        policy: include_str!("../examples/misnested-verbs.yaml"),
        log: REQUESTS,
        select: "imp-0006",
    },
    Example {
        title: "Catch-all first",
        summary: "The first matching rule wins, so rules below a catch-all are never evaluated",
        hint: "Rule 1 matches every request, so rules 2 and 3 match none: bodies of RBAC changes are not recorded, and health checks fill the log.",
        policy: include_str!("../examples/catch-all-first.yaml"),
        log: REQUESTS,
        select: "setup-0020",
    },
    Example {
        title: "Deployments in the wrong group",
        summary: "Deployments are in the group `apps`; a rule for the core group never matches them",
        hint: "Rule 1 names deployments in the core group, which does not contain them. Changes to deployments fall through to Metadata: no body is recorded.",
        policy: include_str!("../examples/wrong-group.yaml"),
        log: REQUESTS,
        select: "work-0062",
    },
    Example {
        title: "Pods without exec",
        summary: "`pods` does not match `pods/exec`: subresources must be named",
        hint: "Rule 1 names `pods`, but a shell in a pod is a request for `pods/exec`. It falls through to rule 2 and is not recorded.",
        policy: include_str!("../examples/pods-without-exec.yaml"),
        log: REQUESTS,
        select: "work-0019",
    },
];

/// Returns the entries of the menu.
pub(crate) fn titles() -> Vec<ExampleTitle> {
    EXAMPLES
        .iter()
        .map(|example| ExampleTitle {
            title: example.title.to_owned(),
            summary: example.summary.to_owned(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_example_loads_and_contains_the_event_it_selects() {
        for example in &EXAMPLES {
            let version = audit_policy::KubernetesVersion::NEWEST;
            let loaded = audit_policy::load(example.policy.as_bytes(), version);
            assert!(loaded.policy.is_some(), "{}", example.title);
            let id = format!("\"auditID\":\"{}\"", example.select);
            assert!(String::from_utf8_lossy(example.log.1).contains(&id), "{id}");
        }
    }
}
