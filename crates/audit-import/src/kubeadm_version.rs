//! Finds the version of a kubeadm configuration, and what an upgrade to a kubeadm without that version means.

use apiserver_config::{SettingCode, flag_finding};
use audit_policy::KubernetesVersion;
use audit_types::{Diagnostic, Document, Severity, Span};

/// Versions of the configuration that kubeadm no longer reads, and the minor version that removed each. Sources: the release notes of the pull requests 101129 and 114540
/// of kubernetes/kubernetes.
const REMOVED: [(&str, u8); 2] = [
    ("kubeadm.k8s.io/v1beta1", 22),
    ("kubeadm.k8s.io/v1beta2", 27),
];

/// The first version in a text that a kubeadm removed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct RemovedVersion {
    name: &'static str,
    minor: u8,
    /// Place of the line that names it.
    span: Span,
}

impl RemovedVersion {
    /// Returns the finding about an upgrade from a kubeadm that reads the configuration to one that does not.
    pub(crate) fn change(
        &self,
        from: KubernetesVersion,
        to: KubernetesVersion,
    ) -> Option<Diagnostic> {
        let Self { name, minor, span } = self;
        let crosses = !from.at_least(*minor) && to.at_least(*minor);
        crosses.then(|| {
            flag_finding(
                SettingCode::RemovedByUpgrade,
                Severity::Error,
                "",
                format!("kubeadm 1.{minor} removed `{name}`: kubeadm {to} cannot read this configuration"),
                format!(
                    "before the upgrade, convert the file with `kubeadm config migrate` of 1.{}, the last version that reads it",
                    minor - 1
                ),
            )
            .labeled(Document::Manifest, *span)
        })
    }
}

/// Finds the first `apiVersion` of a text that a kubeadm removed.
pub(crate) fn find(text: &str) -> Option<RemovedVersion> {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let content = line.trim();
        let margin = line.len() - line.trim_start().len();
        let value = content
            .trim_start_matches(['-', ' ', '{', '"'])
            .strip_prefix("apiVersion")
            .and_then(|rest| rest.trim_start_matches('"').trim_start().strip_prefix(':'));
        let words = value.map(|value| {
            let is_end = |c: char| c.is_whitespace() || "\"',{}#".contains(c);
            value.split(is_end).find(|word| !word.is_empty())
        });
        let known = words.flatten().and_then(|word| {
            let mut removed = REMOVED.iter();
            removed.find(|(name, _)| *name == word)
        });
        if let Some((name, minor)) = known {
            return Some(RemovedVersion {
                name,
                minor: *minor,
                span: Span::new(start + margin, start + margin + content.len()),
            });
        }
        start += line.len();
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_removed_version_is_found_in_its_field() {
        for (text, expected) in [
            ("apiVersion: kubeadm.k8s.io/v1beta2\n", Some((27, 0, 34))),
            (
                "a: b\n  apiVersion: kubeadm.k8s.io/v1beta1 # old\n",
                Some((22, 7, 47)),
            ),
            (
                "{\"apiVersion\": \"kubeadm.k8s.io/v1beta2\", \"kind\": 1}",
                Some((27, 0, 51)),
            ),
            ("apiVersion: kubeadm.k8s.io/v1beta3\n", None),
            ("# apiVersion: kubeadm.k8s.io/v1beta2\n", None),
            ("note: kubeadm.k8s.io/v1beta2\n", None),
        ] {
            let found = find(text).map(|found| (found.minor, found.span.start, found.span.end));
            assert_eq!(found, expected, "{text}");
        }
    }
}
