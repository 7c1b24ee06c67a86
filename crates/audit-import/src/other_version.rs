//! Compares the version that a text names with the chosen one.

use std::collections::BTreeSet;

use apiserver_config::{KubernetesVersion, SettingCode, Settings, check};
use audit_types::excerpt::excerpt;
use audit_types::{Code, Diagnostic, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::image_version::NamedVersion;

/// Codes and messages of findings.
pub(crate) type Codes = BTreeSet<(String, String)>;

/// Settings of dynamic auditing as findings name them. Kubernetes 1.13 introduced them, and 1.19 removed them.
const DYNAMIC: [&str; 2] = ["`DynamicAuditing`", "--audit-dynamic-configuration"];

/// Minor versions with dynamic auditing.
const WITH_DYNAMIC: std::ops::RangeInclusive<u16> = 13..=18;

/// Replaces errors about settings of dynamic auditing in a text that names a version which has them: that server starts.
pub(crate) fn keep_dynamic(named: &NamedVersion, findings: &mut [Diagnostic]) {
    if named.major != 1 || !WITH_DYNAMIC.contains(&named.minor) {
        return;
    }
    for finding in findings {
        let name = DYNAMIC.iter().find(|name| finding.message.contains(*name));
        let Some(name) = name.filter(|_| finding.code == SettingCode::Unsupported.id()) else {
            continue;
        };
        let name = name.trim_matches('`');
        finding.severity = Severity::Warning;
        finding.message = format!("`{name}` is of 1.13 to 1.18, and the text names {named}");
        finding.help = "the server of that version starts with it, and one of 1.19 or newer does not: remove it before an upgrade".to_owned();
    }
}

/// Returns the finding about a text that names another version. `other` is that version, if it is a known one, with the findings of it; `ours` are those of
/// the chosen version.
pub(crate) fn check_version(
    named: &NamedVersion,
    version: KubernetesVersion,
    ours: &Codes,
    other: Option<(KubernetesVersion, Codes)>,
) -> Option<LineFinding> {
    if named.major == 1 && named.minor == u16::from(version.minor()) {
        return None;
    }
    let message = format!(
        "the text names Kubernetes {named} (`{}`), but findings are for {version}",
        excerpt(&named.text)
    );
    let Some((other, theirs)) = other else {
        let help = format!(
            "only {} to {} are known here: what is particular to {named} is not reported",
            KubernetesVersion::OLDEST,
            KubernetesVersion::NEWEST_SELECTABLE
        );
        return Some(finding(
            ImportCode::OtherVersion,
            Severity::Warning,
            named.line,
            message,
            help,
        ));
    };
    let differing: BTreeSet<&str> = ours
        .symmetric_difference(&theirs)
        .map(|(code, _)| code.as_str())
        .collect();
    let (severity, help) = if differing.is_empty() {
        let help = format!(
            "no finding depends on it; choose {other} (`--kubernetes-version {other}`) for the defaults of that version"
        );
        (Severity::Info, help)
    } else {
        let codes: Vec<&str> = differing.into_iter().collect();
        let help = format!(
            "{} {} on it: choose {other} (`--kubernetes-version {other}`)",
            codes.join(", "),
            if codes.len() == 1 {
                "depends"
            } else {
                "depend"
            }
        );
        (Severity::Warning, help)
    };
    Some(finding(
        ImportCode::OtherVersion,
        severity,
        named.line,
        message,
        help,
    ))
}

/// Returns codes and messages of all findings about a text and its settings.
pub(crate) fn codes(findings: &[Diagnostic], settings: &Settings) -> Codes {
    let of_settings = check(settings);
    let is_set = !settings.changed_flags().is_empty();
    let of_settings = of_settings.iter().filter(|finding| {
        is_set && (!settings.policy.is_empty() || finding.code != SettingCode::RejectedPolicy.id())
    });
    findings
        .iter()
        .chain(of_settings)
        .map(|finding| (finding.code.to_string(), finding.message.clone()))
        .collect()
}
