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

mod deserializer;
mod error;
mod spanned;

use serde::de::{DeserializeOwned, IntoDeserializer};

use crate::document::{Document, Node};
use deserializer::Deserializer;
pub use error::{Error, with_help};
pub use spanned::Spanned;

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
    check_keys(document)?;
    match document.root() {
        Some(root) => from_node(root),
        None => T::deserialize(().into_deserializer()),
    }
}

/// Checks that no key of a document is given twice.
///
/// # Errors
///
/// Returns the first one, with its place.
pub fn check_keys(document: &Document<'_>) -> Result<(), Error> {
    match document.repeated_keys().next() {
        None => Ok(()),
        Some((key, span)) => {
            let message = format!("the key {key} is given twice");
            Err(Error::new(message, "leave one of them out", span))
        }
    }
}

/// Reads a value from a part of a document. Keys that are given twice are the concern of the document: in YAML, the last one counts.
///
/// # Errors
///
/// Returns the first error, with its place.
pub fn from_node<T: DeserializeOwned>(node: Node<'_>) -> Result<T, Error> {
    T::deserialize(Deserializer::new(node)).map_err(|error| error.at(node.span()))
}
