//! The settings as fields of a form: each flag with its label, type and value, and the few settings that have no flag.

use audit_types::sort::SortShort;

use crate::flags::{Flag, log_flags, webhook_flags};
use crate::set::SettingError;
use crate::settings::{Settings, WebhookAuth};

/// Name of the field for [`crate::WebhookBackend::server`], which has no flag.
const SERVER: &str = "webhook-server";
/// Name of the field for [`crate::WebhookBackend::auth`], which has no flag.
const AUTH: &str = "webhook-auth";
/// Name of the field for [`Settings::include_defaults`], which has no flag.
const INCLUDE_DEFAULTS: &str = "include-defaults";

const TOKEN: &str = "token";
const CLIENT_CERTIFICATE: &str = "client-certificate";

/// One setting as a form shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Field {
    /// Name for [`Settings::set`]: the flag's name without dashes, or `webhook-server`, `webhook-auth` or `include-defaults`.
    pub name: String,
    /// Label.
    pub label: &'static str,
    /// Type of the value.
    pub kind: FieldKind,
    /// Unit of a number; may be empty.
    pub unit: &'static str,
    /// Section of the form.
    pub section: Section,
    /// Current value.
    pub value: String,
    /// Default of the settings' Kubernetes version.
    pub default: String,
}

impl Field {
    /// Returns whether the field is a flag of the server.
    pub fn is_flag(&self) -> bool {
        self.name.starts_with("audit-")
    }
}

/// Type of a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FieldKind {
    /// A line of text.
    Text,
    /// A number; QPS may have a fraction.
    Number,
    /// A duration in Go's syntax: `30s`, `1m30s`, `250ms`.
    Duration,
    /// `true` or `false`.
    Switch,
    /// One of these values.
    Choice(&'static [&'static str]),
}

/// Section of the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Settings that everyone needs: paths and retention.
    First,
    /// The rest of the log backend.
    Log,
    /// The rest of the webhook backend.
    Webhook,
    /// Settings of the export itself.
    Output,
}

impl Section {
    /// Title of the section.
    pub const fn title(self) -> &'static str {
        match self {
            Self::First => "Paths and retention",
            Self::Log => "Log backend",
            Self::Webhook => "Webhook backend",
            Self::Output => "Output",
        }
    }
}

impl Settings {
    /// Returns every field, ordered by section. Of a backend that is off, only the field that turns it on is included; a log on standard output
    /// has no fields for rotation.
    ///
    /// ```
    /// use apiserver_config::Settings;
    ///
    /// let mut settings = Settings::new("");
    /// let age = settings.fields().into_iter().find(|field| field.name == "audit-log-maxage").unwrap();
    /// assert_eq!((age.value.as_str(), age.default.as_str(), age.unit), ("30", "366", "days"));
    /// settings.set("audit-log-maxage", "7").unwrap();
    /// assert_eq!(settings.log.max_age_days, 7);
    /// ```
    pub fn fields(&self) -> Vec<Field> {
        let defaults = Self::server_default(self.version);
        let text = |name: &str, value: &str| field(name, value.to_owned(), String::new());
        let mut fields = vec![
            text("audit-policy-file", &self.policy_path),
            text("audit-log-path", &self.log.path),
        ];
        if self.log.is_enabled() {
            let mut log = defaults.log;
            log.path.clone_from(&self.log.path);
            fields.extend(paired(log_flags(&self.log), log_flags(&log)));
        }
        fields.push(text("audit-webhook-config-file", &self.webhook.config_path));
        if self.webhook.is_enabled() {
            let auth = match self.webhook.auth {
                WebhookAuth::Token => TOKEN,
                WebhookAuth::ClientCertificate => CLIENT_CERTIFICATE,
            };
            fields.push(field(
                SERVER,
                self.webhook.server.clone(),
                defaults.webhook.server.clone(),
            ));
            fields.push(field(AUTH, auth.to_owned(), TOKEN.to_owned()));
            fields.extend(paired(
                webhook_flags(&self.webhook),
                webhook_flags(&defaults.webhook),
            ));
        }
        fields.push(field(
            INCLUDE_DEFAULTS,
            self.include_defaults.to_string(),
            false.to_string(),
        ));
        fields.sort_short_by_key(|field| field.section);
        fields
    }

    /// Sets one field. A value that the server does not accept changes nothing.
    ///
    /// # Errors
    ///
    /// Returns the server's message for such a value, or that there is no such field.
    pub fn set(&mut self, name: &str, value: &str) -> Result<(), SettingError> {
        match name {
            SERVER => value.clone_into(&mut self.webhook.server),
            AUTH => {
                self.webhook.auth = match value {
                    TOKEN => WebhookAuth::Token,
                    CLIENT_CERTIFICATE => WebhookAuth::ClientCertificate,
                    _ => {
                        return Err(SettingError::Rejected(format!(
                            "`{value}` is neither `{TOKEN}` nor `{CLIENT_CERTIFICATE}`"
                        )));
                    }
                };
            }
            INCLUDE_DEFAULTS => self.include_defaults = value == "true",
            _ => {
                let mut next = self.clone();
                next.set_flag(name, value)?;
                *self = next;
            }
        }
        Ok(())
    }
}

fn paired(flags: Vec<Flag>, defaults: Vec<Flag>) -> impl Iterator<Item = Field> {
    flags
        .into_iter()
        .zip(defaults)
        .map(|(flag, default)| field(&flag.name, flag.value, default.value))
}

fn field(name: &str, value: String, default: String) -> Field {
    let (section, label, kind, unit) = field_spec(name);
    Field {
        name: name.to_owned(),
        label,
        kind,
        unit,
        section,
        value,
        default,
    }
}

/// Returns a field's section, label, type and unit.
fn field_spec(name: &str) -> (Section, &'static str, FieldKind, &'static str) {
    use FieldKind::{Choice, Duration, Number, Switch, Text};
    use Section::{First, Output, Webhook};
    const MODES: FieldKind = Choice(&["blocking", "batch", "blocking-strict"]);
    match name {
        "audit-policy-file" => return (First, "Policy file", Text, ""),
        "audit-log-path" => return (First, "Log file (- for standard output)", Text, ""),
        "audit-log-maxage" => return (First, "Keep rotated files for", Number, "days"),
        "audit-log-maxbackup" => return (First, "Keep at most", Number, "files"),
        "audit-log-maxsize" => return (First, "Rotate at", Number, "MB"),
        "audit-log-compress" => return (First, "Compress rotated files", Switch, ""),
        "audit-webhook-config-file" => {
            return (First, "Webhook configuration (empty for none)", Text, "");
        }
        SERVER => return (Webhook, "Receiver URL", Text, ""),
        AUTH => {
            return (
                Webhook,
                "Credentials",
                Choice(&[TOKEN, CLIENT_CERTIFICATE]),
                "",
            );
        }
        INCLUDE_DEFAULTS => return (Output, "Include flags with default values", Switch, ""),
        _ => {}
    }
    let (section, rest) = match name.strip_prefix("audit-webhook-") {
        Some(rest) => (Webhook, rest),
        None => (
            Section::Log,
            name.strip_prefix("audit-log-").unwrap_or(name),
        ),
    };
    let (label, kind, unit) = match rest {
        "format" => ("Line format", Choice(&["json", "legacy"]), ""),
        "mode" => ("Mode", MODES, ""),
        "version" => ("Event API version", Text, ""),
        "initial-backoff" => ("Initial backoff", Duration, ""),
        "batch-buffer-size" => ("Queue capacity", Number, "events"),
        "batch-max-size" => ("Maximum batch size", Number, "events"),
        "batch-max-wait" => ("Maximum wait per batch", Duration, ""),
        "batch-throttle-enable" => ("Throttle batches", Switch, ""),
        "batch-throttle-qps" => ("Average batch rate", Number, "per second"),
        "batch-throttle-burst" => ("Burst", Number, "batches"),
        "truncate-enabled" => ("Truncate large events", Switch, ""),
        "truncate-max-batch-size" => ("Maximum batch size", Number, "bytes"),
        "truncate-max-event-size" => ("Maximum event size", Number, "bytes"),
        _ => ("", Text, ""),
    };
    (section, label, kind, unit)
}

#[cfg(test)]
mod tests {
    use audit_policy::KubernetesVersion;

    use super::*;

    fn both() -> Settings {
        let mut settings = Settings::new("");
        settings.webhook.config_path = "/w".to_owned();
        settings
    }

    #[test]
    fn every_flag_has_a_labeled_field_that_sets_it() {
        let mut every = both();
        every.include_defaults = true;
        let fields = every.fields();
        for flag in every.flags() {
            let field = fields.iter().find(|field| field.name == flag.name);
            let field = field.unwrap_or_else(|| panic!("{} has no field", flag.name));
            assert_eq!(field.value, flag.value, "{}", flag.name);
            assert_ne!(field.label, "", "{}", flag.name);
        }
        let mut copy = Settings::server_default(every.version);
        for field in &fields {
            copy.set(&field.name, &field.value).unwrap();
        }
        assert_eq!(copy, every);
    }

    #[test]
    fn a_backend_that_is_off_has_only_the_field_that_turns_it_on() {
        let names = |settings: &Settings| -> Vec<String> {
            settings
                .fields()
                .into_iter()
                .map(|field| field.name)
                .collect()
        };
        assert_eq!(
            names(&Settings::server_default(KubernetesVersion::NEWEST)),
            [
                "audit-policy-file",
                "audit-log-path",
                "audit-webhook-config-file",
                "include-defaults"
            ]
        );
        let mut stdout = both();
        stdout.log.path = "-".to_owned();
        assert!(!names(&stdout).contains(&"audit-log-maxage".to_owned()));
        assert!(names(&stdout).contains(&"audit-log-format".to_owned()));
    }

    #[test]
    fn defaults_are_those_of_the_version() {
        for (version, days) in [("1.35", "0"), ("1.36", "366")] {
            let settings = Settings {
                version: version.parse().unwrap(),
                ..both()
            };
            let fields = settings.fields();
            let age = fields.iter().find(|field| field.name == "audit-log-maxage");
            assert_eq!(age.map(|field| field.default.as_str()), Some(days));
        }
    }

    #[test]
    fn an_invalid_value_gets_the_servers_message_and_changes_nothing() {
        for (name, value, expected) in [
            (
                "audit-log-maxage",
                "seven",
                r#"invalid argument "seven" for "--audit-log-maxage" flag: strconv.ParseInt: parsing "seven": invalid syntax"#,
            ),
            (
                "audit-log-mode",
                "fast",
                r#"invalid audit log mode fast, allowed modes are "batch,blocking,blocking-strict""#,
            ),
            (
                "audit-log-maxages",
                "7",
                "unknown flag: --audit-log-maxages",
            ),
            (
                "webhook-auth",
                "none",
                "`none` is neither `token` nor `client-certificate`",
            ),
        ] {
            let mut settings = both();
            let error = settings.set(name, value).unwrap_err();
            assert_eq!(error.to_string(), expected);
            assert_eq!(settings, both());
        }
    }
}
