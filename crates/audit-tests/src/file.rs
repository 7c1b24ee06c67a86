//! A file of tests.

use audit_policy::KubernetesVersion;
use audit_types::Span;
use kube_yaml::de::Spanned;

use crate::case::Case;

/// Kind of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum FileKind {
    /// Tests of one policy.
    #[default]
    PolicyTests,
    /// Claims about any policy, each with its source, such as those of a standard.
    RequirementPack,
}

/// The policy that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum PolicySource {
    /// Path of a file, relative to that of the tests.
    Path(String),
    /// The policy itself.
    Inline {
        /// YAML or JSON.
        text: String,
        /// Places of its rules in the file of the tests. Empty if the policy is a text in a text.
        rules: Vec<Span>,
    },
}

/// The settings of kube-apiserver that a file names.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum SettingsSource {
    /// Path of a file with flags, or a manifest, relative to that of the tests.
    Path(String),
    /// Flags by name, without `--`.
    Flags(Vec<(String, String)>),
}

/// A file of tests, or a pack of requirements.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct TestFile {
    /// Kind of the file.
    pub kind: FileKind,
    /// Short name of a pack.
    pub id: Option<String>,
    /// Title, for people.
    pub title: Option<String>,
    /// Source of the claims, such as a document and its version.
    pub source: Option<String>,
    /// The policy. `None` if it is given when the tests are run.
    pub policy: Option<Spanned<PolicySource>>,
    /// Kubernetes version to emulate. `None` if it is given when the tests are run.
    pub kubernetes_version: Option<Spanned<KubernetesVersion>>,
    /// The settings that claims about flags are about.
    pub settings: Option<Spanned<SettingsSource>>,
    /// The cases: at least one.
    pub tests: Vec<Case>,
}
