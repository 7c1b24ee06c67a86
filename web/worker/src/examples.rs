//! The worked examples: a policy over a recorded log each, built in so that the page asks nobody for them.

use playground_protocol::ExampleTitle;

/// A worked example.
pub(crate) struct Example {
    title: &'static str,
    summary: &'static str,
    /// What to look at, once it is open.
    pub(crate) story: &'static str,
    /// The policy's text.
    pub(crate) policy: &'static str,
    /// The log's name and bytes.
    pub(crate) log: (&'static str, &'static [u8]),
    /// The audit ID of the event to select first.
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

/// In menu order; the first is what a first visit shows.
pub(crate) const EXAMPLES: [Example; 5] = [
    Example {
        title: "Production policy",
        summary: "Quiet where machines talk to machines, exact where rights change",
        story: "A policy for a real cluster over half a minute of a real control plane. Lease renewals, health checks and the API server's own reads are dropped; secrets never show a body; changes to RBAC are kept whole.",
        policy: include_str!("../examples/production.yaml"),
        log: CONTROL_PLANE,
        select: "e3510e64-d104-4ca6-b2e8-aea38c9bbc55",
    },
    Example {
        title: "Mis-nested verbs",
        summary: "A `verbs` list one level too deep is dropped, and the rule catches everything",
        story: "`verbs` stands inside a `resources` entry. The server drops it with a warning, so rule 1 records every read of a pod in full as well.",
        policy: include_str!("../examples/misnested-verbs.yaml"),
        log: REQUESTS,
        select: "imp-0006",
    },
    Example {
        title: "Catch-all first",
        summary: "The first matching rule wins, so nothing below a catch-all is ever asked",
        story: "Rule 1 takes every request. Rules 2 and 3 stay at zero: no body of an RBAC change is recorded, and health checks fill the log.",
        policy: include_str!("../examples/catch-all-first.yaml"),
        log: REQUESTS,
        select: "setup-0020",
    },
    Example {
        title: "Deployments in the wrong group",
        summary: "Deployments are in `apps`; asked for in the core group they never match",
        story: "Rule 1 looks for deployments in the core group, where there are none. Changes to deployments fall through to Metadata: no body is recorded.",
        policy: include_str!("../examples/wrong-group.yaml"),
        log: REQUESTS,
        select: "work-0062",
    },
    Example {
        title: "Pods without exec",
        summary: "`pods` does not catch `pods/exec`: a subresource must be named",
        story: "Rule 1 names `pods`, and a shell in a pod is a request for `pods/exec`. It falls to rule 2 and leaves no trace.",
        policy: include_str!("../examples/pods-without-exec.yaml"),
        log: REQUESTS,
        select: "work-0019",
    },
];

/// The menu.
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
    fn every_example_loads_and_has_the_event_that_it_points_at() {
        for example in &EXAMPLES {
            let version = audit_policy::KubernetesVersion::NEWEST;
            let loaded = audit_policy::load(example.policy.as_bytes(), version);
            assert!(loaded.policy.is_some(), "{}", example.title);
            let id = format!("\"auditID\":\"{}\"", example.select);
            assert!(String::from_utf8_lossy(example.log.1).contains(&id), "{id}");
        }
    }
}
