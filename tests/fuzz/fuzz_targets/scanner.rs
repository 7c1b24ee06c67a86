//! The JSON parser compared with serde_json: both accept the same texts and find the same members, items and strings at the same offsets.

#![no_main]

use std::borrow::Cow;
use std::fmt;

use audit_log::{detect_kind, json};
use libfuzzer_sys::fuzz_target;
use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::value::RawValue;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    // Iteration must end on texts that are not JSON, too.
    let (members, elements) = (json::members(text).count(), json::elements(text).count());
    assert!(members + elements <= text.len());
    let theirs = serde_json::from_str::<&RawValue>(text);
    match json::value(text) {
        Ok(ours) => {
            let theirs = theirs.expect("serde_json accepts it too");
            assert_eq!(ours, theirs.get());
            detect_kind(ours);
            compare(ours, 0);
        }
        Err(error) => {
            assert!(theirs.is_err(), "rejected: {error}");
            assert!(error.offset <= text.len());
        }
    }
});

/// Maximum depth of comparison. Each level parses the levels below it again.
const DEPTH: usize = 6;

/// Compares both on a value and the values in it.
fn compare(value: &str, depth: usize) {
    let members = their_members(value);
    assert!(json::raw_members(value).eq(members.iter().copied()));
    let keys: Vec<Cow<'_, str>> = members.iter().map(|(key, _)| their_string(key)).collect();
    assert!(
        json::members(value).eq(keys
            .iter()
            .cloned()
            .zip(members.iter().map(|(_, value)| *value)))
    );
    for key in &keys {
        let last = keys.iter().rposition(|other| other == key);
        assert_eq!(json::member(value, key), last.map(|at| members[at].1));
    }
    let elements = their_elements(value);
    assert!(json::elements(value).eq(elements.iter().copied()));
    let text = value.starts_with('"').then(|| their_string(value));
    assert_eq!(json::string(value), text);
    if depth < DEPTH {
        let members = members.into_iter().map(|(_, value)| value);
        members
            .chain(elements)
            .for_each(|inner| compare(inner, depth + 1));
    }
}

/// Returns the members of an object as raw text, including duplicates.
fn their_members(value: &str) -> Vec<(&str, &str)> {
    struct Members;

    impl<'de> Visitor<'de> for Members {
        type Value = Vec<(&'de str, &'de str)>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("an object")
        }

        fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
            let mut members = Vec::new();
            while let Some((key, value)) = map.next_entry::<&RawValue, &RawValue>()? {
                members.push((key.get(), value.get()));
            }
            Ok(members)
        }
    }

    let mut reader = serde_json::Deserializer::from_str(value);
    reader.deserialize_map(Members).unwrap_or_default()
}

/// Returns the items of an array as raw text.
fn their_elements(value: &str) -> Vec<&str> {
    let elements: Vec<&RawValue> = serde_json::from_str(value).unwrap_or_default();
    elements.into_iter().map(RawValue::get).collect()
}

/// Decodes a raw string. serde_json returns lone surrogates as three bytes each, and Go replaces them with U+FFFD.
fn their_string(raw: &str) -> Cow<'_, str> {
    struct Bytes;

    impl Visitor<'_> for Bytes {
        type Value = Vec<u8>;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a string")
        }

        fn visit_bytes<E>(self, bytes: &[u8]) -> Result<Vec<u8>, E> {
            Ok(bytes.to_owned())
        }
    }

    let mut reader = serde_json::Deserializer::from_str(raw);
    let bytes = reader.deserialize_bytes(Bytes).expect("a raw string");
    let mut text = String::new();
    let mut rest = bytes.as_slice();
    loop {
        match std::str::from_utf8(rest) {
            Ok(valid) => {
                text.push_str(valid);
                return Cow::Owned(text);
            }
            Err(error) => {
                let (valid, after) = rest.split_at(error.valid_up_to());
                text.push_str(&String::from_utf8_lossy(valid));
                text.push(char::REPLACEMENT_CHARACTER);
                rest = &after[3..];
            }
        }
    }
}
