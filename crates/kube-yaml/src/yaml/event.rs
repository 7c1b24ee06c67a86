//! What the parser says of a text, step by step.

use audit_types::Span;

/// A step of the text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    pub(crate) span: Span,
    /// Line ends before the event's start.
    pub(crate) line: usize,
}

/// What the text does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum EventKind {
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
pub(crate) struct Scalar {
    pub(crate) tag: Option<String>,
    pub(crate) text: String,
    /// Whether the text may decide the type: plain and untagged, or tagged `!`.
    pub(crate) implicit: bool,
}
