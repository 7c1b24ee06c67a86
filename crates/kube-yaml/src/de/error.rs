//! Errors of values.

use std::fmt::{self, Display};

use audit_types::excerpt::{excerpt, quote};
use audit_types::{Span, spelling};
use serde::de;

use crate::document::ParseError;

/// Maximum number of names that the help lists.
const MAX_LISTED: usize = 16;

/// Separates the message from its help in errors of a `Deserialize` implementation. It is in no message: quoted text is escaped.
const HELP: char = '\n';

/// Error of reading a value: what is wrong, what to write instead, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// The problem, in lowercase.
    pub message: String,
    /// The remedy; may be empty.
    pub help: String,
    /// Place of the key or value, in bytes of the text.
    pub span: Span,
    is_placed: bool,
}

impl Error {
    /// Creates an error with its place.
    pub fn new(message: impl Into<String>, help: impl Into<String>, span: Span) -> Self {
        Self {
            message: message.into(),
            help: help.into(),
            span,
            is_placed: true,
        }
    }

    fn without_place(message: String, help: String) -> Self {
        Self {
            message,
            help,
            span: Span::default(),
            is_placed: false,
        }
    }

    /// Sets the place, unless the error has one.
    pub(super) fn at(self, span: Span) -> Self {
        if self.is_placed {
            return self;
        }
        Self {
            span,
            is_placed: true,
            ..self
        }
    }
}

impl Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        if !self.help.is_empty() {
            write!(f, " (help: {})", self.help)?;
        }
        Ok(())
    }
}

impl std::error::Error for Error {}

impl From<ParseError> for Error {
    fn from(error: ParseError) -> Self {
        Self::new(error.message, "", error.span)
    }
}

/// Returns a message for [`custom`](de::Error::custom) whose error has help.
///
/// ```
/// use kube_yaml::de::{Error, with_help};
/// use serde::de::Error as _;
///
/// let error = Error::custom(with_help("unknown level `Meta`", "did you mean `Metadata`?"));
/// assert_eq!((error.message.as_str(), error.help.as_str()), ("unknown level `Meta`", "did you mean `Metadata`?"));
/// ```
pub fn with_help(message: impl Display, help: impl Display) -> impl Display {
    format!("{message}{HELP}{help}")
}

impl de::Error for Error {
    fn custom<T: Display>(message: T) -> Self {
        let text = message.to_string();
        match text.split_once(HELP) {
            Some((message, help)) => Self::without_place(message.to_owned(), help.to_owned()),
            None => Self::without_place(text, String::new()),
        }
    }

    fn invalid_type(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let message = format!("expected {expected}, found {}", noun(found));
        Self::without_place(message, String::new())
    }

    fn invalid_value(found: de::Unexpected<'_>, expected: &dyn de::Expected) -> Self {
        let message = format!("expected {expected}, found {}", noun(found));
        Self::without_place(message, String::new())
    }

    fn unknown_variant(variant: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown value {}", quote(variant));
        Self::without_place(message, meant(variant, expected, "the values are"))
    }

    fn unknown_field(field: &str, expected: &'static [&'static str]) -> Self {
        let message = format!("unknown field {}", quote(field));
        Self::without_place(message, meant(field, expected, "the fields are"))
    }

    fn missing_field(field: &'static str) -> Self {
        let help = format!("add `{field}`");
        Self::without_place(format!("`{field}` is missing"), help)
    }

    fn duplicate_field(field: &'static str) -> Self {
        let message = format!("the key `{field}` is given twice");
        Self::without_place(message, "leave one of them out".to_owned())
    }
}

/// Returns the name that was meant, or all of them.
fn meant(name: &str, known: &[&str], introduction: &str) -> String {
    let similar = spelling::nearest(name, known.iter().copied(), 3)
        .filter(|known| spelling::distance(name, known) <= 1.max(known.len() / 3));
    match similar {
        Some(similar) => format!("did you mean `{similar}`?"),
        None if known.is_empty() => String::new(),
        None => {
            let listed: Vec<String> = known
                .iter()
                .take(MAX_LISTED)
                .map(|name| format!("`{name}`"))
                .collect();
            let more = if known.len() > MAX_LISTED {
                ", …"
            } else {
                ""
            };
            format!("{introduction} {}{more}", listed.join(", "))
        }
    }
}

fn noun(found: de::Unexpected<'_>) -> String {
    use de::Unexpected::{Bool, Bytes, Float, Map, NewtypeStruct, Option, Other, Seq, Signed};
    use de::Unexpected::{Char, Enum, NewtypeVariant, Str, StructVariant, TupleVariant, Unit};
    use de::Unexpected::{UnitVariant, Unsigned};
    match found {
        Bool(value) => format!("the boolean `{value}`"),
        Unsigned(value) => format!("the number `{value}`"),
        Signed(value) => format!("the number `{value}`"),
        Float(value) => format!("the number `{value}`"),
        Char(value) => format!("the text `{}`", excerpt(&value.to_string())),
        Str(value) => format!("the text {}", quote(value)),
        Bytes(_) => "bytes".to_owned(),
        Unit | Option => "nothing".to_owned(),
        Seq => "a list".to_owned(),
        Map => "an object".to_owned(),
        NewtypeStruct | Enum | UnitVariant => "a value".to_owned(),
        NewtypeVariant | TupleVariant | StructVariant => "an object with one key".to_owned(),
        Other(what) => excerpt(what),
    }
}
