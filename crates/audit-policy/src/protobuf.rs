//! Documents with the protobuf prefix of Kubernetes, for which the server tries no other format. Only the envelope is decoded.

use std::borrow::Cow;

use crate::decode::kind::{self, GroupVersionKind};

/// Prefix of protobuf.
const PREFIX: &[u8] = b"k8s\0";

const ENDED: &str = "unexpected EOF";
const NEGATIVE: &str = "proto: negative length found during unmarshaling";
const OVERFLOW: &str = "proto: integer overflow";

/// Error of decoding an envelope: the message of the server.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ProtobufError(Cow<'static, str>);

impl From<&'static str> for ProtobufError {
    fn from(message: &'static str) -> Self {
        Self(message.into())
    }
}

impl From<String> for ProtobufError {
    fn from(message: String) -> Self {
        Self(message.into())
    }
}

/// Returns the bytes after the prefix. `None` if the server does not treat the document as protobuf.
pub(crate) fn body(source: &[u8]) -> Option<&[u8]> {
    source.strip_prefix(PREFIX)
}

/// Decodes the version and kind of an envelope.
pub(crate) fn decode(body: &[u8]) -> Result<GroupVersionKind, ProtobufError> {
    if body.is_empty() {
        return Err("empty body".into());
    }
    let mut header = Header::default();
    message(body, "Unknown", &UNKNOWN, &mut header)?;
    Ok(kind::from_parts(&header.api_version, header.kind))
}

#[derive(Default)]
struct Header {
    api_version: String,
    kind: String,
}

/// A field of type bytes: number, name in messages, and content.
type Field = (i32, &'static str, Content);

#[derive(Clone, Copy)]
enum Content {
    TypeMeta,
    ApiVersion,
    Kind,
    Other,
}

const UNKNOWN: [Field; 4] = [
    (1, "TypeMeta", Content::TypeMeta),
    (2, "Raw", Content::Other),
    (3, "ContentEncoding", Content::Other),
    (4, "ContentType", Content::Other),
];
const TYPE_META: [Field; 2] = [
    (1, "APIVersion", Content::ApiVersion),
    (2, "Kind", Content::Kind),
];

fn message(
    data: &[u8],
    name: &str,
    fields: &[Field],
    header: &mut Header,
) -> Result<(), ProtobufError> {
    let mut at = 0;
    while at < data.len() {
        let start = at;
        let wire = varint(data, &mut at)?;
        let (number, wire_type) = (field_number(wire), wire & 7);
        if wire_type == 4 {
            return Err(format!("proto: {name}: wiretype end group for non-group").into());
        }
        if number <= 0 {
            return Err(format!("proto: {name}: illegal tag {number} (wire type {wire})").into());
        }
        let Some((_, field, content)) = fields.iter().find(|(known, ..)| *known == number) else {
            let rest = data.get(start..).unwrap_or_default();
            at = start + skip(rest)?;
            if at > data.len() {
                return Err(ENDED.into());
            }
            continue;
        };
        if wire_type != 2 {
            return Err(format!("proto: wrong wireType = {wire_type} for field {field}").into());
        }
        let end = length(data, &mut at)?;
        let value = data.get(at..end).ok_or(ENDED)?;
        let text = || kube_yaml::text::read_lossy(value);
        match content {
            Content::TypeMeta => message(value, "TypeMeta", &TYPE_META, header)?,
            Content::ApiVersion => header.api_version = text(),
            Content::Kind => header.kind = text(),
            Content::Other => {}
        }
        at = end;
    }
    Ok(())
}

/// Returns the field number, which Go truncates to 32 bits.
#[expect(
    clippy::cast_possible_truncation,
    reason = "the server truncates it too"
)]
const fn field_number(wire: u64) -> i32 {
    (wire >> 3) as i32
}

fn varint(data: &[u8], at: &mut usize) -> Result<u64, ProtobufError> {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let byte = *data.get(*at).ok_or(ENDED)?;
        *at += 1;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return Ok(value);
        }
    }
    Err(OVERFLOW.into())
}

/// Reads a length and returns the end of its bytes.
fn length(data: &[u8], at: &mut usize) -> Result<usize, ProtobufError> {
    let length = i64::try_from(varint(data, at)?).map_err(|_| NEGATIVE)?;
    let here = i64::try_from(*at).map_err(|_| NEGATIVE)?;
    let end = here.checked_add(length).ok_or(NEGATIVE)?;
    Ok(usize::try_from(end).unwrap_or(usize::MAX))
}

/// Returns the length of an unknown field, including nested groups.
fn skip(data: &[u8]) -> Result<usize, ProtobufError> {
    let mut at = 0;
    let mut depth = 0_usize;
    while at < data.len() {
        let wire_type = varint(data, &mut at)? & 7;
        match wire_type {
            0 => {
                varint(data, &mut at)?;
            }
            1 => at += 8,
            2 => at = length(data, &mut at)?,
            3 => depth += 1,
            4 => {
                depth = depth
                    .checked_sub(1)
                    .ok_or("proto: unexpected end of group")?;
            }
            5 => at += 4,
            other => return Err(format!("proto: illegal wireType {other}").into()),
        }
        if depth == 0 {
            return Ok(at);
        }
    }
    Err(ENDED.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_envelope_is_read_up_to_its_first_error() {
        for (body, error) in [
            (&b""[..], "empty body"),
            // 0x20 is field 4 as a varint.
            (
                b" apiVersion",
                "proto: wrong wireType = 0 for field ContentType",
            ),
            (b"\x0a", "unexpected EOF"),
            (b"\x0a\x05ab", "unexpected EOF"),
            (
                b"\x0a\x01\x08",
                "proto: wrong wireType = 0 for field APIVersion",
            ),
            (b"\x07", "proto: Unknown: illegal tag 0 (wire type 7)"),
            (b"\x0c", "proto: Unknown: wiretype end group for non-group"),
            (b"\x2f", "proto: illegal wireType 7"),
            (b"\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", OVERFLOW),
            (b"\x12\xff\xff\xff\xff\xff\xff\xff\xff\xff\x01", NEGATIVE),
            // An unknown group, and its end without a start.
            (b"\x2b\x2b\x2c", "unexpected EOF"),
        ] {
            let found = decode(body).map(|found| found.kind);
            assert_eq!(found, Err(error.into()), "{body:?}");
        }
        let found = decode(b"\x0a\x16\x0a\x0faudit.k8s.io/v1\x12\x03Foo").unwrap();
        assert_eq!((found.version.as_str(), found.kind.as_str()), ("v1", "Foo"));
        assert_eq!(decode(b"\x28\x01").unwrap().version, "__internal");
    }
}
