//! Duplicate keys in the order of go-yaml's strict decoding: the target of an alias is decoded for each alias, and a merge key sets the
//! keys of the merged map.

use std::collections::HashSet;

use super::nodes::{NodeId, Nodes, Shape};
use crate::DuplicateKey;
use audit_types::Span;

/// Maximum number of reported duplicates; aliases can multiply them.
const MAX_DUPLICATES: usize = 10_000;

/// Stack of remaining steps.
enum Step {
    Decode(NodeId),
    /// Add the fields of a map to the innermost open map; for merged fields, the merge key is reported.
    Fields(NodeId, Option<Span>),
    Set {
        key: NodeId,
        value: NodeId,
        blame: Option<Span>,
    },
    /// Close the innermost open map.
    Leave,
}

/// Returns the duplicates of a document in go-yaml's order. Visits only nodes that are marked as having some.
pub(crate) fn duplicates(nodes: &Nodes, has_some: &[bool]) -> Vec<DuplicateKey> {
    let mut out = Vec::new();
    let mut open: Vec<HashSet<String>> = Vec::new();
    let mut left: Vec<Step> = nodes.root.map(Step::Decode).into_iter().collect();
    while let Some(step) = left.pop() {
        if out.len() >= MAX_DUPLICATES {
            break;
        }
        match step {
            Step::Leave => {
                open.pop();
            }
            Step::Decode(id) if !has_some.get(id).copied().unwrap_or(false) => {}
            Step::Decode(id) => match nodes.get(id).map(|node| &node.shape) {
                Some(Shape::Alias(_, target)) => left.push(Step::Decode(*target)),
                Some(Shape::List(items)) => {
                    left.extend(items.iter().rev().map(|item| Step::Decode(*item)));
                }
                Some(Shape::Map(_)) => {
                    open.push(HashSet::new());
                    left.push(Step::Leave);
                    left.push(Step::Fields(id, None));
                }
                Some(Shape::Scalar(_)) | None => {}
            },
            Step::Fields(id, blame) => fields(nodes, id, blame, &mut left),
            Step::Set { key, value, blame } => {
                let Some((identity, name)) = name_of(nodes, key) else {
                    continue;
                };
                let is_new = open.last_mut().is_none_or(|seen| seen.insert(identity));
                if !is_new {
                    let span = |id: NodeId| nodes.get(id).map(|node| node.span);
                    let line = nodes.get(value).map_or(0, |node| node.line) + 1;
                    out.push(DuplicateKey {
                        text: format!("line {line}: key {name} already set in map"),
                        key: name,
                        span: blame.or_else(|| span(key)).unwrap_or_default(),
                    });
                }
            }
        }
    }
    out
}

/// Returns the steps for the fields of a map.
fn fields(nodes: &Nodes, map: NodeId, blame: Option<Span>, left: &mut Vec<Step>) {
    let Some(Shape::Map(pairs)) = nodes.get(map).map(|node| &node.shape) else {
        return;
    };
    for (key, value) in pairs.iter().copied().rev() {
        if nodes.is_merge(key) {
            let blame = blame.or_else(|| nodes.get(key).map(|node| node.span));
            // The last of several maps is merged first.
            let merged = nodes.merged(value).into_iter().rev();
            left.extend(merged.map(|part| Step::Fields(nodes.target(part), blame)));
        } else {
            left.push(Step::Set { key, value, blame });
            left.push(Step::Decode(value));
        }
    }
}

/// Identity of a key in Go (type and value), and the key as Go prints it.
fn name_of(nodes: &Nodes, key: NodeId) -> Option<(String, String)> {
    let Shape::Scalar(scalar) = &nodes.get(nodes.target(key))?.shape else {
        return None;
    };
    let key = nodes.resolve(scalar).ok()?;
    let name = key.go_syntax_alone();
    Some((key.identity(), name))
}

/// Marks the nodes that contain duplicates, in the order of their ends.
#[derive(Debug)]
pub(crate) struct Search {
    pub(crate) has_some: Vec<bool>,
}

impl Search {
    pub(crate) fn new(nodes: &Nodes) -> Self {
        Self {
            has_some: vec![false; nodes.all.len()],
        }
    }

    /// Returns true if a complete node contains duplicates. `identities` are those of its fields, including merged ones.
    pub(crate) fn finish<'i>(
        &mut self,
        nodes: &Nodes,
        id: NodeId,
        mut identities: impl Iterator<Item = &'i str>,
    ) {
        let has = |id: &NodeId| self.has_some.get(*id).copied().unwrap_or(false);
        let found = match nodes.get(id).map(|node| &node.shape) {
            Some(Shape::Alias(_, target)) => has(target),
            Some(Shape::List(items)) => items.iter().any(has),
            Some(Shape::Map(pairs)) => {
                let mut seen = HashSet::new();
                pairs.iter().any(|(_, value)| has(value))
                    || identities.any(|identity| !seen.insert(identity))
            }
            Some(Shape::Scalar(_)) | None => false,
        };
        if let Some(flag) = self.has_some.get_mut(id) {
            *flag = found;
        }
    }
}
