//! CIS profiles of RKE2: what they set, and which versions have them.

use apiserver_config::platforms::{RKE2_LOG, RKE2_POLICY};
use audit_types::KubernetesVersion;

/// The way in which a configuration sets the policy by itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum OwnPolicy {
    /// The path in `audit-policy-file`, or in a field that corresponds to it.
    Path,
    /// The policy itself in `audit-policy-file`, which Rancher writes to a file.
    Text,
    /// An argument of kube-apiserver.
    Argument,
}

/// A CIS profile that a text names.
#[derive(Debug)]
pub(crate) struct CisProfile {
    pub(crate) name: String,
    /// First and last minor version that accepts the name.
    pub(crate) versions: (u8, u8),
    /// The way in which the policy is set, too.
    pub(crate) policy: Option<OwnPolicy>,
    /// The text names the policy's default path, such as a file that it writes.
    pub(crate) is_file_named: bool,
    pub(crate) line: usize,
}

impl CisProfile {
    /// Returns which versions have a profile of this name. `None` if this one does.
    pub(crate) fn unaccepted(&self, version: KubernetesVersion) -> Option<String> {
        let (since, until) = self.versions;
        if (since..=until).contains(&version.minor()) {
            return None;
        }
        Some(match (since, until) {
            (0, _) => format!("the name is of 1.{until} and older"),
            (_, u8::MAX) => format!("the name is of 1.{since} and newer"),
            _ => format!("the name is of 1.{since} to 1.{until}"),
        })
    }

    /// Returns the versions that reject an accepted name, as an addition to a message.
    pub(crate) fn until(&self, version: KubernetesVersion) -> &'static str {
        match (self.name.as_str(), version.minor()) {
            ("cis", 25..=28) => {
                "; 1.25 to 1.28 accept `cis` from v1.25.15, v1.26.10, v1.27.7 and v1.28.3 on"
            }
            ("cis", _) => "",
            ("cis-1.23", _) => "; 1.30 and newer do not start with `cis-1.23`, only with `cis`",
            _ => "; 1.25 and newer do not start with this profile, only with `cis`",
        }
    }

    /// Returns two texts: what the profile sets, and what RKE2 does if the policy file is missing.
    pub(crate) fn sets(&self) -> [String; 2] {
        let name = &self.name;
        let counts = match self.policy {
            Some(OwnPolicy::Path) => Some((
                "`audit-policy-file`",
                "if the file does not exist, RKE2 writes one with the level None, under which nothing is recorded",
            )),
            Some(OwnPolicy::Text) => Some((
                "`audit-policy-file`",
                "Rancher writes the text to a file and gives RKE2 its path, so the profile sets no policy",
            )),
            Some(OwnPolicy::Argument) => Some((
                "`kube-apiserver-arg`",
                "kube-apiserver uses the last one of several flags, and these arguments come after those of RKE2",
            )),
            None => None,
        };
        if let Some((field, help)) = counts {
            return [
                format!("with the profile `{name}`, RKE2 uses the policy of {field}"),
                help.to_owned(),
            ];
        }
        let file = if self.is_file_named {
            "RKE2 uses that file if it exists, and else creates one with the level None, under which nothing is recorded"
        } else {
            "unless you write that file, RKE2 creates it with the level None, under which nothing is recorded"
        };
        [
            format!(
                "the profile `{name}` sets the audit flags that are not set here: the policy `{RKE2_POLICY}`, and a log that is kept for 30 days and in 10 files of 100 MB"
            ),
            format!("{file}; the log is `{RKE2_LOG}`"),
        ]
    }
}
