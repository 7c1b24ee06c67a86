//! Dates and timestamps in UTC: the only place that parses or prints them, except Go's `time.Parse` in `kube-yaml`, whose errors are part of
//! the API server's messages.
//!
//! Written by hand rather than with `jiff` or `time`: only the proleptic Gregorian calendar and RFC 3339 in UTC are needed, about 150 lines.
//! Either library would add a general parser, formatter and (`jiff`) time zones to the page's WebAssembly, tens of kilobytes where this
//! module takes two. And every event of a log has two timestamps in the one form that kube-apiserver writes, which a fixed pattern
//! parses faster than a general parser.
//!
//! ```
//! use audit_types::time::{date, date_time, days, parse};
//!
//! assert_eq!(days(2000, 2, 29), 11_016);
//! assert_eq!(date(11_016), (2000, 2, 29));
//! assert_eq!(parse("1970-01-02T00:00:00.5Z"), Some(86_400_500_000));
//! assert_eq!(date_time(86_400_500_000), "1970-01-02 00:00:00");
//! ```

use std::fmt::Write as _;

/// Seconds per day.
const DAY_SECONDS: i64 = 86_400;

/// Microseconds per second.
const SECOND_MICROS: i64 = 1_000_000;

/// Microseconds per day.
const DAY_MICROS: i64 = DAY_SECONDS * SECOND_MICROS;

/// Days in 400 years, after which the Gregorian calendar repeats.
const ERA: i64 = 146_097;

/// Days from 0000-03-01 to 1970-01-01.
const EPOCH: i64 = 719_468;

/// Number of days from 1970-01-01 to a date of the proleptic Gregorian calendar.
pub const fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that start in March end with the leap day.
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    era * ERA + day_of_era - EPOCH
}

/// Year, month and day of the date that is `days` days after 1970-01-01. The inverse of [`days`].
pub const fn date(days: i64) -> (i64, i64, i64) {
    let days = days + EPOCH;
    let era = days.div_euclid(ERA);
    let day_of_era = days.rem_euclid(ERA);
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let from_march = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * from_march + 2) / 5 + 1;
    let month = if from_march < 10 {
        from_march + 3
    } else {
        from_march - 9
    };
    let year = year_of_era + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

/// Parses an RFC 3339 timestamp as microseconds since 1970-01-01T00:00:00Z. `None` if the text is not one.
///
/// Digits beyond microseconds are cut off. A leap second, `:60`, is the first second of the next minute.
#[inline]
pub fn parse(text: &str) -> Option<i64> {
    match text.as_bytes().as_array() {
        Some(exact) => parse_exact(exact).or_else(|| parse_any(text)),
        None => parse_any(text),
    }
}

/// Parses the form that kube-apiserver writes: `2024-01-02T03:04:05.678901Z`.
#[inline]
fn parse_exact(text: &[u8; 27]) -> Option<i64> {
    let [
        y0,
        y1,
        y2,
        y3,
        b'-',
        mo0,
        mo1,
        b'-',
        d0,
        d1,
        b'T',
        h0,
        h1,
        b':',
        mi0,
        mi1,
        b':',
        s0,
        s1,
        b'.',
        f0,
        f1,
        f2,
        f3,
        f4,
        f5,
        b'Z',
    ] = text
    else {
        return None;
    };
    let number = |digits: &[&u8]| {
        digits.iter().try_fold(0, |sum, digit| {
            let value = digit.wrapping_sub(b'0');
            (value < 10).then_some(sum * 10 + i64::from(value))
        })
    };
    let (month, day) = (number(&[mo0, mo1])?, number(&[d0, d1])?);
    let (hour, minute, second) = (number(&[h0, h1])?, number(&[mi0, mi1])?, number(&[s0, s1])?);
    if !((1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61)
    {
        return None;
    }
    let since = days(number(&[y0, y1, y2, y3])?, month, day);
    let seconds = hour * 3600 + minute * 60 + second;
    Some(since * DAY_MICROS + seconds * 1_000_000 + number(&[f0, f1, f2, f3, f4, f5])?)
}

fn parse_any(text: &str) -> Option<i64> {
    let (date, time) = text.split_once(['T', 't', ' '])?;
    let mut date = date.splitn(3, '-');
    let year = number(date.next()?, 4)?;
    let month = number(date.next()?, 2)?;
    let day = number(date.next()?, 2)?;
    let at = time.find(['Z', 'z', '+', '-'])?;
    let (clock, zone) = (time.get(..at)?, time.get(at..)?);
    let (clock, fraction) = clock.split_once('.').unwrap_or((clock, ""));
    let mut clock = clock.splitn(3, ':');
    let hour = number(clock.next()?, 2)?;
    let minute = number(clock.next()?, 2)?;
    let second = number(clock.next()?, 2)?;
    let is_sound = (1..=12).contains(&month)
        && (1..=31).contains(&day)
        && hour < 24
        && minute < 60
        && second < 61;
    if !is_sound {
        return None;
    }
    let seconds = hour * 3600 + minute * 60 + second - offset_seconds(zone)?;
    Some(days(year, month, day) * DAY_MICROS + seconds * 1_000_000 + micros(fraction)?)
}

fn number(text: &str, digits: usize) -> Option<i64> {
    let is_plain = text.len() == digits && text.bytes().all(|byte| byte.is_ascii_digit());
    is_plain.then(|| text.parse().ok()).flatten()
}

fn micros(fraction: &str) -> Option<i64> {
    if !fraction.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let padded = fraction
        .bytes()
        .chain(std::iter::repeat(b'0'))
        .take(6)
        .fold(0, |sum, digit| sum * 10 + i64::from(digit - b'0'));
    Some(padded)
}

fn offset_seconds(zone: &str) -> Option<i64> {
    let sign = match zone.chars().next()? {
        'Z' | 'z' => return (zone.len() == 1).then_some(0),
        '-' => -1,
        _ => 1,
    };
    let (hours, minutes) = zone.get(1..)?.split_once(':')?;
    Some(sign * (number(hours, 2)? * 3600 + number(minutes, 2)? * 60))
}

/// Formats the time of day with milliseconds: `09:14:02.118`.
pub fn time_of_day(micros: i64) -> String {
    let millis = micros.rem_euclid(DAY_MICROS) / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    )
}

/// Formats date and time of day with seconds: `2024-01-02 03:04:05`.
pub fn date_time(micros: i64) -> String {
    let mut text = String::new();
    write_date_time(micros.div_euclid(SECOND_MICROS), ' ', &mut text);
    text
}

/// Writes seconds since 1970 as an RFC 3339 timestamp, as Kubernetes writes the times of objects: `2024-01-02T03:04:05Z`.
pub fn write_rfc_3339(seconds: i64, out: &mut String) {
    write_date_time(seconds, 'T', out);
    out.push('Z');
}

/// Writes microseconds since 1970 as an RFC 3339 timestamp, as kube-apiserver writes the times of events: `2024-01-02T03:04:05.678901Z`.
pub fn write_rfc_3339_micros(micros: i64, out: &mut String) {
    write_date_time(micros.div_euclid(SECOND_MICROS), 'T', out);
    // Writing to a `String` never fails.
    let _ = write!(out, ".{:06}Z", micros.rem_euclid(SECOND_MICROS));
}

fn write_date_time(seconds: i64, separator: char, out: &mut String) {
    let (year, month, day) = date(seconds.div_euclid(DAY_SECONDS));
    let time = seconds.rem_euclid(DAY_SECONDS);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}{separator}{hour:02}:{minute:02}:{second:02}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn date_is_the_inverse_of_days() {
        for (year, month, day, since) in [
            (1970, 1, 1, 0),
            (1969, 12, 31, -1),
            (2000, 2, 29, 11_016),
            (2000, 3, 1, 11_017),
            (2100, 3, 1, 47_541),
            (0, 3, 1, -719_468),
        ] {
            assert_eq!(days(year, month, day), since);
            assert_eq!(date(since), (year, month, day));
        }
        for since in (-800_000..800_000).step_by(97) {
            let (year, month, day) = date(since);
            assert_eq!(days(year, month, day), since);
        }
    }

    #[test]
    fn rfc_3339_timestamps_are_parsed() {
        for (text, micros) in [
            ("1970-01-01T00:00:00Z", Some(0)),
            ("1970-01-02T00:00:00.000001Z", Some(86_400_000_001)),
            ("2000-03-01T00:00:00Z", Some(951_868_800_000_000)),
            ("2024-01-02T03:04:05.678901Z", Some(1_704_164_645_678_901)),
            (
                "2024-01-02T05:04:05.678901+02:00",
                Some(1_704_164_645_678_901),
            ),
            ("1969-12-31T23:59:59.5Z", Some(-500_000)),
            ("2024-13-01T00:00:00Z", None),
            ("2024-01-02T03:04:05", None),
            ("yesterday", None),
            ("", None),
        ] {
            assert_eq!(parse(text), micros, "{text}");
        }
        assert_eq!(time_of_day(1_704_164_645_678_901), "03:04:05.678");
    }

    #[test]
    fn date_time_is_the_inverse_of_parse() {
        for text in [
            "1970-01-01 00:00:00",
            "1969-12-31 23:59:59",
            "2000-02-29 12:34:56",
            "2000-03-01 00:00:00",
            "2026-11-21 01:18:11",
            "2100-02-28 23:00:00",
            "0001-01-01 00:00:00",
        ] {
            let micros = parse(&(text.to_owned() + "Z")).unwrap();
            assert_eq!(date_time(micros), text);
        }
        let _ = (date_time(i64::MIN), date_time(i64::MAX));
    }

    #[test]
    fn timestamps_are_formatted_as_kubernetes_writes_them() {
        let seconds = |seconds| {
            let mut text = String::new();
            write_rfc_3339(seconds, &mut text);
            text
        };
        let micros = |micros| {
            let mut text = String::new();
            write_rfc_3339_micros(micros, &mut text);
            text
        };
        assert_eq!(seconds(1_704_164_645), "2024-01-02T03:04:05Z");
        assert_eq!(micros(1_704_164_645_678_901), "2024-01-02T03:04:05.678901Z");
        assert_eq!(micros(-1), "1969-12-31T23:59:59.999999Z");
    }
}
