//! Audit settings as a form, their documents for each target, and settings read from existing documents.

use serde::{Deserialize, Serialize};

/// Initial values of the form: the paths and the retention of `apiserver_config::Settings`, with rotated files compressed. A test of the
/// worker keeps them equal.
pub const DEFAULT_FIELDS: [(&str, &str); 6] = [
    ("audit-policy-file", "/etc/kubernetes/audit/policy.yaml"),
    ("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
    ("audit-log-compress", "true"),
];

/// Values of the form for one Kubernetes version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportSettings {
    /// Version to emulate, such as `1.36`.
    pub version: String,
    /// Name and value of each field, as typed; a field that is absent has the server's default.
    pub fields: Vec<(String, String)>,
}

impl ExportSettings {
    /// Returns the value of a field; `None` if it has the server's default.
    pub fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|(other, _)| other == name);
        field.map(|(_, value)| value.as_str())
    }

    /// Sets a field; an empty value restores the server's default.
    pub fn set(&mut self, name: &str, value: String) {
        self.fields.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.fields.push((name.to_owned(), value));
        }
    }
}

/// Settings and the target to render them for.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportRequest {
    /// Values of the form.
    pub settings: ExportSettings,
    /// Name of the target; an unknown one stands for the first.
    pub target: String,
    /// The user's own manifest, for targets that patch it; empty if there is none.
    pub manifest: String,
}

/// The form and one target's document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportReport {
    /// Targets by group: the group's title, then name and title of each target.
    pub targets: Vec<(String, Vec<(String, String)>)>,
    /// Sections of the form: title and fields.
    pub sections: Vec<(String, Vec<FieldView>)>,
    /// Findings that belong to no line of the document.
    pub findings: Vec<Remark>,
    /// The document.
    pub document: ExportDocument,
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// Name of the flag without dashes, or another name that [`ExportSettings::fields`] accepts.
    pub name: String,
    /// Label.
    pub label: String,
    /// Kind of value.
    pub kind: FieldKind,
    /// Unit of a number; empty if there is none.
    pub unit: String,
    /// The server's default.
    pub default: String,
    /// Error in the typed value, in the server's words.
    pub error: Option<String>,
    /// Highest severity of the findings about it.
    pub severity: Option<Weight>,
}

impl FieldView {
    /// Returns `true` if the field is a flag of the server.
    pub fn is_flag(&self) -> bool {
        self.name.starts_with("audit-")
    }
}

/// Kind of a field's value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A single line of text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// One of these values.
    Choice(Vec<String>),
}

/// Severity of a finding.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Something is probably not intended.
    Warning,
    /// The server does not start.
    Error,
}

/// A finding about the settings, or about an imported text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// Code, such as `AE010`.
    pub code: String,
    /// Severity.
    pub weight: Weight,
    /// The fact.
    pub message: String,
    /// Remedy, or consequence.
    pub help: String,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportDocument {
    /// Name of the target.
    pub target: String,
    /// Title, such as `Flags`, `Static pod` or `kubeadm v1beta4`.
    pub title: String,
    /// File name to save it under.
    pub file_name: String,
    /// Where to put it, in one or two sentences.
    pub note: String,
    /// The text.
    pub text: String,
    /// Findings with their lines in the text, counted from 1.
    pub line_findings: Vec<(usize, Remark)>,
    /// Result of patching the user's own manifest, if there is one and the target patches it.
    pub patched: Option<Patched>,
    /// Further files: path, mode and text.
    pub files: Vec<(String, String, String)>,
    /// Steps to apply it.
    pub steps: Vec<String>,
    /// Steps to verify that it works.
    pub verify: Vec<String>,
    /// Steps to undo it.
    pub undo: Vec<String>,
}

/// Result of patching the user's own manifest, which has become the document's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Patched {
    /// Changes in the format of `diff -u`; empty if there are none.
    Changed(String),
    /// Reason why it can't be patched: line, message, help. The document is the same as without a manifest.
    Rejected(Option<usize>, String, String),
}

/// Settings read from flags, a manifest or a kubeadm file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// Kind of text, in a few words.
    pub source: String,
    /// Fields that it sets; empty if it has no audit flag.
    pub fields: Vec<(String, String)>,
    /// Policy that it contains, if any.
    pub policy: Option<String>,
    /// `true` if it is a manifest that can be patched.
    pub is_manifest: bool,
    /// Findings with their lines, counted from 1, in order.
    pub findings: Vec<(usize, Remark)>,
}
