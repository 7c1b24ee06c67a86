//! Differences between two texts, line by line.
//!
//! Every difference that is shown to a person is computed here, so that page, command and exports agree.

use std::convert::Infallible;
use std::fmt::Write;
use std::ops::Range;

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, group_diff_ops};

use crate::json;

/// Number of unchanged lines around each change of a unified diff.
const CONTEXT: usize = 3;

/// One line of a comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Change that the line is part of.
    pub change: Change,
    /// The line, without its end.
    pub text: String,
}

/// Change that a line is part of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// The line is in both texts.
    Unchanged,
    /// The line is in the old text only.
    Removed,
    /// The line is in the new text only.
    Added,
}

/// Returns the unified diff of two versions of a file, as `diff -u` prints it; empty if they are equal. `patch -p0` applies it.
///
/// ```
/// use audit_text::diff::unified;
///
/// assert_eq!(unified("a\nb\n", "a\nc\n", "f"), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
/// assert_eq!(unified("a\n", "a\n", "f"), "");
/// ```
pub fn unified(before: &str, after: &str, name: &str) -> String {
    if before == after {
        return String::new();
    }
    // Lines end where `patch` has them end: a carriage return by itself is a part of its line.
    let [old, new] = [before, after].map(|text| text.split_inclusive('\n').collect::<Vec<_>>());
    let mut out = format!("--- {name}\n+++ {name}\n");
    for hunk in group_diff_ops(operations(&old, &new), CONTEXT) {
        if let (Some(first), Some(last)) = (hunk.first(), hunk.last()) {
            let old_lines = first.old_range().start..last.old_range().end;
            let new_lines = first.new_range().start..last.new_range().end;
            // Writing to a string cannot fail.
            let _ = writeln!(
                out,
                "@@ -{} +{} @@",
                hunk_range(&old_lines),
                hunk_range(&new_lines)
            );
        }
        for operation in hunk {
            let (old_lines, new_lines) = (operation.old_range(), operation.new_range());
            if let DiffOp::Equal { .. } = operation {
                write_lines(' ', &old, old_lines, &mut out);
            } else {
                write_lines('-', &old, old_lines, &mut out);
                write_lines('+', &new, new_lines, &mut out);
            }
        }
    }
    out
}

/// Compares two JSON values as pretty-printed lines. A comma at the end of a line is not a difference.
///
/// ```
/// use audit_text::diff::{Change, json_lines};
///
/// let lines = json_lines(r#"{"a":1,"b":2}"#, r#"{"a":1}"#);
/// assert_eq!(lines[2].text, "  \"b\": 2");
/// assert_eq!(lines[2].change, Change::Removed);
/// assert!(lines.iter().filter(|line| line.change != Change::Unchanged).count() == 1);
/// ```
pub fn json_lines(old: &str, new: &str) -> Vec<Line> {
    let (old, new) = (json::pretty_lines(old), json::pretty_lines(new));
    let [old_keys, new_keys] = [&old, &new].map(|lines| {
        let keys = lines
            .iter()
            .map(|line| line.strip_suffix(',').unwrap_or(line));
        keys.collect::<Vec<_>>()
    });
    let mut lines = Vec::with_capacity(old.len().max(new.len()));
    let mut push = |change, range: Range<usize>, from: &[String]| {
        for text in from.get(range).unwrap_or_default() {
            lines.push(Line {
                change,
                text: text.clone(),
            });
        }
    };
    for operation in operations(&old_keys, &new_keys) {
        if let DiffOp::Equal { .. } = operation {
            push(Change::Unchanged, operation.old_range(), &old);
        } else {
            push(Change::Removed, operation.old_range(), &old);
            push(Change::Added, operation.new_range(), &new);
        }
    }
    lines
}

/// Returns the pretty-printed lines of a JSON value, all with the same change.
pub fn json_with_change(value: &str, change: Change) -> Vec<Line> {
    let lines = json::pretty_lines(value).into_iter();
    lines.map(|text| Line { change, text }).collect()
}

/// Shortens every run of lines with one change to about `max_lines`: its first and its last lines. The number is that of the lines
/// left out at this line, and 0 for a line to show.
pub fn abridged(lines: Vec<Line>, max_lines: usize) -> Vec<(Line, usize)> {
    let mut shown = Vec::new();
    let mut rest = lines.into_iter().peekable();
    while let Some(first) = rest.next() {
        let change = first.change;
        let mut run = vec![first];
        while let Some(next) = rest.next_if(|line| line.change == change) {
            run.push(next);
        }
        let left_out = run.len().saturating_sub(max_lines);
        let tail = max_lines / 4;
        let head = max_lines - tail;
        let is_long = left_out > tail;
        let total = run.len();
        for (index, line) in run.into_iter().enumerate() {
            if !is_long || index < head || index >= total - tail {
                shown.push((line, 0));
            } else if index == head {
                shown.push((line, left_out));
            }
        }
    }
    shown
}

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut capture = Replace::new(Capture::new());
    let done: Result<(), Infallible> =
        myers::diff(&mut capture, old, 0..old.len(), new, 0..new.len());
    match done {
        Ok(()) => capture.into_inner().into_ops(),
        Err(never) => match never {},
    }
}

/// Formats the lines of a hunk for its header: a single line has no count, and an empty range is named by the line before it.
fn hunk_range(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => (lines.start + 1).to_string(),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn write_lines(sign: char, lines: &[&str], range: Range<usize>, out: &mut String) {
    for line in lines.get(range).unwrap_or_default() {
        out.push(sign);
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push_str("\n\\ No newline at end of file\n");
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hunks_equal_those_of_diff() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n14a\n15\n16\n";
        assert_eq!(
            unified(old, new, "f"),
            "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -12,5 +12,6 @@\n 12\n 13\n 14\n+14a\n 15\n 16\n"
        );
        for (old, new, expected) in [
            ("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n"),
            ("a\nb\n", "b\n", "--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n b\n"),
            (
                "a",
                "a\nb",
                "--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
            ),
            ("a\r\n", "b\r\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+b\r\n"),
            (
                "a\rb\n",
                "a\rc\n",
                "--- f\n+++ f\n@@ -1 +1 @@\n-a\rb\n+a\rc\n",
            ),
        ] {
            assert_eq!(unified(old, new, "f"), expected);
        }
    }

    fn marked(lines: &[Line]) -> Vec<String> {
        let marked = lines.iter().map(|line| {
            let mark = match line.change {
                Change::Unchanged => ' ',
                Change::Removed => '-',
                Change::Added => '+',
            };
            format!("{mark}{}", line.text)
        });
        marked.collect()
    }

    #[test]
    fn json_values_are_compared_line_by_line() {
        let old = r#"{"level":"RequestResponse","a":{"x":1,"y":[]},"body":{"k":[1,2]}}"#;
        let new = r#"{"level":"Metadata","a":{"x":1,"y":[]},"note":true}"#;
        assert_eq!(
            marked(&json_lines(old, new)),
            [
                " {",
                "-  \"level\": \"RequestResponse\",",
                "+  \"level\": \"Metadata\",",
                "   \"a\": {",
                "     \"x\": 1,",
                "     \"y\": []",
                "   },",
                "-  \"body\": {",
                "-    \"k\": [",
                "-      1,",
                "-      2",
                "-    ]",
                "-  }",
                "+  \"note\": true",
                " }",
            ]
        );
    }

    #[test]
    fn a_removed_last_member_is_one_change() {
        let lines = json_lines(
            r#"{"metadata":{"name":"a","managedFields":[1]},"z":1}"#,
            r#"{"metadata":{"name":"a"},"z":1}"#,
        );
        assert_eq!(
            marked(&lines),
            [
                " {",
                "   \"metadata\": {",
                "     \"name\": \"a\",",
                "-    \"managedFields\": [",
                "-      1",
                "-    ]",
                "   },",
                "   \"z\": 1",
                " }",
            ]
        );
    }

    #[test]
    fn long_runs_are_abridged_and_counted() {
        let numbers: Vec<String> = (0..100).map(|number| number.to_string()).collect();
        let value = format!("[{}]", numbers.join(","));
        let shown = abridged(json_with_change(&value, Change::Removed), 8);
        assert_eq!(shown.len(), 6 + 1 + 2);
        assert_eq!(
            shown.iter().map(|(_, left_out)| left_out).sum::<usize>(),
            102 - 8
        );
    }

    #[test]
    fn large_values_without_common_lines_are_compared_quickly() {
        let value = |first: usize| {
            let numbers: Vec<String> = (first..first + 20_000).map(|n| n.to_string()).collect();
            format!("[{}]", numbers.join(","))
        };
        let lines = json_lines(&value(0), &value(1_000_000));
        assert_eq!(lines.len(), 40_002);
    }
}
