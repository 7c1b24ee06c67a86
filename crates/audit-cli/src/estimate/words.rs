//! How counts, sizes and requests read.

use audit_volume::Unit;
use audit_volume::estimate::EstimatedVolume;

use crate::terminal::safe;

/// A count with its thousands apart: `12,345`.
pub(super) fn count(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// A count of things: `1 event`, `12,345 events`.
pub(super) fn counted(number: u64, one: &str, many: &str) -> String {
    let noun = if number == 1 { one } else { many };
    format!("{} {noun}", count(number))
}

/// Bytes in decimal units: `6.14 KB`.
pub(super) fn bytes(bytes: u64) -> String {
    size(bytes as f64)
}

/// The same of a rate or a mean.
pub(super) fn size(bytes: f64) -> String {
    Unit::Bytes.format(bytes)
}

/// A range, or one size where its ends read alike.
pub(super) fn between(low: f64, high: f64) -> String {
    let (low, high) = (size(low), size(high));
    if low == high {
        low
    } else {
        format!("{low} to {high}")
    }
}

/// The size of an amount.
pub(super) fn size_of(amount: EstimatedVolume) -> String {
    between(amount.low() as f64, amount.high() as f64)
}

/// A resource with its subresource, or a path.
pub(super) fn target(resource: &str, subresource: &str, path: &str) -> String {
    match (resource, subresource) {
        ("", _) => path.to_owned(),
        (resource, "") => resource.to_owned(),
        (resource, subresource) => format!("{resource}/{subresource}"),
    }
}

/// Who asks for what: `alice: get pods/log`.
pub(super) fn request(user: Option<&str>, verb: &str, target: &str) -> String {
    let user = user.unwrap_or("nobody");
    safe(&format!("{user}: {verb} {target}")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_have_their_thousands_apart() {
        for (number, text) in [
            (0, "0 events"),
            (1, "1 event"),
            (999, "999 events"),
            (1_000, "1,000 events"),
            (1_234_567, "1,234,567 events"),
            (u64::MAX, "18,446,744,073,709,551,615 events"),
        ] {
            assert_eq!(counted(number, "event", "events"), text);
        }
    }

    #[test]
    fn a_range_is_one_size_where_its_ends_read_alike() {
        assert_eq!(between(1_000.0, 1_000.4), "1.00 KB");
        assert_eq!(between(1_000.0, 2_000.0), "1.00 KB to 2.00 KB");
    }
}
