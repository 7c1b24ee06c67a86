//! A policy, and what is found of it in a document.

use audit_import::{EmbeddedPolicy, Recognized};

/// A policy whose only error is the level of its second rule.
pub const POLICY: &str =
    "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n- level: Loud\n";

/// Indents every line of the policy.
pub fn indented(spaces: usize) -> String {
    let margin = " ".repeat(spaces);
    POLICY
        .lines()
        .map(|line| format!("{margin}{line}\n"))
        .collect()
}

/// Returns the one policy of a text.
pub fn only(found: &Recognized) -> &EmbeddedPolicy {
    let policies: Vec<_> = found.policies().map(|(_, policy)| policy).collect();
    let [policy] = policies.as_slice() else {
        panic!("{} policies", policies.len());
    };
    policy
}
