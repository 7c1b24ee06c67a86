//! Audit settings as a form, their documents for each target, and settings read from existing documents.

use audit_types::{Diagnostic, KubernetesVersion, ServerPlace, Severity, Target};
use serde::{Deserialize, Serialize};

use crate::policy::LineFinding;

/// Initial values of the form: the paths and the retention of `apiserver_config::Settings`, with rotated files compressed. A test of the
/// worker keeps them equal.
pub const DEFAULT_FIELDS: [DefaultField; 6] = [
    DefaultField::new("audit-policy-file", "/etc/kubernetes/audit/policy.yaml"),
    DefaultField::new("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
    DefaultField::new("audit-log-maxage", "30"),
    DefaultField::new("audit-log-maxbackup", "10"),
    DefaultField::new("audit-log-maxsize", "100"),
    DefaultField::new("audit-log-compress", "true"),
];

/// Initial value of one field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DefaultField {
    /// Name of the field.
    pub name: &'static str,
    /// Value as it would be typed.
    pub value: &'static str,
}

impl DefaultField {
    const fn new(name: &'static str, value: &'static str) -> Self {
        Self { name, value }
    }
}

/// Values of the form.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportSettings {
    /// Fields as typed; a field that is absent has the server's default.
    pub fields: Vec<FieldValue>,
    /// Place of the server whose document the fields were read from; a pod if they were read from none.
    pub place: ServerPlace,
    /// Flags of the text that the fields were read from.
    pub source: SourceFlags,
}

/// Flags of the text that the fields were read from. By default, all are known: those of a form that was filled in from none.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct SourceFlags {
    /// Flags that are set, by the text or since then, without dashes.
    pub names: Vec<String>,
    /// Flags whose value is a variable in the text.
    pub unknown: Vec<String>,
    /// `true` if the server gets arguments that the text does not contain, so that a flag that is not among the names may be set.
    pub is_partial: bool,
}

impl SourceFlags {
    /// Notes that the value of a flag has been chosen.
    fn choose(&mut self, name: &str) {
        self.unknown.retain(|unknown| unknown != name);
        if !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }
}

/// Value of one field.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct FieldValue {
    /// Name of the field.
    pub name: String,
    /// Value as typed.
    pub value: String,
}

impl ExportSettings {
    /// Returns the initial values of the form.
    pub fn initial() -> Self {
        let fields = DEFAULT_FIELDS.map(|DefaultField { name, value }| FieldValue {
            name: name.to_owned(),
            value: value.to_owned(),
        });
        Self {
            fields: fields.to_vec(),
            place: ServerPlace::default(),
            source: SourceFlags::default(),
        }
    }

    /// Returns the value of a field; `None` if it has the server's default.
    pub fn get(&self, name: &str) -> Option<&str> {
        let field = self.fields.iter().find(|field| field.name == name);
        field.map(|field| field.value.as_str())
    }

    /// Sets a field; an empty value restores the server's default.
    pub fn set(&mut self, name: &str, value: String) {
        self.source.choose(name);
        self.fields.retain(|field| field.name != name);
        if !value.is_empty() {
            self.fields.push(FieldValue {
                name: name.to_owned(),
                value,
            });
        }
    }
}

/// Settings and the target to render them for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportRequest {
    /// Version to emulate.
    pub version: KubernetesVersion,
    /// Values of the form.
    pub settings: ExportSettings,
    /// The target.
    pub target: Target,
    /// The user's own manifest, for targets that patch it; empty if there is none.
    pub manifest: String,
}

/// The form and one target's document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportReport {
    /// Targets by group.
    pub targets: Vec<TargetGroup>,
    /// Sections of the form.
    pub sections: Vec<FormSection>,
    /// Findings that belong to no line of the document.
    pub findings: Vec<Diagnostic>,
    /// The document.
    pub document: ExportDocument,
}

/// A group of targets.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetGroup {
    /// Title of the group.
    pub title: String,
    /// Its targets.
    pub targets: Vec<TargetView>,
}

/// A target that settings can be exported for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TargetView {
    /// The target.
    pub target: Target,
    /// Title.
    pub title: String,
}

/// A section of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FormSection {
    /// Title of the section.
    pub title: String,
    /// Its fields.
    pub fields: Vec<FieldView>,
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
    pub severity: Option<Severity>,
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

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportDocument {
    /// The target.
    pub target: Target,
    /// Title, such as `Flags`, `Static pod` or `kubeadm v1beta4`.
    pub title: String,
    /// File name to save it under.
    pub file_name: String,
    /// Explains where to put it, in one or two sentences.
    pub note: String,
    /// The text.
    pub text: String,
    /// Findings about lines of the text.
    pub line_findings: Vec<LineFinding>,
    /// Result of patching the user's own manifest, if there is one and the target patches it.
    pub patched: Option<Patched>,
    /// Further files.
    pub files: Vec<ExportFile>,
    /// Steps to apply it.
    pub steps: Vec<String>,
    /// Steps to verify that it works.
    pub verify: Vec<String>,
    /// Steps to undo it.
    pub undo: Vec<String>,
}

/// A file that belongs to a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExportFile {
    /// Path on the node.
    pub path: String,
    /// Mode, such as `0600`.
    pub mode: String,
    /// Text of the file.
    pub text: String,
}

/// Result of patching the user's own manifest, which has become the document's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Patched {
    /// Changes in the format of `diff -u`; empty if there are none.
    Changed(String),
    /// It can't be patched. The document is the same as without a manifest.
    Rejected {
        /// Line of the manifest, counted from 1.
        line: Option<usize>,
        /// Reason.
        message: String,
        /// Remedy.
        help: String,
    },
}

/// Settings read from flags, a manifest or a kubeadm file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// Kind of text, in a few words.
    pub source: String,
    /// Fields that it sets; empty if it has no audit flag.
    pub fields: Vec<FieldValue>,
    /// Place of the server that reads it.
    pub place: ServerPlace,
    /// Its flags, and whether there may be others.
    pub flags: SourceFlags,
    /// Policy that it contains, if any.
    pub policy: Option<String>,
    /// `true` if it is a manifest that can be patched.
    pub is_manifest: bool,
    /// Findings in the order of their lines.
    pub findings: Vec<LineFinding>,
    /// Changes of an upgrade from the version that the text names to the selected one. `None` if it names none, or no older one.
    pub upgrade: Option<UpgradeView>,
}

/// Changes of an upgrade.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct UpgradeView {
    /// Version that the text names.
    pub from: KubernetesVersion,
    /// Selected version.
    pub to: KubernetesVersion,
    /// A finding for each change.
    pub changes: Vec<Diagnostic>,
    /// Sentence that nothing changes; empty if something does.
    pub nothing: String,
}
