//! The one shape of every diagnostic, from decoding to lint.

use std::fmt;

use serde::Serialize;

use crate::span::Span;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing; nothing is wrong.
    Info,
    /// The server accepts it, and it probably does not do what was meant.
    Warning,
    /// The server rejects the policy for it.
    Error,
}

impl Severity {
    /// The word shown to people.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// One step from a value to a value inside it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Step {
    /// A field of a mapping.
    Field(String),
    /// An item of a list, from 0.
    Index(usize),
}

/// The way from the top of a policy to a value in it; prints as `rules[2].resources[0].verbs`.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub struct Path(pub Vec<Step>);

impl Path {
    /// The top of the document.
    pub const fn root() -> Self {
        Self(Vec::new())
    }

    /// This path and a field below it.
    #[must_use]
    pub fn field(&self, name: &str) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Field(name.to_owned()));
        Self(steps)
    }

    /// This path and an item below it.
    #[must_use]
    pub fn index(&self, index: usize) -> Self {
        let mut steps = self.0.clone();
        steps.push(Step::Index(index));
        Self(steps)
    }

    /// The path of a rule.
    pub fn rule(index: usize) -> Self {
        Self::root().field("rules").index(index)
    }
}

impl fmt::Display for Path {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, step) in self.0.iter().enumerate() {
            match step {
                Step::Field(name) if at == 0 => f.write_str(name)?,
                Step::Field(name) => write!(f, ".{name}")?,
                Step::Index(index) => write!(f, "[{index}]")?,
            }
        }
        Ok(())
    }
}

impl Serialize for Path {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// A replacement of a span of the source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edit {
    /// What is replaced; an empty span inserts.
    pub span: Span,
    /// What stands there afterwards.
    pub text: String,
}

/// A change that removes a finding, offered and never applied unasked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// What the change does, as a short imperative: "move `verbs` up to the rule".
    pub title: String,
    /// The replacements, ascending and without overlap.
    pub edits: Vec<Edit>,
}

/// A diagnostic: what was read, where, what it means to the server, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The stable code, `AP001` and up; each has a page in `findings/`.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One lowercase sentence without a full stop; the user's text in backticks.
    pub message: String,
    /// The value it is about; the root where it is about the whole.
    pub path: Path,
    /// The key or value at fault in the source text.
    pub span: Span,
    /// What to do, or what the server does instead; may be empty.
    pub help: String,
    /// A change that mends it, where one is certain.
    pub fix: Option<Fix>,
}
