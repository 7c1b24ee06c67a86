//! Counts of tests, parsed from the output of test runners.

use std::collections::BTreeSet;
use std::fmt;

/// Start of a line with the reason why a test did not run.
pub const SKIPPED: &str = "skipped: ";

/// Start of a line with the name of a browser test that failed and was run once more.
pub const AGAIN: &str = "again: ";

/// Numbers of tests by result.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Count {
    /// Tests that passed.
    pub passed: usize,
    /// Tests that failed.
    pub failed: usize,
    /// Tests that did not run.
    pub skipped: usize,
}

impl Count {
    /// Adds the counts of another run.
    pub fn add(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

/// `3 passed, 0 failed, 1 skipped`
impl fmt::Display for Count {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            passed,
            failed,
            skipped,
        } = self;
        write!(f, "{passed} passed, {failed} failed, {skipped} skipped")
    }
}

/// Returns the browser tests that were run once more.
pub fn repeated(text: &str) -> impl Iterator<Item = &str> {
    text.lines().filter_map(|line| line.strip_prefix(AGAIN))
}

/// Returns the reasons why tests did not run, each once.
pub fn reasons(text: &str) -> BTreeSet<&str> {
    let lines = text.lines();
    lines
        .filter_map(|line| line.strip_prefix(SKIPPED))
        .collect()
}

/// Parses the last lines of node's TAP report, `# pass 3`, `# fail 0` and `# skipped 0`.
pub fn node(text: &str) -> Count {
    let number = |word: &str| {
        let line = text.lines().rev().find_map(|line| line.strip_prefix(word));
        line.and_then(|number| number.parse().ok())
            .unwrap_or_default()
    };
    Count {
        passed: number("# pass "),
        failed: number("# fail "),
        skipped: number("# skipped "),
    }
}

/// Sums the lines `test result: ok. 3 passed; 0 failed; 1 ignored; …` of cargo. A test that prints why it skipped itself has not passed.
pub fn cargo(text: &str) -> Count {
    let mut sum = Count::default();
    let mut skipped = 0;
    // The output of a test may have several such lines.
    let mut is_counted = false;
    for line in text.lines() {
        if line.starts_with("---- ") && line.ends_with(" stdout ----") {
            is_counted = false;
        } else if line.starts_with(SKIPPED) && !is_counted {
            is_counted = true;
            skipped += 1;
        } else if let Some(line) = line.strip_prefix("test result: ") {
            sum.add(Count {
                passed: before(line, " passed"),
                failed: before(line, " failed"),
                skipped: before(line, " ignored"),
            });
        }
    }
    sum.passed = sum.passed.saturating_sub(skipped);
    sum.skipped += skipped;
    sum
}

/// Parses the last line of the browser tests, `3 passed, 0 failed` or `3 passed, 0 failed, 1 skipped`.
pub fn browser(text: &str) -> Count {
    let line = text
        .lines()
        .rev()
        .find(|line| line.contains(" passed, "))
        .unwrap_or_default();
    Count {
        passed: before(line, " passed"),
        failed: before(line, " failed"),
        skipped: before(line, " skipped"),
    }
}

/// Parses the number directly before a word; 0 if there is none.
fn before(line: &str, word: &str) -> usize {
    let head = line.split_once(word).map_or("", |(head, _)| head);
    head.rsplit(' ')
        .next()
        .and_then(|number| number.parse().ok())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tests_are_counted() {
        type Row = (fn(&str) -> Count, &'static str, [usize; 3]);
        let results =
            "test result: ok. 2 passed; 0 failed\ntest result: FAILED. 3 passed; 1 failed\n";
        let ignored = "test result: ok. 12 passed; 0 failed; 1 ignored; 0 measured\n";
        let itself = "---- one stdout ----\nskipped: no logs in x\nskipped: no logs in y\n\n---- two stdout ----\n\
                      skipped: no logs in x\n\ntest result: ok. 5 passed; 0 failed; 0 ignored\n";
        let table: [Row; 10] = [
            (cargo, "", [0, 0, 0]),
            (cargo, ignored, [12, 0, 1]),
            (cargo, results, [5, 1, 0]),
            (cargo, itself, [3, 0, 2]),
            (browser, "ok  x\n7 passed, 2 failed\n", [7, 2, 0]),
            (
                browser,
                "skipped: no x\n0 passed, 0 failed, 4 skipped\n",
                [0, 0, 4],
            ),
            (browser, "node: cannot start", [0, 0, 0]),
            (node, "1..2\n# tests 5\n# pass 4\n# fail 1\n", [4, 1, 0]),
            (node, "# pass 4\n# fail 0\n# skipped 2\n", [4, 0, 2]),
            (node, "no such file", [0, 0, 0]),
        ];
        for (count, text, [passed, failed, skipped]) in table {
            let expected = Count {
                passed,
                failed,
                skipped,
            };
            assert_eq!(count(text), expected, "{text}");
        }
    }

    #[test]
    fn each_reason_is_listed_once() {
        let text = "again: a\nskipped: no x\nok\nskipped: no x\n  skipped: within\nskipped: no y\n";
        assert_eq!(Vec::from_iter(reasons(text)), ["no x", "no y"]);
        assert_eq!(Vec::from_iter(repeated(text)), ["a"]);
    }
}
