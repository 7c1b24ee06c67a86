//! Access to the items and fields of a node.

use serde::de::value::{BorrowedStrDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};

use super::{Deserializer, Error, KeyDeserializer, spanned};
use crate::document::{Field, Node};
use audit_types::Span;

/// The items of a list.
pub(super) struct Items<'d> {
    list: Deserializer<'d>,
    items: Box<dyn Iterator<Item = Node<'d>> + 'd>,
}

impl<'d> Items<'d> {
    pub(super) fn new(list: Deserializer<'d>) -> Self {
        Self {
            list,
            items: Box::new(list.node.items()),
        }
    }

    /// Returns the number of items that were not read.
    pub(super) fn left(self) -> usize {
        self.items.count()
    }
}

impl<'d> de::SeqAccess<'d> for &mut Items<'d> {
    type Error = Error;

    fn next_element_seed<T: DeserializeSeed<'d>>(
        &mut self,
        seed: T,
    ) -> Result<Option<T::Value>, Error> {
        let Some(node) = self.items.next() else {
            return Ok(None);
        };
        let value = seed.deserialize(self.list.item(node));
        value.map(Some).map_err(|error| error.at(node.span()))
    }
}

/// The fields of an object.
pub(super) struct Fields<'d> {
    object: Deserializer<'d>,
    fields: Box<dyn Iterator<Item = Field<'d>> + 'd>,
    value: Option<Node<'d>>,
}

impl<'d> Fields<'d> {
    pub(super) fn new(object: Deserializer<'d>) -> Self {
        Self {
            object,
            fields: Box::new(object.node.fields()),
            value: None,
        }
    }

    /// Returns the number of fields that were not read.
    pub(super) fn left(self) -> usize {
        self.fields.count()
    }
}

impl<'d> de::MapAccess<'d> for &mut Fields<'d> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'d>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(field) = self.fields.next() else {
            return Ok(None);
        };
        self.value = Some(field.value);
        let key = seed.deserialize(KeyDeserializer { field });
        key.map(Some).map_err(|error| error.at(field.key))
    }

    fn next_value_seed<V: DeserializeSeed<'d>>(&mut self, seed: V) -> Result<V::Value, Error> {
        match self.value.take() {
            // What a type finds wrong after it has read the value has its place, too.
            Some(node) => seed
                .deserialize(self.object.item(node))
                .map_err(|error| error.at(node.span())),
            None => Err(de::Error::custom("a value without a key")),
        }
    }
}

/// Whose place is read with a value.
enum Placed<'d> {
    Value(Deserializer<'d>),
    Key(Field<'d>),
}

/// The fields of a value with its place.
pub(super) struct SpannedFields<'d> {
    placed: Placed<'d>,
    span: Span,
    next: usize,
}

impl<'d> SpannedFields<'d> {
    pub(super) fn new(value: Deserializer<'d>) -> Self {
        Self {
            span: value.node.span(),
            placed: Placed::Value(value),
            next: 0,
        }
    }

    pub(super) fn of_key(field: Field<'d>) -> Self {
        Self {
            span: field.key,
            placed: Placed::Key(field),
            next: 0,
        }
    }
}

impl<'d> de::MapAccess<'d> for SpannedFields<'d> {
    type Error = Error;

    fn next_key_seed<K: DeserializeSeed<'d>>(
        &mut self,
        seed: K,
    ) -> Result<Option<K::Value>, Error> {
        let Some(name) = spanned::FIELDS.get(self.next) else {
            return Ok(None);
        };
        self.next += 1;
        let name: BorrowedStrDeserializer<'_, Error> = BorrowedStrDeserializer::new(name);
        seed.deserialize(name).map(Some)
    }

    fn next_value_seed<V: DeserializeSeed<'d>>(&mut self, seed: V) -> Result<V::Value, Error> {
        let number = |number: usize| -> UsizeDeserializer<Error> { number.into_deserializer() };
        match (self.next, &self.placed) {
            (1, _) => seed.deserialize(number(self.span.start)),
            (2, _) => seed.deserialize(number(self.span.end)),
            (_, Placed::Value(value)) => seed.deserialize(*value),
            (_, Placed::Key(field)) => seed.deserialize(KeyDeserializer { field: *field }),
        }
    }
}

/// A value of an enum: a text, or an object with one key.
pub(super) struct EnumAccess<'d> {
    whole: Deserializer<'d>,
    field: Option<Field<'d>>,
}

impl<'d> EnumAccess<'d> {
    pub(super) fn unit(whole: Deserializer<'d>) -> Self {
        Self { whole, field: None }
    }

    pub(super) fn of(whole: Deserializer<'d>, field: Field<'d>) -> Self {
        Self {
            whole,
            field: Some(field),
        }
    }
}

impl<'d> de::EnumAccess<'d> for EnumAccess<'d> {
    type Error = Error;
    type Variant = VariantAccess<'d>;

    fn variant_seed<V: DeserializeSeed<'d>>(
        self,
        seed: V,
    ) -> Result<(V::Value, Self::Variant), Error> {
        let variant = match self.field {
            Some(field) => seed.deserialize(KeyDeserializer { field })?,
            None => seed.deserialize(self.whole)?,
        };
        let content = self.field.map(|field| self.whole.item(field.value));
        Ok((variant, VariantAccess { content }))
    }
}

/// The content of a variant.
pub(super) struct VariantAccess<'d> {
    content: Option<Deserializer<'d>>,
}

impl<'d> VariantAccess<'d> {
    fn content(self, expected: &str) -> Result<Deserializer<'d>, Error> {
        self.content
            .ok_or_else(|| de::Error::invalid_type(Unexpected::UnitVariant, &expected))
    }
}

impl<'d> de::VariantAccess<'d> for VariantAccess<'d> {
    type Error = Error;

    fn unit_variant(self) -> Result<(), Error> {
        match self.content {
            None => Ok(()),
            Some(content) => de::Deserialize::deserialize(content),
        }
    }

    fn newtype_variant_seed<T: DeserializeSeed<'d>>(self, seed: T) -> Result<T::Value, Error> {
        seed.deserialize(self.content("an object with one key")?)
    }

    fn tuple_variant<V: Visitor<'d>>(self, _len: usize, visitor: V) -> Result<V::Value, Error> {
        let content = self.content("a list")?;
        de::Deserializer::deserialize_seq(content, visitor)
    }

    fn struct_variant<V: Visitor<'d>>(
        self,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let content = self.content("an object")?;
        de::Deserializer::deserialize_map(content, visitor)
    }
}
