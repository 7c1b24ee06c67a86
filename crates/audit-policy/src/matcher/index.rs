//! Index from a value to the rules that list it, as bit sets of 64 rules per block.

use std::collections::HashMap;

/// Largest number of values that are searched linearly by fingerprint, which is faster than hashing.
const MAX_LINEAR: usize = 32;

/// Distinct strings, numbered from 0 in order of insertion.
#[derive(Debug, Clone, Default)]
pub(crate) struct Interner {
    fingerprints: Vec<u64>,
    values: Vec<Box<str>>,
    /// Ids by value, used above [`MAX_LINEAR`] values.
    by_value: HashMap<Box<str>, usize>,
}

impl Interner {
    /// Returns the id of the value, adding the value if it is new.
    pub(crate) fn insert(&mut self, value: &str) -> usize {
        if let Some(id) = self.by_value.get(value) {
            return *id;
        }
        let id = self.values.len();
        self.fingerprints.push(fingerprint(value));
        self.values.push(value.into());
        self.by_value.insert(value.into(), id);
        id
    }

    /// Returns true if nothing was inserted.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// Returns the id of the value, or `None` if it was never inserted.
    #[inline]
    pub(crate) fn find(&self, value: &str) -> Option<usize> {
        if self.values.len() > MAX_LINEAR {
            return self.by_value.get(value).copied();
        }
        let wanted = fingerprint(value);
        self.fingerprints
            .iter()
            .zip(&self.values)
            .position(|(known, text)| *known == wanted && **text == *value)
    }
}

/// The rules that list each value.
///
/// A lookup returns 64 rules at a time: a block has one bit per rule. Memory and build time are linear in the number of listed
/// values, independent of the number of rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct ValueIndex {
    ids: Interner,
    /// Block 0 of each value.
    first: Vec<u64>,
    /// The other blocks of each value that are not empty, with their numbers, ascending.
    later: Vec<Vec<(u32, u64)>>,
}

impl ValueIndex {
    /// Records that the rule lists the value. Rules must be inserted in ascending order.
    pub(crate) fn insert(&mut self, value: &str, rule: usize) {
        let id = self.ids.insert(value);
        if id == self.first.len() {
            self.first.push(0);
            self.later.push(Vec::new());
        }
        let bit = 1 << (rule % 64);
        let Ok(block) = u32::try_from(rule / 64) else {
            return;
        };
        if block == 0 {
            if let Some(first) = self.first.get_mut(id) {
                *first |= bit;
            }
        } else if let Some(later) = self.later.get_mut(id) {
            match later.last_mut() {
                Some((last, bits)) if *last == block => *bits |= bit,
                _ => later.push((block, bit)),
            }
        }
    }

    /// Returns true if no rule lists any value.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.ids.is_empty()
    }

    /// Returns true if a rule lists the value.
    #[inline]
    pub(crate) fn lists(&self, value: &str) -> bool {
        self.ids.find(value).is_some()
    }

    /// Returns the rules of a block that list the value.
    #[inline]
    pub(crate) fn block(&self, value: &str, block: usize) -> u64 {
        match self.ids.find(value) {
            Some(id) if block == 0 => self.first.get(id).copied().unwrap_or(0),
            Some(id) => self.later_block(id, block),
            None => 0,
        }
    }

    fn later_block(&self, id: usize, block: usize) -> u64 {
        let later = self.later.get(id).map(Vec::as_slice).unwrap_or_default();
        later
            .binary_search_by_key(&block, |(number, _)| *number as usize)
            .ok()
            .and_then(|at| later.get(at))
            .map_or(0, |(_, bits)| *bits)
    }
}

/// Hash of the length, the first bytes and the last bytes of a string.
#[inline]
fn fingerprint(text: &str) -> u64 {
    let bytes = text.as_bytes();
    let (first, last) = if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk())
    {
        (u64::from_le_bytes(*first), u64::from_le_bytes(*last))
    } else if let (Some(first), Some(last)) = (bytes.first_chunk(), bytes.last_chunk()) {
        (
            u64::from(u32::from_le_bytes(*first)),
            u64::from(u32::from_le_bytes(*last)),
        )
    } else {
        (
            bytes
                .iter()
                .fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
            0,
        )
    };
    first ^ last.rotate_left(23) ^ (bytes.len() as u64).rotate_left(56)
}

/// Bit set of rules.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSet(Box<[u64]>);

impl RuleSet {
    /// Creates the set of the rules for which `is_member` returns `true`; `rules` is the total number of rules.
    pub(crate) fn of(rules: usize, is_member: impl Fn(usize) -> bool) -> Self {
        let block = |index: usize| {
            (0..64)
                .filter(|bit| index * 64 + bit < rules && is_member(index * 64 + bit))
                .fold(0, |block, bit| block | 1 << bit)
        };
        Self((0..rules.div_ceil(64)).map(block).collect())
    }

    /// Returns the bits of rules `64 * index` to `64 * index + 63`.
    #[inline]
    pub(crate) fn block(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn linear_and_hashed_lookups_agree() {
        for count in [1, MAX_LINEAR, MAX_LINEAR + 1, 500] {
            let mut index = ValueIndex::default();
            for rule in 0..count {
                index.insert(&format!("value {rule}"), rule);
                index.insert("all", rule);
            }
            for rule in 0..count {
                assert_eq!(
                    index.block(&format!("value {rule}"), rule / 64),
                    1 << (rule % 64)
                );
            }
            assert_eq!(index.block("value", 0), 0);
            assert_eq!(index.block("all", 0).count_ones() as usize, count.min(64));
            assert_eq!(
                index.block("all", 7).count_ones() as usize,
                count.saturating_sub(448).min(64)
            );
        }
    }

    #[test]
    fn similar_strings_have_different_fingerprints() {
        let texts = [
            "",
            "a",
            "b",
            "ab",
            "ba",
            "get",
            "set",
            "list",
            "pods",
            "pods/log",
            "nodes",
            "configmaps",
            "configmapt",
        ];
        for (index, one) in texts.iter().enumerate() {
            for other in texts.iter().skip(index + 1) {
                assert_ne!(fingerprint(one), fingerprint(other), "{one} {other}");
            }
        }
    }

    #[test]
    fn sets_can_span_blocks() {
        let set = RuleSet::of(66, |rule| rule == 0 || rule == 65);
        assert_eq!((set.block(0), set.block(1), set.block(2)), (1, 2, 0));
    }
}
