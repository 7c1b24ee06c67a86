//! Findings of texts that are imported.

#![allow(clippy::unwrap_used)]

use apiserver_config::KubernetesVersion;
use audit_import::import;

/// The version that texts are read for.
pub const NEWEST: KubernetesVersion = KubernetesVersion::NEWEST;

/// Codes of the findings with their lines, in the order of the text.
pub fn codes(text: &str) -> Vec<(String, usize)> {
    let lines = audit_types::LineIndex::new(text);
    let findings = import(text, NEWEST).findings;
    let place = |finding: &audit_types::Diagnostic| {
        let span = finding.span().unwrap();
        (finding.code.to_string(), lines.position(span.start).line)
    };
    findings.iter().map(place).collect()
}

/// Returns true if a text has a finding with this code.
pub fn has(text: &str, code: &str) -> bool {
    codes(text).iter().any(|(found, _)| found == code)
}

/// Messages and help of all findings.
pub fn words(text: &str) -> String {
    let findings = import(text, NEWEST).findings;
    findings
        .iter()
        .map(|finding| format!("{}\n{}\n", finding.message, finding.help))
        .collect()
}
