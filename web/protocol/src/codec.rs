//! Encoding of messages: postcard, whose bytes carry no field names since page and worker are built together.

use serde::Serialize;
use serde::de::DeserializeOwned;

/// Encodes a message.
pub fn encode<T: Serialize>(message: &T) -> Vec<u8> {
    // A plain value in memory always has an encoding: no map of unknown length, no failing `Serialize`.
    postcard::to_allocvec(message).unwrap_or_default()
}

/// Decodes a message. Returns `None` if the bytes are not one, as when the other side was built from another version.
pub fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Option<T> {
    postcard::from_bytes(bytes).ok()
}
