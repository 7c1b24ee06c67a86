//! Findings about a pasted text.

use audit_policy::Severity;

/// A finding about a pasted text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportFinding {
    /// The stable code; each has a page in `findings/`. `AE007` characters that look like others; `AE015` a flag that this version does not know or spells otherwise;
    /// `AE016` a value that the server cannot read; `AE017` a text that does not end; `AE018` a flag that is given twice;
    /// `AE019` a text, or a part of it, that cannot be read or holds no flags; `AE020` a mount without volume, or the reverse; `AE021` a volume
    /// that loses the log or cannot hold the file; `AE022` a configuration of another shape than its reader takes; `AE023` flags in more than
    /// one place; `AE024` a file that lies elsewhere on the node. Of mounts, `AE011` and `AE014` as in [`apiserver_config::SettingFinding`].
    pub code: &'static str,
    /// How much it matters: errors keep the server from starting.
    pub severity: Severity,
    /// Line, from 1.
    pub line: usize,
    /// One sentence; for a value that cannot be read, the server's own.
    pub message: String,
    /// What to do, or what follows.
    pub help: String,
}

pub(crate) fn finding(
    code: &'static str,
    severity: Severity,
    line: usize,
    message: impl Into<String>,
    help: impl Into<String>,
) -> ImportFinding {
    ImportFinding {
        code,
        severity,
        line,
        message: message.into(),
        help: help.into(),
    }
}
