//! What a terminal can show.

use std::io::{self, IsTerminal};

/// Colours, or none where nobody would see them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(bool);

/// A role that has a colour.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// What keeps the server from starting.
    Error,
    /// What is probably not meant.
    Warning,
    /// What is good, or worth knowing.
    Note,
    /// Frames and line numbers.
    Faint,
    /// Headings.
    Strong,
}

impl Style {
    /// Colour on a terminal, and never with NO_COLOR.
    pub(crate) fn of_stdout() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(io::stdout().is_terminal() && !forbidden)
    }

    /// The text in the colour of its role.
    pub(crate) fn paint(self, role: Role, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        let code = match role {
            Role::Error => "1;31",
            Role::Warning => "1;33",
            Role::Note => "1;34",
            Role::Faint => "2",
            Role::Strong => "1",
        };
        format!("\x1b[{code}m{text}\x1b[0m")
    }
}

/// The text with control characters made visible, so that no input can steer the terminal.
pub(crate) fn safe(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' => ' ',
            control if control.is_control() => char::REPLACEMENT_CHARACTER,
            plain => plain,
        })
        .collect()
}
