//! Sixty-four bytes at a time: which of them are quotes, brackets and so on, a bit a byte.

use wide::u8x16;

/// How many bytes a block has.
pub(super) const BLOCK: usize = 64;

/// The bytes of a block by class; bit `n` stands for byte `n`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) struct Classes {
    pub(super) quote: u64,
    pub(super) backslash: u64,
    /// `{` and `[`
    pub(super) open: u64,
    /// `}` and `]`
    pub(super) close: u64,
    pub(super) comma: u64,
    pub(super) colon: u64,
    pub(super) space: u64,
    /// What the server's encoder never prints: control characters, `<`, `>`, `&`.
    pub(super) odd: u64,
}

impl Classes {
    #[inline]
    pub(super) fn of(block: &[u8; BLOCK]) -> Self {
        let mut classes = Self::default();
        let mut shift = 0;
        let (halves, _) = block.as_chunks::<16>();
        for half in halves {
            let bytes = u8x16::from(*half);
            let bits = |lanes: u8x16| u64::from(lanes.to_bitmask()) << shift;
            let equal = |lanes: u8x16, byte: u8| lanes.simd_eq(u8x16::splat(byte));
            // `[` and `{`, `]` and `}` differ in one bit; so do `<` and `>`.
            let bracket = bytes | u8x16::splat(0x20);
            let control = bytes.min(u8x16::splat(0x1F)).simd_eq(bytes);
            let angle = equal(bytes | u8x16::splat(0x02), b'>');
            classes.quote |= bits(equal(bytes, b'"'));
            classes.backslash |= bits(equal(bytes, b'\\'));
            classes.open |= bits(equal(bracket, b'{'));
            classes.close |= bits(equal(bracket, b'}'));
            classes.comma |= bits(equal(bytes, b','));
            classes.colon |= bits(equal(bytes, b':'));
            classes.space |= bits(equal(bytes, b' '));
            classes.odd |= bits(control | angle | equal(bytes, b'&'));
            shift += 16;
        }
        classes
    }
}

/// Each bit is the parity of the bits up to and including it.
#[inline]
pub(super) const fn parity(mut bits: u64) -> u64 {
    bits ^= bits << 1;
    bits ^= bits << 2;
    bits ^= bits << 4;
    bits ^= bits << 8;
    bits ^= bits << 16;
    bits ^ bits << 32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_byte_falls_into_its_classes() {
        for start in (0..=255u8).step_by(64) {
            let block: [u8; BLOCK] = std::array::from_fn(|at| start + at as u8);
            let bits = |is: &dyn Fn(u8) -> bool| {
                block
                    .iter()
                    .enumerate()
                    .fold(0, |bits, (at, byte)| bits | u64::from(is(*byte)) << at)
            };
            let expected = Classes {
                quote: bits(&|byte| byte == b'"'),
                backslash: bits(&|byte| byte == b'\\'),
                open: bits(&|byte| matches!(byte, b'{' | b'[')),
                close: bits(&|byte| matches!(byte, b'}' | b']')),
                comma: bits(&|byte| byte == b','),
                colon: bits(&|byte| byte == b':'),
                space: bits(&|byte| byte == b' '),
                odd: bits(&|byte| byte < b' ' || matches!(byte, b'<' | b'>' | b'&')),
            };
            assert_eq!(Classes::of(&block), expected, "from {start}");
        }
    }

    #[test]
    fn parity_runs_from_bit_to_bit() {
        assert_eq!(parity(0b0100_1000), !0 << 3 & !(!0 << 6));
        assert_eq!(parity(1), u64::MAX);
    }
}
