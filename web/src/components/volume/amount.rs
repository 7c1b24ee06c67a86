//! Amounts of events and bytes, as text.

use playground_figures::numbers;
use playground_protocol::volume::Amount;

/// Formats the bytes of an amount; a range if its ends differ.
pub fn bytes(amount: &Amount) -> String {
    let (low, high) = (numbers::bytes(amount.low), numbers::bytes(amount.high));
    if low == high {
        return low;
    }
    [low.as_str(), " to ", &high].concat()
}
