//! The one shape of every finding: of policies, settings, imported documents, manifests and logs.

use std::borrow::Cow;

#[cfg(feature = "serde")]
use serde::{Deserialize, Serialize};

use crate::code::Code;
use crate::path::Path;
use crate::severity::Severity;
use crate::span::Span;

/// Document that a span counts bytes of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
#[cfg_attr(feature = "serde", serde(rename_all = "lowercase"))]
#[non_exhaustive]
pub enum Document {
    /// The audit policy.
    Policy,
    /// The settings of kube-apiserver, as flags or as a settings file.
    Settings,
    /// A document that is imported or patched: a manifest, a kubeadm file, a command line.
    Manifest,
    /// An exported text.
    Export,
    /// An audit log.
    Log,
}

/// A labeled span of a document.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Label {
    /// Document in which the span is.
    pub document: Document,
    /// Bytes of the document.
    pub span: Span,
    /// Short text next to the span; empty for the primary label.
    pub text: String,
}

/// A replacement of a span of the source.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Edit {
    /// Bytes that are replaced; an empty span inserts.
    pub span: Span,
    /// Text that replaces them.
    pub text: String,
}

/// A change that removes a finding. Offered, and never applied unless requested.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Fix {
    /// Short imperative: "move `verbs` to the rule".
    pub title: String,
    /// Replacements, in ascending order and without overlap.
    pub edits: Vec<Edit>,
    /// True if it changes which requests are logged, or how, and either nothing is wrong without it or fewer requests are logged with it.
    /// Somebody has to decide about it, so fixes that are applied together leave it out.
    pub is_choice: bool,
}

impl Fix {
    /// Creates a change of what is wrong.
    pub fn new(title: impl Into<String>, edits: Vec<Edit>) -> Self {
        Self {
            title: title.into(),
            edits,
            is_choice: false,
        }
    }

    /// Makes it a matter of choice.
    #[must_use]
    pub fn as_choice(self) -> Self {
        Self {
            is_choice: true,
            ..self
        }
    }
}

/// A finding: what was read, where, what it means to kube-apiserver, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
#[cfg_attr(feature = "serde", derive(Serialize, Deserialize))]
pub struct Diagnostic {
    /// Stable code, such as `AP012`; the table of codes of the crate that reports it has its title and page.
    pub code: Cow<'static, str>,
    /// Severity.
    pub severity: Severity,
    /// One lowercase sentence without a full stop; the user's text in backticks.
    pub message: String,
    /// Remedy, or the behavior of kube-apiserver; may be empty.
    pub help: String,
    /// Path of the value, or the name of the flag; the root if it is about the whole document.
    pub path: Path,
    /// The key or value at fault. `None` if no document spells it.
    pub primary: Option<Label>,
    /// Further places that explain the finding, such as the rule that matches first.
    pub secondary: Vec<Label>,
    /// A change that removes the finding. `None` unless it is certain to be right.
    pub fix: Option<Fix>,
}

impl Diagnostic {
    /// Creates a finding about the whole document.
    pub fn new(
        code: impl Into<Cow<'static, str>>,
        severity: Severity,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code: code.into(),
            severity,
            message: message.into(),
            help: String::new(),
            path: Path::root(),
            primary: None,
            secondary: Vec::new(),
            fix: None,
        }
    }

    /// Creates a finding with a code's usual severity.
    pub fn of(code: impl Code, message: impl Into<String>) -> Self {
        let (id, severity) = code.head();
        Self::new(id, severity, message)
    }

    /// Sets the help.
    #[must_use]
    pub fn with_help(mut self, help: impl Into<String>) -> Self {
        self.help = help.into();
        self
    }

    /// Sets the path of the value, or the name of the flag.
    #[must_use]
    pub fn at(mut self, path: Path) -> Self {
        self.path = path;
        self
    }

    /// Sets the primary span.
    #[must_use]
    pub fn labeled(mut self, document: Document, span: Span) -> Self {
        self.primary = Some(Label {
            document,
            span,
            text: String::new(),
        });
        self
    }

    /// Adds a secondary span.
    #[must_use]
    pub fn related(mut self, document: Document, span: Span, text: impl Into<String>) -> Self {
        self.secondary.push(Label {
            document,
            span,
            text: text.into(),
        });
        self
    }

    /// Sets the fix.
    #[must_use]
    pub fn with_fix(mut self, fix: Option<Fix>) -> Self {
        self.fix = fix;
        self
    }

    /// Returns the fix, unless it is a matter of choice.
    pub fn certain_fix(&self) -> Option<&Fix> {
        self.fix.as_ref().filter(|fix| !fix.is_choice)
    }

    /// Returns the primary span.
    pub fn span(&self) -> Option<Span> {
        self.primary.as_ref().map(|label| label.span)
    }
}
