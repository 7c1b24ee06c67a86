//! Standard output, whose errors are returned, and standard error, whose errors are ignored.

use std::io::{self, BufWriter, IsTerminal, StdoutLock, Write};
use std::sync::atomic::{AtomicBool, Ordering};

use crate::in_process;
use crate::terminal::{Style, safe};

/// Maximum number of characters of a status: it must fit into one line.
const MAX_STATUS: usize = 79;

/// Standard output, buffered. Flush it to get the last error.
pub(crate) struct Output {
    /// `None` if the output is collected.
    out: Option<BufWriter<StdoutLock<'static>>>,
    form: Form,
}

/// Treatment of control characters and invisible characters.
#[derive(Debug, Clone, Copy)]
enum Form {
    /// Unchanged.
    Exact,
    /// Made visible, except for the colors of the style.
    Visible(Style),
    /// Escaped as in JSON: the same data, and harmless.
    Json,
}

impl Output {
    fn new(form: Form) -> Self {
        if in_process::is_active() {
            return Self { out: None, form };
        }
        Self {
            out: Some(BufWriter::with_capacity(1 << 16, io::stdout().lock())),
            form,
        }
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        match &mut self.out {
            Some(out) => out.write_all(bytes),
            None => in_process::write(bytes),
        }
    }

    /// Creates an output for constant text of the program, with its colors.
    pub(crate) fn own() -> Self {
        Self::new(Form::Exact)
    }

    /// Creates an output for JSON, which is the same data everywhere.
    pub(crate) fn json() -> Self {
        Self::new(if is_terminal() {
            Form::Json
        } else {
            Form::Exact
        })
    }

    /// Creates an output for text, in which nothing can control a terminal.
    pub(crate) fn text() -> Self {
        Self::new(Form::Visible(if in_process::is_active() {
            Style::PLAIN
        } else {
            Style::of_stdout()
        }))
    }

    /// Creates an output for a policy, a manifest or a log: unchanged in a file or a pipe, and safe on a terminal.
    pub(crate) fn data() -> Self {
        Self::new(if is_terminal() {
            Form::Visible(Style::PLAIN)
        } else {
            Form::Exact
        })
    }
}

impl Output {
    /// Writes a policy within other output: unchanged, or made safe on a terminal.
    pub(crate) fn write_exact(&mut self, bytes: &[u8]) -> io::Result<()> {
        if is_terminal() {
            return self.put(Style::PLAIN.visible(bytes).as_bytes());
        }
        self.put(bytes)
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self.form {
            Form::Exact => self.put(bytes)?,
            Form::Visible(style) => self.put(style.visible(bytes).as_bytes())?,
            Form::Json => self.put(audit_text::escape_json(bytes).as_bytes())?,
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.as_mut().map_or(Ok(()), Write::flush)
    }
}

/// Returns whether the output is shown on a terminal.
fn is_terminal() -> bool {
    !in_process::is_active() && io::stdout().is_terminal()
}

/// A status is shown in the last line of the terminal.
static HAS_STATUS: AtomicBool = AtomicBool::new(false);

/// Shows a status on standard error, which is a terminal, instead of the previous one.
pub(crate) fn status(text: &str) {
    let text: String = safe(text).chars().take(MAX_STATUS).collect();
    let line = format!("\r\x1b[K{text}");
    HAS_STATUS.store(true, Ordering::Relaxed);
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Removes the status from the terminal.
pub(crate) fn clear_status() {
    if HAS_STATUS.swap(false, Ordering::Relaxed) {
        let _ = io::stderr().lock().write_all(b"\r\x1b[K");
    }
}

/// Prints one line on standard error, or collects it. Errors are ignored, because there is no place to report them.
pub(crate) fn diagnostic(message: &str) {
    if in_process::message(message) {
        return;
    }
    let line = format!("audit-policy: {}\n", safe(message));
    clear_status();
    let _ = io::stderr().lock().write_all(line.as_bytes());
}

/// Prints several lines on standard error, without the name of the command.
pub(crate) fn diagnostic_lines(lines: &str) {
    let lines = Style::PLAIN.visible(lines.as_bytes());
    let _ = io::stderr().lock().write_all(lines.as_bytes());
}
