//! Timestamps of events, as microseconds since 1970.

use audit_policy::calendar::{date, days};

const DAY_MICROS: i64 = 86_400_000_000;

/// Microseconds since 1970-01-01T00:00:00Z of an RFC 3339 timestamp; none where the text is not one.
pub fn parse(text: &str) -> Option<i64> {
    match text.as_bytes().as_array() {
        Some(exact) => parse_exact(exact).or_else(|| parse_any(text)),
        None => parse_any(text),
    }
}

/// The one form that the server prints: `2024-01-02T03:04:05.678901Z`.
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

/// The time of day, `09:14:02.118`.
pub fn clock(micros: i64) -> String {
    let millis = micros.rem_euclid(DAY_MICROS) / 1000;
    format!(
        "{:02}:{:02}:{:02}.{:03}",
        millis / 3_600_000,
        millis / 60_000 % 60,
        millis / 1000 % 60,
        millis % 1000
    )
}

/// Date and time of day in UTC, to the second: `2024-01-02 03:04:05`.
pub fn stamp(micros: i64) -> String {
    let (year, month, day) = date(micros.div_euclid(DAY_MICROS));
    let seconds = micros.rem_euclid(DAY_MICROS) / 1_000_000;
    format!(
        "{year:04}-{month:02}-{day:02} {:02}:{:02}:{:02}",
        seconds / 3600,
        seconds / 60 % 60,
        seconds % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn timestamps_are_read_as_rfc_3339() {
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
        assert_eq!(clock(1_704_164_645_678_901), "03:04:05.678");
    }

    #[test]
    fn a_stamp_is_the_date_and_time_of_a_timestamp() {
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
            assert_eq!(stamp(micros), text);
        }
        let _ = (stamp(i64::MIN), stamp(i64::MAX));
    }
}
