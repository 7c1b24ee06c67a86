//! A command that runs within the process: texts take the place of files, and its output is collected instead of printed.
//!
//! While it runs, no name on its thread leads to a file: a name is one of the given texts, or nothing.

use std::cell::RefCell;
use std::io;
use std::sync::Arc;

use crate::terminal::safe;

/// Maximum number of messages that are kept.
const MAX_MESSAGES: usize = 100;

/// Maximum length of a message in bytes.
const MAX_MESSAGE_BYTES: usize = 4096;

/// Bytes of a text.
pub(crate) type Contents = Arc<[u8]>;

/// Result of a command.
#[derive(Debug, Default)]
pub(crate) struct Collected {
    /// Bytes of its standard output.
    pub(crate) out: Vec<u8>,
    /// It would have printed more bytes than allowed.
    pub(crate) is_cut: bool,
    /// Lines of its standard error, without the name of the program.
    pub(crate) messages: Vec<String>,
    /// Number of further lines.
    pub(crate) more_messages: u64,
}

struct Call {
    texts: Vec<(String, Contents)>,
    max_bytes: usize,
    collected: Collected,
}

thread_local! {
    static CALL: RefCell<Option<Call>> = const { RefCell::new(None) };
}

/// Runs a command with texts by name. Writing more than `max_bytes` is an error for the command.
pub(crate) fn run<T>(
    texts: Vec<(String, Contents)>,
    max_bytes: usize,
    command: impl FnOnce() -> T,
) -> (T, Collected) {
    let call = Call {
        texts,
        max_bytes,
        collected: Collected::default(),
    };
    CALL.replace(Some(call));
    // If the command panics, the thread ends or begins another call, which replaces this one.
    let result = command();
    let call = CALL.take();
    (result, call.map(|call| call.collected).unwrap_or_default())
}

/// Returns whether a command runs within the process on this thread.
pub(crate) fn is_active() -> bool {
    CALL.with_borrow(Option::is_some)
}

/// Returns the text of a name. `None` if no command runs within the process.
pub(crate) fn text(name: &str) -> Option<Option<Contents>> {
    CALL.with_borrow(|call| {
        let texts = &call.as_ref()?.texts;
        let found = texts.iter().find(|(own, _)| own == name);
        Some(found.map(|(_, contents)| Arc::clone(contents)))
    })
}

/// Collects bytes of standard output.
///
/// # Errors
/// If there are more than allowed.
pub(crate) fn write(bytes: &[u8]) -> io::Result<()> {
    CALL.with_borrow_mut(|call| {
        let Some(call) = call else { return Ok(()) };
        let out = &mut call.collected.out;
        if out.len().saturating_add(bytes.len()) > call.max_bytes {
            call.collected.is_cut = true;
            return Err(io::Error::other("the answer is too large"));
        }
        out.extend_from_slice(bytes);
        Ok(())
    })
}

/// Collects a message. Returns false if no command runs within the process: then it is to be printed.
pub(crate) fn message(text: &str) -> bool {
    CALL.with_borrow_mut(|call| {
        let Some(call) = call else { return false };
        let collected = &mut call.collected;
        if collected.messages.len() < MAX_MESSAGES {
            let end = text.floor_char_boundary(MAX_MESSAGE_BYTES);
            let text = safe(text.get(..end).unwrap_or_default());
            collected.messages.push(text.into_owned());
        } else {
            collected.more_messages += 1;
        }
        true
    })
}
