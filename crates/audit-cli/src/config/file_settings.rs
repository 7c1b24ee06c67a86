//! Settings for the check of one file.

use audit_policy::{Diagnostic, KubernetesVersion, Severity};

use super::ignored::IgnoredFinding;
use super::path_ignores::{IgnoreUses, Matching};
use super::severities::Severities;

/// The version, and what the configuration says about the findings of a file.
#[derive(Debug, Clone)]
pub(crate) struct FileSettings<'c> {
    /// Version to emulate.
    pub(crate) version: KubernetesVersion,
    severities: &'c Severities,
    ignores: Matching<'c>,
}

impl<'c> FileSettings<'c> {
    /// Creates the settings of a file.
    pub(super) const fn new(
        version: KubernetesVersion,
        severities: &'c Severities,
        ignores: Matching<'c>,
    ) -> Self {
        Self {
            version,
            severities,
            ignores,
        }
    }

    /// Takes away what the configuration ignores, and changes the severities of the others. Errors stay as they are. Returns what was taken away.
    pub(crate) fn apply(&self, findings: &mut Vec<Diagnostic>) -> Vec<IgnoredFinding> {
        let is_ignored = |finding: &mut Diagnostic| {
            finding.severity != Severity::Error && self.ignores.has(&finding.code)
        };
        let ignored = findings.extract_if(.., is_ignored);
        let ignored = ignored.filter_map(|finding| self.ignores.ignored(finding));
        let mut ignored: Vec<IgnoredFinding> = ignored.collect();
        // A code that is off is still ignored, so that the ignore counts as used.
        for one in &mut ignored {
            self.severities.apply(&mut one.finding);
        }
        findings.retain_mut(|finding| self.severities.apply(finding));
        ignored
    }

    /// Records that the file was checked, and what was taken away.
    pub(crate) fn record<'i>(
        &self,
        ignored: impl IntoIterator<Item = &'i IgnoredFinding>,
        uses: &mut IgnoreUses,
    ) {
        uses.add(&self.ignores, ignored);
    }
}
