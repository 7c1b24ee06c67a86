//! What the command prints: standard output, whose errors count, and standard error, whose errors do not.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::terminal::{Style, safe};

/// Standard output. What cannot be written is an error for the caller; flush it to learn of the last.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    /// The colours that pass where the text is for people; `None` where bytes go out as they are.
    people: Option<Style>,
}

impl Output {
    fn new(people: Option<Style>) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            people,
        }
    }

    /// JSON, which stays exact wherever it goes.
    pub(crate) fn json() -> Self {
        Self::new(None)
    }

    /// Text for people: nothing in it can steer a terminal.
    pub(crate) fn text() -> Self {
        Self::new(Some(Style::of_stdout()))
    }

    /// A policy, a manifest or a log: exact in a file or a pipe, and safe to look at on a terminal.
    pub(crate) fn data() -> Self {
        Self::new(io::stdout().is_terminal().then_some(Style::PLAIN))
    }
}

impl Output {
    /// Writes a policy among other output: as it is, but on a terminal, where it is made safe to look at.
    pub(crate) fn write_exact(&mut self, bytes: &[u8]) -> io::Result<()> {
        if io::stdout().is_terminal() {
            return self.out.write_all(Style::PLAIN.visible(bytes).as_bytes());
        }
        self.out.write_all(bytes)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.people {
            Some(style) => self.out.write_all(style.visible(bytes).as_bytes())?,
            None => self.out.write_all(bytes)?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

/// Says one line on standard error. Nothing follows from an error there: whoever closed it does not want to know.
pub(crate) fn diagnostic(message: &str) {
    let line = format!("audit-policy: {}\n", safe(message));
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Says several lines on standard error, without the command's name before them.
pub(crate) fn diagnostic_lines(lines: &str) {
    let lines = Style::PLAIN.visible(lines.as_bytes());
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}
