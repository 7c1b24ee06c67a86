//! The event as written held against the event as recorded, line by line of pretty-printed JSON.

use std::borrow::Cow;

use audit_log::json;

/// A line of the comparison.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// What happened to it.
    pub change: Change,
    /// The text, indented by two spaces a level.
    pub text: String,
}

/// What happened to a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// Stands in both.
    Same,
    /// Recorded only.
    Removed,
    /// Written only.
    Added,
}

/// Below this depth values are compared whole: deep enough for any real object, shallow enough for any stack.
const DEPTH: usize = 48;

/// Compares two JSON texts. Members are paired by name, items by place.
pub fn diff(recorded: &str, written: &str) -> Vec<Line> {
    let mut lines = Vec::new();
    compare("", recorded, written, 0, "", &mut lines);
    lines
}

/// One text as lines that all had the same change.
pub fn lines(value: &str, change: Change) -> Vec<Line> {
    let mut lines = Vec::new();
    print("", value, 0, "", change, &mut lines);
    lines
}

/// Shortens every run of one change to its first and last lines; the number is how many lines were left out there.
pub fn abridged(lines: Vec<Line>, keep: usize) -> Vec<(Line, usize)> {
    let mut shown = Vec::new();
    let mut rest = lines.into_iter().peekable();
    while let Some(first) = rest.next() {
        let change = first.change;
        let mut run = vec![first];
        while let Some(next) = rest.next_if(|line| line.change == change) {
            run.push(next);
        }
        let left_out = run.len().saturating_sub(keep);
        let head = keep - keep / 4;
        let is_long = left_out > keep / 4;
        let total = run.len();
        for (index, line) in run.into_iter().enumerate() {
            if !is_long || index < head || index >= total - keep / 4 {
                shown.push((line, 0));
            } else if index == head {
                shown.push((line, left_out));
            }
        }
    }
    shown
}

fn compare(key: &str, old: &str, new: &str, depth: usize, comma: &str, lines: &mut Vec<Line>) {
    if old == new {
        return print(key, new, depth, comma, Change::Same, lines);
    }
    let both = |open| old.starts_with(open) && new.starts_with(open);
    if depth < DEPTH && both('{') {
        let (old, new): (Vec<_>, Vec<_>) =
            (json::members(old).collect(), json::members(new).collect());
        compare_members(key, &old, &new, depth, comma, lines);
    } else if depth < DEPTH && both('[') {
        let (old, new): (Vec<_>, Vec<_>) =
            (json::elements(old).collect(), json::elements(new).collect());
        compare_items(key, &old, &new, depth, comma, lines);
    } else {
        print(key, old, depth, comma, Change::Removed, lines);
        print(key, new, depth, comma, Change::Added, lines);
    }
}

type Member<'a> = (Cow<'a, str>, &'a str);

fn compare_members(
    key: &str,
    old: &[Member<'_>],
    new: &[Member<'_>],
    depth: usize,
    comma: &str,
    lines: &mut Vec<Line>,
) {
    let places: std::collections::HashMap<&str, usize> = new
        .iter()
        .enumerate()
        .map(|(at, (name, _))| (name.as_ref(), at))
        .collect();
    same(lines, depth, &format!("{key}{{"));
    let mut added = 0;
    let emit_added =
        |from: usize, to: usize, lines: &mut Vec<Line>, known: &dyn Fn(&str) -> bool| {
            for (name, value) in new.get(from..to).unwrap_or_default() {
                if !known(name) {
                    print(&label(name), value, depth + 1, ",", Change::Added, lines);
                }
            }
        };
    let names: std::collections::HashSet<&str> =
        old.iter().map(|(name, _)| name.as_ref()).collect();
    let is_known = |name: &str| names.contains(name);
    for (index, (name, value)) in old.iter().enumerate() {
        let comma = if index + 1 < old.len() || new.len() > old.len() {
            ","
        } else {
            ""
        };
        match places.get(name.as_ref()) {
            Some(at) => {
                if *at >= added {
                    emit_added(added, *at, lines, &is_known);
                    added = at + 1;
                }
                let other = new.get(*at).map_or("", |(_, value)| *value);
                compare(&label(name), value, other, depth + 1, comma, lines);
            }
            None => print(
                &label(name),
                value,
                depth + 1,
                comma,
                Change::Removed,
                lines,
            ),
        }
    }
    emit_added(added, new.len(), lines, &is_known);
    same(lines, depth, &format!("}}{comma}"));
}

fn compare_items(
    key: &str,
    old: &[&str],
    new: &[&str],
    depth: usize,
    comma: &str,
    lines: &mut Vec<Line>,
) {
    same(lines, depth, &format!("{key}["));
    let longest = old.len().max(new.len());
    for index in 0..longest {
        let comma = if index + 1 < longest { "," } else { "" };
        match (old.get(index), new.get(index)) {
            (Some(old), Some(new)) => compare("", old, new, depth + 1, comma, lines),
            (Some(old), None) => print("", old, depth + 1, comma, Change::Removed, lines),
            (None, Some(new)) => print("", new, depth + 1, comma, Change::Added, lines),
            (None, None) => {}
        }
    }
    same(lines, depth, &format!("]{comma}"));
}

fn label(name: &str) -> String {
    let mut label = String::new();
    crate::encode::quote(name, &mut label);
    label.push_str(": ");
    label
}

fn same(lines: &mut Vec<Line>, depth: usize, text: &str) {
    push(lines, Change::Same, depth, text.to_owned());
}

fn push(lines: &mut Vec<Line>, change: Change, depth: usize, text: String) {
    let indent = "  ".repeat(depth.min(DEPTH));
    lines.push(Line {
        change,
        text: indent + &text,
    });
}

/// Pretty-prints a value, token by token and without recursion.
fn print(key: &str, value: &str, depth: usize, comma: &str, change: Change, lines: &mut Vec<Line>) {
    let bytes = value.as_bytes();
    let mut level = depth;
    let mut current = key.to_owned();
    let mut at = 0;
    while let Some(byte) = bytes.get(at) {
        let end = token_end(bytes, at);
        let token = value.get(at..end).unwrap_or_default();
        at = end;
        match byte {
            b' ' | b'\n' | b'\r' | b'\t' => {}
            b'{' | b'[' => {
                let after = next_token(bytes, at);
                current.push_str(token);
                if matches!(bytes.get(after), Some(b'}' | b']')) {
                    current.push(if *byte == b'{' { '}' } else { ']' });
                    at = after + 1;
                } else {
                    push(lines, change, level, std::mem::take(&mut current));
                    level += 1;
                }
            }
            b'}' | b']' => {
                if !current.is_empty() {
                    push(lines, change, level, std::mem::take(&mut current));
                }
                level = level.saturating_sub(1);
                current.push_str(token);
            }
            b',' => {
                current.push(',');
                push(lines, change, level, std::mem::take(&mut current));
            }
            b':' => current.push_str(": "),
            _ => current.push_str(token),
        }
    }
    current.push_str(comma);
    push(lines, change, level, current);
}

fn next_token(bytes: &[u8], from: usize) -> usize {
    let rest = bytes.get(from..).unwrap_or_default();
    from + rest
        .iter()
        .take_while(|byte| byte.is_ascii_whitespace())
        .count()
}

fn token_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    match bytes.get(start) {
        Some(b'"') => {
            while let Some(byte) = bytes.get(at) {
                at += 1;
                match byte {
                    b'\\' => at += 1,
                    b'"' => break,
                    _ => {}
                }
            }
        }
        Some(b'{' | b'}' | b'[' | b']' | b',' | b':' | b' ' | b'\n' | b'\r' | b'\t') => {}
        _ => {
            let is_plain =
                |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'+' | b'-');
            while bytes.get(at).is_some_and(is_plain) {
                at += 1;
            }
        }
    }
    at.min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(lines: &[Line]) -> Vec<String> {
        lines
            .iter()
            .map(|line| {
                let mark = match line.change {
                    Change::Same => ' ',
                    Change::Removed => '-',
                    Change::Added => '+',
                };
                format!("{mark}{}", line.text)
            })
            .collect()
    }

    #[test]
    fn members_are_paired_by_name() {
        let old = r#"{"level":"RequestResponse","a":{"x":1,"y":[]},"body":{"k":[1,2]}}"#;
        let new = r#"{"level":"Metadata","a":{"x":1,"y":[]},"note":true}"#;
        assert_eq!(
            marked(&diff(old, new)),
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
                "+  \"note\": true,",
                " }",
            ]
        );
    }

    #[test]
    fn long_runs_are_abridged_and_counted() {
        let value = format!(
            "[{}]",
            (0..100)
                .map(|n| n.to_string())
                .collect::<Vec<_>>()
                .join(",")
        );
        let shown = abridged(lines(&value, Change::Removed), 8);
        assert_eq!(shown.len(), 6 + 1 + 2);
        assert_eq!(
            shown.iter().map(|(_, left_out)| left_out).sum::<usize>(),
            102 - 8
        );
    }
}
