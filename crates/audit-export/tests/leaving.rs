//! Findings about mounts, queues, and settings that a target cannot express.

use std::borrow::Cow;

use apiserver_config::{HostPathType, Mode, Mount, Settings, check, check_mounts, flag_of};
use audit_export::{Target, check_for, check_target};
use audit_types::{Diagnostic, Severity};

/// Returns the code of a finding.
fn code(finding: &Diagnostic) -> &'static str {
    match finding.code {
        Cow::Borrowed(code) => code,
        Cow::Owned(_) => "",
    }
}

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nomitStages: [RequestReceived]\nrules:\n- level: Metadata\n";

type Change = fn(&mut Settings);
type Queue = (Change, &'static [(&'static str, Severity, &'static str)]);
type Held = (
    Target,
    &'static str,
    Change,
    &'static [(&'static str, Severity)],
);

fn settings() -> Settings {
    let mut settings = Settings::new(POLICY);
    settings.policy_path = "/etc/kubernetes/audit-policy.yaml".to_owned();
    settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
    settings
}

fn codes(findings: &[Diagnostic]) -> Vec<(&'static str, Severity, &str)> {
    findings
        .iter()
        .map(|finding| (code(finding), finding.severity, flag_of(finding)))
        .collect()
}

fn mount(path: &str, read_only: bool, path_type: HostPathType) -> Mount {
    Mount {
        name: "m",
        path: path.to_owned(),
        read_only,
        path_type,
    }
}

#[test]
fn the_settings_own_mounts_have_no_finding() {
    assert_eq!(check_mounts(&settings(), &settings().mounts()), []);
    let mut stdout = settings();
    stdout.log.path = "-".to_owned();
    assert_eq!(check_mounts(&stdout, &stdout.mounts()), []);
}

#[test]
fn mounts_that_do_not_serve_the_flags() {
    use HostPathType::{DirectoryOrCreate as Directory, File};
    const POLICY: &str = "audit-policy-file";
    const WEBHOOK: &str = "audit-webhook-config-file";
    const LOG: &str = "audit-log-path";
    type Row<'r> = (Vec<Mount>, Vec<(&'r str, &'r str)>);
    let etc = || mount("/etc/kubernetes", true, Directory);
    let table: [Row; 6] = [
        (
            vec![],
            vec![("AE011", POLICY), ("AE011", WEBHOOK), ("AE011", LOG)],
        ),
        (vec![etc()], vec![("AE011", LOG)]),
        (
            vec![etc(), mount("/var/log", true, Directory)],
            vec![("AE011", LOG)],
        ),
        // The deepest mount decides.
        (
            vec![
                etc(),
                mount("/var/log", true, Directory),
                mount("/var/log/kubernetes/", false, Directory),
            ],
            vec![],
        ),
        (
            vec![
                etc(),
                mount("/var/log/kubernetes/audit/audit.log", false, File),
            ],
            vec![("AE014", LOG)],
        ),
        (
            vec![
                etc(),
                mount("/etc/kubernetes/audit-policy.yaml", true, Directory),
                mount("/var/log", false, Directory),
            ],
            vec![("AE014", POLICY)],
        ),
    ];
    for (mounts, expected) in table {
        let found = check_mounts(&settings(), &mounts);
        let expected: Vec<_> = expected
            .into_iter()
            .map(|(code, flag)| {
                // Without a mount for its log, the server starts, and writes into the container's own file system.
                let has_mount = mounts
                    .iter()
                    .any(|mount| mount.path.starts_with("/var/log"));
                let severity = if flag == LOG && !has_mount {
                    Severity::Warning
                } else {
                    Severity::Error
                };
                (code, severity, flag)
            })
            .collect();
        assert_eq!(codes(&found), expected, "{mounts:?}");
    }
    // A name that only begins alike is another directory.
    let mut elsewhere = Settings::new("");
    elsewhere.policy_path = "/etc/kubernetes-audit/p.yaml".to_owned();
    elsewhere.log.path.clear();
    assert_eq!(check_mounts(&elsewhere, &[etc()]).len(), 1);
}

#[test]
fn queue_settings_without_effect() {
    const LOG: &str = "audit-log-mode";
    const THROTTLE: &str = "audit-log-batch-throttle-enable";
    let table: [Queue; 6] = [
        (|_| {}, &[]),
        (
            |s| s.log.batch.throttle_enable = true,
            &[("AE012", Severity::Warning, THROTTLE)],
        ),
        (
            |s| {
                s.log.batch.throttle_enable = true;
                s.log.batch.throttle_qps = 10.0;
                s.log.batch.throttle_burst = 15;
            },
            &[("AE013", Severity::Info, LOG)],
        ),
        (
            |s| {
                s.webhook.mode = Mode::Blocking;
                s.webhook.batch.max_size = 1;
            },
            &[("AE013", Severity::Info, "audit-webhook-mode")],
        ),
        (
            |s| s.log.mode = Mode::BlockingStrict,
            &[("AE013", Severity::Warning, "audit-webhook-mode")],
        ),
        (
            |s| {
                s.log.mode = Mode::Batch;
                s.webhook.mode = Mode::BlockingStrict;
            },
            &[("AE013", Severity::Warning, LOG)],
        ),
    ];
    for (change, expected) in table {
        let mut settings = settings();
        change(&mut settings);
        let mut found = check(&settings);
        found.retain(|finding| ["AE012", "AE013"].contains(&code(finding)));
        assert_eq!(codes(&found), expected);
    }
}

#[test]
fn a_file_in_a_volatile_directory() {
    for path in ["/tmp/p.yaml", "/run/p.yaml", "/var/run/audit/p.yaml"] {
        let mut settings = Settings::new(POLICY);
        settings.policy_path = path.to_owned();
        let expected = [("AE014", Severity::Warning, "audit-policy-file")];
        assert_eq!(codes(&check(&settings)), expected, "{path}");
    }
}

#[test]
fn targets_report_unsupported_settings() {
    let own: Change = |s| {
        s.policy_path = "/srv/kubernetes/audit/policy.yaml".into();
        s.webhook.config_path = "/srv/kubernetes/audit/webhook.yaml".into();
        s.policy = s.policy.replace("omitStages: [RequestReceived]\n", "");
    };
    let table: [Held; 29] = [
        (Target::StaticPod, "1.20", |_| {}, &[]),
        (Target::KubeadmV1beta4, "1.31", |_| {}, &[]),
        (
            Target::KubeadmV1beta4,
            "1.30",
            |_| {},
            &[("AE015", Severity::Error)],
        ),
        (Target::KubeadmV1beta3, "1.22", |_| {}, &[]),
        (
            Target::KubeadmV1beta3,
            "1.21",
            |_| {},
            &[("AE015", Severity::Error)],
        ),
        (
            Target::Minikube,
            "1.36",
            |_| {},
            &[("AE011", Severity::Info)],
        ),
        (Target::Minikube, "1.36", |s| s.log.path = "-".into(), &[]),
        (Target::Talos, "1.36", |_| {}, &[("AE011", Severity::Info)]),
        (
            Target::Talos,
            "1.36",
            |s| s.log.path = "/var/log/audit/kube/kube-apiserver.log".into(),
            &[],
        ),
        (
            Target::Kops,
            "1.36",
            |_| {},
            &[("AE011", Severity::Warning)],
        ),
        // The usual path of the policy is in a directory of its own, which may be mounted whole.
        (
            Target::Kops,
            "1.36",
            |s| {
                s.policy_path = Settings::default().policy_path;
                s.webhook.config_path.clear();
            },
            &[],
        ),
        (Target::Kops, "1.36", own, &[]),
        (
            Target::Kops,
            "1.36",
            |s| s.webhook.config_path = "/etc/w.yaml".into(),
            &[("AE011", Severity::Error), ("AE011", Severity::Warning)],
        ),
        (
            Target::Kubespray,
            "1.36",
            |_| {},
            &[("AE011", Severity::Warning), ("AE015", Severity::Warning)],
        ),
        (Target::Kubespray, "1.36", own, &[]),
        (Target::K0s, "1.36", |_| {}, &[]),
        (
            Target::K0s,
            "1.36",
            |s| s.policy_path = "/root/policy.yaml".into(),
            &[("AE060", Severity::Warning)],
        ),
        (
            Target::K0sctl,
            "1.36",
            |s| s.log.path = "/root/audit.log".into(),
            &[("AE060", Severity::Warning)],
        ),
        // Its templates do not create the log's directory.
        (
            Target::K0rdent,
            "1.36",
            |_| {},
            &[("AE060", Severity::Warning)],
        ),
        (Target::K0rdent, "1.36", |s| s.log.path = "-".into(), &[]),
        (
            Target::Microk8s,
            "1.36",
            |_| {},
            &[
                ("AE060", Severity::Info),
                ("AE060", Severity::Info),
                ("AE060", Severity::Info),
            ],
        ),
        (
            Target::Microk8s,
            "1.36",
            |s| {
                s.policy_path = "/var/snap/microk8s/current/args/policy.yaml".into();
                s.log.path = "/var/snap/microk8s/common/var/log/audit.log".into();
                s.webhook.config_path.clear();
            },
            &[],
        ),
        (Target::K3d, "1.36", |_| {}, &[]),
        (
            Target::K3d,
            "1.36",
            |s| s.log.path = "/var/log/$CLUSTER/audit.log".into(),
            &[("AE003", Severity::Warning)],
        ),
        (
            Target::Gardener,
            "1.36",
            |_| {},
            &[("AE015", Severity::Warning)],
        ),
        (
            Target::Gardener,
            "1.36",
            |s| s.webhook.config_path.clear(),
            &[],
        ),
        (Target::Rke1, "1.32", |_| {}, &[]),
        (Target::RancherCluster, "1.36", |_| {}, &[]),
        (Target::OpenShift, "1.36", |_| {}, &[]),
    ];
    for (target, version, change, expected) in table {
        let mut settings = settings();
        settings.version = version.parse().unwrap();
        change(&mut settings);
        let found = check_target(&settings, target);
        let found: Vec<_> = found
            .iter()
            .map(|finding| (code(finding), finding.severity))
            .collect();
        assert_eq!(found, expected, "{} {version}", target.name());
    }
    let mut settings = settings();
    settings.policy_path = "/srv/a/p.yaml".into();
    settings.webhook.config_path.clear();
    settings.log.compress = true;
    settings.log.truncate.enabled = true;
    let found = check_target(&settings, Target::Kops);
    assert_eq!(
        found[0].message,
        "kOps has no field for `--audit-log-compress`, `--audit-log-truncate-enabled`"
    );
}

#[test]
fn managed_targets_only_report_a_rejected_policy() {
    let changes: [Change; 5] = [
        |_| {},
        |s| s.log.max_size_mb = 0,
        |s| s.log.max_age_days = -1,
        |s| s.policy_path = "/tmp/p.yaml".into(),
        |s| s.webhook.mode = Mode::Blocking,
    ];
    for change in changes {
        let mut settings = settings();
        change(&mut settings);
        assert!(!check_for(&settings, Target::Flags).is_empty());
        for target in Target::ALL.into_iter().filter(|one| one.is_managed()) {
            // Of Gardener's own findings there is one about a webhook.
            let own = check_target(&settings, target);
            assert_eq!(check_for(&settings, target), own, "{}", target.name());
            assert!(own.is_empty() || target == Target::Gardener);
        }
        settings.policy = settings.policy.replace("Metadata", "Loud");
        for target in Target::ALL {
            let found = check_for(&settings, target);
            let rejected = ("AE002", Severity::Error, "audit-policy-file");
            assert!(codes(&found).contains(&rejected), "{}", target.name());
        }
    }
}
