//! What a patch changes, line by line, and the same as `diff -u` writes it.

use std::fmt::Write;

/// What became of a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    /// It stands in both texts.
    Kept,
    /// It stands in the old text only.
    Removed,
    /// It stands in the new text only.
    Added,
}

/// A line of either text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// What became of it.
    pub kind: ChangeKind,
    /// Its number in the old text, from 1.
    pub old: Option<usize>,
    /// Its number in the new text, from 1.
    pub new: Option<usize>,
    /// Its text, without its end.
    pub text: String,
    /// Its end: `\n`, `\r\n`, or nothing for a last line that has none.
    pub end: &'static str,
}

/// Lines around a change that a diff shows.
const CONTEXT: usize = 3;
/// Comparisons at most; beyond that all lines between the first and the last that differ count as changed.
const MAX_CELLS: usize = 4_000_000;

/// Every line of both texts, in order: of a changed place first what is removed, then what is added.
pub(super) fn changes(old: &str, new: &str) -> Vec<Change> {
    let (old, new) = (lines(old), lines(new));
    let same = |(one, other): &(&&str, &&str)| one == other;
    let head = old.iter().zip(&new).take_while(same).count();
    let most = old.len().min(new.len()) - head;
    let ends = old.iter().rev().zip(new.iter().rev());
    let tail = ends.take(most).take_while(same).count();
    let (old_end, new_end) = (old.len() - tail, new.len() - tail);
    let old_middle = old.get(head..old_end).unwrap_or_default();
    let new_middle = new.get(head..new_end).unwrap_or_default();
    let mut pairs: Vec<(usize, usize)> = (0..head).map(|at| (at, at)).collect();
    pairs.extend(
        common(old_middle, new_middle)
            .into_iter()
            .map(|(one, other)| (head + one, head + other)),
    );
    pairs.extend((0..tail).map(|at| (old_end + at, new_end + at)));
    pairs.push((old.len(), new.len()));

    let mut out = Vec::with_capacity(old.len().max(new.len()));
    let (mut one, mut other) = (0, 0);
    for (old_at, new_at) in pairs {
        for (at, line) in old.iter().enumerate().take(old_at).skip(one) {
            out.push(change(ChangeKind::Removed, Some(at), None, line));
        }
        for (at, line) in new.iter().enumerate().take(new_at).skip(other) {
            out.push(change(ChangeKind::Added, None, Some(at), line));
        }
        if let Some(line) = old.get(old_at) {
            out.push(change(ChangeKind::Kept, Some(old_at), Some(new_at), line));
        }
        (one, other) = (old_at + 1, new_at + 1);
    }
    out
}

fn change(kind: ChangeKind, old: Option<usize>, new: Option<usize>, line: &str) -> Change {
    let end = if line.ends_with("\r\n") {
        "\r\n"
    } else if line.ends_with('\n') {
        "\n"
    } else {
        ""
    };
    Change {
        kind,
        old: old.map(|at| at + 1),
        new: new.map(|at| at + 1),
        text: line.strip_suffix(end).unwrap_or(line).to_owned(),
        end,
    }
}

fn lines(text: &str) -> Vec<&str> {
    text.split_inclusive('\n').collect()
}

/// The longest sequence of lines that both have, as pairs of places.
fn common(old: &[&str], new: &[&str]) -> Vec<(usize, usize)> {
    let width = new.len() + 1;
    if old.is_empty() || new.is_empty() || (old.len() + 1).saturating_mul(width) > MAX_CELLS {
        return Vec::new();
    }
    // How many lines are common to what follows on each pair of places.
    let mut lengths = vec![0_u32; (old.len() + 1) * width];
    let at = |lengths: &[u32], one: usize, other: usize| {
        lengths.get(one * width + other).copied().unwrap_or(0)
    };
    for (one, line) in old.iter().enumerate().rev() {
        for (other, new_line) in new.iter().enumerate().rev() {
            let length = if line == new_line {
                at(&lengths, one + 1, other + 1) + 1
            } else {
                at(&lengths, one + 1, other).max(at(&lengths, one, other + 1))
            };
            if let Some(cell) = lengths.get_mut(one * width + other) {
                *cell = length;
            }
        }
    }
    let mut pairs = Vec::new();
    let (mut one, mut other) = (0, 0);
    while let (Some(line), Some(new_line)) = (old.get(one), new.get(other)) {
        if line == new_line {
            pairs.push((one, other));
            (one, other) = (one + 1, other + 1);
        } else if at(&lengths, one + 1, other) >= at(&lengths, one, other + 1) {
            one += 1;
        } else {
            other += 1;
        }
    }
    pairs
}

/// The changes as `diff -u` writes them; nothing where nothing changed.
pub(super) fn unified(changes: &[Change], name: &str) -> String {
    let mut out = String::new();
    let changed = |change: &Change| change.kind != ChangeKind::Kept;
    let (mut at, mut old_line, mut new_line) = (0, 1, 1);
    while let Some(rest) = changes.get(at..)
        && let Some(first) = rest.iter().position(changed)
    {
        let start = first.saturating_sub(CONTEXT);
        old_line += start;
        new_line += start;
        let hunk = rest.get(start..).unwrap_or_default();
        let mut end = 0;
        for (index, change) in hunk.iter().enumerate() {
            if changed(change) {
                end = index + 1;
            } else if index >= end + 2 * CONTEXT && end > 0 {
                break;
            }
        }
        let hunk = hunk
            .get(..(end + CONTEXT).min(hunk.len()))
            .unwrap_or_default();
        if out.is_empty() {
            // Writing to a string cannot fail.
            let _ = write!(out, "--- {name}\n+++ {name}\n");
        }
        let count = |kind| hunk.iter().filter(|change| change.kind != kind).count();
        let (old_count, new_count) = (count(ChangeKind::Added), count(ChangeKind::Removed));
        let _ = writeln!(
            out,
            "@@ -{} +{} @@",
            range(old_line, old_count),
            range(new_line, new_count)
        );
        hunk.iter().for_each(|change| write_line(change, &mut out));
        old_line += old_count;
        new_line += new_count;
        at += start + hunk.len();
    }
    out
}

/// A place without lines is named by the line before it; a single line needs no count.
fn range(first: usize, count: usize) -> String {
    match count {
        0 => format!("{},0", first - 1),
        1 => first.to_string(),
        _ => format!("{first},{count}"),
    }
}

fn write_line(change: &Change, out: &mut String) {
    out.push(match change.kind {
        ChangeKind::Kept => ' ',
        ChangeKind::Removed => '-',
        ChangeKind::Added => '+',
    });
    out.push_str(&change.text);
    out.push_str(change.end);
    if change.end.is_empty() {
        out.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn diff(old: &str, new: &str) -> String {
        unified(&changes(old, new), "f")
    }

    #[test]
    fn hunks_are_those_of_diff() {
        let old = "1\n2\n3\n4\n5\n6\n7\n8\n9\n10\n11\n12\n13\n14\n15\n16\n";
        let new = "1\n2\n3\n4\nfive\n6\n7\n8\n9\n10\n11\n12\n13\n14\n14a\n15\n16\n";
        assert_eq!(
            diff(old, new),
            "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n@@ -12,5 +12,6 @@\n 12\n 13\n 14\n+14a\n 15\n 16\n"
        );
        for (old, new, expected) in [
            ("a\n", "a\n", ""),
            ("", "a\n", "--- f\n+++ f\n@@ -0,0 +1 @@\n+a\n"),
            ("a\nb\n", "b\n", "--- f\n+++ f\n@@ -1,2 +1 @@\n-a\n b\n"),
            (
                "a",
                "a\nb",
                "--- f\n+++ f\n@@ -1 +1,2 @@\n-a\n\\ No newline at end of file\n+a\n+b\n\\ No newline at end of file\n",
            ),
            ("a\r\n", "b\r\n", "--- f\n+++ f\n@@ -1 +1 @@\n-a\r\n+b\r\n"),
        ] {
            assert_eq!(diff(old, new), expected);
        }
    }

    #[test]
    fn the_changes_are_both_texts() {
        let (old, new) = ("a\nb\r\nc\nd", "b\r\nx\nd\n");
        let changes = changes(old, new);
        let side = |kind| {
            let lines = changes.iter().filter(|change| change.kind != kind);
            lines
                .map(|change| format!("{}{}", change.text, change.end))
                .collect::<String>()
        };
        assert_eq!(
            (side(ChangeKind::Added), side(ChangeKind::Removed)),
            (old.into(), new.into())
        );
        let numbers: Vec<_> = changes.iter().map(|c| (c.old, c.new)).collect();
        assert_eq!(numbers[0], (Some(1), None));
        assert_eq!(numbers[1], (Some(2), Some(1)));
    }
}
