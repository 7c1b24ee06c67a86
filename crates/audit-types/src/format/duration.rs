//! Durations as people say them: `10 h`, `53 min`, `2 h 31 min`, `30 days`.
//!
//! The one formatter for lengths of time, in figures, sentences and arithmetic. Both functions round half away from zero and carry, so that no
//! part is ever 60 of a smaller unit.

use super::number;

const MINUTE: f64 = 60.0;
const HOUR: f64 = 3_600.0;
const DAY: f64 = 86_400.0;
const YEAR: f64 = 365.25 * DAY;

/// Maximum duration that is given in days, in seconds; longer ones are given in years.
const MAX_IN_DAYS: f64 = 3.0 * YEAR;

/// A length of time in seconds, rounded to about two digits: `250 ms`, `2.7 s`, `53 min`, `2 h 31 min`, `10 h`, `1 day 12 h`, `30 days`, `54 years`.
///
/// ```
/// use audit_types::format::duration;
///
/// assert_eq!(duration(0.428 * 86_400.0), "10 h");
/// assert_eq!(duration(3_183.0), "53 min");
/// ```
pub fn duration(seconds: f64) -> String {
    signed(seconds, |seconds| match seconds {
        _ if seconds >= MAX_IN_DAYS => years(seconds),
        _ if seconds >= 10.0 * DAY => parts(seconds, DAY),
        _ if seconds >= 10.0 * HOUR => parts(seconds, HOUR),
        _ if seconds >= 10.0 * MINUTE => parts(seconds, MINUTE),
        _ if seconds >= 10.0 => parts(seconds, 1.0),
        _ => under_ten_seconds(seconds),
    })
}

/// A length of time in seconds, precise enough to check arithmetic with: `2.67 s`, `53 min 3 s`, `10 h 16 min`, `30 days`.
///
/// ```
/// use audit_types::format::precise_duration;
///
/// assert_eq!(precise_duration(3_183.0), "53 min 3 s");
/// ```
pub fn precise_duration(seconds: f64) -> String {
    signed(seconds, |seconds| match seconds {
        _ if seconds >= 10.0 * DAY => parts(seconds, HOUR),
        _ if seconds >= 10.0 * HOUR => parts(seconds, MINUTE),
        _ if seconds >= MINUTE => parts(seconds, 1.0),
        // What would read as 60 s is a minute.
        _ if seconds >= 59.95 => parts(MINUTE, 1.0),
        _ if seconds > 0.0 && seconds < 0.000_001 => "under 0.000001 s".to_owned(),
        _ => format!("{} s", number(seconds)),
    })
}

fn signed(seconds: f64, spell: impl Fn(f64) -> String) -> String {
    if !seconds.is_finite() {
        return "an unknown time".to_owned();
    }
    let sign = if seconds < 0.0 { "-" } else { "" };
    format!("{sign}{}", spell(seconds.abs()))
}

/// Rounded to whole units of this many seconds, then taken apart; parts of zero are left out.
fn parts(seconds: f64, unit: f64) -> String {
    let mut rest = (seconds / unit).round() * unit;
    let mut text = Vec::new();
    for (length, one, many) in [
        (DAY, "day", "days"),
        (HOUR, "h", "h"),
        (MINUTE, "min", "min"),
        (1.0, "s", "s"),
    ] {
        let whole = (rest / length).floor();
        if whole < 1.0 {
            continue;
        }
        rest -= whole * length;
        text.push(format!(
            "{} {}",
            number(whole),
            if whole == 1.0 { one } else { many }
        ));
        // Beyond this the rest is smaller than what a float can tell apart.
        if whole > 1e9 {
            break;
        }
    }
    text.join(" ")
}

fn years(seconds: f64) -> String {
    let years = seconds / YEAR;
    let rounded = if years < 9.95 {
        (years * 10.0).round() / 10.0
    } else {
        years.round()
    };
    if rounded.fract() == 0.0 {
        format!("{} years", number(rounded))
    } else {
        format!("{rounded:.1} years")
    }
}

fn under_ten_seconds(seconds: f64) -> String {
    let milliseconds = (seconds * 1_000.0).round();
    match milliseconds {
        _ if seconds == 0.0 => "0 s".to_owned(),
        _ if milliseconds < 1.0 => "under 1 ms".to_owned(),
        _ if milliseconds < 1_000.0 => format!("{milliseconds} ms"),
        _ => {
            let tenths = (seconds * 10.0).round() / 10.0;
            format!("{tenths} s")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_as_people_say_them() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (0.000_4, "under 1 ms"),
            (0.25, "250 ms"),
            (0.999_9, "1 s"),
            (2.67, "2.7 s"),
            (9.96, "10 s"),
            (59.4, "59 s"),
            (59.6, "1 min"),
            (100.0, "1 min 40 s"),
            (599.6, "10 min"),
            (3_183.0, "53 min"),
            (3_599.0, "1 h"),
            (0.105 * DAY, "2 h 31 min"),
            (0.428 * DAY, "10 h"),
            (23.6 * HOUR, "1 day"),
            (1.5 * DAY, "1 day 12 h"),
            (4.0 * DAY, "4 days"),
            (9.99 * DAY, "10 days"),
            (30.4 * DAY, "30 days"),
            (954.0 * DAY, "954 days"),
            (4.0 * YEAR, "4 years"),
            (5.25 * YEAR, "5.3 years"),
            (54.0 * YEAR, "54 years"),
            (-3_183.0, "-53 min"),
            (f64::NAN, "an unknown time"),
            (f64::INFINITY, "an unknown time"),
        ] {
            assert_eq!(duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn a_precise_duration_loses_less_than_a_hundredth() {
        for (seconds, text) in [
            (0.0, "0 s"),
            (2.67, "2.67 s"),
            (59.99, "1 min"),
            (100.0, "1 min 40 s"),
            (3_183.0, "53 min 3 s"),
            (0.428 * DAY, "10 h 16 min"),
            (DAY, "1 day"),
            (366.0 * DAY, "366 days"),
            (2_000.0 * DAY, "2,000 days"),
            (1e-9, "under 0.000001 s"),
        ] {
            assert_eq!(precise_duration(seconds), text, "{seconds}");
        }
    }

    #[test]
    fn very_long_and_very_short_durations_are_formatted() {
        for exponent in -300..300 {
            let seconds = 10_f64.powi(exponent);
            for text in [duration(seconds), precise_duration(seconds)] {
                assert!(
                    !text.is_empty() && !text.contains("60 s"),
                    "{seconds}: {text}"
                );
            }
        }
    }
}
