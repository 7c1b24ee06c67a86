//! The user's manifest: what it sets stays unless the call sets it, and what keeps its server from starting is reported.

use std::collections::HashSet;

use apiserver_config::{Flag, SettingCode, Settings, flag_of};
use audit_import::{Import, Patched, import, patch};
use audit_policy::KubernetesVersion;
use audit_types::{Code, Diagnostic, Severity};

use crate::arguments::Export;
use crate::error::Error;
use crate::file_name::FileName;

/// Adds the audit flags that the manifest sets to the settings, except those that the call sets. Settings of a file are whole: nothing is added to them.
pub(super) fn keep_flags(text: &str, settings: &mut Settings, arguments: &Export) {
    if arguments.log.settings.is_some() {
        return;
    }
    let read = import(text, settings.version);
    let set_by_call = set_by_call(arguments);
    let is_kept = |flag: &Flag| {
        let name = flag.name.as_str();
        let has = |names: &[String]| names.iter().any(|given| given == name);
        has(&read.given.names) && !has(&read.given.unknown) && !set_by_call.contains(name)
    };
    for flag in values(&read.settings).into_iter().filter(is_kept) {
        // A value that the form cannot have, such as a duration below a millisecond, stays as it is by default.
        let _ = settings.set_flag(&flag.name, &flag.value);
    }
}

/// Returns all flags with their values, also those of a backend that is off.
fn values(settings: &Settings) -> Vec<Flag> {
    let every = Settings {
        include_defaults: true,
        ..settings.clone()
    };
    let mut flags = every.flags();
    flags.extend(settings.changed_flags());
    flags
}

/// Returns the names of the flags that the call sets.
fn set_by_call(arguments: &Export) -> HashSet<&str> {
    let log = &arguments.log;
    let options = [
        ("audit-policy-file", arguments.policy_path.is_some()),
        ("audit-log-path", log.log_path.is_some()),
        ("audit-log-maxage", log.max_age.is_some()),
        ("audit-log-maxbackup", log.max_backup.is_some()),
        ("audit-log-maxsize", log.max_size.is_some()),
        ("audit-log-compress", log.compress),
    ];
    let options = options.into_iter().filter(|(_, is_set)| *is_set);
    let sets = arguments.sets.iter();
    let sets = sets.map(|set| set.split('=').next().unwrap_or_default());
    options
        .map(|(name, _)| name)
        .chain(sets.map(|name| name.trim_start_matches("--")))
        .collect()
}

/// Puts the settings into the manifest of that file.
pub(super) fn patch_text(
    file: &FileName,
    text: &str,
    settings: &Settings,
) -> Result<Patched, Error> {
    patch(settings, text).map_err(|error| Error::Input {
        file: file.to_string(),
        line: error.line.unwrap_or(1),
        error: format!("{} ({})", error.message, error.help),
    })
}

/// Returns what keeps the manifest's server from starting apart from the settings, such as a feature gate that was removed. `is_given` is whether the call sets the
/// version; otherwise it is that of the image, if it is a known one.
pub(super) fn rejections(
    patched: &Patched,
    version: KubernetesVersion,
    is_given: bool,
) -> Vec<Diagnostic> {
    let read = import(&patched.text, version);
    let named = named_version(&read).filter(|named| !is_given && *named != version);
    let read = match named {
        Some(named) => import(&patched.text, named),
        None => read,
    };
    let is_rejection = |finding: &Diagnostic| {
        finding.severity == Severity::Error && finding.code == SettingCode::Unsupported.id()
    };
    let of_text = read.findings.into_iter();
    of_text
        .filter(|finding| is_rejection(finding) && flag_of(finding).is_empty())
        .collect()
}

fn named_version(read: &Import) -> Option<KubernetesVersion> {
    let minor = read.image_version.as_ref()?.minor;
    KubernetesVersion::from_minor(u8::try_from(minor).ok()?)
}
