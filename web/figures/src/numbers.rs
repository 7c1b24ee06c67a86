//! Formatting of numbers: separated thousands, units, and no more digits than are significant.
//!
//! Counts are formatted by `audit_types::format`. Sizes and durations are not: here, they stand in columns and headings, with a digit less,
//! and by integer arithmetic only, since the code that prints floats would be a large part of the page's download.

use audit_types::format;

/// Formats a count with separated thousands: `5,728`.
pub fn count(n: usize) -> String {
    format::count(n as u64)
}

/// Formats a count with its noun, in the plural if needed: `1 event`, `2 events`.
pub fn counted(n: usize, noun: &str) -> String {
    plural(n as u64, noun)
}

fn plural(n: u64, noun: &str) -> String {
    let mut out = format::count(n);
    out.push(' ');
    out.push_str(noun);
    if n != 1 {
        out.push('s');
    }
    out
}

/// Formats bytes in decimal units, with at most three digits: `812 B`, `6.1 KB`, `412 MB`.
pub fn bytes(amount: f64) -> String {
    if amount > 0.0 && amount < 0.5 {
        return "less than 1 B".to_owned();
    }
    scaled(amount, &[" B", " KB", " MB", " GB", " TB", " PB"])
}

/// Formats a large count in short: `812`, `6.1 k`, `412 M`.
pub fn short(amount: f64) -> String {
    scaled(amount, &["", " k", " M", " G", " T", " P"])
}

/// Formats a count in full while it is short enough for the editor's gutter, else as [`short`].
pub fn count_or_short(n: usize) -> String {
    if n < 100_000 {
        count(n)
    } else {
        short(n as f64)
    }
}

/// Formats an exact size, for tooltips: `6,143 bytes`.
pub fn exact_bytes(amount: f64) -> String {
    plural(whole(amount), "byte")
}

fn scaled(amount: f64, units: &[&str]) -> String {
    let mut tenths = whole(amount * 10.0);
    let mut units = units.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    let mut plain = true;
    // 9,995 tenths would have four digits after rounding.
    while tenths >= 9995 {
        let Some(next) = units.next() else { break };
        unit = next;
        plain = false;
        tenths = tenths.saturating_add(500) / 1000;
    }
    let rounded = tenths.saturating_add(5) / 10;
    if plain || rounded >= 100 {
        return format::count(rounded) + unit;
    }
    let mut out = (tenths / 10).to_string();
    out.push('.');
    out.push_str(&(tenths % 10).to_string());
    out.push_str(unit);
    out
}

/// Formats a duration in one or two units: `12 s`, `4 min`, `3 h 5 min`, `2 days`.
pub fn duration(seconds: f64) -> String {
    let s = whole(seconds);
    if s < 120 {
        return s.to_string() + " s";
    }
    if s < 7200 {
        return (s / 60).to_string() + " min";
    }
    if s < 172_800 {
        let minutes = s % 3600 / 60;
        let hours = (s / 3600).to_string() + " h";
        return if minutes == 0 {
            hours
        } else {
            hours + " " + &minutes.to_string() + " min"
        };
    }
    plural(s / 86_400, "day")
}

/// Formats the share of `part` in `total`: `44 %`; a share that rounds to zero is `<1 %`.
pub fn percent(part: f64, total: f64) -> String {
    if total <= 0.0 || part <= 0.0 {
        return "0 %".to_owned();
    }
    match whole(part / total * 100.0) {
        0 => "<1 %".to_owned(),
        n => n.to_string() + " %",
    }
}

/// Formats the change from `before` to `out` in percent, with its sign; `None` if it rounds to zero.
pub fn change(before: f64, out: f64) -> Option<String> {
    if before <= 0.0 {
        return None;
    }
    let difference = (out - before) / before * 100.0;
    let size = whole(difference.abs());
    match (size, difference < 0.0) {
        (0, _) => None,
        (n, true) => Some("−".to_owned() + &format::count(n) + "\u{a0}%"),
        (n, false) => Some("+".to_owned() + &format::count(n) + "\u{a0}%"),
    }
}

/// Formats a share as a CSS width, in hundredths of a percent: `31.25%`.
pub fn width(part: f64, total: f64) -> String {
    if total <= 0.0 {
        return "0%".to_owned();
    }
    let hundredths = whole(part / total * 10_000.0).min(10_000);
    let mut out = (hundredths / 100).to_string();
    out.push('.');
    if hundredths % 100 < 10 {
        out.push('0');
    }
    out.push_str(&(hundredths % 100).to_string());
    out.push('%');
    out
}

/// Formats pixels as a CSS length, in tenths.
pub fn pixels(amount: f64) -> String {
    let tenths = whole(amount.abs() * 10.0);
    let mut out = if amount < 0.0 {
        "-".to_owned()
    } else {
        String::new()
    };
    out.push_str(&(tenths / 10).to_string());
    out.push('.');
    out.push_str(&(tenths % 10).to_string());
    out.push_str("px");
    out
}

/// Rounds to a whole number, at least zero; the cast saturates. Not a `usize`, which is too small for four gigabytes.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a float cast saturates, and NaN becomes zero"
)]
pub fn whole(amount: f64) -> u64 {
    (amount + 0.5).max(0.0) as u64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_separators() {
        for (n, text) in [
            (0, "0"),
            (999, "999"),
            (1000, "1,000"),
            (5728, "5,728"),
            (1_234_567, "1,234,567"),
        ] {
            assert_eq!(count(n), text);
        }
        assert_eq!(counted(1, "event"), "1 event");
        assert_eq!(counted(0, "event"), "0 events");
    }

    #[test]
    fn sizes_have_three_digits_at_most() {
        for (b, text) in [
            (0.0, "0 B"),
            (0.08, "less than 1 B"),
            (812.0, "812 B"),
            (999.0, "999 B"),
            (1000.0, "1.0 KB"),
            (6143.0, "6.1 KB"),
            (18_449.0, "18.4 KB"),
            (99_950.0, "100 KB"),
            (999_400.0, "999 KB"),
            (999_950.0, "1.0 MB"),
            (412_000_000.0, "412 MB"),
            (1.9e9, "1.9 GB"),
            (1e18, "1,000 PB"),
        ] {
            assert_eq!(bytes(b), text, "{b}");
        }
        assert_eq!(short(5728.0), "5.7 k");
        assert_eq!(exact_bytes(1214.0), "1,214 bytes");
    }

    #[test]
    fn durations_name_what_matters() {
        for (s, text) in [
            (0.4, "0 s"),
            (12.0, "12 s"),
            (119.0, "119 s"),
            (120.0, "2 min"),
            (7200.0, "2 h"),
            (11_100.0, "3 h 5 min"),
            (172_800.0, "2 days"),
        ] {
            assert_eq!(duration(s), text);
        }
    }

    #[test]
    fn shares_are_honest_about_rounding() {
        assert_eq!(percent(1.0, 3.0), "33 %");
        assert_eq!(percent(1.0, 1000.0), "<1 %");
        assert_eq!(percent(0.0, 0.0), "0 %");
        assert_eq!(change(100.0, 32.0).as_deref(), Some("−68\u{a0}%"));
        assert_eq!(change(100.0, 150.0).as_deref(), Some("+50\u{a0}%"));
        assert_eq!(change(100.0, 99.9), None);
        assert_eq!(change(0.0, 5.0), None);
        assert_eq!(width(1.0, 3.0), "33.33%");
        assert_eq!(width(5.0, 100.0), "5.00%");
        assert_eq!(pixels(-7.25), "-7.3px");
    }
}
