//! The bar of the answer: shares as parts of a line.

use playground_protocol::Level;

use crate::numbers;

/// Minimum share of a visible part of the bar.
const THINNEST: f64 = 0.0002;

/// Maximum number of shares in the bar's name.
const NAMED: usize = 200;

/// A share of the whole.
#[derive(Debug, Clone, PartialEq)]
pub struct Share {
    /// Level, which determines the color.
    pub level: Level,
    /// Name for screen readers.
    pub name: String,
    /// Amount, in any unit.
    pub amount: f64,
}

/// A part of the bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BarPart {
    /// Level, which determines the color.
    pub level: Level,
    /// Distance from the start, as a CSS length.
    pub x: String,
    /// Width, as a CSS length.
    pub width: String,
}

/// The bar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bar {
    /// Parts that are wide enough to be seen, in order.
    pub parts: Vec<BarPart>,
    /// Name for screen readers: each share in percent.
    pub label: String,
}

/// Returns the bar of shares.
pub fn bar(shares: &[Share]) -> Bar {
    let total: f64 = shares.iter().map(|share| share.amount).sum();
    let seen = |share: &&Share| share.amount > total * THINNEST;
    let mut label = String::new();
    for share in shares.iter().filter(seen).take(NAMED) {
        if !label.is_empty() {
            label.push_str(", ");
        }
        label.push_str(&share.name);
        label.push(' ');
        label.push_str(&numbers::percent(share.amount, total));
    }
    if label.is_empty() {
        label.push_str("No data yet");
    }
    let mut from = 0.0;
    let part = |share: &Share| {
        let x = numbers::width(from, total);
        from += share.amount;
        BarPart {
            level: share.level,
            x,
            width: numbers::width(share.amount, total),
        }
    };
    Bar {
        parts: shares.iter().filter(seen).map(part).collect(),
        label,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_follow_each_other_and_empty_ones_are_left_out() {
        let share = |level: Level, amount| Share {
            level,
            name: level.name().to_owned(),
            amount,
        };
        let drawn = bar(&[
            share(Level::None, 3.0),
            share(Level::Metadata, 0.0),
            share(Level::Request, 1.0),
        ]);
        let parts: Vec<_> = drawn
            .parts
            .iter()
            .map(|part| (part.level, &*part.x, &*part.width))
            .collect();
        let expected = [
            (Level::None, "0.00%", "75.00%"),
            (Level::Request, "75.00%", "25.00%"),
        ];
        assert_eq!(parts, expected);
        assert_eq!(drawn.label, "None 75 %, Request 25 %");
        assert_eq!(bar(&[]).label, "No data yet");
    }
}
