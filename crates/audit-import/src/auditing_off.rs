//! Reports a text that sets nothing about auditing.

use audit_types::{Code, LineIndex, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::no_flags;
use crate::parsed_input::ParsedInput;
use crate::process::SERVER_FLAGS;
use crate::program::is_server_name;
use crate::recognize::Recognized;
use crate::shell_words::ShellWord;

/// Returns the finding about a text without audit flags. `None` if it has some, or if another finding already gives the reason.
pub(crate) fn check(
    found: &ParsedInput,
    text: &str,
    documents: Option<&Recognized>,
) -> Option<LineFinding> {
    // Without dashes or a value, it is a name, such as that of an object.
    let is_audit = |word: &str| {
        let bare = word.trim_start_matches('-').replace('_', "-");
        bare.starts_with("audit-") && (word.starts_with('-') || word.contains('='))
    };
    let has_flags = found.words.iter().any(|word| is_audit(&word.text))
        || !found.defaults.is_empty()
        || found.policy.is_some();
    let reasons = [
        ImportCode::UnreadableText.id(),
        // It names the setting.
        ImportCode::AuditingOff.id(),
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
    if is_instance_group(found, documents) {
        return Some(finding(
            ImportCode::UnreadableText,
            Severity::Info,
            1,
            "a kOps instance group has no settings of kube-apiserver",
            "they are in `spec.kubeAPIServer` of the Cluster: use both as one text, separated by a line `---`",
        ));
    }
    match remedy(found, text) {
        Some(help) => Some(finding(
            ImportCode::AuditingOff,
            Severity::Warning,
            1,
            "no audit flags here: auditing is off",
            help,
        )),
        None => unrelated(found, text, documents),
    }
}

/// Returns whether a text contains instance groups of kOps and no cluster.
fn is_instance_group(found: &ParsedInput, documents: Option<&Recognized>) -> bool {
    let of_kops = documents
        .into_iter()
        .flat_map(|documents| &documents.documents)
        .filter(|document| document.format == InputFormat::Kops);
    found.format == InputFormat::Kops
        && of_kops
            .clone()
            .all(|document| document.title != InputFormat::Kops.title())
        && of_kops.count() > 0
}

/// Returns whether a text starts a server, or has flags that only kube-apiserver has.
fn has_server(found: &ParsedInput, text: &str) -> bool {
    // In other commands, the flags say nothing about the server.
    let is_manifest = found.format != InputFormat::Flags;
    let lines = LineIndex::new(text);
    // The description of a systemd unit may name the server that another program is for.
    let is_described = |word: &ShellWord| {
        let line = lines.line_text(word.line).trim_start();
        line.starts_with("Description=") || line.starts_with("Documentation=")
    };
    let mut words = found.words.iter().filter(|word| !is_described(word));
    words.any(|word| {
        let flag = word.text.split('=').next().unwrap_or_default();
        is_server_name(&word.text)
            || matches!(flag, "minikube" | "k3s" | "k3d" | "--extra-config")
            || SERVER_FLAGS.contains(&flag)
            || (is_manifest && flag.starts_with("--"))
    })
}

/// Returns what to add to the configuration of a server, by its format. `None` if the text is not the configuration of a whole server.
fn remedy(found: &ParsedInput, text: &str) -> Option<&'static str> {
    match found.format {
        InputFormat::Manifest
        | InputFormat::PodList
        | InputFormat::Compose
        | InputFormat::Flags
            if has_server(found, text) =>
        {
            Some(
                "kube-apiserver records nothing: add `--audit-policy-file` with the path of a policy, and `--audit-log-path` with the path of the log",
            )
        }
        InputFormat::KubeadmV1beta3 | InputFormat::KubeadmV1beta4 | InputFormat::ClusterApi
            if found.has_all_mounts =>
        {
            Some(
                "kube-apiserver records nothing: add `audit-policy-file` and `audit-log-path` to `extraArgs` (the flags `--audit-policy-file` and `--audit-log-path`), and mount both with `extraVolumes`",
            )
        }
        InputFormat::Kind => Some(
            "kube-apiserver records nothing: add a kubeadm patch with `--audit-policy-file` and `--audit-log-path` as `extraArgs`, and mount both",
        ),
        InputFormat::K3s | InputFormat::Rke2 => Some(
            "kube-apiserver records nothing: add `audit-policy-file=…` and `audit-log-path=…` to `kube-apiserver-arg` (the flags `--audit-policy-file` and `--audit-log-path`)",
        ),
        InputFormat::KubeOne => Some(
            "kube-apiserver records nothing: enable `features.staticAuditLog`, which sets `--audit-policy-file` and `--audit-log-path`",
        ),
        InputFormat::Kubermatic => Some(
            "kube-apiserver records nothing unless the datacenter enforces audit logging: set `auditLogging.enabled: true` in `spec`, which sets `--audit-policy-file` and `--audit-log-path`",
        ),
        // A k3d file may mount the configuration of k3s, which sets the flags.
        InputFormat::K3d if text.contains("/etc/rancher/k3s") => None,
        InputFormat::Kops => Some(
            "kube-apiserver records nothing: set `auditPolicyFile` and `auditLogPath` in `spec.kubeAPIServer` (the flags `--audit-policy-file` and `--audit-log-path`)",
        ),
        InputFormat::Kubespray
        | InputFormat::Rke1
        | InputFormat::RancherCluster
        | InputFormat::Rke2ControlPlane
        | InputFormat::K3d
        | InputFormat::K0s
        | InputFormat::K0sctl => Some(
            "kube-apiserver records nothing: add the settings for `--audit-policy-file` and `--audit-log-path`; the export for this target writes them",
        ),
        _ => None,
    }
}

/// Returns the finding about a text of a known format in which nothing is about auditing.
fn unrelated(
    found: &ParsedInput,
    text: &str,
    documents: Option<&Recognized>,
) -> Option<LineFinding> {
    let has_own_mounts = found
        .mounts
        .iter()
        .any(|mount| !mount.name.starts_with("kubeadm:"))
        || found.volumes.len() > found.mounts.len();
    // An empty text is one that is being typed; a kubeconfig file has findings of its own.
    let is_silent = text.trim().is_empty() || found.format == InputFormat::Kubeconfig;
    if is_silent || has_own_mounts || !found.findings.is_empty() {
        return None;
    }
    let policy = documents.and_then(|documents| documents.policies().next());
    if let Some(inside) = policy {
        let (message, help) = no_flags::with_policy(inside);
        return Some(finding(
            ImportCode::UnreadableText,
            Severity::Info,
            1,
            message,
            help,
        ));
    }
    let message = match found.format {
        InputFormat::Flags => "this text contains no audit flags".to_owned(),
        format => format!(
            "this is {}, and nothing in it is about auditing",
            format.title()
        ),
    };
    Some(finding(
        ImportCode::UnreadableText,
        Severity::Info,
        1,
        message,
        "use the flags, manifest or configuration of kube-apiserver, in which `--audit-policy-file` and `--audit-log-path` are set",
    ))
}
