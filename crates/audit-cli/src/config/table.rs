//! Tables of a TOML file: their keys and values, each with its place, and errors about them.

use audit_policy::Span;
use audit_types::excerpt::quote;
use audit_types::spelling::is_similar;
use toml::Spanned;
use toml::de::{DeTable, DeValue};

/// A value with its place.
pub(super) type Value<'t> = Spanned<DeValue<'t>>;

/// An error of the file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct ConfigError {
    pub(super) span: Span,
    pub(super) message: String,
    /// May be empty.
    pub(super) help: String,
}

/// The errors of a file.
#[derive(Debug, Default)]
pub(super) struct Errors(pub(super) Vec<ConfigError>);

impl Errors {
    /// Adds an error.
    pub(super) fn add(&mut self, span: Span, message: impl Into<String>, help: impl Into<String>) {
        self.0.push(ConfigError {
            span,
            message: message.into(),
            help: help.into(),
        });
    }

    /// Adds an error about a key that a table does not have. `place` names the table, such as `[test]`; empty at the top.
    pub(super) fn unknown_key(&mut self, span: Span, key: &str, known: &[&str], place: &str) {
        let place = match place.is_empty() {
            true => String::new(),
            false => format!(" in `{place}`"),
        };
        let message = format!("unknown key {}{place}", quote(key));
        self.add(span, message, meant(key, known, "keys"));
    }
}

/// Returns help about a name: the one that was probably meant, or all of them.
pub(super) fn meant(name: &str, known: &[&str], what: &str) -> String {
    match known.iter().find(|known| is_similar(name, known)) {
        Some(known) => format!("did you mean `{known}`?"),
        None => {
            let known: Vec<String> = known.iter().map(|known| format!("`{known}`")).collect();
            format!("the {what} are {}", known.join(", "))
        }
    }
}

/// Returns the place of a key or value.
pub(super) fn span_of<T>(spanned: &Spanned<T>) -> Span {
    let range = spanned.span();
    Span::new(range.start, range.end)
}

/// Returns the keys and values of a table.
pub(super) fn entries<'v, 't>(
    table: &'v DeTable<'t>,
) -> impl Iterator<Item = (&'v str, Span, &'v Value<'t>)> {
    table
        .iter()
        .map(|(key, value)| (&**key.get_ref(), span_of(key), value))
}

/// Returns a text. Adds an error if the value is not one; `example` is one as it could be written.
pub(super) fn text<'v>(
    key: &str,
    value: &'v Value<'_>,
    example: &str,
    errors: &mut Errors,
) -> Option<&'v str> {
    if let DeValue::String(text) = value.get_ref() {
        return Some(text);
    }
    let message = format!("{} is not a text", quote(key));
    errors.add(span_of(value), message, format!("write {example}"));
    None
}

/// Returns the texts of a list, with their places. Adds errors about items that are not texts; `example` is a list as it could be written.
pub(super) fn texts<'v>(
    key: &str,
    value: &'v Value<'_>,
    example: &str,
    errors: &mut Errors,
) -> Vec<(&'v str, Span)> {
    let DeValue::Array(items) = value.get_ref() else {
        let message = format!("{} is not a list", quote(key));
        errors.add(span_of(value), message, format!("write {example}"));
        return Vec::new();
    };
    let mut texts = Vec::new();
    for item in items {
        match item.get_ref() {
            DeValue::String(text) => texts.push((&**text, span_of(item))),
            _ => {
                let message = format!("an item of {} is not a text", quote(key));
                errors.add(span_of(item), message, format!("write {example}"));
            }
        }
    }
    texts
}

/// Returns a table. Adds an error if the value is not one.
pub(super) fn table<'v, 't>(
    key: &str,
    value: &'v Value<'t>,
    errors: &mut Errors,
) -> Option<&'v DeTable<'t>> {
    if let DeValue::Table(table) = value.get_ref() {
        return Some(table);
    }
    let message = format!("{} is not a table", quote(key));
    let help = format!("write `[{key}]`, with its keys in the lines below");
    errors.add(span_of(value), message, help);
    None
}
