//! Lines of the input, and the messages in them.

use std::io::{self, BufRead, Read};

use rmcp::model::{ClientJsonRpcMessage, ErrorData, RequestId, ServerJsonRpcMessage};
use serde::Deserialize;
use serde_json::Value;

use super::limits::{MAX_MESSAGE_BYTES, MAX_SKIPPED_BYTES};

/// The answer to a line that is not a message.
pub(super) type ErrorAnswer = Box<ServerJsonRpcMessage>;

/// The next line of the input.
pub(super) enum Line {
    /// A line, without its end.
    Message(Vec<u8>),
    /// A line that is too long; it is skipped.
    TooLong(ErrorAnswer),
    /// There is no other line.
    End,
}

/// The only part of a message that is read if it is too long.
#[derive(Deserialize)]
struct Id {
    id: Option<RequestId>,
}

/// Reads a line.
///
/// # Errors
/// Those of the system.
pub(super) fn next_line(input: &mut impl BufRead) -> io::Result<Line> {
    let mut line = Vec::new();
    let limit = MAX_MESSAGE_BYTES as u64 + 1;
    input.by_ref().take(limit).read_until(b'\n', &mut line)?;
    if line.last() == Some(&b'\n') {
        line.pop();
        return Ok(Line::Message(line));
    }
    if line.is_empty() {
        return Ok(Line::End);
    }
    if line.len() <= MAX_MESSAGE_BYTES {
        return Ok(Line::Message(line));
    }
    let mut rest = RestOfLine {
        input,
        bytes: 0,
        is_ended: false,
    };
    // So that the client does not wait for an answer to the request.
    let whole = io::BufReader::new(line.as_slice().chain(&mut rest).take(MAX_SKIPPED_BYTES));
    let found: Option<Id> = serde_json::from_reader(whole).ok();
    io::copy(&mut rest, &mut io::sink())?;
    let bytes = line.len() as u64 + rest.bytes;
    let message = format!(
        "the message is too long: {bytes} bytes, the limit is {MAX_MESSAGE_BYTES} (help: pass less of the log)"
    );
    let error = ErrorData::invalid_request(message, None);
    Ok(Line::TooLong(answer(
        error,
        found.and_then(|found| found.id),
    )))
}

/// The bytes up to the end of a line.
struct RestOfLine<'i, R> {
    input: &'i mut R,
    /// Number of bytes that were read.
    bytes: u64,
    is_ended: bool,
}

impl<R: BufRead> Read for RestOfLine<'_, R> {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.is_ended {
            return Ok(0);
        }
        let available = self.input.fill_buf()?;
        let end = memchr::memchr(b'\n', available);
        let length = end.unwrap_or(available.len()).min(into.len());
        let source = available.get(..length).unwrap_or_default();
        if let Some(target) = into.get_mut(..length) {
            target.copy_from_slice(source);
        }
        // The line end itself is skipped.
        let is_end = end == Some(length);
        self.is_ended = is_end || available.is_empty();
        self.input.consume(length + usize::from(is_end));
        self.bytes += length as u64;
        Ok(length)
    }
}

/// Returns the answer of an error, with the id of the request that it is for, if that is known.
fn answer(error: ErrorData, id: Option<RequestId>) -> ErrorAnswer {
    Box::new(ServerJsonRpcMessage::error(error, id))
}

/// Returns the message in a line. `None` for a blank one.
///
/// # Errors
/// If it is not a message.
pub(super) fn parse(line: &[u8]) -> Result<Option<ClientJsonRpcMessage>, ErrorAnswer> {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    if line.trim_ascii().is_empty() {
        return Ok(None);
    }
    let value: Value = serde_json::from_slice(line).map_err(|error| {
        let message = format!("the message is not JSON: {error} (help: send one message per line)");
        answer(ErrorData::parse_error(message, None), None)
    })?;
    if value.is_array() {
        let message = "a list of messages is not supported (help: send one message per line)";
        return Err(answer(ErrorData::invalid_request(message, None), None));
    }
    let id = value.get("id").cloned();
    serde_json::from_value(value).map(Some).map_err(|error| {
        let message = format!("the message is not one of JSON-RPC 2.0: {error}");
        let id = id.and_then(|id| serde_json::from_value(id).ok());
        answer(ErrorData::invalid_request(message, None), id)
    })
}
