//! Prints settings as kube-apiserver flags.

use crate::settings::{Batch, LogBackend, Settings, Truncate, WebhookBackend};

/// One flag with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flag {
    /// Name without dashes: `audit-log-path`.
    pub name: String,
    /// Value as the server reads it.
    pub value: String,
}

impl Flag {
    fn new(name: impl Into<String>, value: impl ToString) -> Self {
        Self {
            name: name.into(),
            value: value.to_string(),
        }
    }

    /// Returns the flag as one argument: `--audit-log-maxage=30`.
    pub fn argument(&self) -> String {
        format!("--{}={}", self.name, self.value)
    }
}

impl Settings {
    /// Returns the flags that differ from the version's defaults (all of them with [`include_defaults`](Self::include_defaults)), in the order of the
    /// documentation. A backend that is off has no flags. A log on standard output has no rotation flags, since they have no effect there.
    pub fn flags(&self) -> Vec<Flag> {
        let mut flags = Vec::new();
        if !self.policy_path.is_empty() {
            flags.push(Flag::new("audit-policy-file", &self.policy_path));
        }
        if self.log.is_enabled() {
            let mut defaults = LogBackend::server_default(self.version);
            if self.log.is_stdout() {
                // Without rotation flags on both sides, the lists stay aligned.
                defaults.path.clone_from(&self.log.path);
            }
            flags.push(Flag::new("audit-log-path", &self.log.path));
            self.push_non_default(log_flags(&self.log), &log_flags(&defaults), &mut flags);
        }
        if self.webhook.is_enabled() {
            let defaults = WebhookBackend::server_default(self.version);
            let webhook = webhook_flags(&self.webhook);
            flags.push(Flag::new(
                "audit-webhook-config-file",
                &self.webhook.config_path,
            ));
            self.push_non_default(webhook, &webhook_flags(&defaults), &mut flags);
        }
        flags
    }

    /// Returns every flag that differs from the version's default, even if it has no effect: of a backend that is off, or of rotation on
    /// standard output.
    ///
    /// ```
    /// use apiserver_config::{KubernetesVersion, Settings};
    ///
    /// let mut settings = Settings::server_default(KubernetesVersion::NEWEST);
    /// settings.set_flag("audit-log-maxage", "7").unwrap();
    /// assert_eq!(settings.flags(), []);
    /// assert_eq!(settings.changed_flags()[0].argument(), "--audit-log-maxage=7");
    /// ```
    pub fn changed_flags(&self) -> Vec<Flag> {
        let every = |settings: &Self| {
            let on_disk = LogBackend {
                path: "/".to_owned(),
                ..settings.log.clone()
            };
            let mut flags = vec![
                Flag::new("audit-policy-file", &settings.policy_path),
                Flag::new("audit-log-path", &settings.log.path),
            ];
            flags.extend(log_flags(&on_disk));
            let webhook = &settings.webhook;
            flags.push(Flag::new("audit-webhook-config-file", &webhook.config_path));
            flags.extend(webhook_flags(webhook));
            flags
        };
        let defaults = every(&Self::server_default(self.version));
        let mut changed = every(self);
        changed.retain(|flag| !defaults.contains(flag));
        changed
    }

    /// As [`flags`](Self::flags), and the named flags even if they equal the default: for a platform that has other defaults.
    pub fn flags_including(&self, always: &[&str]) -> Vec<Flag> {
        let given = self.flags();
        let mut every = self.clone();
        every.include_defaults = true;
        let mut flags = every.flags();
        flags.retain(|flag| given.contains(flag) || always.contains(&flag.name.as_str()));
        flags
    }

    fn push_non_default(&self, given: Vec<Flag>, defaults: &[Flag], flags: &mut Vec<Flag>) {
        flags.extend(
            given
                .into_iter()
                .filter(|flag| self.include_defaults || !defaults.contains(flag)),
        );
    }
}

/// Returns every flag of the log backend except its path.
pub(crate) fn log_flags(log: &LogBackend) -> Vec<Flag> {
    let mut flags = Vec::new();
    if !log.is_stdout() {
        flags.push(Flag::new("audit-log-maxage", log.max_age_days));
        flags.push(Flag::new("audit-log-maxbackup", log.max_backups));
        flags.push(Flag::new("audit-log-maxsize", log.max_size_mb));
        flags.push(Flag::new("audit-log-compress", log.compress));
    }
    flags.push(Flag::new("audit-log-format", log.format.name()));
    flags.push(Flag::new("audit-log-mode", log.mode.name()));
    batch_flags("log", &log.batch, &mut flags);
    truncate_flags("log", &log.truncate, &mut flags);
    flags.push(Flag::new("audit-log-version", &log.api_version));
    flags
}

/// Returns every flag of the webhook backend except its configuration file.
pub(crate) fn webhook_flags(webhook: &WebhookBackend) -> Vec<Flag> {
    let mut flags = vec![
        Flag::new(
            "audit-webhook-initial-backoff",
            go_duration(webhook.initial_backoff_ms),
        ),
        Flag::new("audit-webhook-mode", webhook.mode.name()),
    ];
    batch_flags("webhook", &webhook.batch, &mut flags);
    truncate_flags("webhook", &webhook.truncate, &mut flags);
    flags.push(Flag::new("audit-webhook-version", &webhook.api_version));
    flags
}

fn batch_flags(backend: &str, batch: &Batch, flags: &mut Vec<Flag>) {
    let name = |rest: &str| format!("audit-{backend}-batch-{rest}");
    flags.push(Flag::new(name("buffer-size"), batch.buffer_size));
    flags.push(Flag::new(name("max-size"), batch.max_size));
    flags.push(Flag::new(name("max-wait"), go_duration(batch.max_wait_ms)));
    flags.push(Flag::new(name("throttle-enable"), batch.throttle_enable));
    flags.push(Flag::new(name("throttle-qps"), batch.throttle_qps));
    flags.push(Flag::new(name("throttle-burst"), batch.throttle_burst));
}

fn truncate_flags(backend: &str, truncate: &Truncate, flags: &mut Vec<Flag>) {
    let name = |rest: &str| format!("audit-{backend}-truncate-{rest}");
    flags.push(Flag::new(name("enabled"), truncate.enabled));
    flags.push(Flag::new(name("max-batch-size"), truncate.max_batch_size));
    flags.push(Flag::new(name("max-event-size"), truncate.max_event_size));
}

/// Returns whether a flag needs no value: by itself it means `true`, and the next argument is not its value.
pub fn is_switch(name: &str) -> bool {
    name == "audit-log-compress"
        || name == "audit-dynamic-configuration"
        || name.ends_with("-throttle-enable")
        || name.ends_with("-truncate-enabled")
}

/// Duration as Go's flag package reads it: `30s`, `1500ms`.
pub fn go_duration(milliseconds: u64) -> String {
    if milliseconds.is_multiple_of(1000) {
        format!("{}s", milliseconds / 1000)
    } else {
        format!("{milliseconds}ms")
    }
}

#[cfg(test)]
mod tests {
    use audit_policy::KubernetesVersion;

    use super::*;
    use crate::settings::{Format, Mode};

    fn arguments(settings: &Settings) -> Vec<String> {
        settings.flags().iter().map(Flag::argument).collect()
    }

    fn at(version: &str) -> Settings {
        Settings {
            version: version.parse().unwrap(),
            ..Settings::default()
        }
    }

    #[test]
    fn only_values_that_differ_from_the_versions_defaults_are_flags() {
        // 100 MB is the default since 1.36; before, the default is 0.
        assert_eq!(
            arguments(&at("1.36")),
            [
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-log-path=/var/log/kubernetes/audit/audit.log",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
            ]
        );
        assert_eq!(
            arguments(&at("1.35")),
            [
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-log-path=/var/log/kubernetes/audit/audit.log",
                "--audit-log-maxage=30",
                "--audit-log-maxbackup=10",
                "--audit-log-maxsize=100",
            ]
        );
    }

    #[test]
    fn one_setting_changes_one_flag() {
        type Change = fn(&mut Settings);
        let table: [(Change, &str); 16] = [
            (|s| s.log.max_age_days = 7, "--audit-log-maxage=7"),
            (|s| s.log.max_backups = 3, "--audit-log-maxbackup=3"),
            (|s| s.log.max_size_mb = 50, "--audit-log-maxsize=50"),
            (|s| s.log.compress = true, "--audit-log-compress=true"),
            (
                |s| s.log.format = Format::Legacy,
                "--audit-log-format=legacy",
            ),
            (|s| s.log.mode = Mode::Batch, "--audit-log-mode=batch"),
            (
                |s| s.log.mode = Mode::BlockingStrict,
                "--audit-log-mode=blocking-strict",
            ),
            (
                |s| s.log.batch.buffer_size = 5,
                "--audit-log-batch-buffer-size=5",
            ),
            (
                |s| s.log.batch.max_size = 400,
                "--audit-log-batch-max-size=400",
            ),
            (
                |s| s.log.batch.max_wait_ms = 30_000,
                "--audit-log-batch-max-wait=30s",
            ),
            (
                |s| s.log.batch.max_wait_ms = 1500,
                "--audit-log-batch-max-wait=1500ms",
            ),
            (
                |s| s.log.batch.throttle_enable = true,
                "--audit-log-batch-throttle-enable=true",
            ),
            (
                |s| s.log.batch.throttle_qps = 0.5,
                "--audit-log-batch-throttle-qps=0.5",
            ),
            (
                |s| s.log.batch.throttle_burst = 15,
                "--audit-log-batch-throttle-burst=15",
            ),
            (
                |s| s.log.truncate.enabled = true,
                "--audit-log-truncate-enabled=true",
            ),
            (
                |s| s.log.truncate.max_event_size = 9,
                "--audit-log-truncate-max-event-size=9",
            ),
        ];
        let plain = arguments(&Settings::default());
        for (change, expected) in table {
            let mut settings = Settings::default();
            change(&mut settings);
            let changed = arguments(&settings);
            let new: Vec<_> = changed.iter().filter(|a| !plain.contains(a)).collect();
            assert_eq!(new, [expected]);
            let gone = plain.iter().filter(|a| !changed.contains(a)).count();
            assert!(gone <= 1, "{expected}");
        }
    }

    #[test]
    fn standard_output_has_no_rotation_flags_and_an_empty_path_turns_the_backend_off() {
        let mut settings = at("1.30");
        settings.log.path = "-".to_owned();
        settings.log.compress = true;
        assert_eq!(
            arguments(&settings),
            [
                "--audit-policy-file=/etc/kubernetes/audit/policy.yaml",
                "--audit-log-path=-"
            ]
        );
        settings.log.path.clear();
        settings.policy_path.clear();
        assert_eq!(arguments(&settings), [""; 0]);
    }

    #[test]
    fn the_servers_own_settings_need_only_the_paths() {
        for version in KubernetesVersion::all() {
            let mut settings = Settings {
                version,
                policy: String::new(),
                policy_path: String::new(),
                include_defaults: false,
                log: LogBackend {
                    path: "/a/b".to_owned(),
                    ..LogBackend::server_default(version)
                },
                webhook: WebhookBackend {
                    config_path: "/a/w".to_owned(),
                    ..WebhookBackend::server_default(version)
                },
            };
            let paths = ["--audit-log-path=/a/b", "--audit-webhook-config-file=/a/w"];
            assert_eq!(arguments(&settings), paths, "{version}");
            // 16 and 12 flags of the two backends besides their paths, as in the server's own list of flags.
            settings.include_defaults = true;
            assert_eq!(arguments(&settings).len(), 2 + 16 + 12, "{version}");
        }
    }

    #[test]
    fn one_webhook_setting_changes_one_flag() {
        type Change = fn(&mut WebhookBackend);
        let table: [(Change, &str); 13] = [
            (|w| w.mode = Mode::Blocking, "mode=blocking"),
            (|w| w.mode = Mode::BlockingStrict, "mode=blocking-strict"),
            (|w| w.initial_backoff_ms = 1500, "initial-backoff=1500ms"),
            (|w| w.api_version = "a/b".into(), "version=a/b"),
            (|w| w.batch.buffer_size = 5, "batch-buffer-size=5"),
            (|w| w.batch.max_size = 1, "batch-max-size=1"),
            (|w| w.batch.max_wait_ms = 0, "batch-max-wait=0s"),
            (
                |w| w.batch.throttle_enable = false,
                "batch-throttle-enable=false",
            ),
            (|w| w.batch.throttle_qps = 0.5, "batch-throttle-qps=0.5"),
            (|w| w.batch.throttle_burst = 1, "batch-throttle-burst=1"),
            (|w| w.truncate.enabled = true, "truncate-enabled=true"),
            (
                |w| w.truncate.max_event_size = 9,
                "truncate-max-event-size=9",
            ),
            (
                |w| w.truncate.max_batch_size = 9,
                "truncate-max-batch-size=9",
            ),
        ];
        for (change, expected) in table {
            let mut settings = Settings::default();
            settings.log.path.clear();
            settings.webhook.config_path = "/w".to_owned();
            change(&mut settings.webhook);
            let changed = arguments(&settings);
            assert_eq!(changed.len(), 3, "{changed:?}");
            assert_eq!(changed[2], format!("--audit-webhook-{expected}"));
        }
    }
}
