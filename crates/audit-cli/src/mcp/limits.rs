//! Limits of messages, texts and answers.

/// Maximum length of a message in bytes. JSON writes some characters of a text as two or six.
pub(super) const MAX_MESSAGE_BYTES: usize = 64 << 20;

/// Number of bytes after which a message that is too long is not read any more for its id.
pub(super) const MAX_SKIPPED_BYTES: u64 = 1 << 30;

/// Maximum size of a policy, of tests, of a manifest or of settings in bytes. A ConfigMap can have no larger policy.
pub(super) const MAX_TEXT_BYTES: usize = 1 << 20;

/// Maximum size of a log in bytes.
pub(super) const MAX_LOG_BYTES: usize = 32 << 20;

/// Maximum size of metrics in bytes.
pub(super) const MAX_METRICS_BYTES: usize = 16 << 20;

/// Maximum size of all requests of a call in bytes.
pub(super) const MAX_REQUESTS_BYTES: usize = 4 << 20;

/// Maximum length of a query, a name or a value in bytes.
pub(super) const MAX_WORD_BYTES: usize = 16 << 10;

/// Maximum number of values of an argument that is a list.
pub(super) const MAX_VALUES: usize = 100;

/// Maximum size of an answer in bytes.
pub(super) const MAX_ANSWER_BYTES: usize = 8 << 20;

/// Maximum number of calls at the same time.
pub(super) const MAX_CALLS: usize = 4;

/// Maximum number of requests that wait for their answer; further ones are not read until then.
pub(super) const MAX_WAITING: usize = 16;

/// Stack of a call in bytes: that of a command's main thread.
pub(super) const STACK_BYTES: usize = 8 << 20;

/// Maximum length of a client's name in a message, in bytes.
const MAX_SHOWN_BYTES: usize = 100;

/// Returns the start of a name that a client has sent.
pub(super) fn shown(name: &str) -> &str {
    name.get(..name.floor_char_boundary(MAX_SHOWN_BYTES))
        .unwrap_or_default()
}

/// Returns the message that something is too large.
pub(super) fn too_large(what: &str, bytes: usize, limit: usize) -> String {
    format!("{what} is too large: {bytes} bytes, the limit is {limit}")
}
