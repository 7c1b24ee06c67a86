//! Settings of a server with the arguments that a text gives it.

use std::collections::{HashMap, HashSet};
use std::iter::Peekable;

use apiserver_config::{SettingCode, Settings, flag_of, is_switch, placeholder, unknown_value};
use audit_policy::KubernetesVersion;
use audit_types::excerpt::excerpt;
use audit_types::{Code, Diagnostic, Severity};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::parsed_input::ParsedInput;
use crate::set::set;
use crate::shell_words::ShellWord;

/// Maximum number of findings per text.
pub(crate) const MAX_FINDINGS: usize = 500;

/// Names of what a text sets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct GivenFlags {
    /// Audit flags, without dashes.
    pub names: Vec<String>,
    /// Those of them whose value is a variable: the settings have the default instead, or the text of the variable.
    pub unknown: Vec<String>,
    /// Feature gates about auditing.
    pub gates: Vec<String>,
    /// `true` if the server gets arguments that the text does not contain, so that a flag that is not among the names may be set.
    pub is_partial: bool,
    /// `true` if the policy is the default of a variable, which another value may replace.
    pub has_default_policy: bool,
    /// Flags whose file the server's own script writes.
    pub written: Vec<String>,
    /// Audit flags, without dashes, with the line of the value that the server uses: the last one.
    pub(crate) lines: HashMap<String, usize>,
}

impl GivenFlags {
    /// Returns `true` if all values that a finding is about are in the text. The value of a variable that is not is a default.
    pub fn knows(&self, finding: &Diagnostic) -> bool {
        let is_written = |flag: &str| self.written.iter().any(|name| name == flag);
        if finding.code == SettingCode::MissingFile.id() && is_written(flag_of(finding)) {
            return false;
        }
        let unknown = &self.unknown;
        let is_unknown = |flag: &str| unknown.iter().any(|name| name == flag);
        let rotation = [
            "audit-log-maxage",
            "audit-log-maxbackup",
            "audit-log-maxsize",
        ];
        let is_of_rotation = finding.code == SettingCode::UnlimitedLog.id();
        // Flags that the text does not set may be among arguments that it does not contain.
        let is_given = |flag: &str| self.names.iter().any(|name| name == flag);
        let is_open = self.is_partial
            && (!is_given(flag_of(finding))
                || (is_of_rotation && !rotation.into_iter().all(is_given)));
        if is_open {
            return false;
        }
        finding.code == SettingCode::UnknownValue.id()
            || !(is_unknown(flag_of(finding))
                || (is_of_rotation && rotation.into_iter().any(is_unknown)))
    }
}

/// Returns the settings of a server with these arguments.
pub(crate) fn settings(
    found: &mut ParsedInput,
    version: KubernetesVersion,
    given: &mut GivenFlags,
    findings: &mut Vec<LineFinding>,
) -> Settings {
    let mut settings = Settings {
        policy: found.policy.take().unwrap_or_default(),
        ..Settings::server_default(version)
    };
    for default in &found.defaults {
        // INVARIANT: a platform's own values are ones that the server reads.
        let _ = settings.set_flag(default.0, default.1);
        given.names.push(default.0.to_owned());
    }
    let mut seen: HashSet<String> = HashSet::new();
    let mut rest = found.words.iter().cloned().peekable();
    while let Some(word) = rest.next() {
        let Some((spelled, value)) = flag(&word, findings) else {
            continue;
        };
        // The server reads underscores as dashes.
        let name = spelled.replace('_', "-");
        if name == "feature-gates" {
            let gates = value.or_else(|| rest.next().map(|word| word.text));
            let gates = gates.unwrap_or_default();
            feature_gates(&gates, word.line, version, given, findings);
        } else if name.starts_with("audit-") {
            let value = value.or_else(|| value_after(&name, &mut rest));
            given.lines.insert(name.clone(), word.line);
            if seen.contains(&name) {
                findings.push(repeated(&name, word.line));
            }
            let error = set(&mut settings, &name, value.as_deref(), word.line).err();
            let variable = value.as_deref().and_then(placeholder);
            if variable.is_some() {
                given.unknown.push(name.clone());
            }
            // A value beyond the limit is set without its finding.
            findings.extend(
                error
                    .filter(|_| findings.len() <= MAX_FINDINGS)
                    .map(|error| unless_variable(error, &name, variable)),
            );
            if seen.insert(name.clone()) {
                given.names.push(name);
            }
        }
    }
    settings
}

/// Replaces the error of a value that is a variable by the finding about that.
fn unless_variable(error: LineFinding, name: &str, variable: Option<&str>) -> LineFinding {
    match variable {
        Some(variable) if error.code == ImportCode::InvalidValue.id() => {
            let unknown = unknown_value(name, variable);
            finding(
                SettingCode::UnknownValue,
                unknown.severity,
                error.line,
                unknown.message,
                unknown.help,
            )
        }
        _ => error,
    }
}

/// Returns the value of a flag without `=`: that of the next argument.
fn value_after(name: &str, rest: &mut Peekable<impl Iterator<Item = ShellWord>>) -> Option<String> {
    if is_switch(name) {
        return Some("true".to_owned());
    }
    rest.next_if(|next| !next.text.starts_with("--"))
        .map(|word| word.text)
}

fn repeated(name: &str, line: usize) -> LineFinding {
    let message = format!("`--{}` is set twice", excerpt(name));
    let help = "the last value is used";
    finding(
        ImportCode::RepeatedFlag,
        Severity::Warning,
        line,
        message,
        help,
    )
}

/// Returns the name of a flag and its value after `=`. `None` if the word is not a flag.
fn flag(word: &ShellWord, findings: &mut Vec<LineFinding>) -> Option<(String, Option<String>)> {
    let text = word.text.as_str();
    let bare = match text.strip_prefix("--") {
        Some(bare) => bare,
        None => {
            let dashed = text.strip_prefix('-');
            let bare = dashed.unwrap_or(text);
            if !bare.starts_with("audit-") || !bare.contains('=') {
                return None;
            }
            let (severity, help) = match dashed {
                Some(_) => (
                    Severity::Error,
                    "kube-apiserver rejects it and does not start; it is read as a flag here",
                ),
                None => (
                    Severity::Warning,
                    "it is read as a flag here; the server ignores an argument without dashes",
                ),
            };
            findings.push(finding(
                SettingCode::Unsupported,
                severity,
                word.line,
                format!("`{}` does not start with two dashes", excerpt(text)),
                help,
            ));
            bare
        }
    };
    let (name, value) = match bare.split_once('=') {
        Some((name, value)) => (name, Some(value)),
        None => (bare, None),
    };
    match bare.split_once(char::is_whitespace) {
        Some((before, after)) if name.starts_with("audit-") && before.len() < name.len() => {
            findings.push(finding(
                SettingCode::Unsupported,
                Severity::Error,
                word.line,
                format!("unknown flag: --{}", excerpt(name)),
                "each item of a list is one argument, including its spaces: replace the space with `=`; it is read that way here",
            ));
            Some((before.to_owned(), Some(after.trim().to_owned())))
        }
        _ => Some((name.to_owned(), value.map(str::to_owned))),
    }
}

fn feature_gates(
    gates: &str,
    line: usize,
    version: KubernetesVersion,
    given: &mut GivenFlags,
    findings: &mut Vec<LineFinding>,
) {
    for gate in gates.split(',') {
        let name = gate.split('=').next().unwrap_or_default().trim();
        if matches!(name, "DynamicAuditing" | "AdvancedAuditing") {
            given.gates.push(name.to_owned());
        }
        let gone = match name {
            "DynamicAuditing" => "1.19",
            "AdvancedAuditing" if version.at_least(28) => "1.28",
            _ => continue,
        };
        let message = format!("the feature gate `{name}` was removed in {gone}");
        findings.push(finding(
            SettingCode::Unsupported,
            Severity::Error,
            line,
            message,
            "the server does not start with it: remove it",
        ));
    }
}
