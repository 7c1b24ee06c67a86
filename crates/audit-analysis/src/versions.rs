//! The version of Kubernetes that a verdict came with.

use audit_policy::{KubernetesVersion, Matcher, load};

use crate::diff::Difference;

/// A policy as each of several versions loads it.
#[derive(Debug, Clone)]
pub struct PolicyVersions {
    /// Ascending, without the versions that reject it.
    matchers: Vec<(KubernetesVersion, Matcher)>,
}

impl PolicyVersions {
    /// Loads a policy as the versions after `old` do, up to `new`. None if `old` is not older.
    pub fn between(source: &[u8], old: KubernetesVersion, new: KubernetesVersion) -> Self {
        let mut versions: Vec<KubernetesVersion> = KubernetesVersion::all()
            .filter(|version| old < *version && *version <= new)
            .collect();
        versions.sort_unstable();
        let load = |version| Some((version, Matcher::new(&load(source, version).policy?)));
        Self {
            matchers: versions.into_iter().filter_map(load).collect(),
        }
    }

    /// Returns the first version that gives the witness of a difference the verdict after it. `None` if none does.
    pub fn first(&self, difference: &Difference) -> Option<KubernetesVersion> {
        let has_verdict = |(_, matcher): &&(KubernetesVersion, Matcher)| {
            matcher.evaluate(&difference.witness) == difference.after
        };
        self.matchers
            .iter()
            .find(has_verdict)
            .map(|(version, _)| *version)
    }
}
