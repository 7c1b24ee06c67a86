//! Events of the parser.

use audit_types::Span;

/// An event with its span.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Event {
    pub(crate) kind: EventKind,
    pub(crate) span: Span,
    /// Number of line ends before its start.
    pub(crate) line: usize,
}

/// Kind of an event.
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
    /// The end of a list or map; in flow style, its bracket.
    End {
        is_flow: bool,
    },
}

/// A scalar as written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Scalar {
    pub(crate) tag: Option<String>,
    pub(crate) text: String,
    /// True if the text determines the type: plain and untagged, or tagged `!`.
    pub(crate) implicit: bool,
}
