//! Ranking of the values that complete what is typed, in the filter and in a query.

use std::collections::HashMap;

/// Maximum number of values.
const MAX_VALUES: usize = 8;

/// Maximum number of bytes of a value: nobody chooses a longer one from a list.
const MAX_LENGTH: usize = 200;

/// Values that contain what is typed, each with its rank among others: the lowest is the best.
pub(crate) struct Ranking<R> {
    /// Typed text, in lowercase.
    typed: String,
    found: HashMap<String, (bool, R)>,
}

impl<R: Ord> Ranking<R> {
    /// Creates an empty one.
    pub(crate) fn of(typed: &str) -> Self {
        Self {
            typed: typed.to_lowercase(),
            found: HashMap::new(),
        }
    }

    /// Adds a value if it completes what is typed. A value that is added again has the rank that `again` makes of its last one.
    pub(crate) fn add(&mut self, text: &str, rank: R, again: impl FnOnce(&mut R)) {
        if text.is_empty() || text.len() > MAX_LENGTH {
            return;
        }
        if let Some((_, rank)) = self.found.get_mut(text) {
            again(rank);
            return;
        }
        let lower = text.to_lowercase();
        if lower.contains(&self.typed) && lower != self.typed {
            let is_inside = !lower.starts_with(&self.typed);
            self.found.insert(text.to_owned(), (is_inside, rank));
        }
    }

    /// Returns the best values: those that begin with what is typed first, of them those with the lowest rank, then in alphabetical order.
    pub(crate) fn best(self) -> Vec<String> {
        let found = self.found.into_iter();
        let mut found: Vec<((bool, R), String)> = found.map(|(text, rank)| (rank, text)).collect();
        found.sort_unstable();
        found.truncate(MAX_VALUES);
        found.into_iter().map(|(_, text)| text).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_that_begin_with_the_text_come_first_then_those_of_a_lower_rank() {
        let mut ranking = Ranking::of("Po");
        for (text, rank) in [
            ("endpoints", 0),
            ("pods", 2),
            ("pods/log", 1),
            ("policies", 1),
            // It is what is typed, so that it completes nothing.
            ("po", 0),
            ("nodes", 0),
            ("", 0),
        ] {
            ranking.add(text, rank, |_| {});
        }
        ranking.add(&"po".repeat(MAX_LENGTH), 0, |_| {});
        assert_eq!(
            ranking.best(),
            ["pods/log", "policies", "pods", "endpoints"]
        );
    }

    #[test]
    fn a_value_that_is_added_again_changes_its_rank() {
        let mut ranking = Ranking::of("");
        for text in ["a", "b", "b"] {
            ranking.add(text, 1_i32, |rank| *rank -= 1);
        }
        assert_eq!(ranking.best(), ["b", "a"]);
        let mut many = Ranking::of("");
        (0..100).for_each(|number: u32| many.add(&number.to_string(), number, |_| {}));
        assert_eq!(many.best().len(), MAX_VALUES);
    }
}
