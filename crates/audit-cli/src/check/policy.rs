//! Policies with their findings: files of their own, and policies inside other documents.

use audit_import::DocumentCode;
use audit_policy::{Diagnostic, KubernetesVersion, Loaded, Policy, Severity, Span, load};
use audit_types::Code;

use super::repaired::RepairedPolicy;
use crate::codes::names;
use crate::config::{FileSettings, IgnoredFinding};

/// Kind of a document in JSON: the configuration, about which there are findings as well.
pub(super) const CONFIG_KIND: &str = "configuration";

/// A policy as it is printed.
pub(super) struct PolicyReport<'a> {
    pub(super) loaded: &'a Loaded,
    pub(super) findings: &'a [Diagnostic],
    /// Findings that comments or the configuration take away.
    pub(super) ignored: &'a [IgnoredFinding],
    pub(super) is_accepted: bool,
    /// Line of each rule in the file, from 1. Empty if the file itself is the policy.
    pub(super) rule_lines: &'a [usize],
    /// Place of the policy in a document. `None` if the file itself is the policy.
    pub(super) place: Option<Place<'a>>,
    /// `None` if the policy does not look damaged.
    pub(super) repaired: Option<&'a RepairedPolicy>,
}

/// Place of a policy in another document.
pub(super) struct Place<'a> {
    /// Name of the document's format in JSON.
    pub(super) kind: &'static str,
    /// The document as messages have it.
    pub(super) title: &'a str,
    /// Path of the policy in the document. `None` if it contains none.
    pub(super) path: Option<&'a str>,
    /// `true` if it has to be rendered first.
    pub(super) is_template: bool,
    /// `true` if the server's verdict is not known: a template, or no policy at all.
    pub(super) is_undecided: bool,
}

impl<'a> PolicyReport<'a> {
    /// Creates the report about the configuration.
    pub(super) const fn of_config(findings: &'a [Diagnostic], nothing: &'a Loaded) -> Self {
        Self {
            loaded: nothing,
            findings,
            ignored: &[],
            is_accepted: false,
            rule_lines: &[],
            place: Some(Place {
                kind: CONFIG_KIND,
                title: CONFIG_KIND,
                path: None,
                is_template: false,
                is_undecided: true,
            }),
            repaired: None,
        }
    }
}

impl PolicyReport<'_> {
    /// Returns the highest severity of the findings and of the server's warning. `None` if there is nothing to report.
    pub(super) fn highest_severity(&self) -> Option<Severity> {
        let of_server = self.warning().map(|_| Severity::Warning);
        let of_findings = self.findings.iter().map(|finding| finding.severity);
        of_findings.chain(of_server).max()
    }

    /// Returns whether a finding has a severity or a higher one. `None` is reached by none.
    pub(super) fn reaches(&self, lowest: Option<Severity>) -> bool {
        lowest.is_some_and(|lowest| self.highest_severity() >= Some(lowest))
    }

    /// Returns whether the check succeeds: the server accepts the policy, or the file is another document or a template, and nothing in it is an error.
    pub(super) fn is_passed(&self) -> bool {
        (self.is_accepted || !self.is_decided()) && !self.has_errors()
    }

    /// Returns whether the settings of a document without a policy were checked: that it is not a policy is only a note then.
    pub(super) fn is_settings(&self) -> bool {
        self.findings.iter().any(|finding| {
            finding.code == DocumentCode::OtherDocument.id() && finding.severity == Severity::Info
        })
    }

    /// Returns whether a finding is an error, such as one of the document around the policy, or one that the configuration makes an error.
    fn has_errors(&self) -> bool {
        let is_error = |finding: &Diagnostic| finding.severity == Severity::Error;
        self.findings.iter().any(is_error)
    }

    /// Returns whether it is about the configuration instead of a policy.
    pub(super) fn is_config(&self) -> bool {
        let place = self.place.as_ref();
        place.is_some_and(|place| place.kind == CONFIG_KIND)
    }

    /// Returns the server's error.
    pub(super) fn error(&self) -> Option<&str> {
        self.loaded.error.as_deref().filter(|_| self.is_decided())
    }

    /// Returns the server's warning.
    pub(super) fn warning(&self) -> Option<&str> {
        self.loaded.warning.as_deref().filter(|_| self.is_decided())
    }

    /// Returns the policy as loaded.
    pub(super) fn policy(&self) -> Option<&Policy> {
        self.loaded.policy.as_ref().filter(|_| self.is_decided())
    }

    fn is_decided(&self) -> bool {
        self.place.as_ref().is_none_or(|place| !place.is_undecided)
    }
}

/// Sorts findings in the order of the text.
pub(super) fn in_order(findings: &mut [Diagnostic]) {
    findings.sort_by_key(|finding| {
        let start = finding.span().unwrap_or_default().start;
        (start, finding.code.clone())
    });
}

/// A loaded policy with all of its findings.
pub(super) struct CheckedPolicy {
    pub(super) loaded: Loaded,
    /// Findings of loading and of the lints, in the order of the text.
    pub(super) findings: Vec<Diagnostic>,
    /// Findings that comments or the configuration take away.
    pub(super) ignored: Vec<IgnoredFinding>,
    /// `None` if the policy does not look damaged, or was not searched for damage.
    pub(super) repaired: Option<RepairedPolicy>,
}

impl CheckedPolicy {
    /// Loads and lints a policy.
    pub(super) fn new(source: &[u8], settings: &FileSettings<'_>) -> Self {
        let version = settings.version;
        let loaded = load(source, version);
        let checked = audit_analysis::check(&loaded, version, &names());
        let mut findings = checked.findings;
        let mut ignored: Vec<IgnoredFinding> =
            checked.ignored.into_iter().map(Into::into).collect();
        ignored.extend(settings.apply(&mut findings));
        in_order(&mut findings);
        Self {
            loaded,
            findings,
            ignored,
            repaired: None,
        }
    }

    /// Searches for damage.
    pub(super) fn with_repair(mut self, version: KubernetesVersion) -> Self {
        let text = &self.loaded.text;
        self.repaired = RepairedPolicy::of(text, Span::new(0, text.len()), version);
        self
    }

    /// Returns whether the server accepts the policy.
    pub(super) fn is_accepted(&self) -> bool {
        self.loaded.policy.is_some()
    }

    /// Returns what is printed about the policy.
    pub(super) fn report(&self) -> PolicyReport<'_> {
        PolicyReport {
            loaded: &self.loaded,
            findings: &self.findings,
            ignored: &self.ignored,
            is_accepted: self.is_accepted(),
            rule_lines: &[],
            place: None,
            repaired: self.repaired.as_ref(),
        }
    }
}
