//! Checks arguments of `minikube start`, which pass flags to kube-apiserver: `--extra-config=apiserver.NAME=VALUE`.
//!
//! minikube starts kube-apiserver with kubeadm, which mounts certificates only; `extraVolumes` cannot be set. Its documentation (Tutorials, "Audit Policy")
//! therefore puts the policy into `/etc/ssl/certs`, where minikube copies what is below `~/.minikube/files`.

use apiserver_config::paths::components;
use apiserver_config::platforms::{KUBEADM_DIRECTORIES, MINIKUBE_CERTIFICATES};
use apiserver_config::{SettingCode, Settings, placeholder};
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};
use crate::shell_words::ShellWord;

/// Keys of localkube, minikube's own server before it used kubeadm, and the flags of today.
const OLD_KEYS: [(&str, &str); 9] = [
    ("Audit.PolicyFile", "audit-policy-file"),
    ("Audit.LogOptions.Path", "audit-log-path"),
    ("Audit.LogOptions.MaxAge", "audit-log-maxage"),
    ("Audit.LogOptions.MaxBackups", "audit-log-maxbackup"),
    ("Audit.LogOptions.MaxSize", "audit-log-maxsize"),
    ("Audit.LogOptions.Format", "audit-log-format"),
    (
        "Audit.WebhookOptions.ConfigFile",
        "audit-webhook-config-file",
    ),
    ("Audit.WebhookOptions.Mode", "audit-webhook-mode"),
    ("Audit.WebhookOptions.Batch", "audit-webhook-mode"),
];

/// Components whose arguments minikube passes on.
const COMPONENTS: [&str; 8] = [
    "apiserver",
    "controller-manager",
    "etcd",
    "kubeadm",
    "kubelet",
    "kube-proxy",
    "proxy",
    "scheduler",
];

/// Starts of keys about auditing in a configuration of minikube.
const KEYS: [&str; 2] = ["apiserver.audit-", "apiserver.Audit."];

/// Maximum number of fields and options of a configuration that are read.
const MAX_OPTIONS: usize = 1_000;

/// Returns whether a text passes arguments as minikube does.
pub(crate) fn is_minikube(text: &str) -> bool {
    text.contains("--extra-config")
        || text.lines().any(|line| {
            let line = line.trim_start_matches([' ', '\t', '-', '"', '\'']);
            KEYS.iter().any(|key| line.starts_with(key))
        })
}

/// Returns whether a document is a configuration of minikube: it has options of a component, by dotted keys or as minikube saves them.
pub(crate) fn is_configuration(root: Node<'_>) -> bool {
    let mut fields = root.fields().take(MAX_OPTIONS);
    fields.any(|field| {
        field.name == "extra-config" || KEYS.iter().any(|key| field.name.starts_with(key))
    }) || saved_options(root).is_some()
}

/// Returns the options of a profile's `config.json`.
fn saved_options(root: Node<'_>) -> Option<Node<'_>> {
    root.at_path(&["KubernetesConfig", "ExtraOptions"])
}

/// Reads the options of kube-apiserver in a configuration.
pub(crate) fn read(root: Node<'_>, lines: &Lines<'_>) -> ParsedInput {
    let mut found = ParsedInput::new(InputFormat::Minikube);
    for field in root.fields().take(MAX_OPTIONS) {
        if let Some(name) = field.name.strip_prefix("apiserver.") {
            found.argument(name, scalar(field.value), lines.at(field.key));
        }
    }
    for value in root.get("extra-config").into_iter() {
        let own = Some(value).filter(|value| value.kind() == Kind::Text);
        for item in value.items().chain(own).take(MAX_OPTIONS) {
            for option in scalar(item).split_whitespace() {
                if let Some((name, value)) = option
                    .strip_prefix("apiserver.")
                    .and_then(|option| option.split_once('='))
                {
                    found.argument(name, value, lines.of(item));
                }
            }
        }
    }
    let saved = saved_options(root).into_iter().flat_map(Node::items);
    for option in saved.take(MAX_OPTIONS) {
        let text = |name: &str| option.get(name).map(scalar).unwrap_or_default();
        if text("Component") == "apiserver" {
            found.argument(text("Key"), text("Value"), lines.of(option));
        }
    }
    found
}

/// Reads old keys as the flags that took their place, and reports them.
pub(crate) fn old_keys(words: &mut [ShellWord]) -> Vec<LineFinding> {
    let mut findings = Vec::new();
    for word in words {
        let Some((key, value)) = word
            .text
            .strip_prefix("--")
            .and_then(|text| text.split_once('='))
        else {
            continue;
        };
        let is_old = key
            .get(..6)
            .is_some_and(|start| start.eq_ignore_ascii_case("audit."));
        if !is_old {
            continue;
        }
        let known = OLD_KEYS
            .iter()
            .find(|(old, _)| old.eq_ignore_ascii_case(key));
        let key = excerpt(key);
        let help = match known {
            Some((_, flag)) => format!(
                "minikube passes it on as `--{key}`, with which kube-apiserver does not start: use `--extra-config=apiserver.{flag}=…`; it is read that way here"
            ),
            None => format!(
                "minikube passes it on as `--{key}`, with which kube-apiserver does not start: use the name of a flag, such as `apiserver.audit-log-path`"
            ),
        };
        findings.push(finding(
            ImportCode::OldMinikubeKey,
            Severity::Error,
            word.line,
            format!("`apiserver.{key}` is a key of localkube, which minikube no longer has"),
            help,
        ));
        if let Some((_, flag)) = known {
            word.text = format!("--{flag}={value}");
        }
    }
    findings
}

/// Reports arguments for a component that minikube does not know.
pub(crate) fn components_of(words: &[ShellWord]) -> Vec<LineFinding> {
    let mut findings = Vec::new();
    for word in words {
        let Some(value) = word.text.strip_prefix("--extra-config=") else {
            continue;
        };
        let component = value.split(['.', '=']).next().unwrap_or_default();
        if !value.contains("audit") || (COMPONENTS.contains(&component) && component != "kubeadm") {
            continue;
        }
        let message = format!(
            "`{}` is not passed to kube-apiserver by minikube",
            excerpt(value)
        );
        findings.push(finding(
            ImportCode::OldMinikubeKey,
            Severity::Error,
            word.line,
            message,
            "add the prefix `apiserver.`: `--extra-config=apiserver.audit-log-path=-`",
        ));
    }
    findings
}

/// Reports files that minikube does not mount into the server.
pub(crate) fn mounts(settings: &Settings, words: &[ShellWord]) -> Vec<LineFinding> {
    let line = |flag: &str| {
        let start = format!("--{flag}");
        let word = words.iter().rfind(|word| word.text.starts_with(&start));
        word.map_or(1, |word| word.line)
    };
    let mut findings = Vec::new();
    for (what, flag, path) in [
        ("policy", "audit-policy-file", &settings.policy_path),
        (
            "webhook's configuration",
            "audit-webhook-config-file",
            &settings.webhook.config_path,
        ),
    ] {
        if path.is_empty() || is_mounted(path) || placeholder(path).is_some() {
            continue;
        }
        let name = components(path)
            .last()
            .copied()
            .unwrap_or("policy.yaml")
            .to_owned();
        let name = excerpt(&name);
        findings.push(finding(
            SettingCode::OutsideMounts,
            Severity::Error,
            line(flag),
            format!("minikube does not mount the {what} `{}` into kube-apiserver", excerpt(path)),
            format!(
                "the server does not start: save it as `~/.minikube/files/etc/ssl/certs/{name}` and set `--extra-config=apiserver.{flag}=/etc/ssl/certs/{name}`"
            ),
        ));
    }
    let log = &settings.log;
    if log.is_file() && placeholder(&log.path).is_none() {
        let (severity, help) = if is_mounted(&log.path) {
            (
                Severity::Error,
                "the mount is read-only, so the server cannot create the log: use `--extra-config=apiserver.audit-log-path=-`, and `kubectl logs` shows it",
            )
        } else {
            (
                Severity::Warning,
                "the log stays in the container and is lost with it: use `--extra-config=apiserver.audit-log-path=-`, and `kubectl logs` shows it",
            )
        };
        findings.push(finding(
            SettingCode::OutsideMounts,
            severity,
            line("audit-log-path"),
            format!(
                "minikube mounts no directory for the log `{}`",
                excerpt(&log.path)
            ),
            help,
        ));
    }
    findings
}

/// Returns whether a path is in a directory that kubeadm mounts in minikube, all of them read-only.
fn is_mounted(path: &str) -> bool {
    let path = components(path);
    let certificates = KUBEADM_DIRECTORIES
        .iter()
        .filter(|known| !known.starts_with("/etc/kubernetes/"));
    certificates
        .chain([&MINIKUBE_CERTIFICATES])
        .any(|directory| path.starts_with(&components(directory)))
}
