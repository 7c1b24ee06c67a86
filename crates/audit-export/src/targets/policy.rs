//! The policy file itself. Source: the page "Auditing" of the Kubernetes documentation.

use apiserver_config::Settings;

use crate::document::Document;
use crate::guide::{self, one_line};
use crate::target::Target;

pub(crate) fn document(settings: &Settings) -> Document {
    let mut document = Document::new(Target::Policy, file_name(settings), &settings.policy);
    let place = if settings.policy_path.is_empty() {
        String::new()
    } else {
        format!(" as `{}`", one_line(&settings.policy_path))
    };
    document.note = format!(
        "Save this{place} on every control-plane node before you set the server's flags. The server only reads the file when it starts: \
         restart it after an edit."
    );
    document.steps = guide::copy_files(settings);
    document
        .steps
        .push("Then set each server's flags: see the other targets. After an edit, restart the servers one by one.".to_owned());
    document.verify = guide::verify(settings);
    document.undo =
        vec!["Restore the previous policy on every node and restart the servers.".to_owned()];
    document
}

/// Returns the file name of the policy's path, or a default if not every system allows it.
pub(crate) fn file_name(settings: &Settings) -> String {
    let last = settings.policy_path.rsplit('/').next().unwrap_or_default();
    let safe = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if last.starts_with(|c: char| c.is_ascii_alphanumeric()) && last.chars().all(safe) {
        last.to_owned()
    } else {
        "audit-policy.yaml".to_owned()
    }
}
