//! YAML 1.1's implicit types and explicit tags, as go-yaml v2 resolves them.

use std::cmp::Ordering;

use super::event::Scalar;
use crate::{go, go_time, text};
use audit_types::KubernetesVersion;

/// The value of a scalar.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Resolved {
    Null,
    Bool(bool),
    Int(i64),
    Unsigned(u64),
    Float(f64),
    Text(String),
    /// A string that is not valid UTF-8.
    Bytes(Vec<u8>),
}

const STR: &str = "tag:yaml.org,2002:str";
const BINARY: &str = "tag:yaml.org,2002:binary";
const FLOAT: &str = "tag:yaml.org,2002:float";
const TIMESTAMP: &str = "tag:yaml.org,2002:timestamp";

/// Tags that are checked against the text; any other tag makes it a string.
const CHECKED: [&str; 6] = [
    STR,
    "tag:yaml.org,2002:bool",
    "tag:yaml.org,2002:int",
    FLOAT,
    "tag:yaml.org,2002:null",
    TIMESTAMP,
];

/// Error of resolving a scalar: the message of go-yaml.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct ResolveError(String);

/// Resolves a scalar by its tag, else by its text if plain, else as a string. The error is that of go-yaml.
pub(crate) fn resolve(
    scalar: &Scalar,
    version: KubernetesVersion,
) -> Result<Resolved, ResolveError> {
    let Scalar {
        text,
        tag,
        implicit,
    } = scalar;
    let as_text = || Resolved::Text(text.to_owned());
    let Some(tag) = tag.as_deref() else {
        return Ok(if *implicit {
            guess(text, None).1
        } else {
            as_text()
        });
    };
    if tag == BINARY {
        return match base64(text) {
            Some(bytes) => Ok(match String::from_utf8(bytes) {
                Ok(text) => Resolved::Text(text),
                Err(error) => Resolved::Bytes(error.into_bytes()),
            }),
            None => Err(ResolveError(
                "!!binary value contains invalid base64 data".to_owned(),
            )),
        };
    }
    if tag == STR || !CHECKED.contains(&tag) {
        return Ok(as_text());
    }
    let (found, value) = guess(text, (tag == TIMESTAMP).then_some(version));
    if found == tag {
        return Ok(value);
    }
    if tag == FLOAT
        && let Resolved::Int(int) = value
    {
        #[expect(clippy::cast_precision_loss, reason = "go-yaml converts so too")]
        return Ok(Resolved::Float(int as f64));
    }
    let short = |tag: &str| tag.replace("tag:yaml.org,2002:", "!!");
    Err(ResolveError(format!(
        "cannot decode {} `{text}` as a {}",
        short(found),
        short(tag)
    )))
}

/// Returns the tag and value that the text implies. Timestamps are strings, so they are only detected if a version is given.
fn guess(text: &str, timestamps: Option<KubernetesVersion>) -> (&'static str, Resolved) {
    let string = || (STR, Resolved::Text(text.to_owned()));
    if let Some(word) = word(text) {
        return word;
    }
    match text.bytes().next() {
        Some(b'.') => match fraction(text) {
            Some(number) => (FLOAT, Resolved::Float(number)),
            None => string(),
        },
        Some(b'+' | b'-' | b'0'..=b'9') => {
            if timestamps.is_some_and(|version| is_timestamp(text, version)) {
                return (TIMESTAMP, Resolved::Text(text.to_owned()));
            }
            number(&text.replace('_', "")).unwrap_or_else(string)
        }
        _ => string(),
    }
}

/// Returns the value of a keyword; go-yaml has exactly these.
fn word(text: &str) -> Option<(&'static str, Resolved)> {
    let boolean = |value| Some(("tag:yaml.org,2002:bool", Resolved::Bool(value)));
    let float = |value| Some((FLOAT, Resolved::Float(value)));
    match text {
        "y" | "Y" | "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            boolean(true)
        }
        "n" | "N" | "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            boolean(false)
        }
        "" | "~" | "null" | "Null" | "NULL" => Some(("tag:yaml.org,2002:null", Resolved::Null)),
        ".nan" | ".NaN" | ".NAN" => float(f64::NAN),
        ".inf" | ".Inf" | ".INF" | "+.inf" | "+.Inf" | "+.INF" => float(f64::INFINITY),
        "-.inf" | "-.Inf" | "-.INF" => float(f64::NEG_INFINITY),
        _ => None,
    }
}

/// Parses a number: an integer in any of Go's bases, or a decimal.
fn number(plain: &str) -> Option<(&'static str, Resolved)> {
    const INT: &str = "tag:yaml.org,2002:int";
    let (negative, unsigned) = match plain.bytes().next() {
        Some(b'-') => (true, plain.get(1..)?),
        Some(b'+') => (false, plain.get(1..)?),
        _ => (false, plain),
    };
    let (radix, digits) = match unsigned.get(..2) {
        Some("0x" | "0X") => (16, unsigned.get(2..)?),
        Some("0b" | "0B") => (2, unsigned.get(2..)?),
        Some("0o" | "0O") => (8, unsigned.get(2..)?),
        _ if unsigned.len() > 1 && unsigned.starts_with('0') => (8, unsigned.get(1..)?),
        _ => (10, unsigned),
    };
    let is_integer = !digits.is_empty() && digits.chars().all(|digit| digit.is_digit(radix));
    // An integer out of range is a decimal if it parses as one, else a string.
    if is_integer && let Ok(size) = u64::from_str_radix(digits, radix) {
        let signed = if negative {
            0_i64.checked_sub_unsigned(size)
        } else {
            i64::try_from(size).ok()
        };
        if let Some(signed) = signed {
            return Some((INT, Resolved::Int(signed)));
        }
        if !negative && !plain.starts_with('+') {
            return Some((INT, Resolved::Unsigned(size)));
        }
    }
    if is_decimal(plain) {
        return decimal(plain).map(|number| (FLOAT, Resolved::Float(number)));
    }
    signed_binary(plain).map(|number| (INT, Resolved::Int(number)))
}

/// Parses `0b` followed by a sign: go-yaml parses the part after the prefix as a number.
fn signed_binary(plain: &str) -> Option<i64> {
    let digits = plain.strip_prefix("0b")?;
    let is_signed = digits.starts_with(['+', '-']);
    is_signed.then(|| i64::from_str_radix(digits, 2).ok())?
}

/// `[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?`
fn is_decimal(text: &str) -> bool {
    let text = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let sound_mantissa = match mantissa.split_once('.') {
        Some(("", fraction)) => !fraction.is_empty() && digits(fraction),
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => !mantissa.is_empty() && digits(mantissa),
    };
    sound_mantissa
        && exponent.is_none_or(|exponent| {
            let exponent = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
            !exponent.is_empty() && digits(exponent)
        })
}

/// Parses a decimal number in the range of a double.
fn decimal(text: &str) -> Option<f64> {
    if !is_decimal(text) {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Returns true if go-yaml treats the text as a date or time.
fn is_timestamp(text: &str, version: KubernetesVersion) -> bool {
    let is_time = |layout| go_time::parse(layout, text, version).is_ok();
    go_time::YAML.into_iter().any(is_time)
}

/// Parses a number that starts with its point; Go allows an underscore between two digits.
fn fraction(text: &str) -> Option<f64> {
    let is_apart = |part: &str| {
        let digit = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_digit);
        digit(part.as_bytes().first()) && digit(part.as_bytes().last())
    };
    let mut parts = text.get(1..)?.split('_');
    let is_sound = !text.contains('_') || parts.all(is_apart);
    is_sound.then(|| decimal(&text.replace('_', "")))?
}

/// Decodes standard base64 with padding; line ends are skipped, as in Go.
fn base64(text: &str) -> Option<Vec<u8>> {
    let mut out = Vec::new();
    let mut group = 0_u32;
    let mut count = 0;
    let mut padding = 0;
    for byte in text.bytes() {
        let digit = match byte {
            b'\r' | b'\n' => continue,
            b'=' => {
                padding += 1;
                0
            }
            _ if padding > 0 => return None,
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return None,
        };
        group = group << 6 | u32::from(digit);
        count += 1;
        if count % 4 == 0 {
            let [_, first, second, third] = group.to_be_bytes();
            let whole = [first, second, third];
            out.extend(whole.iter().take(3_usize.saturating_sub(padding)));
            group = 0;
        }
    }
    (count % 4 == 0 && padding <= 2).then_some(out)
}

/// Formats a number as a key, which the server prints with the digits of a 32-bit float.
#[expect(clippy::cast_possible_truncation, reason = "the server rounds so too")]
fn float_key(number: f64) -> String {
    let number = number as f32;
    if number.is_nan() {
        ".nan".to_owned()
    } else if number.is_infinite() {
        if number > 0.0 { ".inf" } else { "-.inf" }.to_owned()
    } else {
        go::go_float(&format!("{number:e}"))
    }
}

impl Resolved {
    /// Returns the value as the key of a JSON object. `None` if it cannot be one.
    pub(crate) fn as_key(&self) -> Option<String> {
        match self {
            Self::Text(text) => Some(text.clone()),
            Self::Bytes(bytes) => Some(text::read_lossy(bytes)),
            Self::Bool(value) => Some(value.to_string()),
            Self::Int(number) => Some(number.to_string()),
            Self::Float(number) => Some(float_key(*number)),
            Self::Null | Self::Unsigned(_) => None,
        }
    }

    /// Formats the value as `%#v` does inside a map or list.
    pub(crate) fn go_syntax(&self) -> String {
        match self {
            Self::Null => "interface {}(nil)".to_owned(),
            Self::Text(text) => go::quote(text),
            Self::Bytes(bytes) => go::quote_bytes(bytes),
            Self::Bool(value) => value.to_string(),
            Self::Int(number) => number.to_string(),
            Self::Unsigned(number) => format!("{number:#x}"),
            Self::Float(number) if number.is_nan() => "NaN".to_owned(),
            Self::Float(number) if number.is_infinite() => {
                if *number > 0.0 { "+Inf" } else { "-Inf" }.to_owned()
            }
            Self::Float(number) => go::go_float(&format!("{number:e}")),
        }
    }

    /// Formats the value as `%#v` does at the top level.
    pub(crate) fn go_syntax_alone(&self) -> String {
        match self {
            Self::Null => "<nil>".to_owned(),
            other => other.go_syntax(),
        }
    }

    /// Compares keys in the order in which `%#v` prints them: nil first, then by type and value. Go orders types by their addresses; the
    /// builds that were compared have this order.
    pub(crate) fn compare(&self, other: &Self) -> Ordering {
        let rank = |key: &Self| match key {
            Self::Null => 0,
            Self::Unsigned(_) => 1,
            Self::Text(_) | Self::Bytes(_) => 2,
            Self::Int(_) => 3,
            Self::Float(_) => 4,
            Self::Bool(_) => 5,
        };
        let bytes = |key: &'_ Self| match key {
            Self::Text(text) => text.clone().into_bytes(),
            Self::Bytes(bytes) => bytes.clone(),
            _ => Vec::new(),
        };
        match (self, other) {
            (Self::Unsigned(one), Self::Unsigned(two)) => one.cmp(two),
            (Self::Int(one), Self::Int(two)) => one.cmp(two),
            (Self::Bool(one), Self::Bool(two)) => one.cmp(two),
            // Go puts NaN before every number.
            (Self::Float(one), Self::Float(two)) => one
                .partial_cmp(two)
                .unwrap_or_else(|| two.is_nan().cmp(&one.is_nan())),
            (Self::Text(one), Self::Text(two)) => one.cmp(two),
            _ => rank(self)
                .cmp(&rank(other))
                .then_with(|| bytes(self).cmp(&bytes(other))),
        }
    }

    /// Returns true for the decimals 0 and -0.
    pub(crate) fn is_zero(&self) -> bool {
        matches!(self, Self::Float(number) if *number == 0.0)
    }

    /// Returns the identity of the value as a key: type and value.
    pub(crate) fn identity(&self) -> String {
        match self {
            // The two zeros are equal.
            zero if zero.is_zero() => "float64 0".to_owned(),
            other => format!("{} {}", other.go_type(), other.go_syntax()),
        }
    }

    /// Returns Go's name of its type.
    pub(crate) const fn go_type(&self) -> &'static str {
        match self {
            Self::Null => "%!s(<nil>)",
            Self::Text(_) | Self::Bytes(_) => "string",
            Self::Bool(_) => "bool",
            Self::Int(_) => "int",
            Self::Unsigned(_) => "uint64",
            Self::Float(_) => "float64",
        }
    }
}
