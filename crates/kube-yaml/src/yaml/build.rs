//! Nodes to the tree: scalars resolved, aliases shared, merge keys applied where they stand, duplicate keys noted, keys as JSON has them.
//!
//! Nodes are taken in the order of their ends, so that everything a node refers to is ready before it, whatever the nesting.

use std::collections::{HashMap, HashSet};

use super::duplicates::{self, Search};
use super::error;
use super::nodes::{NodeId, Nodes, Shape};
use super::order::{self, Failure};
use super::scalar::Resolved;
use crate::tree::{Entry, Slot, Tree, Value, ValueId};
use crate::{Reading, SyntaxError, go, json, text};
use audit_types::Span;

/// Fields that merge keys lay into maps, at most; the server's own guard stops near half of this.
const MAX_MERGED: usize = 400_000;
/// A key that is a map or list is shown this far: levels, and nodes.
const MAX_SHOWN_DEPTH: usize = 20;
const MAX_SHOWN_NODES: usize = 1_000;
/// The minor version since which the YAML layer's own message starts in lower case.
const LOWER_CASE_SINCE: u8 = 31;
/// The words of go-yaml's guard against documents that are mostly aliases.
const EXCESSIVE: &str = "document contains excessive aliasing";

/// Builds the tree; the error of an earlier step goes before those found here.
pub(crate) fn build(nodes: &Nodes, earlier: Option<SyntaxError>) -> Reading {
    let mut builder = Builder {
        nodes,
        tree: Tree::default(),
        done: vec![Done::default(); nodes.all.len()],
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
        builder.tree.root = Some(builder.slot(root));
    }
    let stopped = earlier
        .or_else(|| builder.failure())
        .or_else(|| builder.excessive.map(|span| error(EXCESSIVE, span)));
    // Where something cannot be decoded, the duplicates do not matter, and may be without end.
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

/// What is known of a finished node.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    value: Option<ValueId>,
    /// How many steps go-yaml takes to decode it.
    cost: u64,
    /// How many lists and objects are in each other here.
    depth: usize,
}

/// A field that go-yaml sets in a map.
#[derive(Debug, Clone)]
struct Call {
    /// Tells keys apart as Go does: by type and value.
    identity: String,
    key: Resolved,
    key_span: Span,
    value: NodeId,
}

struct Builder<'a> {
    nodes: &'a Nodes,
    tree: Tree,
    done: Vec<Done>,
    /// Of every map that a merge names, in go-yaml's order, merges unfolded.
    calls: HashMap<NodeId, Vec<Call>>,
    merged: HashSet<NodeId>,
    repeats: Search,
    /// Keys that JSON cannot have, by the map they stand in.
    bad_keys: HashMap<ValueId, SyntaxError>,
    merged_fields: usize,
    /// Whether anything cannot be decoded.
    failed: bool,
    /// Where the guard against aliases gave up.
    excessive: Option<Span>,
}

impl Builder<'_> {
    fn finish(&mut self, id: NodeId) {
        let Some(node) = self.nodes.get(id) else {
            return;
        };
        let mut done = Done {
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
                let slots: Vec<Slot> = items.iter().map(|item| self.slot(*item)).collect();
                done.depth = 1 + self.deepest(items.iter().copied());
                done.value = Some(self.tree.push(Value::List(slots)));
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
        if let Some(slot) = self.done.get_mut(id) {
            *slot = done;
        }
        if !matches!(node.shape, Shape::Map(_)) {
            self.repeats.finish(self.nodes, id, std::iter::empty());
        }
    }

    fn deepest(&self, ids: impl Iterator<Item = NodeId>) -> usize {
        ids.map(|id| self.done_of(id).depth).max().unwrap_or(0)
    }

    fn done_of(&self, id: NodeId) -> Done {
        self.done.get(id).copied().unwrap_or_default()
    }

    /// A node's value in its place; null for what is missing after an error.
    fn slot(&mut self, id: NodeId) -> Slot {
        let value = match self.done_of(id).value {
            Some(value) => value,
            None => self.tree.push(Value::Null),
        };
        let span = self.nodes.get(id).map(|node| node.span).unwrap_or_default();
        Slot { value, span }
    }

    /// The first thing that cannot be decoded, in go-yaml's words.
    fn failure(&self) -> Option<SyntaxError> {
        let nodes = self.nodes;
        let costs = |id| self.done_of(id).cost;
        let failure = order::first_failure(nodes, costs, self.failed)?;
        let problem = match failure {
            Failure::Excess(_) => EXCESSIVE.to_owned(),
            Failure::Merge(_) => {
                "map merge requires map or sequence of maps as the value".to_owned()
            }
            Failure::Key(key) => format!("invalid map key: {}", self.show(nodes.target(key))),
            Failure::Circle(id) | Failure::Scalar(id) => match &nodes.get(id)?.shape {
                Shape::Alias(name, _) => format!("anchor '{name}' value contains itself"),
                Shape::Scalar(scalar) => nodes.resolve(scalar).err()?,
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

    /// The fields that go-yaml sets, merges unfolded where they stand.
    fn calls_of(&mut self, pairs: &[(NodeId, NodeId)]) -> Vec<Call> {
        let nodes = self.nodes;
        let mut calls: Vec<Call> = Vec::with_capacity(pairs.len());
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

    /// The same for showing a map, once all is built.
    fn shown_calls(&self, pairs: &[(NodeId, NodeId)]) -> Vec<Call> {
        let nodes = self.nodes;
        let mut calls: Vec<Call> = Vec::new();
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

    fn call(&self, key: NodeId, value: NodeId) -> Option<Call> {
        let node = self.nodes.get(key)?;
        let target = self.nodes.target(key);
        let Shape::Scalar(scalar) = &self.nodes.get(target)?.shape else {
            return None;
        };
        let key = self.nodes.resolve(scalar).ok()?;
        Some(Call {
            identity: key.identity(),
            key,
            key_span: node.span,
            value,
        })
    }

    /// The object that the calls leave: the last of each key, sorted.
    fn map_value(&mut self, calls: &[Call]) -> ValueId {
        let mut entries: Vec<Entry> = Vec::with_capacity(calls.len());
        // The two zeros are one key in Go, and the last of them is kept.
        let last_zero = calls.iter().rposition(|call| call.key.is_zero());
        for (index, call) in calls.iter().enumerate() {
            if call.key.is_zero() && last_zero != Some(index) {
                continue;
            }
            let slot = self.slot(call.value);
            if let Resolved::Bytes(bytes) = &call.key {
                self.tree.keep_key_bytes(call.key_span, bytes);
            }
            if let Some(key) = call.key.as_key() {
                entries.push(Entry {
                    key,
                    key_span: call.key_span,
                    slot,
                });
            }
        }
        // Of equal keys the last stays. Keys are told apart by their bytes, before these become UTF-8.
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

    /// A node as `%#v` prints it.
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

    /// Where the JSON that the text becomes has more levels than Go's decoder goes down; aliases can add up to that.
    fn too_deep(&self) -> Option<SyntaxError> {
        let root = self.nodes.root?;
        if self.done_of(root).depth <= json::MAX_DEPTH {
            return None;
        }
        let known = self.done.iter();
        let depths: HashMap<ValueId, usize> = known
            .filter_map(|done| Some((done.value?, done.depth)))
            .collect();
        let mut slot = self.tree.root?;
        for level in 1..=json::MAX_DEPTH {
            let leads_down = |slot: &Slot| {
                let depth = depths.get(&slot.value).copied().unwrap_or(0);
                level + depth > json::MAX_DEPTH
            };
            slot = match self.tree.get(slot) {
                Value::List(items) => items.iter().copied().find(leads_down)?,
                Value::Object(entries) => {
                    let mut slots = entries.iter().map(|entry| entry.slot);
                    slots.find(leads_down)?
                }
                _ => return None,
            };
        }
        let bracket = match self.tree.get(slot) {
            Value::List(_) => '[',
            _ => '{',
        };
        Some(SyntaxError {
            text: format!(
                "couldn't get version/kind; json parse error: invalid character '{bracket}' exceeded max depth"
            ),
            span: slot.span,
        })
    }

    /// The first thing in the tree that JSON cannot say: keys before values, as the server converts before it prints.
    fn unprintable(&self) -> Option<SyntaxError> {
        let mut visited = vec![false; self.tree.values.len()];
        let mut stack: Vec<Slot> = self.tree.root.into_iter().collect();
        let mut number = None;
        while let Some(slot) = stack.pop() {
            match visited.get_mut(slot.value.0) {
                Some(visited) if !*visited => *visited = true,
                _ => continue,
            }
            if let Some(bad) = self.bad_keys.get(&slot.value) {
                return Some(bad.clone());
            }
            match self.tree.get(slot) {
                Value::List(items) => stack.extend(items.iter().rev()),
                Value::Object(entries) => {
                    stack.extend(entries.iter().rev().map(|entry| entry.slot))
                }
                Value::Number(text) if matches!(text.as_str(), "NaN" | "+Inf" | "-Inf") => {
                    number.get_or_insert_with(|| SyntaxError {
                        text: format!("json: unsupported value: {text}"),
                        span: slot.span,
                    });
                }
                _ => {}
            }
        }
        number
    }
}

/// A scalar as JSON has it; what JSON cannot say keeps Go's name for it.
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

/// What `%#v` prints of nil depends on whether it stands alone.
fn at_top(shown: String) -> String {
    match shown.as_str() {
        "interface {}(nil)" => "<nil>".to_owned(),
        _ => shown,
    }
}
