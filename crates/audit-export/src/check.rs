//! What a target cannot hold of the settings, or would do with them.

use audit_policy::Severity;

use crate::target::Target;
use crate::targets::kops;
use apiserver_config::Settings;
use apiserver_config::paths::{components, shown};
use apiserver_config::{HostPathType, Mount, SettingFinding, check, check_mounts, platforms};

const POLICY: &str = "audit-policy-file";
const LOG: &str = "audit-log-path";
const WEBHOOK: &str = "audit-webhook-config-file";

fn say(
    code: &'static str,
    severity: Severity,
    flag: &'static str,
    message: impl Into<String>,
    help: impl Into<String>,
) -> SettingFinding {
    SettingFinding {
        code,
        severity,
        flag,
        message: message.into(),
        help: help.into(),
    }
}

/// Everything worth saying of these settings in this target: what [`check`] and [`check_target`] say, without what is about settings that
/// nobody can make there.
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
pub fn check_for(settings: &Settings, target: Target) -> Vec<SettingFinding> {
    let mut findings = check(settings);
    findings.extend(check_target(settings, target));
    findings.retain(|finding| target.uses(finding));
    findings
}

/// What is worth saying of these settings in this target, beside what [`check`] says of them anywhere.
pub fn check_target(settings: &Settings, target: Target) -> Vec<SettingFinding> {
    match target {
        Target::KubeadmV1beta4 => versions(settings, "v1beta4", 31),
        Target::KubeadmV1beta3 => versions(settings, "v1beta3", 22),
        Target::KubeadmPatches => versions(settings, "patches directory", 22),
        Target::Minikube => minikube(settings),
        Target::Talos => talos(settings),
        Target::Kops => {
            let mut findings = directories(settings, "kOps");
            let is_told =
                |one: &SettingFinding| one.flag == WEBHOOK && one.severity == Severity::Error;
            if !findings.iter().any(is_told) {
                findings.extend(refused_by_kops(settings));
            }
            findings.extend(unknown_to_kops(settings));
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

/// Whether there is a file to ship, under a path that the shipper can be told: these texts it takes for something else wherever they stand.
fn shipped(settings: &Settings, misread: &[&str]) -> Vec<SettingFinding> {
    let log = &settings.log;
    if !log.is_enabled() || log.is_stdout() {
        return vec![say(
            "AE008",
            Severity::Warning,
            LOG,
            "there is no log file to ship",
            "give the log a file, or collect the server's own output",
        )];
    }
    let found = misread.iter().find(|text| log.path.contains(**text));
    found
        .map(|text| {
            say(
                "AE003",
                Severity::Warning,
                LOG,
                format!(
                    "the shipper cannot be told of `{text}` in `{}`",
                    shown(&log.path)
                ),
                "it reads more there than a name: take another path",
            )
        })
        .into_iter()
        .collect()
}

/// Whether logrotate would work against the server.
fn rotated(settings: &Settings) -> Vec<SettingFinding> {
    let log = &settings.log;
    if log.rotates_at_mb(settings.version).is_none() || !log.is_enabled() {
        return Vec::new();
    }
    let help = if settings.version.at_least(36) {
        "leave logrotate away, or give the log a size of 0, with which the server rotates nothing"
    } else {
        "leave logrotate away: before 1.36 the server's rotation cannot be turned off"
    };
    vec![say(
        "AE010",
        Severity::Warning,
        "audit-log-maxsize",
        "the server rotates its log itself, so a second one that rotates it loses events",
        help,
    )]
}

fn versions(settings: &Settings, what: &str, since: u8) -> Vec<SettingFinding> {
    if settings.version.at_least(since) {
        return Vec::new();
    }
    vec![say(
        "AE015",
        Severity::Error,
        POLICY,
        format!(
            "kubeadm {} does not know the {what}, which came with 1.{since}",
            settings.version
        ),
        "take an older shape: in v1beta3 and before, `extraArgs` is a map; before 1.22 the version is v1beta2",
    )]
}

/// The directories that a target mounts whole: that of the policy, and that of the log.
fn directories(settings: &Settings, who: &str) -> Vec<SettingFinding> {
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
        findings.push(say(
            "AE011",
            Severity::Warning,
            POLICY,
            format!(
                "{who} mounts the policy's whole directory `{}` into the server",
                shown(directory)
            ),
            "give the policy a directory of its own, with the webhook's configuration in it",
        ));
    }
    findings
}

fn minikube(settings: &Settings) -> Vec<SettingFinding> {
    if !settings.log.is_enabled() || settings.log.is_stdout() {
        return Vec::new();
    }
    vec![say(
        "AE011",
        Severity::Info,
        LOG,
        "minikube mounts no directory for a log, so events go to standard output there",
        "the path and the rotation of the log are left out of its start line",
    )]
}

fn talos(settings: &Settings) -> Vec<SettingFinding> {
    let path = &settings.log.path;
    if !settings.log.is_enabled() || settings.log.is_stdout() || path == platforms::TALOS_LOG {
        return Vec::new();
    }
    vec![say(
        "AE011",
        Severity::Info,
        LOG,
        format!(
            "Talos mounts no other directory for the log than its own, so `{}` is left out",
            shown(path)
        ),
        format!("the log is `{}` there", platforms::TALOS_LOG),
    )]
}

/// kOps mounts the policy's directory alone, and validates the webhook's file against it.
fn refused_by_kops(settings: &Settings) -> Option<SettingFinding> {
    let webhook = &settings.webhook;
    if !webhook.is_enabled() {
        return None;
    }
    let message = if settings.policy_path.is_empty() {
        "kOps refuses a webhook without a policy"
    } else if components(directory(&webhook.config_path))
        != components(directory(&settings.policy_path))
    {
        "kOps refuses a webhook's configuration outside the policy's directory"
    } else {
        return None;
    };
    Some(say(
        "AE011",
        Severity::Error,
        WEBHOOK,
        message,
        "lay both files into one directory",
    ))
}

fn directory(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(directory, _)| directory)
}

fn unknown_to_kops(settings: &Settings) -> Option<SettingFinding> {
    let names: Vec<_> = kops::unknown(settings)
        .iter()
        .map(|flag| format!("`--{}`", flag.name))
        .collect();
    (!names.is_empty()).then(|| {
        say(
            "AE015",
            Severity::Warning,
            POLICY,
            format!("kOps has no field for {}", names.join(", ")),
            "the server keeps its defaults there",
        )
    })
}

fn lost_in_kubespray(settings: &Settings) -> Option<SettingFinding> {
    let at_top =
        |line: &str| line.starts_with("omitStages:") || line.starts_with("omitManagedFields:");
    settings.policy.lines().any(at_top).then(|| {
        say(
            "AE015",
            Severity::Warning,
            POLICY,
            "kubespray takes the rules alone, so `omitStages` and `omitManagedFields` at the policy's top are lost",
            "write them into each rule",
        )
    })
}
