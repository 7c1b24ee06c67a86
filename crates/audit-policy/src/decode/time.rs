//! RFC 3339 times, as Go's `time.Parse` reads them and the server writes them: in UTC, in whole seconds.

use crate::source::go_time;

/// A time in the server's form, or what Go says of the text.
pub(super) fn parse(text: &str) -> Result<String, String> {
    let time = go_time::parse(go_time::RFC_3339, text)?;
    let midnight = days(time.year, time.month, time.day) * 86_400;
    let of_day = time.hour * 3_600 + time.minute * 60 + time.second;
    Ok(print(midnight + of_day - time.offset))
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
            // An hour may have one digit, to Go.
            ("2000-12-31T1:02:03Z", "2000-12-31T01:02:03Z"),
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
                "é\u{7f}",
                "parsing time \"\\xc3\\xa9\u{7f}\" as \"2006-01-02T15:04:05Z07:00\": cannot parse \"\\xc3\\xa9\u{7f}\" as \"2006\"",
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
