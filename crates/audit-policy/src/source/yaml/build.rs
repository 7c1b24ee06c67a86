//! Nodes to the tree: scalars resolved, aliases shared, merge keys applied where they stand, duplicate keys noted, keys as JSON has them.
//!
//! Nodes are taken in the order of their ends, so that everything a node refers to is ready before it, whatever the nesting.

use std::collections::{BTreeMap, HashMap};

use super::error;
use super::nodes::{NodeId, Nodes, Shape};
use super::scalar::{Resolved, resolve};
use crate::source::tree::{Entry, Slot, Tree, Value, ValueId};
use crate::source::{DuplicateKey, Reading, SyntaxError, go};
use crate::span::Span;

/// Duplicates that are reported at most; aliases can repeat them without end.
const MAX_DUPLICATES: usize = 10_000;
/// Fields that merge keys lay into maps, at most; the server's own guard stops near half of this.
const MAX_MERGED: usize = 400_000;
/// A key that is a map or list is shown this far: levels, and nodes.
const MAX_SHOWN_DEPTH: usize = 20;
const MAX_SHOWN_NODES: usize = 1_000;
/// The tag that makes a quoted `<<` a merge key.
const MERGE: &str = "tag:yaml.org,2002:merge";
/// The words of go-yaml's guard against documents that are mostly aliases.
const EXCESSIVE: &str = "document contains excessive aliasing";

/// Builds the tree; the error of an earlier step goes before those found here.
pub(super) fn build(nodes: &Nodes, earlier: Option<SyntaxError>) -> Reading {
    let mut builder = Builder {
        nodes,
        tree: Tree::default(),
        done: vec![Done::default(); nodes.all.len()],
        calls: HashMap::new(),
        duplicates: BTreeMap::new(),
        duplicate_count: 0,
        bad_keys: HashMap::new(),
        decoded: 0,
        aliased: 0,
        merged_fields: 0,
        error: None,
    };
    for (order, id) in nodes.finished.iter().enumerate() {
        builder.finish(*id, order);
    }
    if let Some(root) = nodes.root {
        builder.tree.root = Some(builder.slot(root));
    }
    let error = earlier
        .or_else(|| builder.error.take())
        .or_else(|| builder.unprintable());
    Reading {
        tree: builder.tree,
        duplicates: builder.duplicates.into_values().flatten().collect(),
        error,
    }
}

/// What is known of a finished node.
#[derive(Debug, Clone, Copy, Default)]
struct Done {
    value: Option<ValueId>,
    /// How many steps go-yaml takes to decode it.
    cost: u64,
    /// Its place in the order of ends, and that of the first node in it.
    order: usize,
    first: usize,
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
    /// Of every map, in go-yaml's order, merges unfolded.
    calls: HashMap<NodeId, Vec<Call>>,
    /// By when go-yaml notes them: at the end of which node, and whether as part of it (0) or of the map around it (1).
    duplicates: BTreeMap<(usize, u8), Vec<DuplicateKey>>,
    duplicate_count: usize,
    /// Keys that JSON cannot have, by the map they stand in.
    bad_keys: HashMap<ValueId, SyntaxError>,
    decoded: u64,
    aliased: u64,
    merged_fields: usize,
    error: Option<SyntaxError>,
}

impl Builder<'_> {
    fn finish(&mut self, id: NodeId, order: usize) {
        let Some(node) = self.nodes.get(id) else {
            return;
        };
        let span = node.span;
        let mut done = Done {
            value: None,
            cost: 1,
            order,
            first: order,
        };
        self.decoded = self.decoded.saturating_add(1);
        match &node.shape {
            Shape::Scalar(scalar) => {
                let resolved = resolve(&scalar.text, scalar.tag.as_deref(), scalar.implicit);
                let value = match resolved {
                    Ok(resolved) => as_value(resolved),
                    Err(problem) => {
                        self.fail(problem, span);
                        Value::Null
                    }
                };
                done.value = Some(self.tree.push(value));
            }
            Shape::Alias(name, target) => {
                let target_done = self.done_of(*target);
                if target_done.value.is_none() {
                    self.fail(format!("anchor '{name}' value contains itself"), span);
                }
                done.value = target_done.value;
                done.cost = done.cost.saturating_add(target_done.cost);
                self.count_alias(target_done.cost, span);
                self.repeat_duplicates(*target, (order, 0));
            }
            Shape::List(items) => {
                done.first = items
                    .first()
                    .map_or(order, |item| self.done_of(*item).first);
                for item in items {
                    done.cost = done.cost.saturating_add(self.done_of(*item).cost);
                }
                let slots = items.iter().map(|item| self.slot(*item)).collect();
                done.value = Some(self.tree.push(Value::List(slots)));
            }
            Shape::Map(pairs) => {
                done.first = pairs
                    .first()
                    .map_or(order, |(key, _)| self.done_of(*key).first);
                done.cost = done.cost.saturating_add(self.map_cost(pairs));
                let calls = self.calls_of(pairs);
                done.value = Some(self.map_value(&calls));
                self.calls.insert(id, calls);
            }
        }
        if let Some(slot) = self.done.get_mut(id) {
            *slot = done;
        }
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

    fn fail(&mut self, problem: impl AsRef<str>, span: Span) {
        if self.error.is_none() {
            self.error = Some(error(problem, span));
        }
    }

    /// go-yaml's guard against documents that are mostly aliases.
    fn count_alias(&mut self, cost: u64, span: Span) {
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
            0.99 - 0.89 * (decoded - 400_000.0) / 3_600_000.0
        };
        if self.aliased > 100 && self.decoded > 1000 && aliased / decoded > allowed {
            self.fail(EXCESSIVE, span);
        }
    }

    fn map_cost(&self, pairs: &[(NodeId, NodeId)]) -> u64 {
        let cost = |id: NodeId| self.done_of(id).cost;
        pairs.iter().fold(0, |sum: u64, (key, value)| {
            let key_cost = if self.is_merge(*key) { 0 } else { cost(*key) };
            sum.saturating_add(key_cost).saturating_add(cost(*value))
        })
    }

    fn is_merge(&self, key: NodeId) -> bool {
        match self.nodes.get(key).map(|node| &node.shape) {
            Some(Shape::Scalar(scalar)) => {
                scalar.text == "<<" && (scalar.implicit || scalar.tag.as_deref() == Some(MERGE))
            }
            _ => false,
        }
    }

    /// The fields that go-yaml sets, merges unfolded where they stand; notes the duplicates among them.
    fn calls_of(&mut self, pairs: &[(NodeId, NodeId)]) -> Vec<Call> {
        let mut calls: Vec<Call> = Vec::new();
        let mut seen: HashMap<String, Span> = HashMap::new();
        for (key, value) in pairs {
            let at = (self.done_of(*value).order, 1);
            if self.is_merge(*key) {
                let merge_span = self
                    .nodes
                    .get(*key)
                    .map(|node| node.span)
                    .unwrap_or_default();
                for (merged, by_alias) in self.merged(*value) {
                    self.merged_fields += self.calls.get(&merged).map_or(0, Vec::len);
                    if self.merged_fields > MAX_MERGED {
                        self.fail(EXCESSIVE, merge_span);
                        break;
                    }
                    for call in self.calls.get(&merged).cloned().unwrap_or_default() {
                        if by_alias {
                            self.repeat_duplicates(call.value, at);
                        }
                        self.note(&mut seen, &call, merge_span, at);
                        calls.push(call);
                    }
                }
            } else if let Some(call) = self.call(*key, *value) {
                self.note(&mut seen, &call, call.key_span, at);
                calls.push(call);
            }
        }
        calls
    }

    /// The maps that a merge key's value names, in the order in which they are laid over each other.
    fn merged(&mut self, value: NodeId) -> Vec<(NodeId, bool)> {
        const PROBLEM: &str = "map merge requires map or sequence of maps as the value";
        let nodes = self.nodes;
        let is_map = |id| matches!(nodes.get(id).map(|node| &node.shape), Some(Shape::Map(_)));
        let span = nodes.get(value).map(|node| node.span).unwrap_or_default();
        let sources: Vec<NodeId> = match nodes.get(value).map(|node| &node.shape) {
            Some(Shape::List(items)) => items.iter().rev().copied().collect(),
            _ => vec![value],
        };
        let mut merged = Vec::new();
        for source in sources {
            let target = nodes.target(source);
            if !is_map(target) {
                self.fail(PROBLEM, span);
                return Vec::new();
            }
            merged.push((target, target != source));
        }
        merged
    }

    fn call(&mut self, key: NodeId, value: NodeId) -> Option<Call> {
        let key_span = self
            .nodes
            .get(key)
            .map(|node| node.span)
            .unwrap_or_default();
        let target = self.nodes.target(key);
        let Shape::Scalar(scalar) = &self.nodes.get(target)?.shape else {
            if self.error.is_none() {
                let shown = self.show(target);
                self.fail(format!("invalid map key: {shown}"), key_span);
            }
            return None;
        };
        let key = resolve(&scalar.text, scalar.tag.as_deref(), scalar.implicit).ok()?;
        Some(Call {
            identity: format!("{} {}", key.go_type(), key.go_syntax()),
            key,
            key_span,
            value,
        })
    }

    /// Notes a key that was set before.
    fn note(&mut self, seen: &mut HashMap<String, Span>, call: &Call, span: Span, at: (usize, u8)) {
        let Some(first) = seen.insert(call.identity.clone(), call.key_span) else {
            return;
        };
        let line = self.nodes.get(call.value).map_or(0, |node| node.line);
        let key = call.key.go_syntax();
        self.push_duplicate(
            at,
            DuplicateKey {
                text: format!("line {}: key {key} already set in map", line + 1),
                key,
                span,
                first,
            },
        );
    }

    fn push_duplicate(&mut self, at: (usize, u8), duplicate: DuplicateKey) {
        if self.duplicate_count < MAX_DUPLICATES {
            self.duplicate_count += 1;
            self.duplicates.entry(at).or_default().push(duplicate);
        }
    }

    /// go-yaml decodes an anchor's node again for every alias, and finds its duplicates again.
    fn repeat_duplicates(&mut self, target: NodeId, at: (usize, u8)) {
        let Done {
            first,
            order,
            value,
            ..
        } = self.done_of(target);
        if value.is_none() || self.duplicates.is_empty() || self.error.is_some() {
            return;
        }
        let again: Vec<DuplicateKey> = self
            .duplicates
            .range((first, 0)..=(order, 0))
            .flat_map(|(_, duplicates)| duplicates)
            .take(MAX_DUPLICATES.saturating_sub(self.duplicate_count))
            .cloned()
            .collect();
        for duplicate in again {
            self.push_duplicate(at, duplicate);
        }
    }

    /// The object that the calls leave: the last of each key, sorted.
    fn map_value(&mut self, calls: &[Call]) -> ValueId {
        let mut last: BTreeMap<String, Entry> = BTreeMap::new();
        let mut bad = None;
        for call in calls {
            let slot = self.slot(call.value);
            match call.key.as_key() {
                Some(key) => {
                    let entry = Entry {
                        key: key.clone(),
                        key_span: call.key_span,
                        slot,
                    };
                    last.insert(key, entry);
                }
                None => {
                    bad.get_or_insert_with(|| SyntaxError {
                        text: format!(
                            "unsupported map key of type: {}, key: {}, value: {}",
                            call.key.go_type(),
                            at_top(call.key.go_syntax()),
                            at_top(self.show(call.value)),
                        ),
                        span: call.key_span,
                    });
                }
            }
        }
        let value = self.tree.push(Value::Object(last.into_values().collect()));
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
            Some(Shape::Scalar(scalar)) => {
                resolve(&scalar.text, scalar.tag.as_deref(), scalar.implicit)
                    .map(|resolved| resolved.go_syntax())
                    .unwrap_or_default()
            }
            Some(Shape::List(items)) => {
                let items: Vec<String> = items
                    .iter()
                    .take(MAX_SHOWN_NODES)
                    .map(|item| self.go_syntax(*item, depth + 1, shown))
                    .collect();
                format!("[]interface {{}}{{{}}}", items.join(", "))
            }
            Some(Shape::Map(_)) => {
                let mut entries: BTreeMap<&str, String> = BTreeMap::new();
                for call in self
                    .calls
                    .get(&target)
                    .into_iter()
                    .flatten()
                    .take(MAX_SHOWN_NODES)
                {
                    let value = self.go_syntax(call.value, depth + 1, shown);
                    entries.insert(&call.identity, format!("{}:{value}", call.key.go_syntax()));
                }
                let entries: Vec<String> = entries.into_values().collect();
                format!(
                    "map[interface {{}}]interface {{}}{{{}}}",
                    entries.join(", ")
                )
            }
            Some(Shape::Alias(..)) | None => String::new(),
        }
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
    }
}

/// What `%#v` prints of nil depends on whether it stands alone.
fn at_top(shown: String) -> String {
    match shown.as_str() {
        "interface {}(nil)" => "<nil>".to_owned(),
        _ => shown,
    }
}
