//! Deterministic pseudo-random numbers.

/// Hashes two numbers with the finalizer of splitmix64, in which every output bit depends on every input bit.
pub(crate) const fn mix(seed: u64, number: u64) -> u64 {
    let mut bits = seed ^ number.wrapping_mul(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

/// Maps bits to a number from 0 (inclusive) to 1 (exclusive).
pub(crate) fn unit(bits: u64) -> f64 {
    (bits >> 11) as f64 / (1_u64 << 53) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn units_are_spread_evenly() {
        let mut halves = [0_u32; 2];
        for number in 0..10_000 {
            let value = unit(mix(7, number));
            assert!((0.0..1.0).contains(&value));
            halves[usize::from(value >= 0.5)] += 1;
        }
        assert!(halves[0].abs_diff(halves[1]) < 400, "{halves:?}");
        assert_eq!(mix(7, 1), mix(7, 1));
    }
}
