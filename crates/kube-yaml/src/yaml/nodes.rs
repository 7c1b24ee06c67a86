//! Nodes from events: the first document as written, with anchors resolved.

use std::collections::{HashMap, HashSet};

use super::cursor::{is_blank, is_break};
use super::error::yaml_error;
use super::event::{EventKind, Scalar};
use super::parser::Parser;
use super::scalar::{ResolveError, Resolved, resolve};
use super::token::YamlError;
use crate::SyntaxError;
use crate::reading::last_seen;
use crate::text::Text;
use audit_types::KubernetesVersion;
use audit_types::Span;

/// The tag that makes a quoted `<<` a merge key.
const MERGE: &str = "tag:yaml.org,2002:merge";

/// Index of a node in [`Nodes`].
pub(crate) type NodeId = usize;

/// A node as written.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    /// Number of line ends before its start.
    pub(crate) line: usize,
    pub(crate) shape: Shape,
}

/// Content of a node.
#[derive(Debug)]
pub(crate) enum Shape {
    Scalar(Scalar),
    /// The target may contain the alias, or be missing after an error.
    Alias(String, NodeId),
    List(Vec<NodeId>),
    Map(Vec<(NodeId, NodeId)>),
}

/// Nodes of a document.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) all: Vec<Node>,
    /// Nodes in the order of their ends, so that children precede parents.
    pub(crate) finished: Vec<NodeId>,
    pub(crate) root: Option<NodeId>,
    /// Start of the content after the document.
    pub(crate) end: Option<usize>,
    /// The Kubernetes version to emulate.
    pub(crate) version: KubernetesVersion,
}

/// Receives the nodes of the items of one list instead of the document, which has the list without them.
pub(crate) struct ItemSink<'s> {
    /// Name of the field of the top-level object whose value is the list.
    pub(crate) field: &'s str,
    /// Called with each item. An error ends the document.
    pub(crate) each: &'s mut dyn FnMut(Nodes) -> Result<(), SyntaxError>,
}

/// Parses the first document, or its part before an error. Items go to a sink only if the document has no anchors.
pub(crate) fn compose(
    text: &Text,
    version: KubernetesVersion,
    items: Option<ItemSink<'_>>,
) -> (Nodes, Option<SyntaxError>) {
    let mut composer = Composer {
        nodes: Nodes::new(version),
        anchors: HashMap::new(),
        open: Vec::new(),
        items,
        error: None,
    };
    let error = composer.run(text).err();
    let end = text.text.len();
    while !composer.open.is_empty() {
        composer.close(Span::new(end, end), false);
    }
    (composer.nodes, error)
}

/// A collection whose end was not reached.
struct Open {
    id: NodeId,
    children: Vec<NodeId>,
}

struct Composer<'s> {
    nodes: Nodes,
    anchors: HashMap<String, NodeId>,
    open: Vec<Open>,
    items: Option<ItemSink<'s>>,
    /// The error of an item.
    error: Option<SyntaxError>,
}

impl Composer<'_> {
    fn run(&mut self, text: &Text) -> Result<(), SyntaxError> {
        let mut parser = Parser::new(text);
        loop {
            let step = parser.next();
            if let (true, Some(flaw)) = (parser.is_flawed(), &text.flaw) {
                return Err(yaml_error(flaw.problem, flaw.span));
            }
            let event = step.map_err(|failure| explain(&failure, text))?;
            let (span, line) = (event.span, event.line);
            match event.kind {
                EventKind::DocumentStart => {}
                EventKind::DocumentEnd | EventKind::StreamEnd => {
                    self.nodes.end = Some(span.start).filter(|start| *start < text.text.len());
                    return Ok(());
                }
                EventKind::Alias(name) => {
                    let Some(target) = self.anchors.get(&name).copied() else {
                        return Err(yaml_error(
                            format!("unknown anchor '{name}' referenced"),
                            span,
                        ));
                    };
                    let id = self.add(span, line, Shape::Alias(name, target), None);
                    self.finish(id);
                }
                EventKind::Scalar { anchor, scalar } => {
                    let span = without_last_line_ends(span, &text.text);
                    let id = self.add(span, line, Shape::Scalar(scalar), anchor);
                    self.finish(id);
                }
                EventKind::ListStart { anchor } => {
                    self.begin(span, line, Shape::List(Vec::new()), anchor);
                }
                EventKind::MapStart { anchor } => {
                    self.begin(span, line, Shape::Map(Vec::new()), anchor);
                }
                EventKind::End { is_flow } => self.close(span, is_flow),
            }
            if let Some(error) = self.error.take() {
                return Err(error);
            }
        }
    }

    fn add(&mut self, span: Span, line: usize, shape: Shape, anchor: Option<String>) -> NodeId {
        let id = self.nodes.all.len();
        self.nodes.all.push(Node { span, line, shape });
        if let Some(anchor) = anchor {
            self.anchors.insert(anchor, id);
        }
        id
    }

    fn begin(&mut self, span: Span, line: usize, shape: Shape, anchor: Option<String>) {
        let id = self.add(span, line, shape, anchor);
        self.open.push(Open {
            id,
            children: Vec::new(),
        });
    }

    /// Closes the innermost collection. The parser ends a block at the start of the next token; its span ends with its last child.
    fn close(&mut self, end: Span, flow: bool) {
        let Some(Open { id, children }) = self.open.pop() else {
            return;
        };
        // An empty node is at the start of the next token.
        let spelled = children
            .iter()
            .rev()
            .filter_map(|child| self.nodes.get(*child));
        let last = spelled
            .map(|child| child.span)
            .find(|span| span.start < span.end)
            .map(|span| span.end);
        let Some(node) = self.nodes.all.get_mut(id) else {
            return;
        };
        node.span.end = if flow {
            end.end
        } else {
            last.unwrap_or(node.span.end).max(node.span.end)
        };
        match &mut node.shape {
            Shape::List(items) => *items = children,
            Shape::Map(entries) => {
                *entries = children
                    .chunks_exact(2)
                    .filter_map(|pair| match pair {
                        [key, value] => Some((*key, *value)),
                        _ => None,
                    })
                    .collect();
            }
            Shape::Scalar(_) | Shape::Alias(..) => {}
        }
        self.finish(id);
    }

    fn finish(&mut self, id: NodeId) {
        self.nodes.finished.push(id);
        if self.is_item() {
            self.hand_out(id);
            return;
        }
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.nodes.root = Some(id),
        }
    }
}

impl Composer<'_> {
    /// Returns true if the node that ends is an item of the list that goes to the sink.
    fn is_item(&self) -> bool {
        let (Some(sink), [root, list]) = (&self.items, self.open.as_slice()) else {
            return false;
        };
        let shape = |id: NodeId| self.nodes.get(id).map(|node| &node.shape);
        let is_key = |key: &NodeId| match shape(*key) {
            Some(Shape::Scalar(scalar)) => scalar.text == sink.field,
            _ => false,
        };
        matches!(shape(root.id), Some(Shape::Map(_)))
            && matches!(shape(list.id), Some(Shape::List(_)))
            // Keys and values alternate, and the value is open.
            && root.children.len() % 2 == 1
            && root.children.last().is_some_and(is_key)
    }

    /// Moves the node and those inside it, which are the last ones, to the sink.
    fn hand_out(&mut self, id: NodeId) {
        let all = self.nodes.all.split_off(id);
        // Every node of an item has ended, and those that have not are around it.
        let first = self.nodes.finished.len().saturating_sub(all.len());
        let finished = self.nodes.finished.split_off(first);
        let end = all.first().map(|node| node.span.end);
        if let (Some(end), Some(list)) = (end, self.open.last())
            && let Some(list) = self.nodes.all.get_mut(list.id)
        {
            list.span.end = list.span.end.max(end);
        }
        let mut item = Nodes {
            all,
            finished,
            root: Some(0),
            ..Nodes::new(self.nodes.version)
        };
        item.rebase(id);
        if let Some(sink) = &mut self.items {
            self.error = (sink.each)(item).err();
        }
    }
}

/// Returns the span of a block scalar up to its last line that is not empty; its token ends at the start of the next line.
fn without_last_line_ends(span: Span, text: &str) -> Span {
    let mut covered = text.get(span.start..span.end).unwrap_or_default();
    while let Some(rest) = covered.strip_suffix(is_break) {
        covered = rest.trim_end_matches(is_blank);
        if !covered.ends_with(is_break) {
            covered = rest;
        }
    }
    Span::new(span.start, span.start + covered.len())
}

/// Formats an error. The server counts lines from 1 in scanner errors and from 0 in parser errors, and never names the first.
fn explain(failure: &YamlError, text: &Text) -> SyntaxError {
    let line = match (failure.at.line, failure.by_scanner) {
        (0, _) => failure.context.line,
        (line, true) => line + 1,
        (line, false) => line,
    };
    let place = match line {
        0 => String::new(),
        line => format!("line {line}: "),
    };
    yaml_error(
        format!("{place}{}", failure.problem),
        place_of(failure, &text.text),
    )
}

/// Returns the span of the character at which parsing failed. At the end of a line or text it is that of the token that was started: an
/// opening bracket, a quote or a word.
fn place_of(failure: &YamlError, text: &str) -> Span {
    let character = |at: usize| text.get(at..).and_then(|rest| rest.chars().next());
    let is_seen =
        |at: &usize| character(*at).is_some_and(|found| !is_blank(found) && !is_break(found));
    let failed_at = failure.at.offset;
    if let Some(found) = character(failed_at).filter(|found| !is_break(*found)) {
        return Span::new(failed_at, failed_at + found.len_utf8());
    }
    let start = Some(failure.context.offset).filter(|start| *start < failed_at && is_seen(start));
    let Some(start) = start else {
        return last_seen(text, failed_at);
    };
    let rest = text.get(start..).unwrap_or_default();
    let length = if rest.starts_with(['[', '{', '"', '\'', '|', '>', '!', '&', '*', '%']) {
        1
    } else {
        rest.find(|found| is_blank(found) || is_break(found))
            .unwrap_or(rest.len())
    };
    Span::new(start, start + length)
}

impl Nodes {
    const fn new(version: KubernetesVersion) -> Self {
        Self {
            all: Vec::new(),
            finished: Vec::new(),
            root: None,
            end: None,
            version,
        }
    }

    /// Moves ids down.
    fn rebase(&mut self, by: NodeId) {
        let move_down = |id: &mut NodeId| *id = id.saturating_sub(by);
        self.finished.iter_mut().for_each(move_down);
        for node in &mut self.all {
            match &mut node.shape {
                Shape::Scalar(_) => {}
                Shape::Alias(_, target) => move_down(target),
                Shape::List(items) => items.iter_mut().for_each(move_down),
                Shape::Map(pairs) => {
                    for (key, value) in pairs {
                        move_down(key);
                        move_down(value);
                    }
                }
            }
        }
    }

    /// Returns the value of a scalar, or the error if its tag does not match.
    pub(crate) fn resolve(&self, scalar: &Scalar) -> Result<Resolved, ResolveError> {
        resolve(scalar, self.version)
    }

    /// Returns the node with the id.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.all.get(id)
    }

    /// Returns the node, or its target if it is an alias.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.get(id).map(|node| &node.shape) {
            Some(Shape::Alias(_, target)) => *target,
            _ => id,
        }
    }

    /// Returns true if the node is a merge key.
    pub(crate) fn is_merge(&self, key: NodeId) -> bool {
        match self.get(key).map(|node| &node.shape) {
            Some(Shape::Scalar(scalar)) => {
                scalar.text == "<<" && (scalar.implicit || scalar.tag.as_deref() == Some(MERGE))
            }
            _ => false,
        }
    }

    /// Returns the maps that merge keys refer to.
    pub(crate) fn merge_sources(&self) -> HashSet<NodeId> {
        let mut sources = HashSet::new();
        for node in &self.all {
            let Shape::Map(pairs) = &node.shape else {
                continue;
            };
            for (_, value) in pairs.iter().filter(|(key, _)| self.is_merge(*key)) {
                let named = self.merged(*value).into_iter();
                sources.extend(named.map(|source| self.target(source)));
            }
        }
        sources
    }

    /// Returns the maps that the value of a merge key refers to, in the order in which they are merged.
    pub(crate) fn merged(&self, value: NodeId) -> Vec<NodeId> {
        match self.get(value).map(|node| &node.shape) {
            Some(Shape::List(items)) => items.iter().rev().copied().collect(),
            _ => vec![value],
        }
    }
}
