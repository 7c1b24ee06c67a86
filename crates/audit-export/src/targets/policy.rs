//! The policy file itself. Source: the page "Auditing" of the Kubernetes documentation.

use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;
use apiserver_config::Settings;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Policy, file_name(settings), &settings.policy);
    let place = if settings.policy_path.is_empty() {
        String::new()
    } else {
        format!(" as `{}`", one_line(&settings.policy_path))
    };
    document.note = format!(
        "Save this{place} on every control-plane node before the server gets its flags. The server reads the file only when it starts: \
         after an edit, restart it."
    );
    document.steps = guide::place(settings);
    document
        .steps
        .push("Then give each server its flags: see the other targets. After an edit, restart the servers one after the other.".to_owned());
    document.verify = guide::verify(settings);
    document.undo =
        vec!["Put the policy of before back on every node and restart the servers.".to_owned()];
    document
}

/// The last part of the path, where that is a name that every system takes.
pub(crate) fn file_name(settings: &Settings) -> String {
    let last = settings.policy_path.rsplit('/').next().unwrap_or_default();
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if last.starts_with(|c: char| c.is_ascii_alphanumeric()) && last.chars().all(safe) {
        last.to_owned()
    } else {
        "audit-policy.yaml".to_owned()
    }
}
