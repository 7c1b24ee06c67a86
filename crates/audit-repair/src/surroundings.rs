//! Everything around a policy that is not part of it: line numbers, signs of quoted messages, prompts, code blocks and here-documents.

use audit_import::quoted_blocks;

use crate::lines::{Counted, Line, join};
use crate::types::{Answer, Change, ChangeKind, Question, Reading};

/// Maximum number of layers, such as line numbers in a code block in a quoted message.
const MAX_LAYERS: usize = 4;

/// Removed surroundings.
#[derive(Debug, Default)]
pub(crate) struct Removed {
    pub(crate) changes: Vec<Change>,
    pub(crate) question: Option<Question>,
}

/// Removes what is around a policy, from the outside to the inside.
pub(crate) fn remove(lines: &mut Vec<Line>, answers: &[Answer]) -> Removed {
    let mut removed = Removed::default();
    for _ in 0..MAX_LAYERS {
        let before = removed.changes.len();
        removed.changes.extend(prefixes(lines));
        match block(lines, answers) {
            Block::None => {}
            Block::Taken(change) => removed.changes.push(change),
            Block::Question(question) => {
                removed.question = Some(question);
                return removed;
            }
        }
        removed.changes.extend(number_lines(lines));
        removed.changes.extend(numbers(lines));
        removed.changes.extend(prompts(lines));
        if removed.changes.len() == before {
            break;
        }
    }
    removed
}

/// Signs that begin every line of a quoted message, a table, a difference or a terminal session.
const PREFIXES: [char; 6] = ['>', '|', '│', '┃', '+', '$'];

/// Removes a sign that begins every line. Commands above a here-document have none.
fn prefixes(lines: &mut [Line]) -> Option<Change> {
    let sign = PREFIXES.into_iter().find(|sign| {
        let mut count = 0;
        let all = lines.iter().all(|line| {
            let is_prefixed = line.text.trim_start().starts_with(*sign);
            count += usize::from(is_prefixed);
            is_prefixed || line.is_blank() || (*sign == '>' && is_prompt(&line.text))
        });
        // Commands alone are not a policy.
        let has_level = || {
            let mut texts = lines
                .iter()
                .filter_map(|line| strip_sign(&line.text, *sign));
            texts.any(|text| is_policy_line(&text))
        };
        all && count > 0 && has_level()
    })?;
    let mut counted = Counted::default();
    for line in lines {
        if let Some(text) = strip_sign(&line.text, sign) {
            line.text = text;
            counted.add(line.number, 1);
        }
    }
    counted.change(ChangeKind::LinePrefix, |count, _| {
        format!("remove the `{sign}` at the start of {count} lines")
    })
}

/// Returns a line without the sign and the space after it.
fn strip_sign(text: &str, sign: char) -> Option<String> {
    let rest = text.trim_start().strip_prefix(sign)?;
    Some(rest.strip_prefix(' ').unwrap_or(rest).to_owned())
}

/// Returns `true` for a line that only a policy has.
fn is_policy_line(text: &str) -> bool {
    let text =
        text.trim_start_matches(|character: char| !character.is_alphabetic() && character != '#');
    ["level:", "rules:"].iter().any(|key| text.starts_with(key))
}

/// A code block or here-document.
enum Block {
    None,
    Taken(Change),
    Question(Question),
}

/// Takes the code block or here-document that contains the policy out of the text.
fn block(lines: &mut Vec<Line>, answers: &[Answer]) -> Block {
    let text = join(lines);
    let mut starts = Vec::with_capacity(lines.len() + 1);
    let mut at = 0;
    for line in lines.iter() {
        starts.push(at);
        at += line.text.len() + line.end.len();
    }
    let index = |offset: usize| starts.partition_point(|start| *start < offset);
    let blocks: Vec<_> = quoted_blocks(&text)
        .into_iter()
        .map(|block| (index(block.span.start)..index(block.span.end), block))
        .filter(|(range, _)| {
            let inside = lines.get(range.clone()).unwrap_or_default();
            inside.iter().any(|line| is_policy_line(&line.text))
        })
        .collect();
    let chosen = match blocks.as_slice() {
        [] => return Block::None,
        [only] => only,
        several => {
            let ranges: Vec<_> = several.iter().map(|(range, _)| range.clone()).collect();
            let question = which_block(lines, &ranges);
            let answer = answers.iter().find(|answer| answer.line == question.line);
            match answer.and_then(|answer| several.get(answer.reading)) {
                Some(chosen) => chosen,
                None => return Block::Question(question),
            }
        }
    };
    let (range, block) = chosen;
    let mut inside: Vec<Line> = lines.get(range.clone()).unwrap_or_default().to_vec();
    if block.is_without_tabs {
        for line in &mut inside {
            line.text = line.text.trim_start_matches('\t').to_owned();
        }
    }
    let (kind, what) = if block.is_here_document {
        (ChangeKind::HereDocument, "here-document")
    } else {
        (ChangeKind::CodeBlock, "code block")
    };
    let number = |line: Option<&Line>| line.map_or(1, |line| line.number);
    let change = Change {
        kind,
        first_line: number(lines.first()),
        last_line: number(lines.last()),
        sentence: format!(
            "keep only the {what} in lines {} to {}",
            number(inside.first()),
            number(inside.last())
        ),
    };
    *lines = inside;
    Block::Taken(change)
}

fn which_block(lines: &[Line], ranges: &[std::ops::Range<usize>]) -> Question {
    let number = |index: usize| lines.get(index).map_or(1, |line| line.number);
    let readings = ranges.iter().map(|range| Reading {
        label: format!("the block that starts at line {}", number(range.start)),
        text: lines
            .get(range.start)
            .map(|line| line.text.clone())
            .unwrap_or_default(),
        is_as_printed: false,
    });
    Question {
        line: ranges.first().map_or(1, |range| number(range.start)),
        sentence: format!("the text contains {} policies", ranges.len()),
        readings: readings.collect(),
    }
}

/// Minimum number of lines that are only a number.
const MIN_NUMBERED: usize = 3;

/// Returns the number that a line starts with, and the offset after it.
fn number_of(text: &str) -> Option<(u32, usize)> {
    let trimmed = text.trim_start_matches(' ');
    let digits = trimmed.bytes().take_while(u8::is_ascii_digit).count();
    let number = trimmed.get(..digits)?.parse().ok()?;
    Some((number, text.len() - trimmed.len() + digits))
}

/// Removes lines that are only numbers, as pages have them in a column of their own.
fn number_lines(lines: &mut Vec<Line>) -> Option<Change> {
    let is_next = |line: &Line, expected: usize| {
        let number = line.text.trim();
        number.parse::<usize>() == Ok(expected)
    };
    let count = lines
        .iter()
        .enumerate()
        .take_while(|(index, line)| is_next(line, index + 1))
        .count();
    if count < MIN_NUMBERED || count == lines.len() {
        return None;
    }
    let last_line = lines.get(count - 1)?.number;
    let first_line = lines.first()?.number;
    lines.drain(..count);
    Some(Change {
        kind: ChangeKind::LineNumbers,
        first_line,
        last_line,
        sentence: format!("remove {count} lines that are only line numbers"),
    })
}

/// Signs between a line number and its line.
const AFTER_NUMBER: [char; 6] = [':', '|', '.', ')', '│', '┃'];

/// A numbered line.
struct Numbered {
    /// Column at which the number starts.
    start: usize,
    /// Column after the number and its sign.
    end: usize,
    /// Byte after the number and its sign.
    end_offset: usize,
    /// Column at which the line starts. `None` for an empty line.
    content: Option<usize>,
}

/// Removes line numbers that count every line, or every line that is not empty.
fn numbers(lines: &mut [Line]) -> Option<Change> {
    let numbered = numbered(lines)?;
    let removed = margin(&numbered)?;
    let mut counted = Counted::default();
    for (line, number) in lines.iter_mut().zip(&numbered) {
        let Some(number) = number else {
            continue;
        };
        let rest = line.text.get(number.end_offset..).unwrap_or_default();
        let spaces = match removed {
            Margin::After(spaces) => spaces,
            Margin::Column(column) => column.saturating_sub(number.end),
        };
        let indent = rest.len() - rest.trim_start_matches(' ').len();
        line.text = rest
            .get(spaces.min(indent)..)
            .unwrap_or_default()
            .to_owned();
        counted.add(line.number, 1);
    }
    counted.change(ChangeKind::LineNumbers, |count, _| {
        format!("remove the line numbers of {count} lines")
    })
}

/// Finds the numbers of all lines. `None` if a line does not have the next number.
fn numbered(lines: &[Line]) -> Option<Vec<Option<Numbered>>> {
    let mut last = None;
    let mut sign = None;
    let mut found = Vec::with_capacity(lines.len());
    for line in lines {
        if line.is_blank() {
            // A counter may count empty lines without printing their numbers.
            found.push(None);
            continue;
        }
        let (number, end) = number_of(&line.text)?;
        let skipped = found
            .iter()
            .rev()
            .take_while(|known| known.is_none())
            .count();
        let is_next = last.is_none_or(|last: u32| {
            let least = last.saturating_add(1);
            number >= least && number <= least.saturating_add(u32::try_from(skipped).unwrap_or(0))
        });
        if !is_next {
            return None;
        }
        last = Some(number);
        let rest = line.text.get(end..).unwrap_or_default();
        let own = rest
            .chars()
            .next()
            .filter(|next| AFTER_NUMBER.contains(next));
        if *sign.get_or_insert(own) != own {
            return None;
        }
        let width = own.map_or(0, char::len_utf8);
        let rest = rest.get(width..).unwrap_or_default();
        let indent = rest.len() - rest.trim_start_matches(' ').len();
        let end_column = end + usize::from(own.is_some());
        found.push(Some(Numbered {
            start: line.indent(),
            end: end_column,
            end_offset: end + width,
            content: (!rest.trim().is_empty()).then_some(end_column + indent),
        }));
    }
    let mut texts = lines.iter().map(|line| line.text.as_str());
    texts.any(is_policy_line).then_some(found)
}

/// White space between a number and its line.
#[derive(Clone, Copy)]
enum Margin {
    /// A number of spaces after each number.
    After(usize),
    /// Lines start at a column, whatever the width of their number.
    Column(usize),
}

/// Returns the margin after the numbers. `None` if no line has a text.
fn margin(numbered: &[Option<Numbered>]) -> Option<Margin> {
    let lines = || numbered.iter().flatten();
    let with_text = || lines().filter_map(|line| Some((line, line.content?)));
    let after = with_text()
        .map(|(line, content)| content - line.end)
        .min()?;
    let column = with_text().map(|(_, content)| content).min()?;
    let widest = lines().map(|line| line.end).max()?;
    let narrowest = lines().map(|line| line.end).min()?;
    let is_left = lines().all(|line| line.start == 0);
    // Numbers of different widths at the left, with their lines below each other: a line of a wide number starts where only a column explains it.
    let mut wide = with_text().filter(|(line, _)| line.end == widest);
    let is_column = is_left
        && widest > narrowest
        && column > widest
        && wide.any(|(line, content)| content - line.end == after)
        && with_text().any(|(line, content)| line.end == narrowest && content == column)
        && with_text()
            .filter(|(line, _)| line.end == narrowest)
            .all(|(line, content)| content - line.end > after);
    Some(if is_column {
        Margin::Column(column)
    } else {
        Margin::After(after)
    })
}

/// Words that end a here-document of which the start was not copied.
const ENDS: [&str; 4] = ["EOF", "EOT", "EOL", "END"];

/// Removes lines with a shell prompt, and the end of a here-document.
fn prompts(lines: &mut Vec<Line>) -> Option<Change> {
    let last = lines
        .iter()
        .rposition(|line| !line.is_blank() && !is_prompt(&line.text));
    let mut counted = Counted::default();
    let mut index = 0;
    lines.retain(|line| {
        let is_end = Some(index) == last && ENDS.contains(&line.text.trim_end());
        index += 1;
        let is_removed = is_end || is_prompt(&line.text);
        if is_removed {
            counted.add(line.number, 1);
        }
        !is_removed
    });
    counted.change(ChangeKind::Prompt, |count, s| {
        format!("remove {count} line{s} of a terminal session")
    })
}

/// Returns `true` for a line with the prompt of a shell: `$ cat p.yaml`, `root@master:~# `, `[me@host dir]$ ls`, `PS C:\> type p.yaml`. An address
/// with a comment behind it, such as `me@host # admin`, is a user of a rule.
fn is_prompt(text: &str) -> bool {
    let text = text.trim();
    if text == "$" || text.starts_with("$ ") || (text.starts_with("PS ") && text.contains('>')) {
        return true;
    }
    let in_brackets = text.strip_prefix('[');
    let Some((user, rest)) = in_brackets.unwrap_or(text).split_once('@') else {
        return false;
    };
    let is_name =
        |character: char| character.is_ascii_alphanumeric() || matches!(character, '-' | '_' | '.');
    if user.is_empty() || user.starts_with('-') || !user.chars().all(is_name) {
        return false;
    }
    let host = rest.len() - rest.trim_start_matches(is_name).len();
    let Some(after) = rest.get(host..).filter(|_| host > 0) else {
        return false;
    };
    let end = after.find(['$', '#', '%']);
    let directory = end.and_then(|end| after.get(..end));
    let tail = end.and_then(|end| after.get(end + 1..)).unwrap_or_default();
    let has_directory = |directory: &str| match in_brackets {
        Some(_) => directory.ends_with(']'),
        None => directory.trim_start().starts_with([':', '~', '/']),
    };
    directory
        .is_some_and(|directory| has_directory(directory) && !directory.contains(['"', '\'', ',']))
        && (tail.is_empty() || tail.starts_with(' '))
}
