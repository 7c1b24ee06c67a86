//! Times of the log: from a fixed moment on.

use std::fmt::Write as _;

use audit_policy::calendar::date;

/// When every log begins: 2026-01-05T08:00:00Z, a Monday, in seconds since 1970.
const EPOCH: i64 = 1_767_600_000;

/// Microseconds in a second.
pub(crate) const SECOND: i64 = 1_000_000;

/// Writes a moment, in microseconds from the log's begin, with six decimals as events have them.
pub(crate) fn write_micros(micros: i64, out: &mut String) {
    put(micros, out);
    // Writing to a string cannot fail.
    let _ = write!(out, ".{:06}Z", micros.rem_euclid(SECOND));
}

/// Writes it to the second, as objects have it.
pub(crate) fn write_seconds(micros: i64, out: &mut String) {
    put(micros, out);
    out.push('Z');
}

fn put(micros: i64, out: &mut String) {
    let seconds = EPOCH + micros.div_euclid(SECOND);
    let (days, time) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400));
    let (year, month, day) = date(days);
    let (hour, minute, second) = (time / 3_600, time / 60 % 60, time % 60);
    let _ = write!(
        out,
        "{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}"
    );
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_written_as_the_server_writes_them() {
        let micros = |at| {
            let mut text = String::new();
            write_micros(at, &mut text);
            text
        };
        assert_eq!(micros(0), "2026-01-05T08:00:00.000000Z");
        assert_eq!(micros(57_600 * SECOND + 7), "2026-01-06T00:00:00.000007Z");
        assert_eq!(micros(-1), "2026-01-05T07:59:59.999999Z");
    }
}
