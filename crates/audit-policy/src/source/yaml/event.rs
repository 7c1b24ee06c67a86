//! What the parser says of a text, step by step.

use crate::span::Span;

/// A step of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Event {
    pub(super) kind: EventKind,
    pub(super) span: Span,
    /// Line ends before the event's start.
    pub(super) line: usize,
}

/// What the text does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum EventKind {
    DocumentStart,
    DocumentEnd,
    StreamEnd,
    Alias(String),
    Scalar {
        anchor: Option<String>,
        scalar: Scalar,
    },
    ListStart {
        anchor: Option<String>,
    },
    MapStart {
        anchor: Option<String>,
    },
    /// The end of a list or map; of flow style, it has a bracket.
    End {
        is_flow: bool,
    },
}

/// A scalar as it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Scalar {
    pub(super) tag: Option<String>,
    pub(super) text: String,
    /// Whether the text may decide the type: plain and untagged, or tagged `!`.
    pub(super) implicit: bool,
}
