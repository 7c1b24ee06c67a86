//! Builds the tree from nodes: resolves scalars, shares aliases, applies merge keys in place, collects duplicate keys, and converts keys to
//! those of JSON.
//!
//! Nodes are processed in the order of their ends, so that everything a node refers to is complete, at any nesting depth.

use std::collections::{HashMap, HashSet};

use super::duplicates::{self, Search};
use super::error;
use super::nodes::{NodeId, Nodes, Shape};
use super::order::{self, DecodeError};
use super::scalar::Resolved;
use crate::tree::{Entry, NodeRef, Tree, Value, ValueId};
use crate::{Reading, SyntaxError, go, json, text};
use audit_types::Span;

/// Maximum number of fields from merge keys; the server's own limit is near half of this.
const MAX_MERGED: usize = 400_000;
/// Limits on printing a key that is a map or list: levels and nodes.
const MAX_SHOWN_DEPTH: usize = 20;
const MAX_SHOWN_NODES: usize = 1_000;
/// First minor version whose YAML layer starts its message in lower case.
const LOWER_CASE_SINCE: u8 = 31;
/// Message of go-yaml for documents that consist mostly of aliases.
const EXCESSIVE: &str = "document contains excessive aliasing";

/// Builds the tree. An error of an earlier step takes precedence.
pub(crate) fn build(nodes: &Nodes, earlier: Option<SyntaxError>) -> Reading {
    let mut builder = Builder {
        nodes,
        tree: Tree::default(),
        done: vec![NodeInfo::default(); nodes.all.len()],
        calls: HashMap::new(),
        merged: nodes.merge_sources(),
        repeats: Search::new(nodes),
        bad_keys: HashMap::new(),
        merged_fields: 0,
        failed: false,
        excessive: None,
    };
    for id in &nodes.finished {
        builder.finish(*id);
    }
    if let Some(root) = nodes.root {
        builder.tree.root = Some(builder.node_ref(root));
    }
    let stopped = earlier
        .or_else(|| builder.failure())
        .or_else(|| builder.excessive.map(|span| error(EXCESSIVE, span)));
    // If decoding fails, duplicates do not matter and could be very many.
    let duplicates = match &stopped {
        None => duplicates::duplicates(nodes, &builder.repeats.has_some),
        Some(_) => Vec::new(),
    };
    let stopped = stopped
        .or_else(|| builder.unprintable())
        .or_else(|| builder.too_deep());
    Reading {
        tree: builder.tree,
        duplicates,
        error: stopped,
        end: nodes.end,
    }
}

/// Properties of a complete node.
#[derive(Debug, Clone, Copy, Default)]
struct NodeInfo {
    value: Option<ValueId>,
    /// Number of steps that go-yaml takes to decode it.
    cost: u64,
    /// Nesting depth of lists and objects.
    depth: usize,
}

/// A field that go-yaml sets in a map.
#[derive(Debug, Clone)]
struct SetField {
    /// Identity of the key in Go: type and value.
    identity: String,
    key: Resolved,
    key_span: Span,
    value: NodeId,
}

struct Builder<'a> {
    nodes: &'a Nodes,
    tree: Tree,
    done: Vec<NodeInfo>,
    /// Fields of each map that a merge key refers to, in go-yaml's order, with nested merges applied.
    calls: HashMap<NodeId, Vec<SetField>>,
    merged: HashSet<NodeId>,
    repeats: Search,
    /// Keys that JSON does not allow, by their map.
    bad_keys: HashMap<ValueId, SyntaxError>,
    merged_fields: usize,
    /// True if something cannot be decoded.
    failed: bool,
    /// Node at which the limit on aliases was exceeded.
    excessive: Option<Span>,
}

impl Builder<'_> {
    fn finish(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get(id) else {
            return;
        };
        let mut done = NodeInfo {
            value: None,
            cost: 1,
            depth: 0,
        };
        match &node.shape {
            Shape::Scalar(scalar) => {
                let value = self.nodes.resolve(scalar);
                self.failed |= value.is_err();
                done.value = Some(match value {
                    Ok(Resolved::Bytes(bytes)) => self.tree.push_bytes(&bytes),
                    value => self.tree.push(value.map_or(Value::Null, as_value)),
                });
            }
            Shape::Alias(_, target) => {
                let target_done = self.done_of(*target);
                self.failed |= target_done.value.is_none();
                done.value = target_done.value;
                done.cost = done.cost.saturating_add(target_done.cost);
                done.depth = target_done.depth;
            }
            Shape::List(items) => {
                for item in items {
                    done.cost = done.cost.saturating_add(self.done_of(*item).cost);
                }
                let node_refs: Vec<NodeRef> =
                    items.iter().map(|item| self.node_ref(*item)).collect();
                done.depth = 1 + self.deepest(items.iter().copied());
                done.value = Some(self.tree.push(Value::List(node_refs)));
            }
            Shape::Map(pairs) => {
                done.cost = done.cost.saturating_add(self.map_cost(pairs));
                let calls = self.calls_of(pairs);
                done.value = Some(self.map_value(&calls));
                done.depth = 1 + self.deepest(calls.iter().map(|call| call.value));
                let identities = calls.iter().map(|call| call.identity.as_str());
                self.repeats.finish(self.nodes, id, identities);
                if self.merged.contains(&id) {
                    self.calls.insert(id, calls);
                }
            }
        }
        if let Some(known) = self.done.get_mut(id) {
            *known = done;
        }
        if !matches!(node.shape, Shape::Map(_)) {
            self.repeats.finish(self.nodes, id, std::iter::empty());
        }
    }

    fn deepest(&self, ids: impl Iterator<Item = NodeId>) -> usize {
        ids.map(|id| self.done_of(id).depth).max().unwrap_or(0)
    }

    fn done_of(&self, id: NodeId) -> NodeInfo {
        self.done.get(id).copied().unwrap_or_default()
    }

    /// Returns the value of a node at its position; null if it is missing after an error.
    fn node_ref(&mut self, id: NodeId) -> NodeRef {
        let value = match self.done_of(id).value {
            Some(value) => value,
            None => self.tree.push(Value::Null),
        };
        let span = self.nodes.get(id).map(|node| node.span).unwrap_or_default();
        NodeRef { value, span }
    }

    /// Returns the first decoding error, as reported by go-yaml.
    fn failure(&self) -> Option<SyntaxError> {
        let nodes = self.nodes;
        let costs = |id| self.done_of(id).cost;
        let failure = order::first_error(nodes, costs, self.failed)?;
        let problem = match failure {
            DecodeError::Excess(_) => EXCESSIVE.to_owned(),
            DecodeError::Merge(_) => {
                "map merge requires map or sequence of maps as the value".to_owned()
            }
            DecodeError::Key(key) => format!("invalid map key: {}", self.show(nodes.target(key))),
            DecodeError::Cycle(id) | DecodeError::Scalar(id) => match &nodes.get(id)?.shape {
                Shape::Alias(name, _) => format!("anchor '{name}' value contains itself"),
                Shape::Scalar(scalar) => nodes.resolve(scalar).err()?.to_string(),
                Shape::List(_) | Shape::Map(_) => return None,
            },
        };
        Some(error(problem, failure.span(nodes)))
    }

    fn map_cost(&self, pairs: &[(NodeId, NodeId)]) -> u64 {
        let cost = |id: NodeId| self.done_of(id).cost;
        pairs.iter().fold(0, |sum: u64, (key, value)| {
            let key_cost = if self.nodes.is_merge(*key) {
                0
            } else {
                cost(*key)
            };
            sum.saturating_add(key_cost).saturating_add(cost(*value))
        })
    }

    /// Returns the fields that go-yaml sets, with merges applied in place.
    fn calls_of(&mut self, pairs: &[(NodeId, NodeId)]) -> Vec<SetField> {
        let nodes = self.nodes;
        let mut calls: Vec<SetField> = Vec::with_capacity(pairs.len());
        for (key, value) in pairs {
            if !nodes.is_merge(*key) {
                let call = self.call(*key, *value);
                self.failed |= !self.is_scalar(*key);
                calls.extend(call);
                continue;
            }
            for source in nodes.merged(*value) {
                let Some(merged) = self.calls.get(&nodes.target(source)) else {
                    self.failed = true;
                    break;
                };
                self.merged_fields += merged.len();
                if self.merged_fields > MAX_MERGED {
                    let span = nodes.get(*key).map(|node| node.span);
                    self.excessive = self.excessive.or(span);
                    break;
                }
                calls.extend(merged.iter().cloned());
            }
        }
        calls
    }

    /// Returns the fields for printing a map, after everything is built.
    fn shown_calls(&self, pairs: &[(NodeId, NodeId)]) -> Vec<SetField> {
        let nodes = self.nodes;
        let mut calls: Vec<SetField> = Vec::new();
        for (key, value) in pairs {
            if calls.len() >= MAX_SHOWN_NODES {
                break;
            }
            if nodes.is_merge(*key) {
                let sources = nodes.merged(*value).into_iter();
                let merged = sources.map_while(|source| self.calls.get(&nodes.target(source)));
                calls.extend(merged.flatten().take(MAX_SHOWN_NODES).cloned());
            } else {
                calls.extend(self.call(*key, *value));
            }
        }
        calls
    }

    fn is_scalar(&self, id: NodeId) -> bool {
        let target = self.nodes.get(self.nodes.target(id));
        target.is_some_and(|node| matches!(node.shape, Shape::Scalar(_)))
    }

    fn call(&self, key: NodeId, value: NodeId) -> Option<SetField> {
        let node = self.nodes.get(key)?;
        let target = self.nodes.target(key);
        let Shape::Scalar(scalar) = &self.nodes.get(target)?.shape else {
            return None;
        };
        let key = self.nodes.resolve(scalar).ok()?;
        Some(SetField {
            identity: key.identity(),
            key,
            key_span: node.span,
            value,
        })
    }

    /// Returns the resulting object: the last field of each key, sorted.
    fn map_value(&mut self, calls: &[SetField]) -> ValueId {
        let mut entries: Vec<Entry> = Vec::with_capacity(calls.len());
        // The two zeros are one key in Go; the last one wins.
        let last_zero = calls.iter().rposition(|call| call.key.is_zero());
        for (index, call) in calls.iter().enumerate() {
            if call.key.is_zero() && last_zero != Some(index) {
                continue;
            }
            let node_ref = self.node_ref(call.value);
            if let Resolved::Bytes(bytes) = &call.key {
                self.tree.keep_key_bytes(call.key_span, bytes);
            }
            if let Some(key) = call.key.as_key() {
                entries.push(Entry {
                    key,
                    key_span: call.key_span,
                    node: node_ref,
                });
            }
        }
        // The last of equal keys wins. Keys are compared by their bytes, before they are converted to UTF-8.
        let tree = &self.tree;
        let bytes = |entry: &Entry| match tree.key_bytes(entry) {
            Some(bytes) => bytes.to_vec(),
            None => entry.key.clone().into_bytes(),
        };
        if tree.has_key_bytes() {
            entries.sort_by_cached_key(bytes);
        } else {
            entries.sort_by(|one, other| one.key.cmp(&other.key));
        }
        entries.reverse();
        entries.dedup_by(|one, kept| {
            one.key == kept.key && (!tree.has_key_bytes() || bytes(one) == bytes(kept))
        });
        entries.reverse();
        let bad = calls.iter().find(|call| call.key.as_key().is_none());
        let bad = bad.and_then(|bad| calls.iter().rfind(|call| call.identity == bad.identity));
        let bad = bad.map(|call| SyntaxError {
            text: format!(
                "{} map key of type: {}, key: {}, value: {}",
                if self.nodes.version.at_least(LOWER_CASE_SINCE) {
                    "unsupported"
                } else {
                    "Unsupported"
                },
                call.key.go_type(),
                call.key.go_syntax_alone(),
                at_top(self.show(call.value)),
            ),
            span: call.key_span,
        });
        let value = self.tree.push(Value::Object(entries));
        if let Some(bad) = bad {
            self.bad_keys.insert(value, bad);
        }
        value
    }

    /// Formats a node as `%#v` does.
    fn show(&self, id: NodeId) -> String {
        self.go_syntax(id, 0, &mut 0)
    }

    fn go_syntax(&self, id: NodeId, depth: usize, shown: &mut usize) -> String {
        *shown += 1;
        if depth > MAX_SHOWN_DEPTH || *shown > MAX_SHOWN_NODES {
            return "...".to_owned();
        }
        let target = self.nodes.target(id);
        match self.nodes.get(target).map(|node| &node.shape) {
            Some(Shape::Scalar(scalar)) => self
                .nodes
                .resolve(scalar)
                .map(|resolved| resolved.go_syntax())
                .unwrap_or_default(),
            Some(Shape::List(items)) => {
                let items: Vec<String> = items
                    .iter()
                    .take(MAX_SHOWN_NODES)
                    .map(|item| self.go_syntax(*item, depth + 1, shown))
                    .collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Some(Shape::Map(pairs)) => {
                let calls = self.shown_calls(pairs);
                let mut entries: HashMap<&str, (&Resolved, String)> = HashMap::new();
                for call in calls.iter().take(MAX_SHOWN_NODES) {
                    let value = self.go_syntax(call.value, depth + 1, shown);
                    entries.insert(&call.identity, (&call.key, value));
                }
                let mut entries: Vec<(&Resolved, String)> = entries.into_values().collect();
                entries.sort_by(|(one, _), (other, _)| one.compare(other));
                let entries: Vec<String> = entries
                    .into_iter()
                    .map(|(key, value)| format!("{}:{value}", key.go_syntax()))
                    .collect();
                format!(
                    "map[interface {{}}]interface {{}}{{{}}}",
                    entries.join(", ")
                )
            }
            Some(Shape::Alias(..)) | None => String::new(),
        }
    }

    /// Returns the node at which the resulting JSON exceeds the depth of Go's decoder, which aliases can add up to.
    fn too_deep(&self) -> Option<SyntaxError> {
        let root = self.nodes.root?;
        if self.done_of(root).depth <= json::MAX_DEPTH {
            return None;
        }
        let known = self.done.iter();
        let depths: HashMap<ValueId, usize> = known
            .filter_map(|done| Some((done.value?, done.depth)))
            .collect();
        let mut node_ref = self.tree.root?;
        for level in 1..=json::MAX_DEPTH {
            let leads_down = |node_ref: &NodeRef| {
                let depth = depths.get(&node_ref.value).copied().unwrap_or(0);
                level + depth > json::MAX_DEPTH
            };
            node_ref = match self.tree.get(node_ref) {
                Value::List(items) => items.iter().copied().find(leads_down)?,
                Value::Object(entries) => {
                    let mut node_refs = entries.iter().map(|entry| entry.node);
                    node_refs.find(leads_down)?
                }
                _ => return None,
            };
        }
        let bracket = match self.tree.get(node_ref) {
            Value::List(_) => '[',
            _ => '{',
        };
        Some(SyntaxError {
            text: format!(
                "couldn't get version/kind; json parse error: invalid character '{bracket}' exceeded max depth"
            ),
            span: node_ref.span,
        })
    }

    /// Returns the first value that JSON cannot represent: keys before values, since the server converts before it prints.
    fn unprintable(&self) -> Option<SyntaxError> {
        let mut visited = vec![false; self.tree.values.len()];
        let mut stack: Vec<NodeRef> = self.tree.root.into_iter().collect();
        let mut number = None;
        while let Some(node_ref) = stack.pop() {
            match visited.get_mut(node_ref.value.0) {
                Some(visited) if !*visited => *visited = true,
                _ => continue,
            }
            if let Some(bad) = self.bad_keys.get(&node_ref.value) {
                return Some(bad.clone());
            }
            match self.tree.get(node_ref) {
                Value::List(items) => stack.extend(items.iter().rev()),
                Value::Object(entries) => {
                    stack.extend(entries.iter().rev().map(|entry| entry.node))
                }
                Value::Number(text) if matches!(text.as_str(), "NaN" | "+Inf" | "-Inf") => {
                    number.get_or_insert_with(|| SyntaxError {
                        text: format!("json: unsupported value: {text}"),
                        span: node_ref.span,
                    });
                }
                _ => {}
            }
        }
        number
    }
}

/// Converts a scalar to JSON; values that JSON cannot represent keep Go's name.
fn as_value(resolved: Resolved) -> Value {
    match resolved {
        Resolved::Null => Value::Null,
        Resolved::Bool(value) => Value::Bool(value),
        Resolved::Int(number) => Value::Number(number.to_string()),
        Resolved::Unsigned(number) => Value::Number(number.to_string()),
        Resolved::Float(number) if number.is_finite() => Value::Number(go::json_float(number)),
        Resolved::Float(number) => Value::Number(Resolved::Float(number).go_syntax()),
        Resolved::Text(text) => Value::Text(text),
        Resolved::Bytes(bytes) => Value::Text(text::read_lossy(&bytes)),
    }
}

/// Formats nil as `%#v` does, which depends on its position.
fn at_top(shown: String) -> String {
    match shown.as_str() {
        "interface {}(nil)" => "<nil>".to_owned(),
        _ => shown,
    }
}
