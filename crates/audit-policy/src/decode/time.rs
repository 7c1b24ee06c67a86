//! RFC 3339 times, as Go's `time.Parse` reads them and the server writes them: in UTC, in whole seconds.

use crate::source::go;

/// The layout that Go's messages quote.
const LAYOUT: &str = "2006-01-02T15:04:05Z07:00";

/// A time in the server's form, or what Go says of the text.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let mut rest = text;
    let year = number(text, &mut rest, 4, "2006")?;
    mark(text, &mut rest, '-')?;
    let month = number(text, &mut rest, 2, "01")?;
    in_range(text, month, 1, 12, "month")?;
    mark(text, &mut rest, '-')?;
    let day = number(text, &mut rest, 2, "02")?;
    mark(text, &mut rest, 'T')?;
    let hour = number(text, &mut rest, 2, "15")?;
    in_range(text, hour, 0, 23, "hour")?;
    mark(text, &mut rest, ':')?;
    let minute = number(text, &mut rest, 2, "04")?;
    in_range(text, minute, 0, 59, "minute")?;
    mark(text, &mut rest, ':')?;
    let second = number(text, &mut rest, 2, "05")?;
    in_range(text, second, 0, 59, "second")?;
    skip_fraction(&mut rest);
    let offset = zone(text, &mut rest)?;
    if !rest.is_empty() {
        let quoted = go::quote(text);
        return Err(format!(
            "parsing time {quoted}: extra text: {}",
            go::quote(rest)
        ));
    }
    in_range(text, day, 1, days_in(year, month), "day")?;
    let seconds = days(year, month, day) * 86_400 + hour * 3_600 + minute * 60 + second - offset;
    Ok(print(seconds))
}

fn cannot(text: &str, rest: &str, element: &str) -> String {
    format!(
        "parsing time {} as {}: cannot parse {} as {}",
        go::quote(text),
        go::quote(LAYOUT),
        go::quote(rest),
        go::quote(element)
    )
}

fn in_range(text: &str, number: i64, least: i64, most: i64, what: &str) -> Result<(), String> {
    if (least..=most).contains(&number) {
        return Ok(());
    }
    Err(format!(
        "parsing time {}: {what} out of range",
        go::quote(text)
    ))
}

fn number(text: &str, rest: &mut &str, width: usize, element: &str) -> Result<i64, String> {
    let digits = rest
        .get(..width)
        .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
    match digits.and_then(|digits| digits.parse().ok()) {
        Some(number) => {
            *rest = rest.get(width..).unwrap_or_default();
            Ok(number)
        }
        None => Err(cannot(text, rest, element)),
    }
}

fn mark(text: &str, rest: &mut &str, mark: char) -> Result<(), String> {
    match rest.strip_prefix(mark) {
        Some(tail) => {
            *rest = tail;
            Ok(())
        }
        None => Err(cannot(text, rest, &mark.to_string())),
    }
}

fn skip_fraction(rest: &mut &str) {
    if let Some(tail) = rest.strip_prefix(['.', ',']) {
        let end = tail
            .find(|digit: char| !digit.is_ascii_digit())
            .unwrap_or(tail.len());
        if end > 0 {
            *rest = tail.get(end..).unwrap_or_default();
        }
    }
}

/// Seconds east of UTC.
fn zone(text: &str, rest: &mut &str) -> Result<i64, String> {
    if let Some(tail) = rest.strip_prefix('Z') {
        *rest = tail;
        return Ok(0);
    }
    let whole = *rest;
    let failed = || cannot(text, whole, "Z07:00");
    let sign = match rest.chars().next() {
        Some('+') => 1,
        Some('-') => -1,
        _ => return Err(failed()),
    };
    *rest = rest.get(1..).unwrap_or_default();
    let hours = number(text, rest, 2, "Z07:00").map_err(|_| failed())?;
    mark(text, rest, ':').map_err(|_| failed())?;
    let minutes = number(text, rest, 2, "Z07:00").map_err(|_| failed())?;
    in_range(text, hours, 0, 24, "time zone offset hour")?;
    in_range(text, minutes, 0, 60, "time zone offset minute")?;
    Ok(sign * (hours * 3_600 + minutes * 60))
}

fn days_in(year: i64, month: i64) -> i64 {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    match month {
        2 if leap => 29,
        2 => 28,
        4 | 6 | 9 | 11 => 30,
        _ => 31,
    }
}

/// Days from 1970-01-01, by counting years from March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let (year, month) = if month > 2 {
        (year, month - 3)
    } else {
        (year - 1, month + 9)
    };
    let day_of_year = (153 * month + 2) / 5 + day - 1;
    year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400) + day_of_year
        - 719_468
}

fn print(seconds: i64) -> String {
    let (day_number, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let shifted = day_number + 719_468;
    let era = shifted.div_euclid(146_097);
    let day_of_era = shifted.rem_euclid(146_097);
    let year_of_era =
        (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 {
        shifted_month + 3
    } else {
        shifted_month - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        time / 3_600,
        time / 60 % 60,
        time % 60
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_become_utc_in_seconds() {
        for (text, utc) in [
            ("2026-01-02T03:04:05Z", "2026-01-02T03:04:05Z"),
            ("2024-02-29T23:30:00.123-01:00", "2024-03-01T00:30:00Z"),
            ("1970-01-01T00:30:00+01:00", "1969-12-31T23:30:00Z"),
            ("2000-12-31T00:00:00Z", "2000-12-31T00:00:00Z"),
        ] {
            assert_eq!(parse(text).unwrap(), utc);
        }
    }

    #[test]
    fn other_texts_are_refused_in_gos_words() {
        for (text, error) in [
            (
                "x",
                r#"parsing time "x" as "2006-01-02T15:04:05Z07:00": cannot parse "x" as "2006""#,
            ),
            (
                "2026-13-01T00:00:00Z",
                r#"parsing time "2026-13-01T00:00:00Z": month out of range"#,
            ),
            (
                "2026-02-30T00:00:00Z",
                r#"parsing time "2026-02-30T00:00:00Z": day out of range"#,
            ),
            (
                "2026-02-03",
                r#"parsing time "2026-02-03" as "2006-01-02T15:04:05Z07:00": cannot parse "" as "T""#,
            ),
        ] {
            assert_eq!(parse(text).unwrap_err(), error);
        }
    }
}
