//! Findings about the configuration: ignores that take nothing away.

use audit_policy::{Diagnostic, LineIndex, Loaded, Severity};

use super::policy::PolicyReport;
use super::report::{FileReport, Reporter};
use crate::config::{Config, ConfigSource, IgnoreUses};
use crate::error::Result;
use crate::formats::Target;

/// Findings about the configuration of a call.
pub(super) struct ConfigReport<'c> {
    source: &'c ConfigSource,
    findings: Vec<Diagnostic>,
    nothing: Loaded,
}

impl<'c> ConfigReport<'c> {
    /// Creates the report once all files were checked. `None` if there is nothing to report.
    pub(super) fn new(config: &'c Config, uses: &IgnoreUses) -> Option<Self> {
        let source = config.source()?;
        let findings = config.findings(uses);
        (!findings.is_empty()).then(|| Self {
            source,
            findings,
            nothing: Loaded::default(),
        })
    }

    fn report(&self) -> PolicyReport<'_> {
        PolicyReport::of_config(&self.findings, &self.nothing)
    }

    /// Prints the findings in one format.
    pub(super) fn print(
        &self,
        reporter: &mut dyn Reporter,
        fail_on: Option<Severity>,
        target: &mut Target,
    ) -> Result {
        let report = FileReport {
            file: &self.source.file,
            lines: &LineIndex::new(&self.source.text),
            policies: &[self.report()],
            fail_on,
        };
        reporter.file(&report, target)
    }

    /// Returns whether the call fails because of a finding.
    pub(super) fn fails(&self, fail_on: Option<Severity>) -> bool {
        let report = self.report();
        !report.is_passed() || report.reaches(fail_on)
    }
}
