//! Short texts: versions, timestamps and names of levels, stages and targets.

#![no_main]

use audit_export::Target;
use audit_policy::{KubernetesVersion, Level, Stage};
use audit_types::time;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if let Ok(version) = text.parse::<KubernetesVersion>() {
        let short = version.to_string();
        let minor = text.split('.').nth(1).and_then(|minor| minor.parse().ok());
        assert_eq!(minor, Some(version.minor()));
        assert_eq!(short.parse(), Ok(version));
    }
    assert!(Level::from_name(text).is_none_or(|level| level.name() == text));
    assert!(Stage::from_name(text).is_none_or(|stage| stage.name() == text));
    if let Ok(target) = text.parse::<Target>() {
        assert_eq!(target.name(), text);
    }
    if let Some(micros) = time::parse(text) {
        check_time(text, micros);
    }
});

/// Computes the time month by month.
fn check_time(text: &str, micros: i64) {
    let number = |at: usize, digits: usize| text[at..at + digits].parse::<i64>().expect("digits");
    let (year, month, day) = (number(0, 4), number(5, 2), number(8, 2));
    let clock = (number(11, 2) * 60 + number(14, 2)) * 60 + number(17, 2);
    let rest = &text[19..];
    let zone_at = rest
        .find(|c: char| !c.is_ascii_digit() && c != '.')
        .expect("a zone");
    let (fraction, zone) = rest.split_at(zone_at);
    let fraction: String = fraction
        .chars()
        .skip(1)
        .chain("000000".chars())
        .take(6)
        .collect();
    let offset = match zone.split_once(':') {
        None => 0,
        Some((hours, minutes)) => {
            let sign = if zone.starts_with('-') { -1 } else { 1 };
            let hours = hours[1..].parse::<i64>().expect("hours");
            sign * (hours * 60 + minutes.parse::<i64>().expect("minutes")) * 60
        }
    };
    let is_leap = |year: i64| year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_before = |year: i64| {
        (0..year)
            .map(|year| if is_leap(year) { 366 } else { 365 })
            .sum::<i64>()
    };
    let months = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let leap_day = i64::from(is_leap(year) && month > 2);
    let days = days_before(year) - days_before(1970)
        + months.iter().take(month as usize - 1).sum::<i64>()
        + leap_day
        + day
        - 1;
    let seconds = days * 86_400 + clock - offset;
    assert_eq!(
        micros,
        seconds * 1_000_000 + fraction.parse::<i64>().expect("digits")
    );
    assert_eq!(time::time_of_day(micros).len(), "09:14:02.118".len());
}
