//! The tree between policy and program: named values, each an expression over earlier ones.
//!
//! Each expression is of one type: text, number, truth value or list of texts. Whoever builds a tree keeps the types; the printers do not check them.

use crate::pattern::Pattern;

/// Named value of a program. The first ones are read from the event by the target's own code; the others are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Variable {
    /// Truth value: the fields that the policy is applied to are in the event, once each, and of the right type.
    Readable,
    /// `verb`, a text; empty if the event is not readable.
    Verb,
    /// `requestURI`, a text; empty if the event is not readable.
    Uri,
    /// `stage`, a text; empty if the event does not have one.
    Stage,
    /// Variable of the user, a text; null if there is no user.
    UserName,
    /// Groups of the user, a list of texts.
    Groups,
    /// The path of the URI as recorded, a text.
    EscapedPath,
    /// Truth value: the target can decode the path.
    IsPathKnown,
    /// The path of the URI, a text.
    Path,
    /// The query of the URI, a text.
    Query,
    /// The segments of the path without slashes at its ends, a list of texts.
    Segments,
    /// Number of the first segment after the API version.
    AfterVersion,
    /// Number of the first segment after a deprecated prefix, `watch` or `proxy`.
    AfterPrefix,
    /// Truth value: the request is for a resource.
    IsResource,
    /// Truth value: the path has a namespace.
    HasNamespace,
    /// Number of the segment with the resource.
    ResourceAt,
    /// Namespace, a text.
    Namespace,
    /// API group, a text.
    ApiGroup,
    /// Resource, a text.
    Resource,
    /// Subresource, a text.
    Subresource,
    /// Object name in the path, a text.
    PathName,
    /// Truth value: the query may name an object.
    MaySelect,
    /// Object name in the query, a text; empty if the target cannot decode it.
    SelectedName,
    /// Object name, a text.
    ObjectName,
    /// Truth value: the attributes of the request are known.
    IsKnown,
    /// Number of the rule that matches; null if there is none.
    Rule,
    /// The level, a text; null if it is unknown.
    Level,
    /// The outcome, a text.
    Outcome,
}

impl Variable {
    /// Returns the name in a program.
    pub(crate) const fn text(self) -> &'static str {
        match self {
            Self::Readable => "readable",
            Self::Verb => "verb",
            Self::Uri => "uri",
            Self::Stage => "stage",
            Self::UserName => "user_name",
            Self::Groups => "user_groups",
            Self::EscapedPath => "escaped_path",
            Self::IsPathKnown => "is_path_known",
            Self::Path => "path",
            Self::Query => "query",
            Self::Segments => "segments",
            Self::AfterVersion => "after_version",
            Self::AfterPrefix => "after_prefix",
            Self::IsResource => "is_resource",
            Self::HasNamespace => "has_namespace",
            Self::ResourceAt => "resource_at",
            Self::Namespace => "namespace",
            Self::ApiGroup => "api_group",
            Self::Resource => "resource",
            Self::Subresource => "subresource",
            Self::PathName => "path_name",
            Self::MaySelect => "may_select",
            Self::SelectedName => "selected_name",
            Self::ObjectName => "object_name",
            Self::IsKnown => "is_known",
            Self::Rule => "rule",
            Self::Level => "level",
            Self::Outcome => "outcome",
        }
    }
}

/// A name with its expression.
#[derive(Debug, Clone)]
pub(crate) struct Binding {
    pub(crate) name: Variable,
    pub(crate) value: Expression,
}

/// An expression over names that are bound before.
#[derive(Debug, Clone)]
pub(crate) enum Expression {
    /// The null value.
    Null,
    /// A truth value.
    Constant(bool),
    /// A number.
    Number(usize),
    /// A text.
    Text(String),
    /// The value of a name.
    Of(Variable),
    /// A number plus a constant.
    Plus(Variable, usize),
    /// The part of a text before the first question mark, or all of it.
    BeforeQuestionMark(Variable),
    /// The part of a text after the first question mark, or the empty text.
    AfterQuestionMark(Variable),
    /// A text with its percent-escapes decoded. They are those of valid UTF-8.
    Decoded(Variable),
    /// The parts of a text between slashes, without slashes at its ends.
    Segments(Variable),
    /// A segment of a list; empty if there are fewer.
    Segment(Variable, Position),
    /// The text that the first group of a pattern captures; empty if the pattern does not occur.
    Capture(Variable, Pattern),
    /// The expression of the first condition that holds, else the last one. The conditions may be many, so a printer does not nest them.
    Choose(Vec<(Self, Self)>, Box<Self>),
    /// The list has an item at a position.
    Has(Variable, Position),
    /// The condition does not hold.
    Not(Box<Self>),
    /// Every condition holds.
    All(Vec<Self>),
    /// Some condition holds.
    Any(Vec<Self>),
    /// The text is one of these. A null value is none.
    In(Box<Self>, Vec<String>),
    /// An item of the list is one of these.
    HasAny(Variable, Vec<String>),
    /// The number is one of these. A null value is none.
    IsNumber(Variable, Vec<usize>),
    /// The text starts with one of these.
    StartsWithAny(Variable, Vec<String>),
    /// The text contains another.
    Contains(Variable, &'static str),
    /// A pattern occurs in the text.
    Matches(Variable, Pattern),
}

/// Position in a list, from 0.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Position {
    /// A constant.
    At(usize),
    /// A number plus a constant.
    From(Variable, usize),
}

impl Expression {
    /// Returns a text.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// Returns the condition that a name's text is one of these.
    pub(crate) fn is_in<T: Into<String>>(
        name: Variable,
        texts: impl IntoIterator<Item = T>,
    ) -> Self {
        Self::In(
            Box::new(Self::Of(name)),
            texts.into_iter().map(Into::into).collect(),
        )
    }

    /// Returns the condition that a segment is one of these.
    pub(crate) fn segment_in(position: Position, texts: &[&str]) -> Self {
        Self::In(
            Box::new(Self::Segment(Variable::Segments, position)),
            texts.iter().map(|text| (*text).to_owned()).collect(),
        )
    }

    /// Returns the opposite condition.
    pub(crate) fn negated(self) -> Self {
        Self::Not(Box::new(self))
    }

    /// Returns one expression if a condition holds, else the other.
    pub(crate) fn if_else(condition: Self, value: Self, other: Self) -> Self {
        Self::Choose(vec![(condition, value)], Box::new(other))
    }
}

/// Joins printed conditions by an operator, in parentheses; `none` is printed for no condition at all.
pub(crate) fn joined(conditions: &[String], operator: &str, none: &str) -> String {
    match conditions {
        [] => none.to_owned(),
        [condition] => condition.clone(),
        _ => format!("({})", conditions.join(operator)),
    }
}
