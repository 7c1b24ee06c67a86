//! Details of one event.

use audit_types::{Level, RuleIndex};
use serde::{Deserialize, Serialize};

use crate::ids::Generation;
use crate::table::RowView;

/// Details of one event.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Inspection {
    /// Policy that it was made under.
    pub generation: Generation,
    /// Row of the event.
    pub row: RowView,
    /// Name of its file.
    pub file: String,
    /// Line in the file, counted from 1.
    pub line: usize,
    /// Result of each rule, in order.
    pub why: Vec<WhyLine>,
    /// Conclusion as one sentence: what is written, or why nothing is. Backticks as in findings.
    pub conclusion: String,
    /// Sentence about an impersonated user, if the event has one: rules see the original user only.
    pub impersonation: Option<String>,
    /// Sentences about likely secrets in the event. Backticks as in findings.
    pub secrets: Vec<String>,
    /// Differences between the event as recorded and as written.
    pub written: Vec<DiffLine>,
    /// Line that the server would write, for copying; `None` if nothing is written or the bodies are unknown.
    pub line_as_written: Option<String>,
    /// Note to show above the differences.
    pub written_note: Option<String>,
    /// Attributes that the policy is matched against.
    pub request: Vec<AttributeView>,
    /// Query of exactly this request, as far as the log has its attributes.
    pub query: String,
    /// Who sent the request.
    pub who: WhoView,
}

/// Who sent a request, and what its event says about it. Sentences have backticks as in findings.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WhoView {
    /// The client, as authentication knows it.
    pub client: String,
    /// The last source address. `None` if there is none.
    pub peer: Option<String>,
    /// Statements of the client that could be forged, a sentence each.
    pub claims: Vec<String>,
    /// Annotations of the event, in their order.
    pub annotations: Vec<AnnotationView>,
    /// The object that the event is about, with backticks. `None` if it is not about one.
    pub object: Option<String>,
    /// Filters that follow what the event is about.
    pub follow: Vec<FollowView>,
}

/// An annotation of an event.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AnnotationView {
    /// The key.
    pub key: String,
    /// Its meaning in a sentence or, if that is not known, its value in backticks.
    pub text: String,
}

/// A filter that follows something through the log.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FollowView {
    /// Label, with the value in backticks.
    pub label: String,
    /// Text of the filter.
    pub filter: String,
}

/// Result of one rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhyLine {
    /// The rule.
    pub rule: RuleIndex,
    /// Level of the rule.
    pub level: Level,
    /// Result in short.
    pub state: WhyState,
    /// Result as one sentence, with backticks as in findings.
    pub text: String,
}

/// Result of matching a request against a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum WhyState {
    /// A condition of the rule does not hold.
    Failed,
    /// Every condition of the rule holds.
    Matched,
    /// An earlier rule matched, so this one is not evaluated.
    NotEvaluated,
    /// The log doesn't contain what the rule depends on.
    Unknowable,
}

/// A line of a diff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DiffLine {
    /// Kind of change.
    pub kind: DiffKind,
    /// Pretty-printed JSON, indented by two spaces per level.
    pub text: String,
}

/// Kind of change to a line of the recorded event.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum DiffKind {
    /// Recorded and written alike.
    Same,
    /// Recorded, but not written.
    Removed,
    /// Written, but not recorded.
    Added,
    /// Lines left out of a long diff; the text has their number.
    Gap,
}

/// An attribute of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AttributeView {
    /// Name, such as `resource` or `user groups`.
    pub name: String,
    /// Value; empty ones are shown as `""`, absent ones as `none`.
    pub value: String,
    /// Field of the event that it is taken from: `requestURI`, `user.groups`, `verb`.
    pub source: String,
    /// Explanation of a difference from what the event shows elsewhere.
    pub note: Option<String>,
}
