//! Values with their place in the text.

use std::marker::PhantomData;

use audit_types::Span;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};

/// Name of the struct that the deserializer recognizes. No document can have it: it is not a field.
pub(super) const NAME: &str = "$kube_yaml::Spanned";

/// Names of its fields.
pub(super) const FIELDS: [&str; 3] = ["$start", "$end", "$value"];

/// A value with its place, in bytes of the text. Can only be read by [`from_str`](super::from_str) and its siblings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Spanned<T> {
    /// The value.
    pub value: T,
    /// Its place.
    pub span: Span,
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Spanned<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct(NAME, &FIELDS, SpannedVisitor(PhantomData))
    }
}

struct SpannedVisitor<T>(PhantomData<T>);

impl<'de, T: Deserialize<'de>> Visitor<'de> for SpannedVisitor<T> {
    type Value = Spanned<T>;

    fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("a value with its place")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let [start, end, value] = FIELDS;
        let span = Span::new(field(&mut map, start)?, field(&mut map, end)?);
        let value = field(&mut map, value)?;
        Ok(Spanned { value, span })
    }
}

fn field<'de, A: MapAccess<'de>, T: Deserialize<'de>>(
    map: &mut A,
    name: &'static str,
) -> Result<T, A::Error> {
    match map.next_key::<String>()? {
        Some(key) if key == name => map.next_value(),
        _ => Err(de::Error::custom("places are known only in documents")),
    }
}
