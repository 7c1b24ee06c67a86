//! Go's `time.Parse`, for the layouts that the server uses: where a text stops being a time, and what Go then says.

use std::fmt::Write;

use audit_types::KubernetesVersion;

/// A piece of a layout.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Piece {
    /// Four digits.
    Year,
    /// Two digits, or where not fixed one or two.
    Month(Digits),
    Day(Digits),
    Hour,
    Minute(Digits),
    /// With a fraction, if one follows.
    Second(Digits),
    /// `Z`, or `+01:00`.
    Zone,
    Mark(&'static str),
    /// Any number of spaces, none included.
    Spaces,
}

/// How many digits a number may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Digits {
    Two,
    OneOrTwo,
}

/// A layout, and how Go writes it.
#[derive(Debug, Clone, Copy)]
pub struct Layout {
    pieces: &'static [Piece],
    name: &'static str,
}

/// `time.RFC3339`.
pub const RFC_3339: Layout = Layout {
    pieces: &[
        Piece::Year,
        Piece::Mark("-"),
        Piece::Month(Digits::Two),
        Piece::Mark("-"),
        Piece::Day(Digits::Two),
        Piece::Mark("T"),
        Piece::Hour,
        Piece::Mark(":"),
        Piece::Minute(Digits::Two),
        Piece::Mark(":"),
        Piece::Second(Digits::Two),
        Piece::Zone,
    ],
    name: "2006-01-02T15:04:05Z07:00",
};

/// A date that may lack its leading zeros, and what follows it.
macro_rules! short_date {
    ($($time:expr),*) => {
        Layout {
            pieces: &[
                Piece::Year,
                Piece::Mark("-"),
                Piece::Month(Digits::OneOrTwo),
                Piece::Mark("-"),
                Piece::Day(Digits::OneOrTwo),
                $($time),*
            ],
            name: "",
        }
    };
}

/// The layouts that go-yaml takes for timestamps.
pub(crate) const YAML: [Layout; 4] = {
    const COLON: Piece = Piece::Mark(":");
    const MINUTE: Piece = Piece::Minute(Digits::OneOrTwo);
    const SECOND: Piece = Piece::Second(Digits::OneOrTwo);
    const HOUR: Piece = Piece::Hour;
    [
        short_date!(
            Piece::Mark("T"),
            HOUR,
            COLON,
            MINUTE,
            COLON,
            SECOND,
            Piece::Zone
        ),
        short_date!(
            Piece::Mark("t"),
            HOUR,
            COLON,
            MINUTE,
            COLON,
            SECOND,
            Piece::Zone
        ),
        short_date!(Piece::Spaces, HOUR, COLON, MINUTE, COLON, SECOND),
        short_date!(),
    ]
};

impl Piece {
    /// The piece as Go writes it in a layout.
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

/// A date and time, with its offset from UTC in seconds.
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
    /// Whether there are nanoseconds.
    pub has_fraction: bool,
}

/// Why a piece does not fit.
enum Misfit {
    /// It is none of its kind.
    Bad,
    /// It is a number that is too large or too small.
    Range(&'static str),
}

/// Reads a time, or says what the Go of that Kubernetes version says of the text.
pub fn parse(layout: Layout, text: &str, version: KubernetesVersion) -> Result<Moment, String> {
    let quote = |text: &str| quote(text, version);
    let mut moment = Moment::default();
    let mut rest = text;
    for piece in layout.pieces {
        let before = rest;
        match take(*piece, &mut rest, &mut moment, version) {
            Ok(()) => {}
            Err(Misfit::Range(what)) => {
                return Err(format!("parsing time {}: {what} out of range", quote(text)));
            }
            Err(Misfit::Bad) => {
                return Err(format!(
                    "parsing time {} as {}: cannot parse {} as {}",
                    quote(text),
                    quote(layout.name),
                    quote(if rest.len() < before.len() {
                        rest
                    } else {
                        before
                    }),
                    quote(piece.name())
                ));
            }
        }
    }
    if !rest.is_empty() {
        return Err(format!(
            "parsing time {}: extra text: {}",
            quote(text),
            quote(rest)
        ));
    }
    if !(1..=days_in(moment.year, moment.month)).contains(&moment.day) {
        return Err(format!("parsing time {}: day out of range", quote(text)));
    }
    Ok(moment)
}

fn take(
    piece: Piece,
    rest: &mut &str,
    moment: &mut Moment,
    version: KubernetesVersion,
) -> Result<(), Misfit> {
    match piece {
        Piece::Mark(mark) => match rest.strip_prefix(mark) {
            Some(tail) => *rest = tail,
            None => return Err(Misfit::Bad),
        },
        Piece::Spaces => {
            if !rest.is_empty() && !rest.starts_with(' ') {
                return Err(Misfit::Bad);
            }
            *rest = rest.trim_start_matches(' ');
        }
        Piece::Year => {
            let year = rest.get(..4).ok_or(Misfit::Bad)?;
            if !year.bytes().all(|byte| byte.is_ascii_digit()) {
                return Err(Misfit::Bad);
            }
            moment.year = year.parse().map_err(|_| Misfit::Bad)?;
            *rest = rest.get(4..).unwrap_or_default();
        }
        Piece::Month(digits) => {
            moment.month = in_range(number(rest, digits)?, 1, 12, "month")?;
        }
        // Whether the month has it is asked at the end.
        Piece::Day(digits) => moment.day = number(rest, digits)?,
        Piece::Hour => moment.hour = in_range(number(rest, Digits::OneOrTwo)?, 0, 23, "hour")?,
        Piece::Minute(digits) => {
            moment.minute = in_range(number(rest, digits)?, 0, 59, "minute")?;
        }
        Piece::Second(digits) => {
            moment.second = in_range(number(rest, digits)?, 0, 59, "second")?;
            moment.has_fraction = fraction(rest, version)?;
        }
        Piece::Zone if version.at_least(STRICT_ZONE_SINCE) => moment.offset = zone(rest)?,
        Piece::Zone => moment.offset = lax_zone(rest)?,
    }
    Ok(())
}

const fn in_range(number: i64, least: i64, most: i64, what: &'static str) -> Result<i64, Misfit> {
    if least <= number && number <= most {
        Ok(number)
    } else {
        Err(Misfit::Range(what))
    }
}

fn number(rest: &mut &str, digits: Digits) -> Result<i64, Misfit> {
    let width = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
    if width == 0 || width == 1 && digits == Digits::Two {
        return Err(Misfit::Bad);
    }
    let (number, tail) = rest.split_at(width);
    *rest = tail;
    number.parse().map_err(|_| Misfit::Bad)
}

/// Passes over a fraction, if one is there; whether any of its nanoseconds is set. Go before 1.18 reads all digits as one number, which
/// must be below 10⁹.
fn fraction(rest: &mut &str, version: KubernetesVersion) -> Result<bool, Misfit> {
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
            return Err(Misfit::Range("fractional second"));
        }
        return Ok(kept.bytes().any(|digit| digit != b'0'));
    }
    Ok(false)
}

/// The minor versions whose Go takes a comma before a fraction (1.17), cuts long fractions (1.18),
/// checks offsets (1.20), and escapes what it quotes (1.16). Late patches of 1.23 have a newer Go than its first.
const COMMA_SINCE: u8 = 23;
const LONG_FRACTIONS_SINCE: u8 = 23;
const STRICT_ZONE_SINCE: u8 = 24;
const ESCAPES_SINCE: u8 = 21;

/// Seconds east of UTC, in a Go that looks at the place of the colon first, and at signs and sizes not at all. It names what comes after
/// an offset that it cannot read.
fn lax_zone(rest: &mut &str) -> Result<i64, Misfit> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok(0);
    }
    let (offset, tail) = rest.split_at_checked(6).ok_or(Misfit::Bad)?;
    let (sign, hours, minutes) = match offset.as_bytes() {
        [sign, hours @ .., b':', first, second] => (*sign, hours, [*first, *second]),
        _ => return Err(Misfit::Bad),
    };
    *rest = tail;
    let number = |digits: &[u8]| -> Result<i64, Misfit> {
        let text = std::str::from_utf8(digits).map_err(|_| Misfit::Bad)?;
        text.parse().map_err(|_| Misfit::Bad)
    };
    let seconds = number(hours)? * 3_600 + number(&minutes)? * 60;
    match sign {
        b'+' => Ok(seconds),
        b'-' => Ok(-seconds),
        _ => Err(Misfit::Bad),
    }
}

/// Seconds east of UTC.
fn zone(rest: &mut &str) -> Result<i64, Misfit> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok(0);
    }
    let sign = match rest.bytes().next() {
        Some(b'+') => 1,
        Some(b'-') => -1,
        _ => 0,
    };
    let mut tail = rest.get(1..).ok_or(Misfit::Bad)?;
    let hours = number(&mut tail, Digits::Two)?;
    tail = tail.strip_prefix(':').ok_or(Misfit::Bad)?;
    let minutes = number(&mut tail, Digits::Two)?;
    // People do write offsets of 24 hours and 60 minutes.
    in_range(minutes, 0, 60, "time zone offset minute")?;
    in_range(hours, 0, 24, "time zone offset hour")?;
    if sign == 0 {
        return Err(Misfit::Bad);
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

/// A text as package `time` quotes it: all but ASCII in bytes, and control characters too. Before Go 1.16 nothing is escaped.
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
