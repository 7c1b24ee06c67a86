//! Reads values from nodes, and gives access to their items and fields.

use audit_types::Span;
use serde::de::value::{BorrowedStrDeserializer, UsizeDeserializer};
use serde::de::{self, DeserializeSeed, IntoDeserializer, Unexpected, Visitor};
use serde::forward_to_deserialize_any;

use super::error::Error;
use super::spanned;
use crate::document::{Field, Kind, Node};

/// Maximum depth of lists and objects, as in serde_json.
const MAX_DEPTH: usize = 127;

/// Reads a value from a node.
#[derive(Clone, Copy)]
pub(super) struct Deserializer<'de> {
    node: Node<'de>,
    /// Number of lists and objects around it.
    depth: usize,
}

impl<'de> Deserializer<'de> {
    pub(super) const fn new(node: Node<'de>) -> Self {
        Self { node, depth: 0 }
    }

    fn item(self, node: Node<'de>) -> Self {
        Self {
            node,
            depth: self.depth + 1,
        }
    }

    /// Adds the place of the value to an error that does not have one.
    fn placed<T>(self, result: Result<T, Error>) -> Result<T, Error> {
        result.map_err(|error| error.at(self.node.span()))
    }

    fn check_depth(self) -> Result<(), Error> {
        if self.depth >= MAX_DEPTH {
            let message = format!("more than {MAX_DEPTH} lists and objects in each other");
            return Err(Error::new(message, "", self.node.span()));
        }
        Ok(())
    }

    fn visit_number<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let text = self.node.number().unwrap_or_default();
        if let Ok(number) = text.parse::<u64>() {
            return visitor.visit_u64(number);
        }
        // JSON has a zero with a sign, and an integer does not.
        if text != "-0"
            && let Ok(number) = text.parse::<i64>()
        {
            return visitor.visit_i64(number);
        }
        match text.parse::<f64>() {
            Ok(number) if number.is_finite() => visitor.visit_f64(number),
            _ => Err(Error::new("number out of range", "", self.node.span())),
        }
    }

    fn visit_items<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.check_depth()?;
        let mut items = Items::new(self);
        let value = visitor.visit_seq(&mut items)?;
        match items.left() {
            0 => Ok(value),
            left => Err(de::Error::invalid_length(
                self.node.items().count(),
                &format!("{left} fewer").as_str(),
            )),
        }
    }

    fn visit_fields<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.check_depth()?;
        let mut fields = Fields::new(self);
        let value = visitor.visit_map(&mut fields)?;
        match fields.left() {
            0 => Ok(value),
            left => Err(de::Error::invalid_length(
                self.node.fields().count(),
                &format!("{left} fewer").as_str(),
            )),
        }
    }
}

impl<'de> de::Deserializer<'de> for Deserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        self.placed(match self.node.kind() {
            Kind::Null => visitor.visit_unit(),
            Kind::Bool => visitor.visit_bool(self.node.is_true()),
            Kind::Number => self.visit_number(visitor),
            Kind::Text => visitor.visit_borrowed_str(self.node.text().unwrap_or_default()),
            Kind::List => self.visit_items(visitor),
            Kind::Object => self.visit_fields(visitor),
        })
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.node.kind() {
            Kind::Null => self.placed(visitor.visit_none()),
            _ => self.placed(visitor.visit_some(self)),
        }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.placed(visitor.visit_newtype_struct(self))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == spanned::NAME {
            return self.placed(visitor.visit_map(SpannedFields::new(self)));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.placed(match self.node.kind() {
            Kind::Text => visitor.visit_enum(EnumAccess::unit(self)),
            Kind::Object => {
                self.check_depth()?;
                let mut fields = self.node.fields();
                match (fields.next(), fields.next()) {
                    (Some(field), None) => visitor.visit_enum(EnumAccess::of(self, field)),
                    _ => Err(de::Error::invalid_value(
                        Unexpected::Map,
                        &"an object with one key",
                    )),
                }
            }
            _ => self.deserialize_any(visitor),
        })
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        // What is ignored may be of any depth and size.
        self.placed(visitor.visit_unit())
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier
    }
}

/// Reads the name of a field. Its errors, such as that of an unknown field, have the place of the name.
struct KeyDeserializer<'de> {
    field: Field<'de>,
}

impl<'de> de::Deserializer<'de> for KeyDeserializer<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        let result: Result<V::Value, Error> = visitor.visit_borrowed_str(self.field.name);
        result.map_err(|error| error.at(self.field.key))
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_some(self)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(
        self,
        _name: &'static str,
        visitor: V,
    ) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        _fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        if name == spanned::NAME {
            return visitor.visit_map(SpannedFields::of_key(self.field));
        }
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _name: &'static str,
        _variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        let name: BorrowedStrDeserializer<'de, Error> =
            BorrowedStrDeserializer::new(self.field.name);
        visitor
            .visit_enum(name)
            .map_err(|error| error.at(self.field.key))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}

/// The items of a list.
struct Items<'d> {
    list: Deserializer<'d>,
    items: Box<dyn Iterator<Item = Node<'d>> + 'd>,
}

impl<'d> Items<'d> {
    fn new(list: Deserializer<'d>) -> Self {
        Self {
            list,
            items: Box::new(list.node.items()),
        }
    }

    /// Returns the number of items that were not read.
    fn left(self) -> usize {
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
struct Fields<'d> {
    object: Deserializer<'d>,
    fields: Box<dyn Iterator<Item = Field<'d>> + 'd>,
    value: Option<Node<'d>>,
}

impl<'d> Fields<'d> {
    fn new(object: Deserializer<'d>) -> Self {
        Self {
            object,
            fields: Box::new(object.node.fields()),
            value: None,
        }
    }

    /// Returns the number of fields that were not read.
    fn left(self) -> usize {
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

/// Key or value whose place is read.
enum Placed<'d> {
    Value(Deserializer<'d>),
    Key(Field<'d>),
}

/// The fields of a value with its place.
struct SpannedFields<'d> {
    placed: Placed<'d>,
    span: Span,
    next: usize,
}

impl<'d> SpannedFields<'d> {
    fn new(value: Deserializer<'d>) -> Self {
        Self {
            span: value.node.span(),
            placed: Placed::Value(value),
            next: 0,
        }
    }

    fn of_key(field: Field<'d>) -> Self {
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
struct EnumAccess<'d> {
    whole: Deserializer<'d>,
    field: Option<Field<'d>>,
}

impl<'d> EnumAccess<'d> {
    fn unit(whole: Deserializer<'d>) -> Self {
        Self { whole, field: None }
    }

    fn of(whole: Deserializer<'d>, field: Field<'d>) -> Self {
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
struct VariantAccess<'d> {
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
