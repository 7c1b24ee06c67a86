//! Sorting of short lists with little code.
//!
//! The standard library's sort is compiled again for each type that is sorted, and each copy is a few kilobytes of the page's download. The
//! sorts here share one copy, which sorts indices: they cost an allocation, and an indirect call per comparison.
//!
//! Use them for lists that are short and off the hot path, such as findings, edits, and the groups of a report. Where a list grows with the
//! log, or is sorted for every event or request, use the standard library's sort.

use std::cmp::Ordering;

/// Sorting methods for short lists off the hot path. They are stable, as the standard library's are.
///
/// ```
/// use audit_types::sort::SortShort;
///
/// let mut names = ["pods", "nodes", "leases", "jobs"];
/// names.sort_short_by_key(|name| name.len());
/// assert_eq!(names, ["pods", "jobs", "nodes", "leases"]);
/// ```
pub trait SortShort<T> {
    /// Sorts with a comparison.
    fn sort_short_by(&mut self, compare: impl Fn(&T, &T) -> Ordering);

    /// Sorts by a key.
    fn sort_short_by_key<K: Ord>(&mut self, key: impl Fn(&T) -> K) {
        self.sort_short_by(|one, other| key(one).cmp(&key(other)));
    }

    /// Sorts by the items' own order.
    fn sort_short(&mut self)
    where
        T: Ord,
    {
        self.sort_short_by(T::cmp);
    }
}

impl<T> SortShort<T> for [T] {
    fn sort_short_by(&mut self, compare: impl Fn(&T, &T) -> Ordering) {
        let mut order = sorted_indices(self.len(), &|one, other| {
            let pair = self.get(one).zip(self.get(other));
            pair.map_or(Ordering::Equal, |(one, other)| compare(one, other))
        });
        // Each item moves to its place along the cycles of the order.
        for start in 0..order.len() {
            let mut at = start;
            while let Some(slot) = order.get_mut(at) {
                let from = std::mem::replace(slot, at);
                if from == start || from == at {
                    break;
                }
                self.swap(at, from);
                at = from;
            }
        }
    }
}

/// Returns the indices of a list of this length in sorted order.
#[inline(never)]
fn sorted_indices(length: usize, compare: &dyn Fn(usize, usize) -> Ordering) -> Vec<usize> {
    let mut order: Vec<usize> = (0..length).collect();
    order.sort_by(|one, other| compare(*one, *other));
    order
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::SortShort;

    proptest! {
        #[test]
        fn the_result_is_that_of_the_standard_library(keys in prop::collection::vec(0_u8..8, 0..40)) {
            let mut items: Vec<(u8, usize)> = keys.into_iter().zip(0..).collect();
            let mut expected = items.clone();
            expected.sort_by_key(|(key, _)| *key);
            items.sort_short_by_key(|(key, _)| *key);
            prop_assert_eq!(&items, &expected);
            expected.sort_by(|one, other| other.cmp(one));
            items.sort_short_by(|one, other| other.cmp(one));
            prop_assert_eq!(&items, &expected);
            items.sort_short();
            expected.sort();
            prop_assert_eq!(items, expected);
        }
    }
}
