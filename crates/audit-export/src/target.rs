//! The shapes that settings are exported in, and what to do with each.

use crate::manifest;
use crate::quote;
use crate::settings::Settings;

/// A shape of export.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Target {
    /// The policy file itself.
    Policy,
    /// Flags, one a line.
    Flags,
    /// Flags as items of a YAML list.
    Args,
    /// What to add to the manifest of kube-apiserver's static pod.
    StaticPod,
    /// A kubeadm ClusterConfiguration of version v1beta4 (kubeadm 1.31 and newer).
    KubeadmV1beta4,
}

impl Target {
    /// Every target, in the order of the tabs.
    pub const ALL: [Self; 5] = [
        Self::Policy,
        Self::Flags,
        Self::Args,
        Self::StaticPod,
        Self::KubeadmV1beta4,
    ];

    /// The name on the command line.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Policy => "policy",
            Self::Flags => "flags",
            Self::Args => "args",
            Self::StaticPod => "static-pod",
            Self::KubeadmV1beta4 => "kubeadm-v1beta4",
        }
    }

    /// The target of that name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|target| target.name() == name)
    }

    /// A few words for people.
    pub const fn title(self) -> &'static str {
        match self {
            Self::Policy => "Policy file",
            Self::Flags => "Flags",
            Self::Args => "Flags as YAML",
            Self::StaticPod => "Static pod",
            Self::KubeadmV1beta4 => "kubeadm v1beta4",
        }
    }
}

/// A text to copy or save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A few words: the tab.
    pub title: String,
    /// The name to save it under.
    pub file_name: String,
    /// What goes where, and how to see that it works: a few sentences, paths and commands in backticks.
    pub note: String,
    /// The text, with a final line end.
    pub text: String,
}

/// Writes the settings in one shape. Settings that [`crate::check`] finds fault with are written all the same, correctly quoted.
pub fn render(settings: &Settings, target: Target) -> Document {
    let text = match target {
        Target::Policy => settings.policy.clone(),
        Target::Flags => settings
            .flags()
            .iter()
            .map(|flag| quote::shell(&flag.argument()) + "\n")
            .collect(),
        Target::Args => manifest::arguments(settings, ""),
        Target::StaticPod => manifest::static_pod(settings),
        Target::KubeadmV1beta4 => manifest::kubeadm_v1beta4(settings),
    };
    Document {
        title: target.title().to_owned(),
        file_name: file_name(settings, target),
        note: note(settings, target),
        text: end_line(text),
    }
}

fn file_name(settings: &Settings, target: Target) -> String {
    let fixed = match target {
        Target::Policy => {
            let last = settings.policy_path.rsplit('/').next().unwrap_or_default();
            let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
            if last.starts_with(|c: char| c.is_ascii_alphanumeric()) && last.chars().all(safe) {
                return last.to_owned();
            }
            "audit-policy.yaml"
        }
        Target::Flags => "kube-apiserver-audit.flags",
        Target::Args => "kube-apiserver-audit-args.yaml",
        Target::StaticPod => "kube-apiserver-audit-snippet.yaml",
        Target::KubeadmV1beta4 => "kubeadm-audit.yaml",
    };
    fixed.to_owned()
}

/// What shows that a server audits.
const VERIFY: &str = "To verify: `kubectl get --raw /metrics | grep apiserver_audit_` shows `apiserver_audit_event_total` rising, and \
                      `apiserver_audit_error_total` not.";

fn note(settings: &Settings, target: Target) -> String {
    let policy = one_line(&settings.policy_path);
    let appears = if settings.log.is_stdout() {
        "Events appear in the server's own output: `kubectl -n kube-system logs` of its pod."
            .to_owned()
    } else {
        format!(
            "Events appear in `{}` on each node.",
            one_line(&settings.log.path)
        )
    };
    match target {
        Target::Policy => format!(
            "Save this as `{policy}` on every control-plane node before the server gets its flags. The server reads the file only when it \
             starts: after an edit, restart it."
        ),
        Target::Flags => format!(
            "Add these to the command of kube-apiserver on every control-plane node; they are quoted as a shell reads them. Flags that \
             equal the defaults of {} are left out. {appears} {VERIFY}",
            settings.version
        ),
        Target::Args => format!(
            "Add these to the list of arguments of kube-apiserver on every control-plane node. In a pod, the policy file and the log's \
             directory must be mounted as well: see the static pod. {VERIFY}"
        ),
        Target::StaticPod => format!(
            "Add each list's items to `/etc/kubernetes/manifests/kube-apiserver.yaml` on every control-plane node, one node after the other. \
             The policy must lie at `{policy}` first: without it the pod does not start. Keep a copy of the manifest outside that directory, \
             in which the kubelet takes every file for a pod. {appears} {VERIFY}"
        ),
        Target::KubeadmV1beta4 => {
            let age = if settings.version.at_least(31) {
                ""
            } else {
                " This version's kubeadm does not know v1beta4, which came with 1.31: before, `extraArgs` is a map of name to value."
            };
            format!(
                "For a new cluster: `kubeadm init --config`. For one that runs: merge it into `ClusterConfiguration` of the ConfigMap \
                 `kubeadm-config` in `kube-system`, so that upgrades keep it, and run `kubeadm init phase control-plane apiserver --config` \
                 with the merged file on every control-plane node. The policy must lie at `{policy}` on each node first.{age} {appears} {VERIFY}"
            )
        }
    }
}

/// A path within a sentence: without line breaks and backticks.
fn one_line(path: &str) -> String {
    path.chars()
        .map(|c| {
            if c.is_control() || c == '`' {
                '\u{fffd}'
            } else {
                c
            }
        })
        .collect()
}

fn end_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}
