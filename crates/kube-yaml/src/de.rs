//! Values of types with `Deserialize`, read from a document; every error has its place in the text.
//!
//! ```
//! use kube_yaml::de::{self, Spanned};
//! use serde::Deserialize;
//!
//! #[derive(Debug, Deserialize)]
//! #[serde(deny_unknown_fields)]
//! struct Case {
//!     name: Spanned<String>,
//!     #[serde(default)]
//!     verbs: Vec<String>,
//! }
//!
//! let text = "- name: read\n  verbs: [get]\n";
//! let cases: Vec<Case> = de::from_str(text).unwrap();
//! let name = &cases[0].name;
//! assert_eq!((name.value.as_str(), &text[name.span.start..name.span.end]), ("read", "read"));
//! assert_eq!(cases[0].verbs, ["get"]);
//!
//! let text = "- name: read\n  verb: [get]\n";
//! let error = de::from_str::<Vec<Case>>(text).unwrap_err();
//! assert_eq!(error.message, "unknown field `verb`");
//! assert_eq!(error.help, "did you mean `verbs`?");
//! assert_eq!(&text[error.span.start..error.span.end], "verb");
//! ```

mod access;
mod error;
mod spanned;

use serde::de::{self, DeserializeOwned, IntoDeserializer, Visitor};
use serde::forward_to_deserialize_any;

use crate::document::{Document, Field, Kind, Node};
use access::{EnumAccess, Fields, Items, SpannedFields};
pub use error::{Error, with_help};
pub use spanned::Spanned;

/// Maximum depth of lists and objects, as in serde_json.
const MAX_DEPTH: usize = 127;

/// Reads a value from the first document of a text. An empty document is null.
///
/// # Errors
///
/// Returns the first error, with its place: a syntax error, a key that is given twice, or a value that the type does not accept.
pub fn from_str<T: DeserializeOwned>(text: &str) -> Result<T, Error> {
    from_document(&Document::read(text)?)
}

/// Reads a value from a document.
///
/// # Errors
///
/// Returns the first error, with its place: a key that is given twice, or a value that the type does not accept.
pub fn from_document<T: DeserializeOwned>(document: &Document<'_>) -> Result<T, Error> {
    if let Some((key, span)) = document.repeated_keys().next() {
        let message = format!("the key {key} is given twice");
        return Err(Error::new(message, "leave one of them out", span));
    }
    match document.root() {
        Some(root) => from_node(root),
        None => T::deserialize(().into_deserializer()),
    }
}

/// Reads a value from a part of a document. Keys that are given twice are the concern of the document: in YAML, the last one counts.
///
/// # Errors
///
/// Returns the first error, with its place.
pub fn from_node<T: DeserializeOwned>(node: Node<'_>) -> Result<T, Error> {
    T::deserialize(Deserializer { node, depth: 0 }).map_err(|error| error.at(node.span()))
}

/// Reads a value from a node.
#[derive(Clone, Copy)]
struct Deserializer<'de> {
    node: Node<'de>,
    /// Number of lists and objects around it.
    depth: usize,
}

impl<'de> Deserializer<'de> {
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
                        de::Unexpected::Map,
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
        let name: de::value::BorrowedStrDeserializer<'de, Error> =
            de::value::BorrowedStrDeserializer::new(self.field.name);
        visitor
            .visit_enum(name)
            .map_err(|error| error.at(self.field.key))
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit
        unit_struct seq tuple tuple_struct map identifier ignored_any
    }
}
