//! Checks settings that a target cannot express, or changes.

use apiserver_config::SettingCode;
use apiserver_config::Settings;
use apiserver_config::paths::components;
use apiserver_config::{
    HostPathType, Mount, ServerPlace, check_in, check_mounts, flag_finding, flag_of, platforms,
};
use audit_types::excerpt::excerpt;
use audit_types::{Diagnostic, Severity};

use crate::target::{Target, concerns};
use crate::targets::kops;

mod access;

const POLICY: &str = "audit-policy-file";
const LOG: &str = "audit-log-path";
const WEBHOOK: &str = "audit-webhook-config-file";

/// Returns all findings of the settings for a target: those of [`check_in`] and [`check_target`], without those about settings that
/// the target's users cannot change.
///
/// ```
/// use apiserver_config::Settings;
/// use audit_export::{Target, check_for};
///
/// let mut settings = Settings::new("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n");
/// settings.log.max_backups = 0;
/// settings.log.max_age_days = 0;
/// assert_eq!(check_for(&settings, Target::StaticPod)[0].code, "AE009");
/// assert_eq!(check_for(&settings, Target::Eks), []);
/// ```
pub fn check_for(settings: &Settings, target: Target) -> Vec<Diagnostic> {
    check_imported(settings, ServerPlace::default(), target)
}

/// As [`check_for`], for settings of a server at a place. The place matters for a target that any server can use, such as flags.
pub fn check_imported(settings: &Settings, place: ServerPlace, target: Target) -> Vec<Diagnostic> {
    let mut findings = check_in(settings, target.server_place().unwrap_or(place));
    findings.retain(|finding| concerns(target, finding));
    findings.extend(check_target(settings, target));
    findings
}

/// Returns the findings that are specific to a target.
pub fn check_target(settings: &Settings, target: Target) -> Vec<Diagnostic> {
    match target {
        Target::KubeadmV1beta4 => versions(settings, "v1beta4", 31),
        Target::KubeadmV1beta3 => versions(settings, "v1beta3", 22),
        Target::KubeadmPatches => versions(settings, "patches directory", 22),
        Target::Minikube => minikube(settings),
        Target::Microk8s => access::microk8s(settings),
        Target::K3d => access::k3d(settings),
        Target::K0s | Target::K0sctl => access::k0s(settings),
        Target::K0rdent => access::k0rdent(settings),
        Target::Gardener => access::gardener(settings),
        Target::Talos => talos(settings),
        Target::Kops => {
            let mut findings = directories(settings, "kOps");
            let is_reported =
                |one: &Diagnostic| flag_of(one) == WEBHOOK && one.severity == Severity::Error;
            if !findings.iter().any(is_reported) {
                findings.extend(rejected_by_kops(settings));
            }
            findings.extend(unsupported_by_kops(settings));
            findings
        }
        Target::Kubespray => {
            let mut findings = directories(settings, "kubespray");
            findings.extend(lost_in_kubespray(settings));
            findings
        }
        Target::FluentBit => shipped(settings, &[",", "${"]),
        Target::Fluentd => shipped(settings, &[","]),
        Target::Vector | Target::Rsyslog => shipped(settings, &[]),
        Target::Logrotate => rotated(settings),
        _ => Vec::new(),
    }
}

/// Reports a missing log file, and a path that the shipper misreads because it contains one of these texts.
fn shipped(settings: &Settings, misread: &[&str]) -> Vec<Diagnostic> {
    let log = &settings.log;
    if !log.is_enabled() || log.is_stdout() {
        return vec![flag_finding(
            SettingCode::NothingRecorded,
            Severity::Warning,
            LOG,
            "no log file is written, so nothing can be shipped",
            "write the log to a file, or collect the server's standard output",
        )];
    }
    let found = misread.iter().find(|text| log.path.contains(**text));
    found
        .map(|text| {
            flag_finding(
                SettingCode::UnusablePath,
                Severity::Warning,
                LOG,
                format!(
                    "the shipper misreads `{text}` in the path `{}`",
                    excerpt(&log.path)
                ),
                "use a path without these characters",
            )
        })
        .into_iter()
        .collect()
}

/// Reports that both logrotate and the server rotate the log.
fn rotated(settings: &Settings) -> Vec<Diagnostic> {
    let log = &settings.log;
    if log.rotates_at_mb(settings.version).is_none() || !log.is_enabled() {
        return Vec::new();
    }
    let help = if settings.version.at_least(36) {
        "do not use logrotate, or set the log's size to 0, which turns the server's rotation off"
    } else {
        "do not use logrotate: before 1.36 the server's rotation cannot be turned off"
    };
    vec![flag_finding(
        SettingCode::LostEvents,
        Severity::Warning,
        "audit-log-maxsize",
        "the server rotates the log itself, so logrotate would lose events",
        help,
    )]
}

fn versions(settings: &Settings, what: &str, since: u8) -> Vec<Diagnostic> {
    if settings.version.at_least(since) {
        return Vec::new();
    }
    vec![flag_finding(
        SettingCode::Unsupported,
        Severity::Error,
        POLICY,
        format!(
            "kubeadm {} does not support the {what}, which was added in 1.{since}",
            settings.version
        ),
        "use an older format: up to v1beta3, `extraArgs` is a map; before 1.22 the version is v1beta2",
    )]
}

/// Checks a target that mounts the whole directories of the policy and the log.
fn directories(settings: &Settings, who: &str) -> Vec<Diagnostic> {
    let mut mounts = Vec::new();
    let directory = settings
        .policy_path
        .rsplit_once('/')
        .map(|(directory, _)| directory);
    if let Some(directory) = directory {
        mounts.push(Mount {
            name: "audit-policy",
            path: directory.to_owned(),
            read_only: true,
            path_type: HostPathType::DirectoryOrCreate,
        });
    }
    if let Some(directory) = settings.log_directory() {
        mounts.push(Mount {
            name: "audit-log",
            path: directory.to_owned(),
            read_only: false,
            path_type: HostPathType::DirectoryOrCreate,
        });
    }
    let mut findings = check_mounts(settings, &mounts);
    if let Some(directory) = directory
        && components("/etc/kubernetes").starts_with(&components(directory))
    {
        findings.push(flag_finding(
            SettingCode::OutsideMounts,
            Severity::Warning,
            POLICY,
            format!(
                "{who} mounts the policy's directory `{}` into the server",
                excerpt(directory)
            ),
            "use a separate directory for the policy and the webhook's configuration",
        ));
    }
    findings
}

fn minikube(settings: &Settings) -> Vec<Diagnostic> {
    if !settings.log.is_enabled() || settings.log.is_stdout() {
        return Vec::new();
    }
    vec![flag_finding(
        SettingCode::OutsideMounts,
        Severity::Info,
        LOG,
        "minikube mounts no directory for a log, so events go to standard output",
        "the start command omits the path and rotation of the log",
    )]
}

fn talos(settings: &Settings) -> Vec<Diagnostic> {
    let path = &settings.log.path;
    if !settings.log.is_enabled() || settings.log.is_stdout() || path == platforms::TALOS_LOG {
        return Vec::new();
    }
    vec![flag_finding(
        SettingCode::OutsideMounts,
        Severity::Info,
        LOG,
        format!(
            "Talos only mounts its own directory for the log, so `{}` is omitted",
            excerpt(path)
        ),
        format!("the log is written to `{}`", platforms::TALOS_LOG),
    )]
}

/// Reports a webhook file that kOps rejects: it only mounts the policy's directory, and validates that the file is in it.
fn rejected_by_kops(settings: &Settings) -> Option<Diagnostic> {
    let webhook = &settings.webhook;
    if !webhook.is_enabled() {
        return None;
    }
    let message = if settings.policy_path.is_empty() {
        "kOps rejects a webhook without a policy"
    } else if components(directory(&webhook.config_path))
        != components(directory(&settings.policy_path))
    {
        "kOps rejects a webhook configuration outside the policy's directory"
    } else {
        return None;
    };
    Some(flag_finding(
        SettingCode::OutsideMounts,
        Severity::Error,
        WEBHOOK,
        message,
        "put both files into the same directory",
    ))
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn unsupported_by_kops(settings: &Settings) -> Option<Diagnostic> {
    let names: Vec<_> = kops::unsupported(settings)
        .iter()
        .map(|flag| format!("`--{}`", flag.name))
        .collect();
    (!names.is_empty()).then(|| {
        flag_finding(
            SettingCode::Unsupported,
            Severity::Warning,
            POLICY,
            format!("kOps has no field for {}", names.join(", ")),
            "the server uses its defaults for these",
        )
    })
}

fn lost_in_kubespray(settings: &Settings) -> Option<Diagnostic> {
    let at_top =
        |line: &str| line.starts_with("omitStages:") || line.starts_with("omitManagedFields:");
    settings.policy.lines().any(at_top).then(|| {
        flag_finding(
            SettingCode::Unsupported,
            Severity::Warning,
            POLICY,
            "kubespray only uses the policy's rules, so the policy-wide `omitStages` and `omitManagedFields` are lost",
            "add them to each rule",
        )
    })
}
