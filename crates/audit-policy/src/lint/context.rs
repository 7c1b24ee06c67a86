//! State shared by the lints.

use std::collections::HashSet;

use audit_types::KubernetesVersion;

use super::report::LintDiagnostics;
use crate::load::Loaded;
use crate::policy::Policy;
use crate::vocabulary::ApiVocabulary;

/// State shared by the lints.
pub(super) struct Lint<'a> {
    pub(super) policy: &'a Policy,
    pub(super) version: KubernetesVersion,
    pub(super) vocabulary: ApiVocabulary,
    /// Groups without resources that were reported.
    pub(super) reported_groups: HashSet<String>,
    pub(super) report: LintDiagnostics<'a>,
}

impl<'a> Lint<'a> {
    /// Creates the state for an accepted policy.
    pub(super) fn new(loaded: &'a Loaded, policy: &'a Policy, version: KubernetesVersion) -> Self {
        Self {
            policy,
            version,
            vocabulary: ApiVocabulary::new(version),
            reported_groups: HashSet::new(),
            report: LintDiagnostics::new(loaded),
        }
    }
}
