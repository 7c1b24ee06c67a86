//! Reports flags for rotation of a log on standard output, which only a file needs.

use apiserver_config::{SettingCode, Settings};
use audit_types::Severity;

use crate::finding::{LineFinding, finding};
use crate::shell_words::ShellWord;

/// Flags that only apply to a log in a file.
const ROTATION: [&str; 4] = [
    "audit-log-maxage",
    "audit-log-maxbackup",
    "audit-log-maxsize",
    "audit-log-compress",
];

/// Help about the container's output.
const WHERE: &str = "events are in the container's output, mixed with the server's own messages, and the kubelet rotates it: set `containerLogMaxSize` and `containerLogMaxFiles` in its configuration, or write the log to a file";

/// Returns the finding about flags for rotation, at the first of them.
pub(crate) fn check(settings: &Settings, words: &[ShellWord]) -> Option<LineFinding> {
    if !settings.log.is_stdout() {
        return None;
    }
    let flag = |word: &ShellWord| {
        let bare = word.text.strip_prefix("--")?.replace('_', "-");
        let name = bare.split('=').next()?;
        ROTATION.into_iter().find(|known| *known == name)
    };
    let given: Vec<&str> = words.iter().filter_map(flag).collect();
    let first = words.iter().find(|word| flag(word).is_some())?;
    let mut names = ROTATION.to_vec();
    names.retain(|name| given.contains(name));
    let verb = if names.len() == 1 { "has" } else { "have" };
    let names: Vec<String> = names.iter().map(|name| format!("`--{name}`")).collect();
    let message = format!(
        "{} {verb} no effect: the log goes to standard output",
        names.join(", ")
    );
    Some(finding(
        SettingCode::StandardOutput,
        Severity::Warning,
        first.line,
        message,
        WHERE,
    ))
}
