//! A file of tests.

use std::fmt;

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

/// Kubernetes versions that a pack was written for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct VersionRange {
    /// The oldest one. `None` if all older ones are.
    pub from: Option<KubernetesVersion>,
    /// The newest one. `None` if all newer ones are.
    pub to: Option<KubernetesVersion>,
}

impl VersionRange {
    /// Returns true if the version is one of them.
    pub fn contains(&self, version: KubernetesVersion) -> bool {
        self.from.is_none_or(|from| from <= version) && self.to.is_none_or(|to| version <= to)
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (self.from, self.to) {
            (Some(from), Some(to)) if from == to => write!(f, "Kubernetes {from}"),
            (Some(from), Some(to)) => write!(f, "Kubernetes {from} to {to}"),
            (Some(from), None) => write!(f, "Kubernetes {from} and later"),
            (None, Some(to)) => write!(f, "Kubernetes up to {to}"),
            (None, None) => f.write_str("every Kubernetes version"),
        }
    }
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
    /// Kubernetes versions that a pack was written for. `None` if it does not state them.
    pub kubernetes_versions: Option<Spanned<VersionRange>>,
    /// The settings that claims about flags are about.
    pub settings: Option<Spanned<SettingsSource>>,
    /// The cases: at least one.
    pub tests: Vec<Case>,
}

impl TestFile {
    /// Returns a note with its place if a pack was written for other versions: its claims may not be those of the standard for this version.
    ///
    /// ```
    /// use audit_policy::KubernetesVersion;
    /// use audit_tests::TestFile;
    ///
    /// let text = "
    /// kind: RequirementPack
    /// id: house
    /// kubernetesVersions: {from: '1.28', to: '1.30'}
    /// tests: [{id: H1, name: all, source: section 1, requests: {}, atLeast: Metadata}]
    /// ";
    /// let pack = TestFile::parse(text).unwrap();
    /// let note = pack.version_note(KubernetesVersion::NEWEST).unwrap();
    /// assert_eq!(note.value, "the pack was written for Kubernetes 1.28 to 1.30, not 1.36");
    /// assert_eq!(&text[note.span.start..note.span.end], "{from: '1.28', to: '1.30'}");
    /// ```
    pub fn version_note(&self, version: KubernetesVersion) -> Option<Spanned<String>> {
        let Spanned { value, span } = self.kubernetes_versions?;
        (!value.contains(version)).then(|| Spanned {
            value: format!("the pack was written for {value}, not {version}"),
            span,
        })
    }
}
