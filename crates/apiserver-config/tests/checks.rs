//! Findings of `check`: the server's own messages, and accepted settings that stop a server.

use std::borrow::Cow;

use apiserver_config::{Format, Mode, Settings, check};
use audit_types::{Diagnostic, Severity};

/// Returns the code of a finding.
fn code(finding: &Diagnostic) -> &'static str {
    match finding.code {
        Cow::Borrowed(code) => code,
        Cow::Owned(_) => "",
    }
}

const POLICY: &str = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";

type Change = fn(&mut Settings);

fn findings(change: Change) -> Vec<Diagnostic> {
    let mut settings = Settings::new(POLICY);
    change(&mut settings);
    check(&settings)
}

fn codes(change: Change) -> Vec<(&'static str, Severity)> {
    findings(change)
        .into_iter()
        .map(|finding| (code(&finding), finding.severity))
        .collect()
}

#[test]
fn default_settings_have_no_finding() {
    assert_eq!(findings(|_| {}), []);
    assert_eq!(findings(|s| s.version = "1.20".parse().unwrap()), []);
    assert_eq!(findings(|s| s.log.path = "-".to_owned()), []);
}

#[test]
fn rejections_have_the_servers_messages() {
    let table: [(Change, &[&str]); 12] = [
        (
            |s| s.log.max_age_days = -1,
            &["--audit-log-maxage -1 can't be a negative number"],
        ),
        (
            |s| s.log.max_backups = -2,
            &["--audit-log-maxbackup -2 can't be a negative number"],
        ),
        (
            |s| s.log.max_size_mb = -3,
            &["--audit-log-maxsize -3 can't be a negative number"],
        ),
        (
            |s| {
                s.log.max_age_days = -1;
                s.log.max_size_mb = -1;
            },
            &[
                "--audit-log-maxage -1 can't be a negative number",
                "--audit-log-maxsize -1 can't be a negative number",
            ],
        ),
        (
            |s| s.log.truncate.max_event_size = 0,
            &["invalid audit truncate log max event size 0, must be a positive number"],
        ),
        (
            |s| s.log.truncate.max_batch_size = 100,
            &[
                "invalid audit truncate log max batch size 100, must be greater than max event size (102400)",
            ],
        ),
        (|s| s.log.truncate.max_batch_size = 102_400, &[]),
        // The queue's settings only apply in batch mode.
        (|s| s.log.batch.buffer_size = 0, &[]),
        (
            |s| {
                s.log.mode = Mode::Batch;
                s.log.batch.buffer_size = 0;
                s.log.batch.max_size = 0;
            },
            &["invalid audit batch log buffer size 0, must be a positive number"],
        ),
        (
            |s| {
                s.log.mode = Mode::Batch;
                s.log.batch.max_size = 0;
            },
            &["invalid audit batch log max batch size 0, must be a positive number"],
        ),
        (
            |s| {
                s.log.mode = Mode::Batch;
                s.log.batch.throttle_enable = true;
            },
            &["invalid audit batch log throttle QPS 0, must be a positive number"],
        ),
        (
            |s| {
                s.log.mode = Mode::Batch;
                s.log.batch.throttle_enable = true;
                s.log.batch.throttle_qps = 10.0;
            },
            &["invalid audit batch log throttle burst 0, must be a positive number"],
        ),
    ];
    for (change, expected) in table {
        let texts: Vec<_> = findings(change)
            .into_iter()
            .filter(|finding| finding.code == "AE001")
            .inspect(|finding| assert_eq!(finding.severity, Severity::Error))
            .map(|finding| finding.message)
            .collect();
        assert_eq!(texts, expected);
    }
}

#[test]
fn rejections_of_the_webhook_follow_those_of_the_log() {
    let invalid = "invalid group version, allowed versions are [\"audit.k8s.io/v1\"]";
    let table: [(Change, &[&str]); 9] = [
        (|_| {}, &[]),
        (
            |s| s.webhook.batch.buffer_size = 0,
            &["invalid audit batch webhook buffer size 0, must be a positive number"],
        ),
        (
            |s| s.webhook.batch.max_size = -1,
            &["invalid audit batch webhook max batch size -1, must be a positive number"],
        ),
        (
            |s| s.webhook.batch.throttle_qps = -0.5,
            &["invalid audit batch webhook throttle QPS -0.5, must be a positive number"],
        ),
        (
            |s| s.webhook.batch.throttle_burst = 0,
            &["invalid audit batch webhook throttle burst 0, must be a positive number"],
        ),
        (
            |s| {
                s.webhook.mode = Mode::BlockingStrict;
                s.webhook.batch.throttle_burst = 0;
            },
            &[],
        ),
        (
            |s| {
                s.webhook.truncate.max_event_size = -1;
                s.webhook.api_version = "audit.k8s.io/v1beta1".into();
            },
            &[
                "invalid audit truncate webhook max event size -1, must be a positive number",
                "invalid group version, allowed versions are [\"audit.k8s.io/v1\"]",
            ],
        ),
        (
            |s| s.webhook.api_version = "a/b/c".into(),
            &["unexpected GroupVersion string: a/b/c"],
        ),
        (
            |s| {
                s.webhook.batch.max_size = 0;
                s.log.api_version = "v1".into();
                s.log.max_age_days = -1;
            },
            &[
                "invalid group version, allowed versions are [\"audit.k8s.io/v1\"]",
                "--audit-log-maxage -1 can't be a negative number",
                "invalid audit batch webhook max batch size 0, must be a positive number",
            ],
        ),
    ];
    for (change, expected) in table {
        let mut settings = Settings::new(POLICY);
        settings.webhook.config_path = "/etc/kubernetes/audit-webhook.yaml".to_owned();
        change(&mut settings);
        let found = check(&settings);
        let rejected = found.iter().filter(|finding| finding.code == "AE001");
        let texts: Vec<_> = rejected.map(|finding| finding.message.as_str()).collect();
        assert_eq!(texts, expected);
    }
    // Servers before 1.24 accept the beta version.
    let mut settings = Settings::new(POLICY);
    settings.log.api_version = "audit.k8s.io/v1beta1".to_owned();
    assert_eq!(check(&settings)[0].message, invalid);
    settings.version = "1.23".parse().unwrap();
    assert_eq!(check(&settings), []);
}

#[test]
fn the_webhooks_file_needs_its_own_path() {
    let table: [(Change, &[&str]); 4] = [
        (
            |s| s.webhook.config_path = "w.yaml".into(),
            &["AE003", "AE010"],
        ),
        (
            |s| s.webhook.config_path = s.policy_path.clone(),
            &["AE004", "AE010"],
        ),
        (
            |s| s.webhook.config_path = s.log.path.clone(),
            &["AE004", "AE010"],
        ),
        (
            |s| {
                s.log.path.clear();
                s.webhook.config_path = "/etc/w.yaml".into();
                s.webhook.mode = Mode::Blocking;
            },
            &["AE010"],
        ),
    ];
    for (change, expected) in table {
        let found = codes(change);
        let found: Vec<_> = found.iter().map(|(code, _)| *code).collect();
        assert_eq!(found, expected);
    }
}

#[test]
fn a_backend_that_is_off_is_not_checked() {
    assert_eq!(
        codes(|s| {
            s.log.path.clear();
            s.log.max_age_days = -1;
        }),
        [("AE008", Severity::Warning)]
    );
    assert_eq!(
        codes(|s| s.policy_path.clear()),
        [("AE008", Severity::Warning)]
    );
}

#[test]
fn paths_with_which_the_server_does_not_start() {
    let table: [(Change, &[(&str, Severity)]); 26] = [
        (
            |s| s.policy_path = "audit-policy.yaml".into(),
            &[("AE003", Severity::Error)],
        ),
        (
            |s| s.log.path = "audit.log".into(),
            &[("AE003", Severity::Error)],
        ),
        (
            |s| s.log.path = "~/audit.log".into(),
            &[("AE003", Severity::Error)],
        ),
        (
            |s| s.log.path = "/var/log/kubernetes/audit/".into(),
            &[("AE003", Severity::Error)],
        ),
        (
            |s| s.log.path = "/var/log/../x/audit.log".into(),
            &[("AE003", Severity::Error)],
        ),
        (|s| s.log.path = "/var/log/a..b/audit.log".into(), &[]),
        (
            |s| s.policy_path = "/etc/a\nb".into(),
            &[("AE003", Severity::Error)],
        ),
        (
            |s| s.policy_path = "/etc/a:b".into(),
            &[("AE003", Severity::Warning)],
        ),
        (
            |s| s.policy_path = "/etc/a\u{a0}b".into(),
            &[("AE007", Severity::Warning)],
        ),
        (
            |s| s.policy_path = "/etc/audit\u{2013}policy.yaml".into(),
            &[("AE007", Severity::Warning)],
        ),
        (
            |s| s.policy_path = "/etc/kubernetes/manifests/audit-policy.yaml".into(),
            &[("AE006", Severity::Warning)],
        ),
        // k3s and RKE2 apply YAML files in these directories.
        (
            |s| s.policy_path = "/var/lib/rancher/k3s/server/manifests/audit.yaml".into(),
            &[("AE062", Severity::Warning)],
        ),
        (
            |s| s.policy_path = "/var/lib/rancher/rke2/server/manifests/x/audit.yml".into(),
            &[("AE062", Severity::Warning)],
        ),
        (
            |s| s.policy_path = "/var/lib/rancher/k3s/server/manifests/audit.policy".into(),
            &[],
        ),
        (
            |s| s.policy_path = "/var/lib/rancher/k3s/server/audit.yaml".into(),
            &[],
        ),
        (
            |s| s.log.path = s.policy_path.clone(),
            &[("AE004", Severity::Error)],
        ),
        (
            |s| s.policy_path = "/var/log//kubernetes/audit/./audit.log".into(),
            &[("AE004", Severity::Error)],
        ),
        (
            |s| s.policy_path = "/var/log/kubernetes".into(),
            &[("AE004", Severity::Error)],
        ),
        (
            |s| s.policy_path = "/var/log/kubernetes/audit/audit.log/policy.yaml".into(),
            &[("AE004", Severity::Error)],
        ),
        // The policy next to the log: a read-only file mounted inside a writable directory.
        (
            |s| s.policy_path = "/var/log/kubernetes/audit/policy.yaml".into(),
            &[],
        ),
        (
            |s| s.log.path = "/audit.log".into(),
            &[("AE005", Severity::Error)],
        ),
        (
            |s| s.log.path = "/dev/stdout".into(),
            &[("AE037", Severity::Warning)],
        ),
        (
            |s| s.log.path = "/etc/audit.log".into(),
            &[("AE005", Severity::Error)],
        ),
        (
            |s| s.log.path = "/etc/kubernetes/pki/audit.log".into(),
            &[("AE005", Severity::Error)],
        ),
        (
            |s| s.log.path = "/etc/kubernetes/audit.log".into(),
            &[("AE005", Severity::Warning)],
        ),
        (|s| s.log.path = "/var/log/audit.log".into(), &[]),
    ];
    for (change, expected) in table {
        assert_eq!(codes(change), expected, "{:?}", findings(change));
    }
}

#[test]
fn unlimited_retention_is_reported() {
    type Row = (&'static str, i64, i64, i64, Option<Severity>);
    let table: [Row; 8] = [
        ("1.35", 0, 0, 0, Some(Severity::Warning)),
        ("1.35", 0, 0, 100, Some(Severity::Warning)),
        ("1.35", 0, 10, 0, None),
        ("1.35", 30, 0, 100, Some(Severity::Info)),
        ("1.36", 0, 0, 100, Some(Severity::Warning)),
        ("1.36", 366, 100, 0, Some(Severity::Warning)),
        ("1.36", 366, 100, 100, None),
        ("1.36", 0, 100, 100, None),
    ];
    for (version, age, backups, size, severity) in table {
        let mut settings = Settings::new(POLICY);
        settings.version = version.parse().unwrap();
        settings.log.max_age_days = age;
        settings.log.max_backups = backups;
        settings.log.max_size_mb = size;
        let found: Vec<_> = check(&settings)
            .iter()
            .map(|f| (code(f), f.severity))
            .collect();
        let expected: Vec<_> = severity
            .map(|severity| ("AE009", severity))
            .into_iter()
            .collect();
        assert_eq!(found, expected, "{version} {age} {backups} {size}");
        settings.log.path = "-".to_owned();
        assert_eq!(check(&settings), [], "standard output is not rotated");
    }
}

#[test]
fn a_rejected_policy_is_an_error() {
    let mut settings = Settings::new(POLICY.replace("Metadata", "All"));
    settings.version = "1.30".parse().unwrap();
    let found = check(&settings);
    let first = found.first().expect("the level is unknown");
    assert_eq!((code(first), first.severity), ("AE002", Severity::Error));
    assert_eq!(
        first.message,
        "kube-apiserver 1.30 rejects the policy: rules[0].level: Unsupported value: \"All\": supported values: \"None\", \"Metadata\", \"Request\", \"RequestResponse\""
    );
    assert_eq!(codes(|s| s.policy.clear()), [("AE002", Severity::Error)]);
}

#[test]
fn losses_are_reported() {
    let table: [(Change, Severity); 4] = [
        (|s| s.log.format = Format::Legacy, Severity::Warning),
        (|s| s.log.mode = Mode::Batch, Severity::Info),
        (|s| s.log.mode = Mode::BlockingStrict, Severity::Info),
        (|s| s.log.truncate.enabled = true, Severity::Info),
    ];
    for (change, severity) in table {
        assert_eq!(codes(change), [("AE010", severity)]);
    }
}

#[test]
fn a_message_shows_a_hostile_path_on_one_short_line() {
    let found = findings(|s| s.log.path = format!("a`\n{}", "x".repeat(5000)));
    let message = &found.first().expect("a relative path is an error").message;
    assert!(message.starts_with("the path `a\\u{60}\\nxxx"), "{message}");
    assert!(message.len() < 300 && message.lines().count() == 1);
}

#[test]
fn a_stream_of_the_process_is_rotated_like_a_file() {
    type Row = (fn(&mut Settings), &'static str, &'static [&'static str]);
    let table: [Row; 4] = [
        (
            |s| s.log.path = "/dev/stdout".into(),
            "1.35",
            &["kube-apiserver opens `/dev/stdout` as a file, and renames it at 100 MB"],
        ),
        (
            |s| {
                s.log.path = "/dev/stderr".into();
                s.log.max_size_mb = 5;
            },
            "1.35",
            &["kube-apiserver opens `/dev/stderr` as a file, and renames it at 5 MB"],
        ),
        (
            |s| s.log.path = "/proc/1/fd/1".into(),
            "1.35",
            &["kube-apiserver opens `/proc/1/fd/1` as a file, and fails to rename it at 100 MB"],
        ),
        (
            |s| {
                s.log.path = "/proc/self/fd/1".into();
                s.log.max_size_mb = 0;
            },
            "1.36",
            &["kube-apiserver opens `/proc/self/fd/1` as a file"],
        ),
    ];
    for (change, version, expected) in table {
        let version = version.parse().unwrap();
        let mut settings = Settings {
            policy: POLICY.to_owned(),
            policy_path: "/etc/kubernetes/audit/policy.yaml".to_owned(),
            ..Settings::server_default(version)
        };
        change(&mut settings);
        let found = check(&settings);
        let messages: Vec<_> = found
            .iter()
            .filter(|finding| finding.code == "AE037")
            .map(|finding| finding.message.as_str())
            .collect();
        assert_eq!(messages, expected);
        assert_eq!(found.len(), messages.len(), "{found:?}");
        assert!(
            settings
                .mounts()
                .iter()
                .all(|mount| mount.name != "audit-log")
        );
    }
}
