//! What an export is: a text to save, what it needs beside it, and how to put it to work.

use crate::target::Target;

/// A text to copy or save.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// A few words: the tab.
    pub title: String,
    /// The name to save it under.
    pub file_name: String,
    /// What goes where, and how to see that it works: a few sentences, paths and commands in backticks.
    pub note: String,
    /// The text, with a final line end.
    pub text: String,
    /// The files that it needs beside it.
    pub files: Vec<File>,
    /// What to do, in order.
    pub steps: Vec<String>,
    /// How to see that the server audits.
    pub verify: Vec<String>,
    /// How to go back.
    pub undo: Vec<String>,
}

/// A file that must lie somewhere.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where it must lie: on each node, or from where the command is run.
    pub path: String,
    /// What is in it.
    pub text: String,
    /// Who may do what with it, as `chmod` reads it.
    pub mode: &'static str,
}

impl Document {
    /// A document with nothing beside its text.
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

    /// The first line of the text, from 1, that sets a flag, in whatever way the target spells it: `--audit-log-path=`, `auditLogPath:`,
    /// `audit_log_path:`.
    pub fn line_of(&self, flag: &str) -> Option<usize> {
        let wanted = letters(flag);
        let place = self.text.lines().position(|line| {
            !line.trim_start().starts_with('#') && letters(line).contains(&wanted)
        })?;
        Some(place + 1)
    }
}

/// The letters and digits alone, in lower case.
fn letters(text: &str) -> String {
    text.chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|c| c.to_ascii_lowercase())
        .collect()
}

/// A text with a final line end, unless it is empty.
pub(crate) fn end_line(mut text: String) -> String {
    if !text.is_empty() && !text.ends_with('\n') {
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use crate::target::{Target, render};
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
