//! Result of loading a policy, with positions in UTF-16 units as the editor counts them.

use audit_types::{Diagnostic, Level};
use serde::{Deserialize, Serialize};

use crate::ids::Generation;

/// Result of loading a policy.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
pub struct PolicyReport {
    /// Edit that this is about.
    pub generation: Generation,
    /// `true` if kube-apiserver would start with the policy.
    pub accepted: bool,
    /// Error with which the server rejects the policy, to the letter.
    pub error: Option<String>,
    /// Warning that the server would log, to the letter.
    pub warning: Option<String>,
    /// Findings by severity, errors first, then by position. Their spans count UTF-16 units of the editor's text.
    pub findings: Vec<LineFinding>,
    /// `false` while the rest of the engine is loading: the findings are the server's own so far, and another report follows.
    pub is_linted: bool,
    /// Rules of this text if it was accepted, else of the last text that was.
    pub rules: Vec<RuleView>,
    /// Document around the policy. `None` if the text is a policy file.
    pub document: Option<DocumentView>,
}

/// A document that contains policies, or should.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DocumentView {
    /// Description, such as `a ConfigMap`.
    pub title: String,
    /// Places of its policies, such as `data.policy`.
    pub policies: Vec<String>,
    /// Index of the policy that is loaded.
    pub selected: usize,
    /// `true` if the policy has to be rendered before the server can read it.
    pub is_template: bool,
    /// `true` if the document may contain flags of kube-apiserver.
    pub has_settings: bool,
    /// Number of errors in the settings.
    pub settings_errors: usize,
}

/// A finding about one line of a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LineFinding {
    /// Line, counted from 1.
    pub line: usize,
    /// The finding.
    pub finding: Diagnostic,
}

/// A rule, for the editor's gutter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleView {
    /// Level of the rule.
    pub level: Level,
    /// UTF-16 offset of the rule's first unit.
    pub from: usize,
    /// UTF-16 offset after its last unit.
    pub to: usize,
    /// `true` if an earlier rule matches everything that this one could match.
    pub unreachable: bool,
}
