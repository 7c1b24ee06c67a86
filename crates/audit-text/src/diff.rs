//! What is different between two texts, as `diff -u` writes it.

use std::convert::Infallible;
use std::fmt::Write;
use std::ops::Range;

use similar::algorithms::{Capture, Replace, myers};
use similar::{DiffOp, group_diff_ops};

/// Lines around a change.
const CONTEXT: usize = 3;

/// The difference of two versions of a file of that name, three lines of context around each change; nothing where they are the same.
/// `patch -p0` applies it.
///
/// ```
/// assert_eq!(audit_text::unified_diff("a\nb\n", "a\nc\n", "f"), "--- f\n+++ f\n@@ -1,2 +1,2 @@\n a\n-b\n+c\n");
/// assert_eq!(audit_text::unified_diff("a\n", "a\n", "f"), "");
/// ```
pub fn unified_diff(before: &str, after: &str, name: &str) -> String {
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
            let _ = writeln!(out, "@@ -{} +{} @@", place(&old_lines), place(&new_lines));
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

fn operations(old: &[&str], new: &[&str]) -> Vec<DiffOp> {
    let mut capture = Replace::new(Capture::new());
    let done: Result<(), Infallible> =
        myers::diff(&mut capture, old, 0..old.len(), new, 0..new.len());
    match done {
        Ok(()) => capture.into_inner().into_ops(),
        Err(never) => match never {},
    }
}

/// Lines in the head of a hunk: one needs no count, and none are named by the line before them.
fn place(lines: &Range<usize>) -> String {
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
    fn hunks_are_those_of_diff() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n14a\n15\n16\n";
        assert_eq!(
            unified_diff(old, new, "f"),
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
            assert_eq!(unified_diff(old, new, "f"), expected);
        }
    }
}
