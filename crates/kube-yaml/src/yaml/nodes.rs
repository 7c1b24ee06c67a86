//! Events to nodes: the first document as it is written, with anchors bound to their nodes.

use std::collections::{HashMap, HashSet};

use super::cursor::{is_blank, is_break};
use super::error;
use super::event::{EventKind, Scalar};
use super::parser::Parser;
use super::scalar::{Resolved, resolve};
use super::token::Failure;
use crate::text::Text;
use crate::{SyntaxError, last_seen};
use audit_types::KubernetesVersion;
use audit_types::Span;

/// The tag that makes a quoted `<<` a merge key.
const MERGE: &str = "tag:yaml.org,2002:merge";

/// A node's place in [`Nodes`].
pub(crate) type NodeId = usize;

/// A node as written.
#[derive(Debug)]
pub(crate) struct Node {
    pub(crate) span: Span,
    /// Line ends before its start.
    pub(crate) line: usize,
    pub(crate) shape: Shape,
}

/// What a node is.
#[derive(Debug)]
pub(crate) enum Shape {
    Scalar(Scalar),
    /// The node it stands for may be one that holds it, or missing after an error.
    Alias(String, NodeId),
    List(Vec<NodeId>),
    Map(Vec<(NodeId, NodeId)>),
}

/// A document's nodes.
#[derive(Debug)]
pub(crate) struct Nodes {
    pub(crate) all: Vec<Node>,
    /// Every node after those it holds, in the order of their ends.
    pub(crate) finished: Vec<NodeId>,
    pub(crate) root: Option<NodeId>,
    /// Where the next thing starts after the document.
    pub(crate) end: Option<usize>,
    /// The Kubernetes version whose words and rules count.
    pub(crate) version: KubernetesVersion,
}

/// Reads the first document; with an error, what came before it.
pub(crate) fn compose(text: &Text, version: KubernetesVersion) -> (Nodes, Option<SyntaxError>) {
    let mut composer = Composer {
        nodes: Nodes {
            all: Vec::new(),
            finished: Vec::new(),
            root: None,
            end: None,
            version,
        },
        anchors: HashMap::new(),
        open: Vec::new(),
    };
    let error = composer.run(text).err();
    let end = text.text.len();
    while !composer.open.is_empty() {
        composer.close(Span::new(end, end), false);
    }
    (composer.nodes, error)
}

/// A collection whose end has not been met.
struct Open {
    id: NodeId,
    children: Vec<NodeId>,
}

struct Composer {
    nodes: Nodes,
    anchors: HashMap<String, NodeId>,
    open: Vec<Open>,
}

impl Composer {
    fn run(&mut self, text: &Text) -> Result<(), SyntaxError> {
        let mut parser = Parser::new(text);
        loop {
            let step = parser.next();
            if let (true, Some(flaw)) = (parser.is_flawed(), &text.flaw) {
                return Err(error(flaw.problem, flaw.span));
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
                        return Err(error(format!("unknown anchor '{name}' referenced"), span));
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

    /// Ends the innermost collection. The parser ends a block only where the next thing starts: its last child ends it sooner.
    fn close(&mut self, end: Span, flow: bool) {
        let Some(Open { id, children }) = self.open.pop() else {
            return;
        };
        // What is empty stands where the next thing starts.
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
        match self.open.last_mut() {
            Some(open) => open.children.push(id),
            None => self.nodes.root = Some(id),
        }
    }
}

/// A block scalar ends where the next line starts; its span ends with its last line that is not empty.
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

/// The server names the line of a scanner's failure from 1, and that of a parser's failure from 0; never the first.
fn explain(failure: &Failure, text: &Text) -> SyntaxError {
    let line = match (failure.at.line, failure.by_scanner) {
        (0, _) => failure.context.line,
        (line, true) => line + 1,
        (line, false) => line,
    };
    let place = match line {
        0 => String::new(),
        line => format!("line {line}: "),
    };
    error(
        format!("{place}{}", failure.problem),
        place_of(failure, &text.text),
    )
}

/// The character where reading failed. At the end of a line or of the text that is nothing to see: then what was begun there, an opening
/// mark or a word.
fn place_of(failure: &Failure, text: &str) -> Span {
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
    /// The value of a scalar, or why it has none.
    pub(crate) fn resolve(&self, scalar: &Scalar) -> Result<Resolved, String> {
        resolve(scalar, self.version)
    }

    /// The node of that number.
    pub(crate) fn get(&self, id: NodeId) -> Option<&Node> {
        self.all.get(id)
    }

    /// The node itself, or the one that it is an alias of.
    pub(crate) fn target(&self, id: NodeId) -> NodeId {
        match self.get(id).map(|node| &node.shape) {
            Some(Shape::Alias(_, target)) => *target,
            _ => id,
        }
    }

    /// Whether a key lays another map over the one that it stands in.
    pub(crate) fn is_merge(&self, key: NodeId) -> bool {
        match self.get(key).map(|node| &node.shape) {
            Some(Shape::Scalar(scalar)) => {
                scalar.text == "<<" && (scalar.implicit || scalar.tag.as_deref() == Some(MERGE))
            }
            _ => false,
        }
    }

    /// The maps that merge keys name.
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

    /// What a merge key's value names, in the order in which it is laid down.
    pub(crate) fn merged(&self, value: NodeId) -> Vec<NodeId> {
        match self.get(value).map(|node| &node.shape) {
            Some(Shape::List(items)) => items.iter().rev().copied().collect(),
            _ => vec![value],
        }
    }
}
