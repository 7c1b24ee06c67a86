//! Numbers, bytes and durations as people read them. The only implementation: page, command and reports print with it.

mod duration;

pub use duration::{duration, precise_duration};

/// The smallest number whose digits are printed.
const SMALLEST: f64 = 0.000_000_5;

/// Formats a count with commas between thousands: `5,728`.
pub fn count(value: u64) -> String {
    grouped(&value.to_string())
}

/// A count of things: `1 day`, `1.50 days`.
pub fn counted(value: f64, one: &str, many: &str) -> String {
    let text = number(value);
    let noun = if text == "1" { one } else { many };
    format!("{text} {noun}")
}

/// Bytes in decimal units, three digits: `812 B`, `70.0 MB`, `2.10 GB`.
pub fn bytes(value: f64) -> String {
    const UNITS: [&str; 6] = ["B", "KB", "MB", "GB", "TB", "PB"];
    let mut scaled = value;
    let mut units = UNITS.into_iter();
    let mut unit = units.next().unwrap_or_default();
    // What would be rounded to a thousand is one of the next unit.
    while scaled.abs() >= 999.5 {
        let Some(larger) = units.next() else {
            break;
        };
        scaled /= 1000.0;
        unit = larger;
    }
    if value > 0.0 && value < 0.5 {
        return "less than 1 B".to_owned();
    }
    if unit == "B" {
        return format!("{} B", number(scaled.round()));
    }
    format!("{} {unit}", three_digits(scaled))
}

/// A number: whole ones with thousands apart, others with three digits.
pub fn number(value: f64) -> String {
    if value > 0.0 && value < SMALLEST {
        // Its digits would all be zeros.
        "less than 0.000001".to_owned()
    } else if value.fract() == 0.0 {
        grouped(&format!("{value:.0}"))
    } else {
        three_digits(value)
    }
}

fn three_digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        _ if size >= 99.95 => 0,
        _ if size >= 9.995 => 1,
        _ if size >= 0.9995 => 2,
        _ if size >= 0.09995 => 3,
        _ if size >= 0.009_995 => 4,
        _ => 6,
    };
    grouped(&format!("{value:.decimals$}"))
}

/// Commas between the thousands of a printed number.
fn grouped(printed: &str) -> String {
    let (sign, digits) = printed
        .strip_prefix('-')
        .map_or(("", printed), |digits| ("-", digits));
    let (whole, fraction) = digits
        .find('.')
        .map_or((digits, ""), |dot| digits.split_at(dot));
    let mut text = String::from(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text.push_str(fraction);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_read_as_people_write_them() {
        assert_eq!(count(999), "999");
        assert_eq!(count(1_234_567), "1,234,567");
        assert_eq!(count(u64::MAX), "18,446,744,073,709,551,615");
        for (value, text) in [
            (0.0, "0 B"),
            (812.0, "812 B"),
            (999.0, "999 B"),
            (1000.0, "1.00 KB"),
            (999_600.0, "1.00 MB"),
            (70e6, "70.0 MB"),
            (2.1e9, "2.10 GB"),
            (104_857_600.0, "105 MB"),
            (1e21, "1,000,000 PB"),
        ] {
            assert_eq!(bytes(value), text, "{value}");
        }
        for (value, text) in [
            (0.0, "0"),
            (10.0, "10"),
            (4000.0, "4,000"),
            (1_234_567.0, "1,234,567"),
            (-4000.0, "-4,000"),
            (1.5, "1.50"),
            (0.25, "0.250"),
            (30.4375, "30.4"),
            (1234.5, "1,234"),
        ] {
            assert_eq!(number(value), text, "{value}");
        }
    }
}
