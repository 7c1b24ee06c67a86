//! Colours, and text that a terminal can be shown.

use std::borrow::Cow;
use std::io::{self, IsTerminal};

use audit_log::placeholder;

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

impl Role {
    const ALL: [Self; 5] = [
        Self::Error,
        Self::Warning,
        Self::Note,
        Self::Faint,
        Self::Strong,
    ];

    /// The sequence that starts the colour.
    const fn sequence(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[1;34m",
            Self::Faint => "\x1b[2m",
            Self::Strong => "\x1b[1m",
        }
    }
}

/// The sequence that ends a colour.
const RESET: &str = "\x1b[0m";

impl Style {
    /// No colours.
    pub(crate) const PLAIN: Self = Self(false);

    /// Colour on a terminal, and never with NO_COLOR.
    pub(crate) fn of_stdout() -> Self {
        let forbidden = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        Self(io::stdout().is_terminal() && !forbidden)
    }

    /// Whether there are colours.
    pub(crate) const fn is_coloured(self) -> bool {
        self.0
    }

    /// The text in the colour of its role.
    pub(crate) fn paint(self, role: Role, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        format!("{}{text}{RESET}", role.sequence())
    }

    /// Lines with everything visible that steers a terminal or hides, but for line feeds and the colours of this style.
    pub(crate) fn visible(self, mut bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len());
        let next = |bytes| self.0.then(|| next_colour(bytes)).flatten();
        while let Some((start, sequence)) = next(bytes) {
            let (before, after) = bytes.split_at(start);
            out.push_str(&audit_text::escape_byte_lines(before));
            out.push_str(sequence);
            bytes = after.get(sequence.len()..).unwrap_or_default();
        }
        out.push_str(&audit_text::escape_byte_lines(bytes));
        out
    }
}

/// The first of the program's own colour sequences, and where it starts.
fn next_colour(bytes: &[u8]) -> Option<(usize, &'static str)> {
    let mut from = 0;
    loop {
        let rest = bytes.get(from..)?;
        let start = from + rest.iter().position(|byte| *byte == 0x1b)?;
        let here = bytes.get(start..)?;
        let own = Role::ALL
            .into_iter()
            .map(Role::sequence)
            .chain([RESET])
            .find(|sequence| here.starts_with(sequence.as_bytes()));
        if let Some(sequence) = own {
            return Some((start, sequence));
        }
        from = start + 1;
    }
}

/// The text on one line, with every character visible that steers a terminal or hides, and U+FFFD for each byte of a log that is not UTF-8.
pub(crate) fn safe(text: &str) -> Cow<'_, str> {
    if placeholder::is_in(text) {
        let shown = placeholder::to_display(text);
        return Cow::Owned(audit_text::escape(&shown).into_owned());
    }
    audit_text::escape(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_that_are_not_utf8_are_replaced() {
        assert_eq!(
            safe(&placeholder::decode(b"caf\xe9\x1b")),
            "caf\u{fffd}\\u{1b}"
        );
    }

    #[test]
    fn only_the_own_colours_pass() {
        let coloured = Style(true);
        let painted = coloured.paint(Role::Error, "a\x1b[31mb");
        assert_eq!(
            coloured.visible(painted.as_bytes()),
            "\x1b[1;31ma\\u{1b}[31mb\x1b[0m"
        );
        assert_eq!(
            Style::PLAIN.visible(painted.as_bytes()),
            "\\u{1b}[1;31ma\\u{1b}[31mb\\u{1b}[0m"
        );
        assert_eq!(
            coloured.visible(b"\x1b\x1b[2mx\xff\n\r"),
            "\\u{1b}\x1b[2mx\\xff\n\\r"
        );
    }
}
