//! The first error in go-yaml's decoding order: from the top, each key before its value, and merged maps only after they were checked.
//! go-yaml also counts steps and rejects documents that consist mostly of aliases.

use super::nodes::{NodeId, Nodes, Shape};
use audit_types::Span;

/// Error of decoding a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum DecodeError {
    /// A scalar that does not match its tag.
    Scalar(NodeId),
    /// An alias inside its own target.
    Cycle(NodeId),
    /// A map or list as a key.
    Key(NodeId),
    /// An invalid value of a merge key.
    Merge(NodeId),
    /// Too many aliases.
    Excess(NodeId),
}

/// go-yaml's limit on documents that consist mostly of aliases.
#[derive(Debug, Default)]
struct AliasLimit {
    decoded: u64,
    aliased: u64,
}

impl AliasLimit {
    /// Counts the target of an alias. Returns false above the limit.
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

/// Stack of remaining steps.
enum Step {
    Decode(NodeId),
    Merge(NodeId),
    /// Check one of the maps of a merge key.
    MergePart(NodeId, NodeId),
    CheckKey(NodeId),
    /// Leave a node.
    Leave(NodeId),
}

/// Returns the first error of a document. A node that several aliases refer to is decoded once: decoding it again cannot fail, and its number
/// of steps is known. Scalars are only checked if one of them is known to fail.
pub(crate) fn first_error(
    nodes: &Nodes,
    costs: impl Fn(NodeId) -> u64,
    has_bad_scalars: bool,
) -> Option<DecodeError> {
    let mut decoder = Decoder {
        nodes,
        costs,
        has_bad_scalars,
        limit: AliasLimit::default(),
        done: vec![false; nodes.all.len()],
        open: vec![false; nodes.all.len()],
        left: vec![Step::Decode(nodes.root?)],
    };
    while let Some(step) = decoder.left.pop() {
        if let Err(error) = decoder.take(step) {
            return Some(error);
        }
    }
    None
}

/// A decoding in progress.
struct Decoder<'n, C> {
    nodes: &'n Nodes,
    costs: C,
    has_bad_scalars: bool,
    limit: AliasLimit,
    /// By node: it has been decoded.
    done: Vec<bool>,
    /// By node: it is being decoded.
    open: Vec<bool>,
    left: Vec<Step>,
}

impl<C: Fn(NodeId) -> u64> Decoder<'_, C> {
    fn take(&mut self, step: Step) -> Result<(), DecodeError> {
        let nodes = self.nodes;
        match step {
            Step::Leave(id) => {
                set(&mut self.open, id, false);
                set(&mut self.done, id, true);
            }
            Step::CheckKey(id) => {
                if !matches!(shape(nodes, nodes.target(id)), Some(Shape::Scalar(_))) {
                    return Err(DecodeError::Key(id));
                }
            }
            Step::Merge(id) => {
                let parts = nodes.merged(id).into_iter().rev();
                self.left
                    .extend(parts.map(|part| Step::MergePart(id, part)));
            }
            Step::MergePart(whole, id) => {
                if !matches!(shape(nodes, nodes.target(id)), Some(Shape::Map(_))) {
                    return Err(DecodeError::Merge(whole));
                }
                self.left.push(Step::Decode(id));
            }
            Step::Decode(id) if self.done.get(id).copied().unwrap_or(true) => {}
            Step::Decode(id) => self.decode(id)?,
        }
        Ok(())
    }

    fn decode(&mut self, id: NodeId) -> Result<(), DecodeError> {
        let nodes = self.nodes;
        self.limit.decoded += 1;
        match shape(nodes, id) {
            Some(Shape::Scalar(scalar))
                if self.has_bad_scalars && nodes.resolve(scalar).is_err() =>
            {
                return Err(DecodeError::Scalar(id));
            }
            Some(Shape::Alias(_, target)) => {
                if self.open.get(*target).copied().unwrap_or(true) {
                    return Err(DecodeError::Cycle(id));
                }
                if !self.limit.count((self.costs)(*target)) {
                    return Err(DecodeError::Excess(id));
                }
                self.left.push(Step::Decode(*target));
            }
            Some(Shape::List(items)) => {
                self.enter(id);
                self.left
                    .extend(items.iter().rev().map(|item| Step::Decode(*item)));
            }
            Some(Shape::Map(pairs)) => {
                self.enter(id);
                let steps = pairs.iter().rev().flat_map(|pair| steps(nodes, *pair));
                self.left.extend(steps);
            }
            // Invariant: every id is that of a node, so that there is a shape.
            Some(Shape::Scalar(_)) | None => {}
        }
        Ok(())
    }

    fn enter(&mut self, id: NodeId) {
        set(&mut self.open, id, true);
        self.left.push(Step::Leave(id));
    }
}

fn set(flags: &mut [bool], id: NodeId, value: bool) {
    if let Some(flag) = flags.get_mut(id) {
        *flag = value;
    }
}

fn shape(nodes: &Nodes, id: NodeId) -> Option<&Shape> {
    nodes.get(id).map(|node| &node.shape)
}

/// Returns the steps for a field of a map, last first.
fn steps(nodes: &Nodes, (key, value): (NodeId, NodeId)) -> Vec<Step> {
    if nodes.is_merge(key) {
        return vec![Step::Merge(value)];
    }
    vec![Step::Decode(value), Step::CheckKey(key), Step::Decode(key)]
}

impl DecodeError {
    /// The key or value that causes the error.
    pub(crate) fn span(self, nodes: &Nodes) -> Span {
        let (Self::Scalar(id)
        | Self::Cycle(id)
        | Self::Key(id)
        | Self::Merge(id)
        | Self::Excess(id)) = self;
        nodes.get(id).map(|node| node.span).unwrap_or_default()
    }
}
