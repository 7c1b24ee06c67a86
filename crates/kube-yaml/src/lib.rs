//! YAML and JSON as kube-apiserver reads them, as a tree of values with a span for every key and value.
//!
//! ```
//! use kube_yaml::document::Document;
//!
//! let text = "rules:\n- level: Metadata\n  omit: yes\n";
//! let document = Document::read(text).unwrap();
//! let rules = document.root().unwrap().get("rules").unwrap();
//! let rule = rules.items().next().unwrap();
//! let level = rule.field("level").unwrap();
//! assert_eq!(level.value.text(), Some("Metadata"));
//! assert_eq!(&text[level.key.start..level.key.end], "level");
//! // YAML 1.1: `yes` is a boolean.
//! assert!(rule.get("omit").unwrap().is_true());
//! ```
//!
//! Invariant: this crate knows the field of no document, and its input may be hostile: every limit ends in a message, and no input makes a
//! function panic.

#![forbid(unsafe_code)]
#![deny(missing_docs)]

pub mod de;
pub mod document;
pub mod go;
pub mod go_time;
pub mod json;
mod reading;
pub mod text;
pub mod tree;
pub mod yaml;

pub use reading::{DuplicateKey, Reading, SyntaxError};

/// Compiles and runs the examples of the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct ReadmeExamples;
