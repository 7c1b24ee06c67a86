//! Messages on a stream: a header with the length of the content, and the content, which is JSON.
//!
//! The reader of lsp-server reads lines and contents of any length, so only its type of messages is used.

use std::io::{self, BufRead, Read};

use lsp_server::Message;

use crate::terminal::safe;

/// Maximum length of a header in bytes.
const MAX_HEADER_BYTES: u64 = 4096;

/// Maximum length of a content in bytes: a text of 16 MiB, of which JSON escapes a part.
pub(super) const MAX_CONTENT_BYTES: u64 = 64 << 20;

/// Number of bytes of a wrong header that a message shows.
const SHOWN_BYTES: usize = 60;

/// The reason why a stream cannot be read any further.
#[derive(Debug, thiserror::Error)]
pub(super) enum FrameError {
    /// A line that is not `Name: value` with CR and LF at its end.
    #[error(
        "`{0}` is not a header of the language server protocol: `audit-policy lsp` is started by an editor"
    )]
    Header(String),
    /// No `Content-Length`, or one that is not a number.
    #[error("a message has no valid `Content-Length`: `audit-policy lsp` is started by an editor")]
    NoLength,
    /// A content that is longer than [`MAX_CONTENT_BYTES`].
    #[error("a message of {0} bytes is longer than {limit} MiB", limit = MAX_CONTENT_BYTES >> 20)]
    TooLong(u64),
    /// The input ends inside a message.
    #[error("standard input ends inside a message")]
    Cut,
    /// The content is not a message.
    #[error("the content of a message is not JSON-RPC: {0}")]
    Content(String),
    /// The input cannot be read.
    #[error("cannot read standard input: {0}")]
    Read(#[from] io::Error),
}

/// Reads the next message. `None` at the end of the input.
pub(super) fn read(input: &mut impl BufRead) -> Result<Option<Message>, FrameError> {
    let Some(length) = content_length(input)? else {
        return Ok(None);
    };
    let mut content = Vec::new();
    input.take(length).read_to_end(&mut content)?;
    if u64::try_from(content.len()).ok() != Some(length) {
        return Err(FrameError::Cut);
    }
    let message = serde_json::from_slice(&content);
    message
        .map(Some)
        .map_err(|error| FrameError::Content(safe(&error.to_string()).into_owned()))
}

/// Reads a header. Returns the length of the content; `None` at the end of the input.
fn content_length(input: &mut impl BufRead) -> Result<Option<u64>, FrameError> {
    let mut limited = input.take(MAX_HEADER_BYTES);
    let mut length = None;
    let mut is_first = true;
    loop {
        let mut line = Vec::new();
        limited.read_until(b'\n', &mut line)?;
        if line.is_empty() {
            return match is_first {
                true => Ok(None),
                false => Err(FrameError::Cut),
            };
        }
        is_first = false;
        let Some(text) = line.strip_suffix(b"\r\n") else {
            return Err(not_a_header(&line));
        };
        if text.is_empty() {
            break;
        }
        let parsed = str::from_utf8(text)
            .ok()
            .and_then(|text| text.split_once(':'));
        let Some((name, value)) = parsed else {
            return Err(not_a_header(text));
        };
        if name.eq_ignore_ascii_case("Content-Length") {
            length = value.trim().parse().ok();
        }
    }
    match length {
        Some(length) if length > MAX_CONTENT_BYTES => Err(FrameError::TooLong(length)),
        Some(length) => Ok(Some(length)),
        None => Err(FrameError::NoLength),
    }
}

fn not_a_header(line: &[u8]) -> FrameError {
    let shown = line.get(..SHOWN_BYTES).unwrap_or(line);
    let shown = audit_text::escape_bytes(shown.trim_ascii_end());
    FrameError::Header(shown.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(input: &[u8]) -> String {
        let mut input = input;
        read(&mut input).unwrap_err().to_string()
    }

    #[test]
    fn messages_follow_each_other() {
        let one = "Content-Length: 33\r\n\r\n{\"jsonrpc\":\"2.0\",\"method\":\"exit\"}";
        let typed = one.replace(
            "Content-Length: 33",
            "content-length:33\r\nContent-Type: application/vscode-jsonrpc; charset=utf-8",
        );
        let all = [one, typed.as_str()].concat();
        let mut input = all.as_bytes();
        for _ in 0..2 {
            assert!(
                matches!(read(&mut input), Ok(Some(Message::Notification(exit))) if exit.method == "exit")
            );
        }
        assert!(matches!(read(&mut input), Ok(None)));
    }

    #[test]
    fn every_broken_message_has_a_reason() {
        let long = "a".repeat(10_000);
        let huge = format!("Content-Length: {}\r\n\r\n", u64::MAX);
        for (input, part) in [
            (&b"\x00\xff garbage\n"[..], "is not a header"),
            (b"{\"jsonrpc\":\"2.0\"}", "is not a header"),
            (b"Content-Length: 2\n\n{}", "is not a header"),
            (
                b"Content-Length\r\n\r\n{}",
                "`Content-Length` is not a header",
            ),
            (long.as_bytes(), "is not a header"),
            (b"\r\n{}", "no valid `Content-Length`"),
            (b"Content-Length: -1\r\n\r\n", "no valid `Content-Length`"),
            (b"Content-Length: many\r\n\r\n", "no valid `Content-Length`"),
            (huge.as_bytes(), "is longer than 64 MiB"),
            (b"Content-Length: 5\r\n", "ends inside a message"),
            (b"Content-Length: 5\r\n\r\n{}", "ends inside a message"),
            (b"Content-Length: 2\r\n\r\n{}", "not JSON-RPC"),
            (b"Content-Length: 3\r\n\r\n\xff\xff\xff", "not JSON-RPC"),
        ] {
            let error = error(input);
            assert!(error.contains(part), "{error}");
            assert!(error.len() < 300, "{error}");
        }
    }
}
