//! Finds the policy that the server reads among those of a text.

use audit_types::LineIndex;

use crate::policy_origin::{LINES_TO_LITERAL, PolicyOrigin};
use crate::recognize::{EmbeddedPolicy, Recognized, RecognizedDocument};

/// A policy that is found, and whether it certainly is the server's: the default of a variable may be replaced.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct FoundPolicy {
    pub(crate) text: String,
    pub(crate) is_default: bool,
}

/// Returns the policy that the text contains: the one that is written to the flag's path, or the one of the origin; of a file on the node, the only one.
pub(crate) fn find(
    text: &str,
    documents: &Recognized,
    path: &str,
    origin: &PolicyOrigin,
) -> FoundPolicy {
    let usable = || {
        let policies = documents.policies();
        policies.filter(|(_, policy)| policy.template().is_none())
    };
    let named = usable().find(|(_, policy)| policy.file.as_deref() == Some(path));
    let found = named.or_else(|| match origin {
        PolicyOrigin::File => {
            let mut others = usable();
            others.next().filter(|_| others.next().is_none())
        }
        PolicyOrigin::Field(ends) => usable().find(|(_, policy)| is_field(policy, ends)),
        PolicyOrigin::Program => None,
        PolicyOrigin::Expression { line, reference } => {
            let lines = LineIndex::new(text);
            let is_literal = |policy: &EmbeddedPolicy| {
                let start = lines.position(policy.span().start).line;
                (*line..=*line + LINES_TO_LITERAL).contains(&start)
            };
            let is_it = |found: &(&RecognizedDocument, &EmbeddedPolicy)| match reference {
                Some(name) => is_named(&found.1.path, name),
                None => is_literal(found.1),
            };
            usable().find(is_it)
        }
    });
    found.map_or_else(FoundPolicy::default, |(_, policy)| FoundPolicy {
        text: policy.text.clone(),
        is_default: policy.path.starts_with("var."),
    })
}

/// Returns whether a policy is the value of a field, by the end of its path.
fn is_field(policy: &EmbeddedPolicy, ends: &[&str]) -> bool {
    ends.iter().any(|end| policy.path.ends_with(end))
}

/// Returns whether a reference is to the value of a name: that of a local has no prefix.
fn is_named(path: &str, reference: &str) -> bool {
    path == reference || reference.strip_prefix("local.") == Some(path)
}
