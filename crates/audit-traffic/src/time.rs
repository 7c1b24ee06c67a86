//! Times of the log: from a fixed moment on.

use std::fmt::Write as _;

/// When every log begins: 2026-01-05T08:00:00Z, a Monday, in seconds since 1970.
const EPOCH: i64 = 1_767_600_000;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;

/// Writes a moment, in microseconds from the log's begin, with six decimals as events have them.
pub(crate) fn put_micros(micros: i64, out: &mut String) {
    put(micros, out);
    // Writing to a string cannot fail.
    let _ = write!(out, ".{:06}Z", micros.rem_euclid(SECOND));
}

/// Writes it to the second, as objects have it.
pub(crate) fn put_seconds(micros: i64, out: &mut String) {
    put(micros, out);
    out.push('Z');
}

fn put(micros: i64, out: &mut String) {
    let seconds = EPOCH + micros.div_euclid(SECOND);
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = civil(days);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    );
}

/// Year, month and day of a day since 1970, by eras of 400 years that begin in March.
const fn civil(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year + year / 4 - year / 100);
    let shifted = (5 * of_year + 2) / 153;
    let day = of_year - (153 * shifted + 2) / 5 + 1;
    let month = if shifted < 10 {
        shifted + 3
    } else {
        shifted - 9
    };
    let year = year + era * 400 + if month <= 2 { 1 } else { 0 };
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_server_writes_them() {
        let micros = |at| {
            let mut text = String::new();
            put_micros(at, &mut text);
            text
        };
        assert_eq!(micros(0), "2026-01-05T08:00:00.000000Z");
        assert_eq!(micros(57_600 * SECOND + 7), "2026-01-06T00:00:00.000007Z");
        assert_eq!(micros(-1), "2026-01-05T07:59:59.999999Z");
        assert_eq!(civil(-1), (1969, 12, 31));
        assert_eq!(civil(11_016), (2000, 2, 29));
    }
}
