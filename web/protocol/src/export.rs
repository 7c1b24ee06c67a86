//! The export: settings in, a target's document out, and what others wrote back into settings.

use serde::{Deserialize, Serialize};

/// The fields that the form starts with: the paths and the retention of `apiserver_config::Settings`, with rotated files compressed. A test of the
/// worker keeps them the same.
pub const USUAL_FIELDS: [(&str, &str); 6] = [
    ("audit-policy-file", "/etc/kubernetes/audit/policy.yaml"),
    ("audit-log-path", "/var/log/kubernetes/audit/audit.log"),
    ("audit-log-maxage", "30"),
    ("audit-log-maxbackup", "10"),
    ("audit-log-maxsize", "100"),
    ("audit-log-compress", "true"),
];

/// What is exported: flags for a version.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportSettings {
    /// `1.36`
    pub version: String,
    /// Fields of the form by name, as they were typed; one that is absent has the server's default.
    pub fields: Vec<(String, String)>,
}

impl ExportSettings {
    /// What was typed into a field.
    pub fn typed(&self, name: &str) -> Option<&str> {
        let typed = self.fields.iter().find(|(other, _)| other == name);
        typed.map(|(_, value)| value.as_str())
    }

    /// Fills a field; an empty one goes back to the server's default.
    pub fn fill(&mut self, name: &str, value: String) {
        self.fields.retain(|(other, _)| other != name);
        if !value.is_empty() {
            self.fields.push((name.to_owned(), value));
        }
    }
}

/// A question about an export.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportAsk {
    /// What is exported.
    pub settings: ExportSettings,
    /// The target's name; an unknown one is the first.
    pub target: String,
    /// The reader's own manifest, for targets that put the settings into it; empty for none.
    pub manifest: String,
}

/// The form and one target's document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportReport {
    /// Every target: a group's title, then name and title of each.
    pub targets: Vec<(String, Vec<(String, String)>)>,
    /// The form: a section's title and its fields, the first section first.
    pub sections: Vec<(String, Vec<FieldView>)>,
    /// What concerns no line of the document.
    pub remarks: Vec<Remark>,
    /// The document.
    pub document: ExportDocument,
}

/// A field of the form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldView {
    /// The flag's name without dashes, or another name that [`ExportSettings::fields`] takes.
    pub name: String,
    /// A few words.
    pub label: String,
    /// What it is filled with.
    pub kind: FieldKind,
    /// The unit of a number; empty for none.
    pub unit: String,
    /// What the server has without the flag.
    pub default: String,
    /// Why what was typed cannot be read: the server's words.
    pub fault: Option<String>,
    /// The weightiest of what there is to say about it elsewhere.
    pub severity: Option<Weight>,
}

impl FieldView {
    /// Whether a flag of the server holds it.
    pub fn is_flag(&self) -> bool {
        self.name.starts_with("audit-")
    }
}

/// What a field is filled with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum FieldKind {
    /// A text in one line.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Switch,
    /// One of these.
    Choice(Vec<String>),
}

/// How much a remark matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Weight {
    /// Worth knowing.
    Note,
    /// Something is probably not as meant.
    Warning,
    /// The server does not start.
    Error,
}

/// A sentence about the settings, or about a text that was read.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Remark {
    /// `AE010`
    pub code: String,
    /// How much it matters.
    pub weight: Weight,
    /// What is so.
    pub message: String,
    /// What to do, or what follows.
    pub help: String,
}

/// One document.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ExportDocument {
    /// The target's name.
    pub target: String,
    /// What it is for: `Flags`, `Static pod`, `kubeadm v1beta4`.
    pub title: String,
    /// The name to save it under.
    pub file_name: String,
    /// What goes where, in one or two sentences.
    pub note: String,
    /// The text.
    pub text: String,
    /// What concerns lines of the text, from 1.
    pub marks: Vec<(usize, Remark)>,
    /// The reader's own manifest, where there is one and the target takes it.
    pub patched: Option<Patched>,
    /// Files that belong beside it: path, mode and text.
    pub files: Vec<(String, String, String)>,
    /// What goes where, step by step.
    pub steps: Vec<String>,
    /// How to see that it works.
    pub verify: Vec<String>,
    /// How to go back.
    pub undo: Vec<String>,
}

/// The reader's own manifest, which has become the document's text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Patched {
    /// What changed in it, as `diff -u` prints it; empty where nothing did.
    Done(String),
    /// Why the settings cannot be put into it: line, message, help. The text is what it is without it.
    Refused(Option<usize>, String, String),
}

/// What was read out of flags, a manifest or a kubeadm file.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ImportReport {
    /// What the text turned out to be, in a few words.
    pub source: String,
    /// The fields that it fills; empty where it has no flag of auditing.
    pub fields: Vec<(String, String)>,
    /// The policy within it, where there is one.
    pub policy: Option<String>,
    /// Whether it is a manifest that settings can be put into.
    pub is_manifest: bool,
    /// What there is to say about it, each with its line from 1, in order.
    pub remarks: Vec<(usize, Remark)>,
}
