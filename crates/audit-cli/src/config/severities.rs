//! Severities that the configuration gives to codes.

use std::collections::HashMap;

use audit_policy::{Diagnostic, Severity};

/// Severities by code. `None` turns a code off.
#[derive(Debug, Clone, Default)]
pub(crate) struct Severities(HashMap<&'static str, Option<Severity>>);

impl Severities {
    /// Sets the severity of a code.
    pub(super) fn set(&mut self, code: &'static str, severity: Option<Severity>) {
        self.0.insert(code, severity);
    }

    /// Changes the severity of a finding. Returns `false` if its code is off. An error stays: kube-apiserver does not start with it.
    pub(super) fn apply(&self, finding: &mut Diagnostic) -> bool {
        if finding.severity == Severity::Error {
            return true;
        }
        match self.0.get(&*finding.code) {
            None => true,
            Some(None) => false,
            Some(Some(severity)) => {
                finding.severity = *severity;
                true
            }
        }
    }
}
