//! A configuration as it was read.

use audit_policy::{Diagnostic, KubernetesVersion};

use super::file_settings::FileSettings;
use super::path_ignores::{IgnoreUses, PathIgnores};
use super::patterns;
use super::severities::Severities;
use crate::error::Result;
use crate::file_name::FileName;

/// The configuration of a call. The default is that of a call without the file.
#[derive(Debug, Default)]
pub(crate) struct Config {
    pub(super) source: Option<ConfigSource>,
    /// Version to emulate if the call names none.
    pub(crate) kubernetes_version: Option<KubernetesVersion>,
    /// Files, folders and patterns that `check` reads if the call names none.
    pub(crate) files: Vec<FileName>,
    /// Files and patterns that `test` reads if the call names none.
    pub(super) tests: Vec<FileName>,
    /// Packs of `report` if the call names none.
    pub(crate) packs: Vec<FileName>,
    pub(super) severities: Severities,
    pub(super) ignores: PathIgnores,
}

/// The file that a configuration was read from.
#[derive(Debug)]
pub(crate) struct ConfigSource {
    /// Its name.
    pub(crate) file: FileName,
    /// Its text.
    pub(crate) text: String,
}

impl Config {
    /// Returns the file that the configuration was read from. `None` if there is none.
    pub(crate) const fn source(&self) -> Option<&ConfigSource> {
        self.source.as_ref()
    }

    /// Returns the files of tests, in the order of their names where a pattern selects several.
    ///
    /// # Errors
    /// If a pattern is malformed, or no file matches it.
    pub(crate) fn tests(&self) -> Result<Vec<FileName>> {
        patterns::expand(&self.tests)
    }

    /// Returns how a file is checked.
    pub(crate) fn file_settings(
        &self,
        file: &FileName,
        version: KubernetesVersion,
    ) -> FileSettings<'_> {
        FileSettings::new(version, &self.severities, self.ignores.matching(file))
    }

    /// Returns findings about the ignores that take nothing away, although a file that they are about was checked.
    pub(crate) fn findings(&self, uses: &IgnoreUses) -> Vec<Diagnostic> {
        let mut findings = self.ignores.unused(uses);
        findings.retain_mut(|finding| self.severities.apply(finding));
        findings
    }
}
