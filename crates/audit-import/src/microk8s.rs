//! Reads the arguments of a MicroK8s node: plain flags, or those of a launch configuration, and reports paths outside of the snap's directories.
//! Sources are those of the export; for the launch configuration the type `Configuration` of its cluster agent (`extraKubeAPIServerArgs`, a map of flags with
//! dashes; `extraConfigFiles`, saved in `$SNAP_DATA/args`).

use crate::codes::ImportCode;
use apiserver_config::SettingCode;
use apiserver_config::paths::components;
use apiserver_config::platforms::MICROK8S_SNAP;
use audit_policy::document::{Kind, Node};
use audit_types::Severity;
use audit_types::excerpt::excerpt;

use crate::input_format::InputFormat;
use crate::parsed_input::{Lines, ParsedInput, scalar};

/// Variables of a snap, which the arguments of MicroK8s use.
const VARIABLES: [&str; 3] = ["SNAP_DATA", "SNAP_COMMON", MICROK8S_SNAP];

/// Flags whose values are paths.
const PATHS: [&str; 3] = [
    "audit-policy-file",
    "audit-log-path",
    "audit-webhook-config-file",
];

/// Returns whether a document is a launch configuration.
pub(crate) fn is_launch(root: Node<'_>) -> bool {
    root.field("extraKubeAPIServerArgs").is_some()
}

/// Reads a launch configuration. `None` if it is not one.
pub(crate) fn launch(root: Node<'_>, lines: &Lines<'_>) -> Option<ParsedInput> {
    let arguments = root.get("extraKubeAPIServerArgs")?;
    let mut found = ParsedInput::new(InputFormat::Flags);
    for field in arguments.fields() {
        let line = lines.at(field.key);
        let bare = field.name.trim_start_matches('-');
        if bare.len() == field.name.len() && bare.starts_with("audit-") {
            found.report(
                ImportCode::WrongFormat,
                Severity::Error,
                line,
                format!("the name `{}` has no dashes", excerpt(field.name)),
                "MicroK8s writes the name into the arguments as it is: add two dashes",
            );
        }
        if !matches!(field.value.kind(), Kind::List | Kind::Object | Kind::Null) {
            found.argument(bare, scalar(field.value), line);
        }
    }
    let policy = found
        .words
        .iter()
        .find_map(|word| word.text.strip_prefix("--audit-policy-file="))
        .and_then(|path| path.rsplit('/').next());
    let file = policy.and_then(|name| root.get("extraConfigFiles")?.get(name));
    found.policy = file.and_then(Node::text).map(str::to_owned);
    check_paths(&mut found);
    Some(found)
}

/// Reports absolute paths outside of the snap, if the text is of MicroK8s.
pub(crate) fn check(text: &str, found: &mut ParsedInput) {
    if VARIABLES.iter().any(|variable| text.contains(variable)) {
        check_paths(found);
    }
}

fn check_paths(found: &mut ParsedInput) {
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
