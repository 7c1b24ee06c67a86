//! Sets of kinds, in a byte.

use std::marker::PhantomData;

/// Enum with at most eight variants.
pub trait Kind: Copy {
    /// Returns the place of the variant, from 0 to 7.
    fn place(self) -> u8;
}

/// Set of variants of an enum.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KindSet<K> {
    bits: u8,
    of: PhantomData<K>,
}

impl<K> KindSet<K> {
    /// No kind.
    pub const EMPTY: Self = Self {
        bits: 0,
        of: PhantomData,
    };

    /// Returns `true` if the set has no kind.
    pub const fn is_empty(self) -> bool
    where
        K: Copy,
    {
        self.bits == 0
    }
}

impl<K> Default for KindSet<K> {
    fn default() -> Self {
        Self::EMPTY
    }
}

impl<K: Kind> KindSet<K> {
    /// Returns `true` if the set has the kind.
    pub fn contains(self, kind: K) -> bool {
        self.bits & Self::bit(kind) != 0
    }

    /// Adds a kind.
    pub fn insert(&mut self, kind: K) {
        self.bits |= Self::bit(kind);
    }

    fn bit(kind: K) -> u8 {
        1_u8.wrapping_shl(kind.place().into())
    }
}

#[cfg(test)]
mod tests {
    use crate::{ContradictionKind, LogFindingKind};

    use super::*;

    fn each_is_kept<K: Kind + PartialEq + std::fmt::Debug>(all: &[K]) {
        for added in all {
            let mut kinds = KindSet::EMPTY;
            assert!(kinds.is_empty());
            kinds.insert(*added);
            assert!(!kinds.is_empty());
            for kind in all {
                assert_eq!(kinds.contains(*kind), kind == added, "{kind:?}");
            }
        }
    }

    #[test]
    fn a_set_has_the_kinds_that_were_added() {
        each_is_kept(&ContradictionKind::ALL);
        each_is_kept(&LogFindingKind::ALL);
    }
}
