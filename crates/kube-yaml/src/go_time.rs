//! Go's `time.Parse` with its error messages, for the layouts that the server uses.

use std::fmt::Write;

use audit_types::KubernetesVersion;

/// An element of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Element {
    /// Four digits.
    Year,
    /// Two digits, or one or two if not fixed.
    Month(Digits),
    Day(Digits),
    Hour,
    Minute(Digits),
    /// Seconds with an optional fraction.
    Second(Digits),
    /// `Z` or an offset such as `+01:00`.
    Zone,
    Mark(&'static str),
    /// Zero or more spaces.
    Spaces,
}

/// Number of digits of a number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Two,
    OneOrTwo,
}

/// A layout with its Go notation.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    elements: &'static [Element],
    name: &'static str,
}

/// `time.RFC3339`.
pub const RFC_3339: Layout = Layout {
    elements: &[
        Element::Year,
        Element::Mark("-"),
        Element::Month(Digits::Two),
        Element::Mark("-"),
        Element::Day(Digits::Two),
        Element::Mark("T"),
        Element::Hour,
        Element::Mark(":"),
        Element::Minute(Digits::Two),
        Element::Mark(":"),
        Element::Second(Digits::Two),
        Element::Zone,
    ],
    name: "2006-01-02T15:04:05Z07:00",
};

/// A date with optional leading zeros, followed by other elements.
macro_rules! short_date {
    ($($time:expr),*) => {
        Layout {
            elements: &[
                Element::Year,
                Element::Mark("-"),
                Element::Month(Digits::OneOrTwo),
                Element::Mark("-"),
                Element::Day(Digits::OneOrTwo),
                $($time),*
            ],
            name: "",
        }
    };
}

/// Layouts that go-yaml recognizes as timestamps.
pub(crate) const YAML: [Layout; 4] = {
    const COLON: Element = Element::Mark(":");
    const MINUTE: Element = Element::Minute(Digits::OneOrTwo);
    const SECOND: Element = Element::Second(Digits::OneOrTwo);
    const HOUR: Element = Element::Hour;
    [
        short_date!(
            Element::Mark("T"),
            HOUR,
            COLON,
            MINUTE,
            COLON,
            SECOND,
            Element::Zone
        ),
        short_date!(
            Element::Mark("t"),
            HOUR,
            COLON,
            MINUTE,
            COLON,
            SECOND,
            Element::Zone
        ),
        short_date!(Element::Spaces, HOUR, COLON, MINUTE, COLON, SECOND),
        short_date!(),
    ]
};

impl Element {
    /// Returns the element in Go's notation.
    const fn name(self) -> &'static str {
        match self {
            Self::Year => "2006",
            Self::Month(Digits::Two) => "01",
            Self::Month(Digits::OneOrTwo) => "1",
            Self::Day(Digits::Two) => "02",
            Self::Day(Digits::OneOrTwo) => "2",
            Self::Hour => "15",
            Self::Minute(Digits::Two) => "04",
            Self::Minute(Digits::OneOrTwo) => "4",
            Self::Second(Digits::Two) => "05",
            Self::Second(Digits::OneOrTwo) => "5",
            Self::Zone => "Z07:00",
            Self::Mark(mark) => mark,
            Self::Spaces => " ",
        }
    }
}

/// A date and time with an offset from UTC.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Moment {
    /// Year.
    pub year: i64,
    /// Month, from 1.
    pub month: i64,
    /// Day of the month, from 1.
    pub day: i64,
    /// Hour, 0 to 23.
    pub hour: i64,
    /// Minute.
    pub minute: i64,
    /// Second.
    pub second: i64,
    /// Offset from UTC, in seconds.
    pub offset: i64,
    /// True if the nanoseconds are not zero.
    pub has_fraction: bool,
}

/// Error of parsing one element.
enum ElementError {
    /// Not of the expected form.
    Bad,
    /// A number out of range.
    Range(&'static str),
}

/// Error of parsing a time: the message of Go.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ParseTimeError(String);

/// Parses a time. The error is that of the Go version with which the Kubernetes version is built.
pub fn parse(
    layout: Layout,
    text: &str,
    version: KubernetesVersion,
) -> Result<Moment, ParseTimeError> {
    let quote = |text: &str| quote(text, version);
    let mut moment = Moment::default();
    let mut rest = text;
    for element in layout.elements {
        let before = rest;
        match take(*element, &mut rest, &mut moment, version) {
            Ok(()) => {}
            Err(ElementError::Range(what)) => {
                return Err(ParseTimeError(format!(
                    "parsing time {}: {what} out of range",
                    quote(text)
                )));
            }
            Err(ElementError::Bad) => {
                return Err(ParseTimeError(format!(
                    "parsing time {} as {}: cannot parse {} as {}",
                    quote(text),
                    quote(layout.name),
                    quote(if rest.len() < before.len() {
                        rest
                    } else {
                        before
                    }),
                    quote(element.name())
                )));
            }
        }
    }
    if !rest.is_empty() {
        return Err(ParseTimeError(format!(
            "parsing time {}: extra text: {}",
            quote(text),
            quote(rest)
        )));
    }
    if !(1..=days_in(moment.year, moment.month)).contains(&moment.day) {
        return Err(ParseTimeError(format!(
            "parsing time {}: day out of range",
            quote(text)
        )));
    }
    Ok(moment)
}

fn take(
    element: Element,
    rest: &mut &str,
    moment: &mut Moment,
    version: KubernetesVersion,
) -> Result<(), ElementError> {
    match element {
        Element::Mark(mark) => match rest.strip_prefix(mark) {
            Some(tail) => *rest = tail,
            None => return Err(ElementError::Bad),
        },
        Element::Spaces => {
            if !rest.is_empty() && !rest.starts_with(' ') {
                return Err(ElementError::Bad);
            }
            *rest = rest.trim_start_matches(' ');
        }
        Element::Year => {
            let year = rest.get(..4).ok_or(ElementError::Bad)?;
            if !year.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(ElementError::Bad);
            }
            moment.year = year.parse().map_err(|_| ElementError::Bad)?;
            *rest = rest.get(4..).unwrap_or_default();
        }
        Element::Month(digits) => {
            moment.month = in_range(number(rest, digits)?, 1, 12, "month")?;
        }
        // Whether the month has it is asked at the end.
        Element::Day(digits) => moment.day = number(rest, digits)?,
        Element::Hour => moment.hour = in_range(number(rest, Digits::OneOrTwo)?, 0, 23, "hour")?,
        Element::Minute(digits) => {
            moment.minute = in_range(number(rest, digits)?, 0, 59, "minute")?;
        }
        Element::Second(digits) => {
            moment.second = in_range(number(rest, digits)?, 0, 59, "second")?;
            moment.has_fraction = fraction(rest, version)?;
        }
        Element::Zone if version.at_least(STRICT_ZONE_SINCE) => moment.offset = zone(rest)?,
        Element::Zone => moment.offset = lax_zone(rest)?,
    }
    Ok(())
}

const fn in_range(
    number: i64,
    least: i64,
    most: i64,
    what: &'static str,
) -> Result<i64, ElementError> {
    if least <= number && number <= most {
        Ok(number)
    } else {
        Err(ElementError::Range(what))
    }
}

fn number(rest: &mut &str, digits: Digits) -> Result<i64, ElementError> {
    let width = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if width == 0 || width == 1 && digits == Digits::Two {
        return Err(ElementError::Bad);
    }
    let (number, tail) = rest.split_at(width);
    *rest = tail;
    number.parse().map_err(|_| ElementError::Bad)
}

/// Skips an optional fraction and returns true if its nanoseconds are not zero. Before 1.18, Go reads all digits as one number, which
/// must be below 10⁹.
fn fraction(rest: &mut &str, version: KubernetesVersion) -> Result<bool, ElementError> {
    let marks: &[char] = if version.at_least(COMMA_SINCE) {
        &['.', ',']
    } else {
        &['.']
    };
    if let Some(tail) = rest.strip_prefix(marks) {
        let fraction = tail.trim_start_matches(|digit: char| digit.is_ascii_digit());
        let digits = tail.get(..tail.len() - fraction.len()).unwrap_or_default();
        if digits.is_empty() {
            return Ok(false);
        }
        *rest = fraction;
        let kept = if version.at_least(LONG_FRACTIONS_SINCE) {
            digits.get(..9).unwrap_or(digits)
        } else {
            digits
        };
        if kept.trim_start_matches('0').len() > 9 {
            return Err(ElementError::Range("fractional second"));
        }
        return Ok(kept.bytes().any(|digit| digit != b'0'));
    }
    Ok(false)
}

/// First minor versions whose Go allows a comma before a fraction (1.17), truncates long fractions (1.18),
/// checks offsets (1.20) and escapes quoted text (1.16). Later patches of 1.23 have a newer Go than its first.
const COMMA_SINCE: u8 = 23;
const LONG_FRACTIONS_SINCE: u8 = 23;
const STRICT_ZONE_SINCE: u8 = 24;
const ESCAPES_SINCE: u8 = 21;

/// Parses an offset as Go before 1.20 does: it checks the colon first and neither signs nor ranges. Its error quotes the text after the
/// offset.
fn lax_zone(rest: &mut &str) -> Result<i64, ElementError> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok(0);
    }
    let (offset, tail) = rest.split_at_checked(6).ok_or(ElementError::Bad)?;
    let (sign, hours, minutes) = match offset.as_bytes() {
        [sign, hours @ .., b':', first, second] => (*sign, hours, [*first, *second]),
        _ => return Err(ElementError::Bad),
    };
    *rest = tail;
    let number = |digits: &[u8]| -> Result<i64, ElementError> {
        let text = std::str::from_utf8(digits).map_err(|_| ElementError::Bad)?;
        text.parse().map_err(|_| ElementError::Bad)
    };
    let seconds = number(hours)? * 3_600 + number(&minutes)? * 60;
    match sign {
        b'+' => Ok(seconds),
        b'-' => Ok(-seconds),
        _ => Err(ElementError::Bad),
    }
}

/// Parses an offset from UTC, in seconds.
fn zone(rest: &mut &str) -> Result<i64, ElementError> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok(0);
    }
    let sign = match rest.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => 0,
    };
    let mut tail = rest.get(1..).ok_or(ElementError::Bad)?;
    let hours = number(&mut tail, Digits::Two)?;
    tail = tail.strip_prefix(':').ok_or(ElementError::Bad)?;
    let minutes = number(&mut tail, Digits::Two)?;
    // People do write offsets of 24 hours and 60 minutes.
    in_range(minutes, 0, 60, "time zone offset minute")?;
    in_range(hours, 0, 24, "time zone offset hour")?;
    if sign == 0 {
        return Err(ElementError::Bad);
    }
    *rest = tail;
    Ok(sign * (hours * 3_600 + minutes * 60))
}

const fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Quotes a text as package `time` does: non-ASCII and control characters are escaped bytewise; nothing is before Go 1.16.
fn quote(text: &str, version: KubernetesVersion) -> String {
    if !version.at_least(ESCAPES_SINCE) {
        return format!("\"{text}\"");
    }
    let mut out = String::from("\"");
    for byte in text.bytes() {
        match byte {
            b'"' | b'\\' => out.extend(['\\', char::from(byte)]),
            b' '..=0x7f => out.push(char::from(byte)),
            _ => {
                let _ = write!(out, r"\x{byte:02x}");
            }
        }
    }
    out.push('"');
    out
}
