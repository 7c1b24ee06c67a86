//! Checks the arguments of a MicroK8s node, which are plain flags: paths outside of the snap's directories. Sources are those of the export.

use apiserver_config::SettingCode;
use apiserver_config::paths::{components, excerpt};
use apiserver_config::platforms::MICROK8S_SNAP;
use audit_types::Severity;

use crate::parsed_input::ParsedInput;

/// Variables of a snap, which the arguments of MicroK8s use.
const VARIABLES: [&str; 3] = ["SNAP_DATA", "SNAP_COMMON", MICROK8S_SNAP];

/// Flags whose values are paths.
const PATHS: [&str; 3] = [
    "audit-policy-file",
    "audit-log-path",
    "audit-webhook-config-file",
];

/// Reports absolute paths outside of the snap, if the text is of MicroK8s.
pub(crate) fn check(text: &str, found: &mut ParsedInput) {
    if !VARIABLES.iter().any(|variable| text.contains(variable)) {
        return;
    }
    let is_outside = |path: &str| {
        path.starts_with('/')
            && path != "/dev/stdout"
            && !components(path).starts_with(&components(MICROK8S_SNAP))
    };
    let mut outside = Vec::new();
    let mut words = found.words.iter().peekable();
    while let Some(word) = words.next() {
        let bare = word.text.trim_start_matches('-');
        let (name, value) = bare.split_once('=').unzip();
        let name = name.unwrap_or(bare);
        let value = value.or_else(|| words.peek().map(|next| next.text.as_str()));
        if PATHS.contains(&name)
            && let Some(path) = value.filter(|path| is_outside(path))
        {
            outside.push((path.to_owned(), word.line));
        }
    }
    for (path, line) in outside {
        found.report(
            SettingCode::InaccessibleFile,
            Severity::Info,
            line,
            format!("`{}` is outside of the MicroK8s snap", excerpt(&path)),
            "under strict confinement the server cannot access it: use `${SNAP_DATA}/args` for the policy and `${SNAP_COMMON}` for the log",
        );
    }
}
