//! Sets of atoms: the values of one attribute that a question can distinguish, by number.

use std::rc::Rc;

/// Set of atoms of one alphabet. Cloning shares the memory.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) struct Atoms {
    /// Number of atoms of the alphabet.
    len: usize,
    /// One bit for each atom. Bits beyond `len` are zero.
    words: Rc<[u64]>,
}

impl Atoms {
    /// Creates a set of those of `len` atoms that are listed. Others are ignored.
    pub(crate) fn of(len: usize, listed: impl IntoIterator<Item = usize>) -> Self {
        let mut words = vec![0_u64; len.div_ceil(64)];
        for atom in listed.into_iter().filter(|atom| *atom < len) {
            if let Some(word) = words.get_mut(atom / 64) {
                *word |= 1 << (atom % 64);
            }
        }
        Self {
            len,
            words: words.into(),
        }
    }

    /// Returns the atoms that are not in the set.
    pub(crate) fn complement(&self) -> Self {
        let last = self.words.len().saturating_sub(1);
        let spare = (64 - self.len % 64) % 64;
        let words = self.words.iter().enumerate().map(|(at, word)| {
            let kept = if at == last {
                u64::MAX >> spare
            } else {
                u64::MAX
            };
            !word & kept
        });
        Self {
            len: self.len,
            words: words.collect(),
        }
    }

    fn zip(&self, other: &Self, combine: impl Fn(u64, u64) -> u64) -> Self {
        let words = self.words.iter().zip(other.words.iter());
        Self {
            len: self.len,
            words: words.map(|(a, b)| combine(*a, *b)).collect(),
        }
    }

    /// Returns the atoms of both sets.
    pub(crate) fn and(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & b)
    }

    /// Returns the atoms of either set.
    pub(crate) fn or(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a | b)
    }

    /// Returns the atoms of this set that are not in the other.
    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.zip(other, |a, b| a & !b)
    }

    /// Returns true if a set has an atom of both.
    pub(crate) fn intersects(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(other.words.iter());
        words.any(|(a, b)| a & b != 0)
    }

    /// Returns true if the other set has all atoms of this one.
    pub(crate) fn is_within(&self, other: &Self) -> bool {
        let mut words = self.words.iter().zip(other.words.iter());
        words.all(|(a, b)| a & !b == 0)
    }

    /// Returns true if the set has no atom.
    pub(crate) fn is_empty(&self) -> bool {
        self.words.iter().all(|word| *word == 0)
    }

    /// Returns true if the set has every atom.
    pub(crate) fn is_full(&self) -> bool {
        self.count() == self.len
    }

    /// Returns the number of atoms in the set.
    pub(crate) fn count(&self) -> usize {
        self.words
            .iter()
            .map(|word| word.count_ones() as usize)
            .sum()
    }

    /// Returns true if the atom is in the set.
    pub(crate) fn contains(&self, atom: usize) -> bool {
        self.words
            .get(atom / 64)
            .is_some_and(|word| word >> (atom % 64) & 1 == 1)
    }

    /// Returns the atoms, ascending.
    pub(crate) fn iter(&self) -> impl Iterator<Item = usize> + '_ {
        let words = self.words.iter().enumerate();
        words.flat_map(|(at, word)| {
            let mut left = *word;
            std::iter::from_fn(move || {
                let bit = (left != 0).then_some(left.trailing_zeros() as usize)?;
                left &= left - 1;
                Some(at * 64 + bit)
            })
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_of_more_than_one_word() {
        let some = Atoms::of(130, [0, 64, 129, 500]);
        assert_eq!(some.iter().collect::<Vec<_>>(), [0, 64, 129]);
        let rest = some.complement();
        assert_eq!((rest.count(), rest.intersects(&some)), (127, false));
        assert!(rest.or(&some).is_full());
        assert!(some.minus(&rest) == some && some.and(&rest).is_empty());
        assert!(some.is_within(&rest.or(&some)) && !rest.is_within(&some));
        let whole_words = Atoms::of(128, []).complement();
        assert_eq!(whole_words.count(), 128);
    }
}
