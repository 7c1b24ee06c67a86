//! Which failure go-yaml meets first: it decodes from the top, each key before its value, and what a merge names only once it is fit for that.
//! On the way it counts, and gives up on a document that is mostly aliases.

use super::nodes::{NodeId, Nodes, Shape};
use audit_types::Span;

/// Something that keeps a document from being decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Failure {
    /// A scalar that its tag does not fit.
    Scalar(NodeId),
    /// An alias inside the very thing that it stands for.
    Circle(NodeId),
    /// A map or list as a key; the node where it is written as one.
    Key(NodeId),
    /// The value of a merge key.
    Merge(NodeId),
    /// An alias too many.
    Excess(NodeId),
}

/// go-yaml's guard against documents that are mostly aliases.
#[derive(Debug, Default)]
struct Guard {
    decoded: u64,
    aliased: u64,
}

impl Guard {
    /// Counts what an alias stands for; false where that is too much.
    fn count(&mut self, cost: u64) -> bool {
        const LOW: u64 = 400_000;
        const HIGH: u64 = 4_000_000;
        self.decoded = self.decoded.saturating_add(cost);
        self.aliased = self.aliased.saturating_add(cost);
        #[expect(clippy::cast_precision_loss, reason = "as go-yaml computes it")]
        let (decoded, aliased) = (self.decoded as f64, self.aliased as f64);
        let allowed = if self.decoded <= LOW {
            0.99
        } else if self.decoded >= HIGH {
            0.10
        } else {
            0.99 - 0.89 * ((decoded - 400_000.0) / 3_600_000.0)
        };
        self.aliased <= 100 || self.decoded <= 1000 || aliased / decoded <= allowed
    }
}

/// What is left to do, last first.
enum Step {
    Decode(NodeId),
    Merge(NodeId),
    /// One of the maps that a merge names, which are checked one by one.
    MergePart(NodeId, NodeId),
    CheckKey(NodeId),
    /// The end of a node.
    Leave(NodeId),
}

/// The first failure of a document. Nothing is decoded twice, since what went well once goes well again; how many steps that would take
/// is known of every node. Unless some scalar is known to fail, none is looked at.
pub(crate) fn first_failure(
    nodes: &Nodes,
    costs: impl Fn(NodeId) -> u64,
    has_bad_scalars: bool,
) -> Option<Failure> {
    let mut guard = Guard::default();
    let mut done = vec![false; nodes.all.len()];
    let mut open = vec![false; nodes.all.len()];
    let set = |flags: &mut Vec<bool>, id: NodeId, value| {
        if let Some(flag) = flags.get_mut(id) {
            *flag = value;
        }
    };
    let mut left = vec![Step::Decode(nodes.root?)];
    while let Some(step) = left.pop() {
        match step {
            Step::Leave(id) => {
                set(&mut open, id, false);
                set(&mut done, id, true);
            }
            Step::CheckKey(id) => {
                if !matches!(shape(nodes, nodes.target(id)), Some(Shape::Scalar(_))) {
                    return Some(Failure::Key(id));
                }
            }
            Step::Merge(id) => {
                let parts = nodes.merged(id).into_iter().rev();
                left.extend(parts.map(|part| Step::MergePart(id, part)));
            }
            Step::MergePart(whole, id) => {
                if !matches!(shape(nodes, nodes.target(id)), Some(Shape::Map(_))) {
                    return Some(Failure::Merge(whole));
                }
                left.push(Step::Decode(id));
            }
            Step::Decode(id) if done.get(id).copied().unwrap_or(true) => {}
            Step::Decode(id) => {
                guard.decoded += 1;
                match shape(nodes, id)? {
                    Shape::Scalar(scalar) => {
                        if has_bad_scalars && nodes.resolve(scalar).is_err() {
                            return Some(Failure::Scalar(id));
                        }
                    }
                    Shape::Alias(_, target) if open.get(*target).copied().unwrap_or(true) => {
                        return Some(Failure::Circle(id));
                    }
                    Shape::Alias(_, target) => {
                        if !guard.count(costs(*target)) {
                            return Some(Failure::Excess(id));
                        }
                        left.push(Step::Decode(*target));
                    }
                    Shape::List(items) => {
                        set(&mut open, id, true);
                        left.push(Step::Leave(id));
                        left.extend(items.iter().rev().map(|item| Step::Decode(*item)));
                    }
                    Shape::Map(pairs) => {
                        set(&mut open, id, true);
                        left.push(Step::Leave(id));
                        left.extend(pairs.iter().rev().flat_map(|pair| steps(nodes, *pair)));
                    }
                }
            }
        }
    }
    None
}

fn shape(nodes: &Nodes, id: NodeId) -> Option<&Shape> {
    nodes.get(id).map(|node| &node.shape)
}

/// What a field of a map takes, last first.
fn steps(nodes: &Nodes, (key, value): (NodeId, NodeId)) -> Vec<Step> {
    if nodes.is_merge(key) {
        return vec![Step::Merge(value)];
    }
    vec![Step::Decode(value), Step::CheckKey(key), Step::Decode(key)]
}

impl Failure {
    /// The key or value at fault.
    pub(crate) fn span(self, nodes: &Nodes) -> Span {
        let (Self::Scalar(id)
        | Self::Circle(id)
        | Self::Key(id)
        | Self::Merge(id)
        | Self::Excess(id)) = self;
        nodes.get(id).map(|node| node.span).unwrap_or_default()
    }
}
