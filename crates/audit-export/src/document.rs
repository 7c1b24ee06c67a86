//! Result of an export: a text, the files that it needs, and instructions.

use crate::target::Target;

/// A text to copy or save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// Short title.
    pub title: String,
    /// File name to save the text under.
    pub file_name: String,
    /// Summary in a few sentences, with paths and commands in backticks.
    pub note: String,
    /// Text, with a final line end.
    pub text: String,
    /// Further files that the export needs.
    pub files: Vec<File>,
    /// Steps to install it, in order.
    pub steps: Vec<String>,
    /// Steps to verify that the server audits.
    pub verify: Vec<String>,
    /// Steps to undo the change.
    pub undo: Vec<String>,
}

/// A file of an export.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Path: absolute on each node, or relative to where the command is run.
    pub path: String,
    /// Contents.
    pub text: String,
    /// Permissions in octal, as for `chmod`.
    pub mode: &'static str,
}

impl Document {
    /// Creates a document with only a text.
    pub(crate) fn new(
        target: Target,
        file_name: impl Into<String>,
        text: impl Into<String>,
    ) -> Self {
        Self {
            title: target.title().to_owned(),
            file_name: file_name.into(),
            note: String::new(),
            text: end_line(text.into()),
            files: Vec::new(),
            steps: Vec::new(),
            verify: Vec::new(),
            undo: Vec::new(),
        }
    }

    /// Returns the first line of the text, from 1, that sets a flag, in any of the targets' spellings: `--audit-log-path=`, `auditLogPath:`,
    /// `audit_log_path:`. `None` if no line does.
    pub fn line_of(&self, flag: &str) -> Option<usize> {
        let wanted = letters(flag);
        let place = self.text.lines().position(|line| {
            !line.trim_start().starts_with('#') && letters(line).contains(&wanted)
        })?;
        Some(place + 1)
    }
}

/// Returns only the letters and digits, in lower case.
fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// Adds a final line end to a text that is not empty.
pub(crate) fn end_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::render::render;
    use crate::target::Target;
    use apiserver_config::Settings;

    #[test]
    fn a_flags_line_is_found_in_every_spelling() {
        let settings =
            Settings::new("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: None\n");
        for (target, line) in [
            (Target::Flags, "--audit-log-maxage=30"),
            (Target::KubeadmV1beta4, "    - name: audit-log-maxage"),
            (Target::Kops, "    auditLogMaxAge: 30"),
            (Target::Kubespray, "audit_log_maxage: 30"),
        ] {
            let document = render(&settings, target);
            let place = document.line_of("audit-log-maxage").unwrap();
            assert_eq!(document.text.lines().nth(place - 1), Some(line));
            assert_eq!(document.line_of("audit-webhook-mode"), None);
        }
    }
}
