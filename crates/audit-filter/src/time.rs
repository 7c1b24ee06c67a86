//! Conditions on times: of the calendar, of the day, or relative to the first or last event of a log. There is no clock.

use audit_types::time::{days, parse};

use crate::number::{parse_number, split_operator};

/// Microseconds per second.
const SECOND: i64 = 1_000_000;

/// Microseconds per minute.
const MINUTE: i64 = 60 * SECOND;

/// Microseconds per hour.
const HOUR: i64 = 60 * MINUTE;

/// Microseconds per day.
const DAY: i64 = 24 * HOUR;

/// A condition on the time at which a request was received.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimeTest {
    /// Within a day, hour, minute or second; or since a time before the last event, or until a time after the first.
    Within(TimePoint),
    /// `>`
    After(TimePoint),
    /// `>=`
    Since(TimePoint),
    /// `<`
    Before(TimePoint),
    /// `<=`
    Until(TimePoint),
    /// `a..b`, both ends included.
    Between(TimePoint, TimePoint),
}

/// A time as written, in microseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TimePoint {
    /// From a time since 1970 to another: the day, hour, minute or second that was written.
    Calendar {
        /// First microsecond.
        start: i64,
        /// First microsecond that is not part of it.
        end: i64,
    },
    /// The same within any day.
    OfDay {
        /// First microsecond since midnight.
        start: i64,
        /// First microsecond that is not part of it.
        end: i64,
    },
    /// This long after the first event of the log.
    AfterFirst(i64),
    /// This long before the last event of the log.
    BeforeLast(i64),
}

/// Explanation of how to write a time.
const HOW: &str = "write a date `2025-01-31`, a time `2025-01-31T10:00` or `10:00`, or `-15m` for the last 15 minutes of the log";

impl TimeTest {
    /// Parses a condition.
    pub(crate) fn parse(text: &str) -> Result<Self, &'static str> {
        let (operator, rest) = split_operator(text);
        let point = |text: &str| TimePoint::parse(text.trim()).ok_or(HOW);
        match operator {
            ">" => return point(rest).map(Self::After),
            ">=" => return point(rest).map(Self::Since),
            "<" => return point(rest).map(Self::Before),
            "<=" => return point(rest).map(Self::Until),
            _ => {}
        }
        let Some((first, last)) = rest.split_once("..") else {
            return point(rest).map(Self::Within);
        };
        match (first.trim(), last.trim()) {
            ("", "") => Err(HOW),
            ("" | "*", last) => point(last).map(Self::Until),
            (first, "" | "*") => point(first).map(Self::Since),
            (first, last) => Self::between(point(first)?, point(last)?),
        }
    }

    fn between(first: TimePoint, last: TimePoint) -> Result<Self, &'static str> {
        let is_of_day = |point| matches!(point, TimePoint::OfDay { .. });
        if is_of_day(first) != is_of_day(last) {
            return Err("write both ends of the range with a date, or both without");
        }
        let is_reversed = match (first, last) {
            (TimePoint::Calendar { start, .. }, TimePoint::Calendar { end, .. }) => start >= end,
            (TimePoint::AfterFirst(first), TimePoint::AfterFirst(last)) => first > last,
            (TimePoint::BeforeLast(first), TimePoint::BeforeLast(last)) => first < last,
            // A range over midnight is one.
            _ => false,
        };
        if is_reversed {
            return Err("write the earlier time first");
        }
        Ok(Self::Between(first, last))
    }

    /// Returns `true` if a time satisfies the condition, in a log whose first and last events have these times.
    ///
    /// A date stands for the whole day. A time without seconds begins with its minute, and includes it where it is the end of a range.
    pub fn matches(self, time: i64, first: i64, last: i64) -> bool {
        let start = |point: TimePoint| point.start(time, first, last);
        let end = |point: TimePoint| point.end(time, first, last);
        match self {
            Self::Within(TimePoint::AfterFirst(_)) => self.is_until(time, first, last),
            Self::Within(TimePoint::BeforeLast(offset)) => time >= last.saturating_sub(offset),
            Self::Within(point) => time >= start(point) && time < end(point),
            Self::After(point) if point.is_date() => time >= end(point),
            Self::After(point) => time > start(point),
            Self::Since(point) => time >= start(point),
            Self::Before(point) => time < start(point),
            Self::Until(_) => self.is_until(time, first, last),
            Self::Between(one, other) => {
                let (since, until) = (time >= start(one), time < end(other));
                let is_over_midnight = matches!((one, other),
                    (TimePoint::OfDay { start, .. }, TimePoint::OfDay { end, .. }) if start >= end);
                if is_over_midnight {
                    since || until
                } else {
                    since && until
                }
            }
        }
    }

    fn is_until(self, time: i64, first: i64, last: i64) -> bool {
        match self {
            Self::Within(point) | Self::Until(point) => time < point.end(time, first, last),
            _ => false,
        }
    }

    /// Returns `true` if it compares with one time.
    pub(crate) const fn is_comparison(self) -> bool {
        !matches!(self, Self::Within(_) | Self::Between(..))
    }
}

impl TimePoint {
    /// Returns the first microsecond; that of a time of the day is on the day of `time`.
    fn start(self, time: i64, first: i64, last: i64) -> i64 {
        match self {
            Self::Calendar { start, .. } => start,
            Self::OfDay { start, .. } => midnight(time).saturating_add(start),
            Self::AfterFirst(offset) => first.saturating_add(offset),
            Self::BeforeLast(offset) => last.saturating_sub(offset),
        }
    }

    /// Returns the first microsecond that is not part of it.
    fn end(self, time: i64, first: i64, last: i64) -> i64 {
        match self {
            Self::Calendar { end, .. } => end,
            Self::OfDay { end, .. } => midnight(time).saturating_add(end),
            Self::AfterFirst(_) | Self::BeforeLast(_) => {
                self.start(time, first, last).saturating_add(1)
            }
        }
    }

    const fn is_date(self) -> bool {
        matches!(self, Self::Calendar { start, end } if end - start >= DAY)
    }

    fn parse(text: &str) -> Option<Self> {
        if let Some(offset) = text.strip_prefix('-') {
            return duration(offset).map(Self::BeforeLast);
        }
        if let Some(offset) = text.strip_prefix('+') {
            return duration(offset).map(Self::AfterFirst);
        }
        let date = text
            .split_at_checked(10)
            .and_then(|(date, rest)| Some((calendar_day(date)?, rest)));
        let Some((day, rest)) = date else {
            let (start, length) = clock(text)?;
            return Some(Self::OfDay {
                start,
                end: start + length,
            });
        };
        if rest.is_empty() {
            return Some(Self::Calendar {
                start: day,
                end: day + DAY,
            });
        }
        let rest = rest.strip_prefix(['T', 't', ' ', '_'])?;
        let zone = rest.find(['Z', 'z', '+', '-']).unwrap_or(rest.len());
        let (time, zone) = rest.split_at_checked(zone)?;
        let (start, length) = clock(time)?;
        let start = day + start - offset(zone)?;
        Some(Self::Calendar {
            start,
            end: start + length,
        })
    }
}

const fn midnight(time: i64) -> i64 {
    time.saturating_sub(time.rem_euclid(DAY))
}

/// Parses `2025-01-31` as the microseconds since 1970.
fn calendar_day(text: &str) -> Option<i64> {
    let mut parts = text.split('-');
    let mut number = |digits: usize| {
        let part = parts.next().filter(|part| part.len() == digits)?;
        parse_number(part).map(i64::from)
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    let in_month =
        days(if month == 12 { year + 1 } else { year }, month % 12 + 1, 1) - days(year, month, 1);
    let is_date = (1..=12).contains(&month) && (1..=in_month).contains(&day);
    is_date.then(|| days(year, month, day) * DAY)
}

/// Parses an offset from UTC in microseconds; none is UTC.
fn offset(zone: &str) -> Option<i64> {
    if zone.is_empty() {
        return Some(0);
    }
    // The parser of timestamps knows offsets.
    let zero = parse(&["1970-01-01T00:00:00", zone].concat());
    zero.map(|micros| -micros)
}

/// Parses `10`, `10:00`, `10:00:05` or `10:00:05.25`: the microseconds since midnight, and the length of what was written.
fn clock(text: &str) -> Option<(i64, i64)> {
    let (whole, fraction) = match text.split_once('.') {
        Some((whole, fraction)) => (whole, Some(fraction)),
        None => (text, None),
    };
    let mut parts = whole.split(':');
    let mut next = |max: u32| match parts.next() {
        None => Some(None),
        Some(part) if (1..=2).contains(&part.len()) => {
            let number = parse_number(part).filter(|number| *number <= max)?;
            Some(Some(i64::from(number)))
        }
        Some(_) => None,
    };
    let (hour, minute, second) = (next(23)?, next(59)?, next(60)?);
    let start = hour? * HOUR + minute.unwrap_or(0) * MINUTE + second.unwrap_or(0) * SECOND;
    let length = match (minute, second) {
        _ if parts.next().is_some() => return None,
        (None, _) => HOUR,
        (_, None) => MINUTE,
        _ => SECOND,
    };
    let Some(fraction) = fraction else {
        return Some((start, length));
    };
    second?;
    let digits = fraction.get(..fraction.len().min(6))?;
    let (value, exponent) = (parse_number(digits)?, u32::try_from(digits.len()).ok()?);
    let unit = 10_i64.pow(6 - exponent);
    fraction
        .bytes()
        .all(|byte| byte.is_ascii_digit())
        .then(|| (start + i64::from(value) * unit, unit))
}

/// Parses `15m`, `1h30m`, `2d`.
fn duration(text: &str) -> Option<i64> {
    let mut rest = text;
    let mut sum = 0_i64;
    while !rest.is_empty() {
        let digits = rest.find(|character: char| !character.is_ascii_digit())?;
        let (number, unit) = rest.split_at_checked(digits)?;
        let mut units = unit.chars();
        let micros = match units.next()?.to_ascii_lowercase() {
            's' => SECOND,
            'm' => MINUTE,
            'h' => HOUR,
            'd' => DAY,
            'w' => 7 * DAY,
            _ => return None,
        };
        sum = sum.saturating_add(i64::from(parse_number(number)?).saturating_mul(micros));
        rest = units.as_str();
    }
    (!text.is_empty()).then_some(sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> i64 {
        parse(text).unwrap()
    }

    /// A log from 09:00 on one day to 11:00 on the next.
    const FIRST: &str = "2025-01-30T09:00:00Z";
    const LAST: &str = "2025-01-31T11:00:00Z";

    #[test]
    fn times_match_what_was_written() {
        for (test, matching, others) in [
            (
                "2025-01-31",
                &["2025-01-31T00:00:00Z", "2025-01-31T23:59:59.999999Z"][..],
                &["2025-01-30T23:59:59.9Z", "2025-02-01T00:00:00Z"][..],
            ),
            (
                "2025-01-31T10",
                &["2025-01-31T10:59:59.5Z"],
                &["2025-01-31T11:00:00Z"],
            ),
            (
                "2025-01-31T10:00",
                &["2025-01-31T10:00:59.5Z"],
                &["2025-01-31T10:01:00Z", "2025-01-31T09:59:59.9Z"],
            ),
            (
                "2025-01-31T10:00:05Z",
                &["2025-01-31T10:00:05.5Z"],
                &["2025-01-31T10:00:06Z"],
            ),
            (
                "2025-01-31T10:00:05.25Z",
                &["2025-01-31T10:00:05.259999Z"],
                &["2025-01-31T10:00:05.26Z"],
            ),
            (
                "2025-01-31 10:00",
                &["2025-01-31T10:00:00Z"],
                &["2025-01-31T10:01:00Z"],
            ),
            (
                ">2025-01-31T10:00",
                &["2025-01-31T10:00:00.1Z", "2025-02-01T00:00:00Z"],
                &["2025-01-31T10:00:00Z"],
            ),
            (
                ">=2025-01-31T10:00",
                &["2025-01-31T10:00:00Z"],
                &["2025-01-31T09:59:59.9Z"],
            ),
            (
                "<2025-01-31T10:00",
                &["2025-01-31T09:59:59.9Z"],
                &["2025-01-31T10:00:00Z"],
            ),
            (
                "<=2025-01-31T10:00",
                &["2025-01-31T10:00:59.9Z"],
                &["2025-01-31T10:01:00Z"],
            ),
            (
                ">2025-01-31",
                &["2025-02-01T00:00:00Z"],
                &["2025-01-31T23:00:00Z"],
            ),
            (
                ">=2025-01-31",
                &["2025-01-31T00:00:00Z"],
                &["2025-01-30T23:00:00Z"],
            ),
            (
                "<2025-01-31",
                &["2025-01-30T23:00:00Z"],
                &["2025-01-31T00:00:00Z"],
            ),
            (
                "<=2025-01-31",
                &["2025-01-31T23:00:00Z"],
                &["2025-02-01T00:00:00Z"],
            ),
            (
                ">2025-01-31T10:00+02:00",
                &["2025-01-31T08:00:01Z"],
                &["2025-01-31T08:00:00Z"],
            ),
            (
                ">2025-01-31T10:00-02:00",
                &["2025-01-31T12:00:01Z"],
                &["2025-01-31T12:00:00Z"],
            ),
            (
                "2025-01-30..2025-01-31",
                &["2025-01-30T00:00:00Z", "2025-01-31T23:00:00Z"],
                &["2025-02-01T00:00:00Z"],
            ),
            (
                "2025-01-31T10:00..2025-01-31T10:05",
                &["2025-01-31T10:05:30Z"],
                &["2025-01-31T10:06:00Z"],
            ),
            (
                "2025-01-31..",
                &["2025-02-05T00:00:00Z"],
                &["2025-01-30T00:00:00Z"],
            ),
            (
                "..2025-01-31",
                &["2025-01-31T23:00:00Z"],
                &["2025-02-01T00:00:00Z"],
            ),
            (
                "10:00",
                &["2025-01-31T10:00:30Z", "2025-01-30T10:00:30Z"],
                &["2025-01-31T10:01:00Z"],
            ),
            (
                ">10:00",
                &["2025-01-30T10:00:01Z", "2025-01-31T23:00:00Z"],
                &["2025-01-31T10:00:00Z"],
            ),
            (
                "10:00..11:30",
                &["2025-01-30T11:30:59Z"],
                &["2025-01-31T11:31:00Z", "2025-01-31T09:00:00Z"],
            ),
            (
                "23:00..01:00",
                &["2025-01-30T23:30:00Z", "2025-01-31T00:30:00Z"],
                &["2025-01-31T12:00:00Z"],
            ),
            (
                "-15m",
                &["2025-01-31T10:45:00Z", LAST],
                &["2025-01-31T10:44:59Z"],
            ),
            (
                ">-15m",
                &["2025-01-31T10:45:01Z"],
                &["2025-01-31T10:45:00Z"],
            ),
            (
                ">=-1h30m",
                &["2025-01-31T09:30:00Z"],
                &["2025-01-31T09:29:59Z"],
            ),
            (
                "+1h",
                &[FIRST, "2025-01-30T10:00:00Z"],
                &["2025-01-30T10:00:01Z"],
            ),
            ("<+1h", &["2025-01-30T09:59:59Z"], &["2025-01-30T10:00:00Z"]),
            (
                "-1h..-30m",
                &["2025-01-31T10:15:00Z"],
                &["2025-01-31T10:31:00Z", "2025-01-31T09:59:00Z"],
            ),
            (
                "+1d..",
                &["2025-01-31T09:00:00Z"],
                &["2025-01-31T08:59:59Z"],
            ),
        ] {
            let parsed = TimeTest::parse(test).unwrap_or_else(|help| panic!("{test}: {help}"));
            for one in matching {
                assert!(parsed.matches(at(one), at(FIRST), at(LAST)), "{test} {one}");
            }
            for one in others {
                assert!(
                    !parsed.matches(at(one), at(FIRST), at(LAST)),
                    "{test} {one}"
                );
            }
        }
    }

    #[test]
    fn other_texts_are_errors() {
        for text in [
            "",
            ">",
            "..",
            "yesterday",
            "2025-13-01",
            "2025-02-29",
            "2025-01-31x",
            "2025-01",
            "2025-01-31T25:00",
            "2025-01-31T10:60",
            "10:00..2025-01-31",
            "2025-01-31..2025-01-30",
            "-15",
            "-m",
            "-15x",
            "11:00:00:00",
            "-30m..-1h",
            "2025-01-31T10:00:05.x",
            "2025-01-31T10:00+x",
        ] {
            assert!(TimeTest::parse(text).is_err(), "{text}");
        }
        assert!(TimeTest::parse("2024-02-29").is_ok());
    }

    #[test]
    fn far_times_do_not_overflow() {
        for text in [
            "9999-12-31",
            "0000-01-01",
            "-999999999w",
            "+999999999w..",
            "23:59:60",
        ] {
            let test = TimeTest::parse(text).unwrap();
            for time in [i64::MIN, -1, 0, i64::MAX] {
                let _ = test.matches(time, i64::MIN, i64::MAX);
                let _ = test.matches(time, i64::MAX, i64::MIN);
            }
        }
    }
}
