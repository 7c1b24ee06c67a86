//! Colors, and text that is safe on a terminal.

use std::borrow::Cow;
use std::io;

use anstream::{AutoStream, ColorChoice};

use audit_log::placeholder;

/// Colors, or none if the output does not support them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style(bool);

/// A role of text that has a color.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    /// Errors: the server does not start.
    Error,
    /// Probable mistakes.
    Warning,
    /// Good results and information.
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

    /// Returns the escape sequence that starts the color.
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

/// Escape sequence that ends a color.
const RESET: &str = "\x1b[0m";

impl Style {
    /// Without colors.
    pub(crate) const PLAIN: Self = Self(false);

    /// Returns a style with colors if standard output is a terminal that has some, unless the environment says otherwise, such as with
    /// `NO_COLOR` or `CLICOLOR_FORCE`.
    pub(crate) fn of_stdout() -> Self {
        Self(AutoStream::choice(&io::stdout()) != ColorChoice::Never)
    }

    /// Returns whether there are colors.
    pub(crate) const fn is_colored(self) -> bool {
        self.0
    }

    /// Formats a text in the color of its role.
    pub(crate) fn paint(self, role: Role, text: &str) -> String {
        if !self.0 {
            return text.to_owned();
        }
        format!("{}{text}{RESET}", role.sequence())
    }

    /// Makes control characters and invisible characters in lines visible, except for line feeds and the colors of this style.
    pub(crate) fn visible(self, mut bytes: &[u8]) -> String {
        let mut out = String::with_capacity(bytes.len());
        let next = |bytes| self.0.then(|| next_color(bytes)).flatten();
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

/// Finds the first color sequence of this program, and its start.
fn next_color(bytes: &[u8]) -> Option<(usize, &'static str)> {
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

/// Makes all control characters and invisible characters of a text visible, on one line, with U+FFFD for each byte of a log that is not UTF-8.
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
    fn only_colors_of_the_style_remain() {
        let colored = Style(true);
        let painted = colored.paint(Role::Error, "a\x1b[31mb");
        assert_eq!(
            colored.visible(painted.as_bytes()),
            "\x1b[1;31ma\\u{1b}[31mb\x1b[0m"
        );
        assert_eq!(
            Style::PLAIN.visible(painted.as_bytes()),
            "\\u{1b}[1;31ma\\u{1b}[31mb\\u{1b}[0m"
        );
        assert_eq!(
            colored.visible(b"\x1b\x1b[2mx\xff\n\r"),
            "\\u{1b}\x1b[2mx\\xff\n\\r"
        );
    }
}
