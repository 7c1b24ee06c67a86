//! Policies, their findings, and applied fixes.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "not every test uses all of it"
)]

use audit_policy::{Diagnostic, Fix, KubernetesVersion, lint, load};

pub const HEAD: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\n";

pub fn all_at(text: &str, minor: u8) -> Vec<Diagnostic> {
    let version = KubernetesVersion::from_minor(minor).unwrap();
    let loaded = load(text.as_bytes(), version);
    let mut findings = loaded.findings.clone();
    findings.extend(lint(&loaded, version));
    findings
}

pub fn all(text: &str) -> Vec<Diagnostic> {
    all_at(text, 36)
}

/// Rules under the usual head, with `RequestReceived` omitted.
pub fn policy(rules: &str) -> String {
    format!("{HEAD}omitStages: [RequestReceived]\nrules:\n{rules}")
}

pub fn of<'f>(findings: &'f [Diagnostic], code: &str) -> Vec<&'f Diagnostic> {
    findings
        .iter()
        .filter(|finding| finding.code == code)
        .collect()
}

pub fn applied(text: &str, fix: &Fix) -> String {
    let mut text = text.to_owned();
    for edit in fix.edits.iter().rev() {
        text.replace_range(edit.span.start..edit.span.end, &edit.text);
    }
    text
}
