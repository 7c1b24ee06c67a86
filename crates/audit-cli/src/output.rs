//! What the command prints: standard output, whose errors count, and standard error, whose errors do not.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};

use crate::terminal::{Style, safe};

/// Standard output. What cannot be written is an error for the caller; flush it to learn of the last.
pub(crate) struct Output {
    out: BufWriter<StdoutLock<'static>>,
    form: Form,
}

/// What becomes of characters that steer a terminal or hide.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// They go out as they are.
    Exact,
    /// They are made visible, but for the colours of the style.
    Visible(Style),
    /// They are escaped as JSON escapes them: the same data, and harmless.
    Json,
}

impl Output {
    fn new(form: Form) -> Self {
        Self {
            out: BufWriter::with_capacity(1 << 16, io::stdout().lock()),
            form,
        }
    }

    /// Text of the program's own, with the colours that it has.
    pub(crate) fn own() -> Self {
        Self::new(Form::Exact)
    }

    /// JSON, which is the same data wherever it goes.
    pub(crate) fn json() -> Self {
        Self::new(if io::stdout().is_terminal() {
            Form::Json
        } else {
            Form::Exact
        })
    }

    /// Text for people: nothing in it can steer a terminal.
    pub(crate) fn text() -> Self {
        Self::new(Form::Visible(Style::of_stdout()))
    }

    /// A policy, a manifest or a log: exact in a file or a pipe, and safe to look at on a terminal.
    pub(crate) fn data() -> Self {
        Self::new(if io::stdout().is_terminal() {
            Form::Visible(Style::PLAIN)
        } else {
            Form::Exact
        })
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
        match self.form {
            Form::Exact => self.out.write_all(bytes)?,
            Form::Visible(style) => self.out.write_all(style.visible(bytes).as_bytes())?,
            Form::Json => self
                .out
                .write_all(audit_text::escape_json(bytes).as_bytes())?,
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
