//! Reports a text that sets nothing about auditing.

use audit_types::{Code, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::parsed_input::ParsedInput;

/// Returns the finding about a text without audit flags. `None` if it has some, or if another finding already gives the reason.
pub(crate) fn check(found: &ParsedInput, text: &str) -> Option<LineFinding> {
    let is_audit = |word: &str| {
        let bare = word.trim_start_matches('-').replace('_', "-");
        bare.starts_with("audit-")
    };
    let has_flags = found.words.iter().any(|word| is_audit(&word.text))
        || !found.defaults.is_empty()
        || found.policy.is_some();
    let reasons = [
        ImportCode::UnreadableText.id(),
        ImportCode::FlagForShell.id(),
        ImportCode::UncertainScript.id(),
    ];
    let has_reason = found
        .findings
        .iter()
        .any(|finding| reasons.contains(&finding.code) || finding.severity == Severity::Error);
    if has_flags || has_reason {
        return None;
    }
    let off = |help: &str| {
        let message = "no audit flags here: auditing is off";
        Some(finding(
            ImportCode::AuditingOff,
            Severity::Warning,
            1,
            message,
            help,
        ))
    };
    let has_server = found
        .words
        .iter()
        .any(|word| word.text.starts_with("--") || crate::program::is_server_name(&word.text));
    match found.format {
        InputFormat::Manifest | InputFormat::PodList | InputFormat::Flags if has_server => off(
            "kube-apiserver records nothing: add `--audit-policy-file` with the path of a policy, and `--audit-log-path` with the path of the log",
        ),
        InputFormat::KubeadmV1beta3 | InputFormat::KubeadmV1beta4 | InputFormat::ClusterApi
            if found.has_all_mounts =>
        {
            off(
                "kube-apiserver records nothing: add `audit-policy-file` and `audit-log-path` to `extraArgs` (the flags `--audit-policy-file` and `--audit-log-path`), and mount both with `extraVolumes`",
            )
        }
        InputFormat::Kind => off(
            "kube-apiserver records nothing: add a kubeadm patch with `--audit-policy-file` and `--audit-log-path` as `extraArgs`, and mount both",
        ),
        InputFormat::K3s | InputFormat::Rke2 => off(
            "kube-apiserver records nothing: add `audit-policy-file=…` and `audit-log-path=…` to `kube-apiserver-arg` (the flags `--audit-policy-file` and `--audit-log-path`)",
        ),
        InputFormat::Kops | InputFormat::K3d | InputFormat::K0s | InputFormat::K0sctl => off(
            "kube-apiserver records nothing: add the settings for `--audit-policy-file` and `--audit-log-path`; the export for this target writes them",
        ),
        // A text that is being typed.
        _ if text.trim().is_empty() => None,
        InputFormat::Kubeconfig => None,
        format
            if found.findings.is_empty()
                && found
                    .mounts
                    .iter()
                    .all(|mount| mount.name.starts_with("kubeadm:"))
                && found.volumes.len() <= found.mounts.len() =>
        {
            Some(finding(
                ImportCode::UnreadableText,
                Severity::Info,
                1,
                format!(
                    "this is {}, and nothing in it is about auditing",
                    format.title()
                ),
                "paste the flags, manifest or configuration of kube-apiserver, in which `--audit-policy-file` and `--audit-log-path` are set",
            ))
        }
        _ => None,
    }
}
