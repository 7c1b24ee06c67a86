//! Changes of settings and policy between two Kubernetes versions.

use audit_policy::{KubernetesVersion, load};
use audit_types::{Diagnostic, Severity};

use crate::codes::SettingCode;
use crate::finding::{POLICY, flag_finding};
use crate::settings::{LogBackend, Settings};
use audit_types::excerpt::excerpt;

/// Settings to upgrade, and the names of what a text sets.
#[derive(Debug, Clone, Copy)]
pub struct Upgrade<'s> {
    /// The settings. Their own version does not matter.
    pub settings: &'s Settings,
    /// Names of the flags that are set, without dashes: only the others get another default.
    pub given: &'s [String],
    /// Names of the feature gates that are set.
    pub gates: &'s [String],
    /// Minor version of the current server, if it is older than all known ones: then the changes since that version count.
    pub older_minor: Option<u8>,
}

/// Flags of the rotation, with the meaning of their value.
const ROTATION: [(&str, &str); 2] = [
    ("audit-log-maxage", "older rotated files are deleted"),
    (
        "audit-log-maxbackup",
        "the oldest rotated files beyond them are deleted",
    ),
];

impl Upgrade<'_> {
    /// Returns a finding for each change between two versions that concerns the settings or the policy. Empty if nothing changes, or if `to` is not newer.
    pub fn changes(&self, from: KubernetesVersion, to: KubernetesVersion) -> Vec<Diagnostic> {
        let mut findings = Vec::new();
        if from.minor() >= to.minor() {
            return findings;
        }
        let crosses = |minor: u8| !from.at_least(minor) && to.at_least(minor);
        if crosses(24) {
            self.removed_versions(&mut findings);
        }
        let start = self.older_minor.unwrap_or(from.minor()).min(from.minor());
        self.removed_flags(start, to, &mut findings);
        if crosses(36) {
            self.rotation(&mut findings);
        }
        self.policy(from, to, &mut findings);
        findings
    }

    /// Reports flags and feature gates that the current version has and the new one does not. What the current one does not have either is left out:
    /// it is reported for the settings as they are.
    fn removed_flags(&self, start: u8, to: KubernetesVersion, findings: &mut Vec<Diagnostic>) {
        let crosses = |minor: u8| start < minor && to.at_least(minor);
        let mut removed = |flag: &str, what: String| {
            findings.push(flag_finding(
                SettingCode::RemovedByUpgrade,
                Severity::Error,
                flag,
                what,
                format!("kube-apiserver {to} does not start with it: remove it before the upgrade"),
            ));
        };
        const DYNAMIC: &str = "audit-dynamic-configuration";
        if crosses(19) && self.given.iter().any(|flag| flag == DYNAMIC) {
            removed(
                DYNAMIC,
                format!("the flag `--{DYNAMIC}` was removed in 1.19"),
            );
        }
        for (gate, minor) in [("DynamicAuditing", 19), ("AdvancedAuditing", 28)] {
            if crosses(minor) && self.gates.iter().any(|given| given == gate) {
                removed(
                    "feature-gates",
                    format!("the feature gate `{gate}` was removed in 1.{minor}"),
                );
            }
        }
    }

    /// Reports API versions of events that 1.24 removed.
    fn removed_versions(&self, findings: &mut Vec<Diagnostic>) {
        let (log, webhook) = (&self.settings.log, &self.settings.webhook);
        for (flag, value) in [
            ("audit-log-version", &log.api_version),
            ("audit-webhook-version", &webhook.api_version),
        ] {
            if matches!(
                value.as_str(),
                "audit.k8s.io/v1alpha1" | "audit.k8s.io/v1beta1"
            ) {
                findings.push(flag_finding(
                    SettingCode::RemovedByUpgrade,
                    Severity::Error,
                    flag,
                    format!("`{}` was removed in 1.24", excerpt(value)),
                    format!("kube-apiserver does not start with `--{flag}={}`: set `audit.k8s.io/v1`, or remove the flag", excerpt(value)),
                ));
            }
        }
    }

    /// Reports the defaults of the rotation that 1.36 changed, and the size 0, which got another meaning.
    fn rotation(&self, findings: &mut Vec<Diagnostic>) {
        let log = &self.settings.log;
        if !log.is_file() {
            return;
        }
        let is_given = |flag: &str| self.given.iter().any(|given| given == flag);
        let new = LogBackend::server_default(KubernetesVersion::NEWEST);
        let values = [new.max_age_days, new.max_backups];
        for ((flag, effect), value) in ROTATION.into_iter().zip(values) {
            if !is_given(flag) {
                findings.push(flag_finding(
                    SettingCode::DefaultOfUpgrade,
                    Severity::Warning,
                    flag,
                    format!(
                        "the default of `--{flag}` changes from 0, no limit, to {value} in 1.36"
                    ),
                    format!("{effect}: set the flag to keep what you need, 0 for no limit"),
                ));
            }
        }
        if is_given("audit-log-maxsize") && log.max_size_mb == 0 {
            findings.push(flag_finding(
                SettingCode::DefaultOfUpgrade,
                Severity::Warning,
                "audit-log-maxsize",
                "`--audit-log-maxsize=0` is 100 MB up to 1.35, and turns rotation off since 1.36",
                "the log then grows until the disk is full: set 100 to keep what it does today",
            ));
        }
    }

    /// Reports a policy that is rejected, no longer rejected, or read differently.
    fn policy(
        &self,
        from: KubernetesVersion,
        to: KubernetesVersion,
        findings: &mut Vec<Diagnostic>,
    ) {
        let text = self.settings.policy.as_str();
        if text.is_empty() {
            return;
        }
        let (before, after) = (load(text.as_bytes(), from), load(text.as_bytes(), to));
        match (&before.error, &after.error) {
            (None, Some(error)) => findings.push(flag_finding(
                SettingCode::RemovedByUpgrade,
                Severity::Error,
                POLICY,
                format!("kube-apiserver {to} rejects the policy: {error}"),
                "1.24 removed the versions `audit.k8s.io/v1alpha1` and `audit.k8s.io/v1beta1`: fix the policy before the upgrade",
            )),
            (Some(_), None) => findings.push(flag_finding(
                SettingCode::FieldOfUpgrade,
                Severity::Info,
                POLICY,
                format!("kube-apiserver {to} accepts the policy, which {from} rejects"),
                "nothing that an older server reads should have it before the upgrade is complete",
            )),
            _ => {}
        }
        let fields = text
            .lines()
            .map(|line| line.split('#').next().unwrap_or_default());
        let has_field = fields
            .into_iter()
            .any(|line| line.contains("omitManagedFields"));
        if !from.at_least(23) && to.at_least(23) && has_field {
            findings.push(flag_finding(
                SettingCode::FieldOfUpgrade,
                Severity::Info,
                POLICY,
                "`omitManagedFields` counts since 1.23; older versions ignore it",
                "bodies then lose their `managedFields`, and events get smaller",
            ));
        }
        if after.error.is_none()
            && before.error.is_none()
            && let Some(warning) = &after.warning
            && before.warning.is_none()
        {
            findings.push(flag_finding(
                SettingCode::FieldOfUpgrade,
                Severity::Warning,
                POLICY,
                format!(
                    "kube-apiserver {to} logs a warning about the policy, which {from} does not"
                ),
                excerpt(warning),
            ));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(text: &str) -> KubernetesVersion {
        text.parse().unwrap()
    }

    /// Codes and flags of the changes for flags and a policy.
    fn changes(flags: &[(&str, &str)], policy: &str, from: &str, to: &str) -> Vec<String> {
        let mut settings = Settings::server_default(version(from));
        policy.clone_into(&mut settings.policy);
        for (name, value) in flags {
            settings.set_flag(name, value).unwrap();
        }
        let given: Vec<String> = flags.iter().map(|(name, _)| (*name).to_owned()).collect();
        let upgrade = Upgrade {
            settings: &settings,
            given: &given,
            gates: &[],
            older_minor: None,
        };
        let found = upgrade.changes(version(from), version(to));
        let show =
            |finding: &Diagnostic| format!("{} {}", finding.code, crate::finding::flag_of(finding));
        found.iter().map(show).collect()
    }

    #[test]
    fn each_change_between_two_versions_is_a_finding() {
        let file = ("audit-log-path", "/l/a.log");
        let rotation = ["AE043 audit-log-maxage", "AE043 audit-log-maxbackup"];
        assert_eq!(changes(&[file], "", "1.35", "1.36"), rotation);
        assert_eq!(changes(&[file], "", "1.31", "1.37"), rotation);
        // Flags that are set keep their value.
        let set = [
            file,
            ("audit-log-maxage", "0"),
            ("audit-log-maxbackup", "10"),
        ];
        assert_eq!(changes(&set, "", "1.35", "1.36"), [""; 0]);
        let size = [set[0], set[1], set[2], ("audit-log-maxsize", "0")];
        assert_eq!(
            changes(&size, "", "1.35", "1.36"),
            ["AE043 audit-log-maxsize"]
        );
        for (path, from, to) in [
            ("-", "1.35", "1.36"),
            ("/l/a.log", "1.34", "1.35"),
            ("/l/a.log", "1.36", "1.37"),
            ("/l/a.log", "1.36", "1.35"),
        ] {
            assert_eq!(
                changes(&[("audit-log-path", path)], "", from, to),
                [""; 0],
                "{path} {from} {to}"
            );
        }
        let old = [
            ("audit-log-path", "-"),
            ("audit-log-version", "audit.k8s.io/v1beta1"),
        ];
        assert_eq!(
            changes(&old, "", "1.23", "1.24"),
            ["AE042 audit-log-version"]
        );
        assert_eq!(changes(&old, "", "1.22", "1.23"), [""; 0]);
    }

    #[test]
    fn a_policy_is_read_by_both_versions() {
        let policy = |version: &str, more: &str| {
            format!(
                "apiVersion: audit.k8s.io/{version}\nkind: Policy\n{more}rules:\n- level: Metadata\n"
            )
        };
        let of = |text: &str, from: &str, to: &str| changes(&[], text, from, to);
        assert_eq!(
            of(&policy("v1beta1", ""), "1.20", "1.23"),
            ["AE044 audit-policy-file"]
        );
        assert_eq!(
            of(&policy("v1beta1", ""), "1.23", "1.24"),
            ["AE042 audit-policy-file"]
        );
        assert_eq!(
            of(&policy("v1", "omitManagedFields: true\n"), "1.22", "1.23"),
            ["AE044 audit-policy-file"]
        );
        assert_eq!(
            of(&policy("v1", "# omitManagedFields: true\n"), "1.22", "1.23"),
            [""; 0]
        );
        assert_eq!(of(&policy("v1", ""), "1.20", "1.36"), [""; 0]);
    }

    #[test]
    fn what_an_older_version_removed_does_not_change() {
        let mut settings = Settings::server_default(version("1.27"));
        "/l/a.log".clone_into(&mut settings.log.path);
        let given = ["audit-log-maxage", "audit-log-maxbackup"].map(str::to_owned);
        let dynamic = ["audit-dynamic-configuration".to_owned()];
        let codes = |given: &[String], gate: &str, older_minor, from, to| {
            let upgrade = Upgrade {
                settings: &settings,
                given,
                gates: &[gate.to_owned()],
                older_minor,
            };
            upgrade.changes(version(from), version(to)).len()
        };
        // Kubernetes 1.28 removed the first gate; 1.19 the second one and the flag.
        for (gate, older, from, to, expected) in [
            ("AdvancedAuditing", None, "1.26", "1.27", 0),
            ("AdvancedAuditing", None, "1.27", "1.28", 1),
            ("AdvancedAuditing", None, "1.28", "1.36", 0),
            ("DynamicAuditing", None, "1.30", "1.36", 0),
            ("DynamicAuditing", Some(18), "1.20", "1.36", 1),
            ("DynamicAuditing", Some(19), "1.20", "1.36", 0),
        ] {
            assert_eq!(
                codes(&given, gate, older, from, to),
                expected,
                "{gate} {from} {to}"
            );
        }
        assert_eq!(codes(&dynamic, "", None, "1.30", "1.31"), 0);
        assert_eq!(codes(&dynamic, "", Some(18), "1.20", "1.21"), 1);
    }
}
