//! Lists of what a task is going to do, with the usual duration of each part: printed before it begins.

use crate::times::{Times, about};

/// Something that a task is going to do.
#[derive(Debug, Clone, PartialEq)]
pub struct Item {
    /// Name of the work, as an order: `build the page`.
    pub what: String,
    /// Usual duration on two cores, in seconds.
    pub seconds: f64,
    /// True if it runs at the same time as the item before.
    pub is_parallel: bool,
}

impl Item {
    /// Creates an item that runs after the one before it.
    pub fn new(what: impl Into<String>, seconds: f64) -> Self {
        Self {
            what: what.into(),
            seconds,
            is_parallel: false,
        }
    }

    /// Creates an item whose duration earlier runs have recorded under a name.
    pub fn known(what: impl Into<String>, times: &Times, name: &str, seconds: f64) -> Self {
        Self::new(what, times.usual(name, seconds))
    }
}

/// Prints the items and their sum. Nothing if there is nothing to do.
pub fn print(task: &str, items: &[Item]) {
    if !items.is_empty() {
        println!("{}", text(task, items).trim_end());
    }
}

fn text(task: &str, items: &[Item]) -> String {
    let mut text = format!("{task} takes about {}:\n", about(sum(items)));
    for item in items {
        let parallel = if item.is_parallel {
            ", at the same time"
        } else {
            ""
        };
        let what = format!("{}{parallel}", item.what);
        text.push_str(&format!("  {what:<70} {:>6}\n", about(item.seconds)));
    }
    text
}

/// Returns the duration of all items. Of those at the same time, the longest counts.
fn sum(items: &[Item]) -> f64 {
    let mut sum = 0.0;
    let mut longest = 0.0;
    for item in items {
        if !item.is_parallel {
            sum += longest;
            longest = 0.0;
        }
        longest = item.seconds.max(longest);
    }
    sum + longest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_the_time_of_each_item_and_of_all() {
        let parallel = |what: &str, seconds| Item {
            is_parallel: true,
            ..Item::new(what, seconds)
        };
        let items = [
            Item::new("install a tool", 110.0),
            Item::new("check the code", 600.0),
            parallel("test the page", 900.0),
            Item::new("add up", 30.0),
        ];
        assert_eq!(sum(&items), 1040.0);
        let text = text("`cargo xtask test`", &items);
        let mut lines = text.lines();
        assert_eq!(lines.next(), Some("`cargo xtask test` takes about 17 min:"));
        assert_eq!(lines.clone().count(), 4);
        let page = lines.find(|line| line.contains("test the page, at the same time "));
        assert!(page.is_some_and(|line| line.ends_with(" 15 min")));
    }

    #[test]
    fn nothing_takes_no_time() {
        assert_eq!(sum(&[]), 0.0);
    }
}
