//! State of the running worker: its session, the log being read, and messages to the page.

use std::cell::{Cell, RefCell};

use js_sys::Uint8Array;
use playground_protocol::{ToPage, encode};

use crate::browser::scope;
use crate::session::Session;

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
    /// Number of the read that was started last. An earlier read that is still running stops when it sees another number.
    static CURRENT_READ: Cell<u32> = const { Cell::new(0) };
    /// Set when the page cancels reading.
    static CANCELLED: Cell<bool> = const { Cell::new(false) };
}

/// Calls a function with the session.
pub(crate) fn with_session<T>(work: impl FnOnce(&mut Session) -> T) -> T {
    SESSION.with(|session| work(&mut session.borrow_mut()))
}

/// Sends a message to the page.
pub(crate) fn post(message: &ToPage) {
    let bytes = Uint8Array::from(encode(message).as_slice());
    // Posting fails only if the page is gone, and with it everyone who could handle the error.
    let _ = scope().post_message(&bytes);
}

/// Sends messages to the page.
pub(crate) fn post_all(messages: &[ToPage]) {
    messages.iter().for_each(post);
}

/// Starts a read and returns its number. All earlier reads stop.
pub(crate) fn begin_read() -> u32 {
    CANCELLED.set(false);
    CURRENT_READ.set(CURRENT_READ.get().wrapping_add(1));
    CURRENT_READ.get()
}

/// Returns `true` if no other read was started after the one with this number.
pub(crate) fn is_current(read: u32) -> bool {
    CURRENT_READ.get() == read
}

/// Cancels the current read.
pub(crate) fn cancel_read() {
    CANCELLED.set(true);
}

/// Returns `true` if the page has cancelled the current read.
pub(crate) fn is_cancelled() -> bool {
    CANCELLED.get()
}
