//! Which rules admit which value: the matcher's one kind of index.

use std::collections::HashMap;

/// Up to this many values are compared one by one, by a number first, which is faster than hashing.
const FEW: usize = 32;

/// Values, each with a place of its own: 0, 1, 2…
#[derive(Debug, Clone, Default)]
pub(crate) struct Places {
    fingerprints: Vec<u64>,
    values: Vec<Box<str>>,
    /// The places by value, for when there are many.
    by_value: HashMap<Box<str>, usize>,
}

impl Places {
    /// The place of the value, which is a new one if the value is.
    pub(crate) fn insert(&mut self, value: &str) -> usize {
        if let Some(place) = self.by_value.get(value) {
            return *place;
        }
        let place = self.values.len();
        self.fingerprints.push(fingerprint(value));
        self.values.push(value.into());
        self.by_value.insert(value.into(), place);
        place
    }

    /// Whether there are none.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.values.is_empty()
    }

    /// The place of the value, if it has one.
    #[inline]
    pub(crate) fn find(&self, value: &str) -> Option<usize> {
        if self.values.len() > FEW {
            return self.by_value.get(value).copied();
        }
        let wanted = fingerprint(value);
        self.fingerprints
            .iter()
            .zip(&self.values)
            .position(|(known, text)| *known == wanted && **text == *value)
    }
}

/// For each value that some rule lists, the rules that list it.
///
/// Rules are asked for 64 at a time: a word has one bit a rule. Memory is linear in the number of values listed, whatever the
/// number of rules, and so is the time to build.
#[derive(Debug, Clone, Default)]
pub(crate) struct Index {
    places: Places,
    /// The first word of each value's rules.
    first: Vec<u64>,
    /// The later words that are not empty, with their numbers, ascending.
    later: Vec<Vec<(u32, u64)>>,
}

impl Index {
    /// Makes the rule list the value. Rules come in ascending order.
    pub(crate) fn insert(&mut self, value: &str, rule: usize) {
        let place = self.places.insert(value);
        if place == self.first.len() {
            self.first.push(0);
            self.later.push(Vec::new());
        }
        let bit = 1 << (rule % 64);
        let Ok(word) = u32::try_from(rule / 64) else {
            return;
        };
        if word == 0 {
            if let Some(first) = self.first.get_mut(place) {
                *first |= bit;
            }
        } else if let Some(later) = self.later.get_mut(place) {
            match later.last_mut() {
                Some((last, bits)) if *last == word => *bits |= bit,
                _ => later.push((word, bit)),
            }
        }
    }

    /// Whether no rule lists any value.
    #[inline]
    pub(crate) const fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether some rule lists the value.
    #[inline]
    pub(crate) fn lists(&self, value: &str) -> bool {
        self.places.find(value).is_some()
    }

    /// Of the rules of a word, those that list the value.
    #[inline]
    pub(crate) fn word(&self, value: &str, word: usize) -> u64 {
        match self.places.find(value) {
            Some(place) if word == 0 => self.first.get(place).copied().unwrap_or(0),
            Some(place) => self.later_word(place, word),
            None => 0,
        }
    }

    fn later_word(&self, place: usize, word: usize) -> u64 {
        let later = self.later.get(place).map(Vec::as_slice).unwrap_or_default();
        later
            .binary_search_by_key(&word, |(number, _)| *number as usize)
            .ok()
            .and_then(|at| later.get(at))
            .map_or(0, |(_, bits)| *bits)
    }
}

/// A number that is the same for the same text, and rarely for another: from its length, its first bytes and its last.
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

/// A set of rules: one bit a rule.
#[derive(Debug, Clone, Default)]
pub(crate) struct RuleSet(Box<[u64]>);

impl RuleSet {
    /// The rules, of `rules` in all, for which `is_member` holds.
    pub(crate) fn of(rules: usize, is_member: impl Fn(usize) -> bool) -> Self {
        let word = |index: usize| {
            (0..64)
                .filter(|bit| index * 64 + bit < rules && is_member(index * 64 + bit))
                .fold(0, |word, bit| word | 1 << bit)
        };
        Self((0..rules.div_ceil(64)).map(word).collect())
    }

    /// Rules `64 * index` to `64 * index + 63`.
    #[inline]
    pub(crate) fn word(&self, index: usize) -> u64 {
        self.0.get(index).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_and_many_values_are_found_alike() {
        for count in [1, FEW, FEW + 1, 500] {
            let mut index = Index::default();
            for rule in 0..count {
                index.insert(&format!("value {rule}"), rule);
                index.insert("all", rule);
            }
            for rule in 0..count {
                assert_eq!(
                    index.word(&format!("value {rule}"), rule / 64),
                    1 << (rule % 64)
                );
            }
            assert_eq!(index.word("value", 0), 0);
            assert_eq!(index.word("all", 0).count_ones() as usize, count.min(64));
            assert_eq!(
                index.word("all", 7).count_ones() as usize,
                count.saturating_sub(448).min(64)
            );
        }
    }

    #[test]
    fn like_texts_have_unlike_fingerprints() {
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
    fn sets_reach_beyond_one_word() {
        let set = RuleSet::of(66, |rule| rule == 0 || rule == 65);
        assert_eq!((set.word(0), set.word(1), set.word(2)), (1, 2, 0));
    }
}
