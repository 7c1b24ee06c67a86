//! Checks of flags and manifests.

use apiserver_config::{SettingCode, Settings};
use audit_import::{ImportCode, import};
use audit_types::{Code, Diagnostic, KubernetesVersion, Severity};

use crate::outcome::Outcome;
use crate::task::SettingsCheck;

/// Checks flags, or a manifest.
pub(crate) fn check_settings(
    check: &SettingsCheck,
    version: KubernetesVersion,
    text: &str,
) -> Outcome {
    let read = import(text, version);
    let findings = read.all_findings(text);
    if let Some(error) = findings
        .iter()
        .find(|finding| finding.severity == Severity::Error)
    {
        return of_finding(error);
    }
    if read.given.names.is_empty() {
        return Outcome::wrong("no audit flag of kube-apiserver is set");
    }
    let flags = Flags::new(&read.settings);
    let mismatch = |claim: &audit_tests::SettingClaim| claim.mismatch(flags.value(&claim.flag));
    if let Some(mismatch) = check.claims.iter().find_map(mismatch) {
        return Outcome::wrong(mismatch);
    }
    if check.is_mounted
        && let Some(outcome) = unmounted(&read.settings, &findings)
    {
        return outcome;
    }
    let is_left = |finding: &&Diagnostic| check.without.iter().any(|code| *code == finding.code);
    match findings.iter().find(is_left) {
        Some(finding) => of_finding(finding),
        None => Outcome::right("every setting is as the task asks"),
    }
}

/// Returns what is wrong with the files of policy and log, or with their mounts.
fn unmounted(settings: &Settings, findings: &[Diagnostic]) -> Option<Outcome> {
    if settings.policy_path.is_empty() {
        return Some(Outcome::wrong("`--audit-policy-file` is not set"));
    }
    if !settings.log.is_file() {
        return Some(Outcome::wrong("`--audit-log-path` does not name a file"));
    }
    let codes = [
        SettingCode::OutsideMounts.id(),
        SettingCode::HidingMount.id(),
        SettingCode::MissingFile.id(),
        ImportCode::UnpairedMount.id(),
        ImportCode::UnsuitableVolume.id(),
    ];
    let is_of_mounts = |finding: &&Diagnostic| {
        finding.severity != Severity::Info && codes.iter().any(|code| *code == finding.code)
    };
    findings.iter().find(is_of_mounts).map(of_finding)
}

fn of_finding(finding: &Diagnostic) -> Outcome {
    let reason = match finding.help.is_empty() {
        true => finding.message.clone(),
        false => format!("{}; {}", finding.message, finding.help),
    };
    Outcome {
        place: finding.span(),
        ..Outcome::wrong(reason)
    }
}

/// Values of flags, those that have their default included.
struct Flags(Vec<apiserver_config::Flag>);

impl Flags {
    fn new(settings: &Settings) -> Self {
        let mut all = settings.clone();
        all.include_defaults = true;
        let mut flags = all.flags();
        flags.extend(settings.changed_flags());
        Self(flags)
    }

    fn value(&self, name: &str) -> Option<&str> {
        let flag = self.0.iter().find(|flag| flag.name == name);
        flag.map(|flag| flag.value.as_str())
    }
}

/// Returns the name of the flag that is meant, if there is none with a name.
pub(crate) fn unknown_flag(name: &str) -> Option<String> {
    let mut all = Settings {
        include_defaults: true,
        ..Settings::default()
    };
    all.log.path = "/a".to_owned();
    all.webhook.config_path = "/b".to_owned();
    let known = all.flags();
    let names = || known.iter().map(|flag| flag.name.as_str());
    if names().any(|known| known == name) {
        return None;
    }
    let meant = audit_types::spelling::nearest(name, names(), 3);
    Some(meant.map_or_else(String::new, |meant| format!("did you mean `{meant}`?")))
}
