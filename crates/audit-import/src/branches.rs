//! Branches of a script's conditions, of which the shell runs one: `if`, `elif`, `else`, and the patterns of `case`.
//!
//! The flags of one branch are read, and those of the others are reported: a later branch does not replace what an earlier one sets. Which branch
//! runs is only known for `true` and `false`.

use std::borrow::Cow;
use std::collections::BTreeSet;

use audit_types::{Severity, Span};

use crate::codes::ImportCode;
use crate::finding::{LineFinding, finding};
use crate::recognize::here_documents;

/// Texts of which a branch that sets audit flags contains one.
const MARKS: [&str; 3] = ["audit-log-", "audit-policy-file", "audit-webhook-"];

/// Maximum number of flags that a finding names.
const MAX_NAMES: usize = 8;

/// Maximum number of conditions, and of their branches, that are read.
const MAX_CONDITIONS: usize = 1_000;
const MAX_BRANCHES: usize = 10_000;

/// Maximum number of conditions inside each other.
const MAX_DEPTH: usize = 32;

/// A script with one branch of each condition.
#[derive(Debug)]
pub(crate) struct ChosenBranches<'s> {
    /// The script, with spaces instead of the other branches.
    pub(crate) text: Cow<'s, str>,
    pub(crate) notes: Vec<BranchNote>,
}

/// Audit flags of a branch that may not run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct BranchNote {
    /// Place of the first of them.
    pub(crate) span: Span,
    pub(crate) message: String,
    pub(crate) help: &'static str,
}

impl BranchNote {
    /// Returns the finding in a line.
    pub(crate) fn at_line(&self, line: usize) -> LineFinding {
        let code = ImportCode::UncertainScript;
        finding(code, Severity::Info, line, self.message.clone(), self.help)
    }
}

/// Chooses a branch of each condition with audit flags: the one that always runs, or the first one with audit flags.
pub(crate) fn choose(script: &str) -> ChosenBranches<'_> {
    let mut notes = Vec::new();
    let has_condition = script.contains("then") || script.contains("case ");
    if !has_condition || !has_flags(script) {
        return ChosenBranches {
            text: Cow::Borrowed(script),
            notes,
        };
    }
    let text_of = |span: &Span| script.get(span.start..span.end).unwrap_or_default();
    let mut bytes = script.as_bytes().to_vec();
    for condition in conditions(script) {
        let is_dropped = bytes.get(condition.start) == Some(&b' ');
        let branches = condition.branches.iter();
        let with_flags: Vec<Span> = branches
            .filter(|branch| has_flags(text_of(branch)))
            .copied()
            .collect();
        let Some(first) = with_flags.first().filter(|_| !is_dropped) else {
            continue;
        };
        let always = condition
            .always
            .and_then(|index| condition.branches.get(index));
        let kept = always.unwrap_or(first);
        for branch in condition.branches.iter().filter(|branch| *branch != kept) {
            blank(&mut bytes, *branch);
        }
        for keyword in &condition.keywords {
            blank(&mut bytes, *keyword);
        }
        if always.is_none() {
            let found = with_flags
                .iter()
                .map(|branch| note(script, *branch, branch == kept));
            notes.extend(found);
        }
    }
    ChosenBranches {
        // INVARIANT: only whole characters are replaced, because keywords and the ends of branches are ASCII.
        text: String::from_utf8(bytes).map_or(Cow::Borrowed(script), Cow::Owned),
        notes,
    }
}

fn has_flags(text: &str) -> bool {
    MARKS.iter().any(|mark| text.contains(mark))
}

/// Replaces everything but line ends by spaces.
fn blank(bytes: &mut [u8], span: Span) {
    let part = bytes.get_mut(span.start..span.end).unwrap_or_default();
    for byte in part.iter_mut().filter(|byte| **byte != b'\n') {
        *byte = b' ';
    }
}

fn note(script: &str, branch: Span, is_kept: bool) -> BranchNote {
    let text = script.get(branch.start..branch.end).unwrap_or_default();
    let starts = MARKS.iter().flat_map(|mark| text.match_indices(mark));
    let is_of_name = |c: char| c.is_ascii_lowercase() || c == '-';
    let mut names = BTreeSet::new();
    let mut first = text.len();
    for (start, _) in starts {
        let rest = text.get(start..).unwrap_or_default();
        let end = rest.find(|c| !is_of_name(c)).unwrap_or(rest.len());
        names.insert(rest.get(..end).unwrap_or_default());
        first = first.min(start);
    }
    let shown: Vec<String> = names
        .iter()
        .take(MAX_NAMES)
        .map(|name| format!("`--{name}`"))
        .collect();
    let more = if names.len() > MAX_NAMES {
        " and others"
    } else {
        ""
    };
    let verb = if names.len() == 1 { "is" } else { "are" };
    let start = branch.start + first;
    BranchNote {
        span: Span::new(start, start),
        message: format!(
            "{}{more} {verb} in one branch of a condition",
            shown.join(", ")
        ),
        help: if is_kept {
            "the server gets other flags if another branch runs: read the flags of the server that runs"
        } else {
            "the flags of an earlier branch are read instead: if this branch runs, remove the others from the text"
        },
    }
}

/// A condition with its branches.
#[derive(Debug, Default)]
struct Condition {
    /// Offset of `if` or `case`.
    start: usize,
    branches: Vec<Span>,
    /// Words of the condition that are not commands.
    keywords: Vec<Span>,
    /// Index of the branch that runs, where that is certain.
    always: Option<usize>,
}

/// A condition whose end has not been found.
#[derive(Debug)]
struct Open {
    condition: Condition,
    is_case: bool,
    /// Start of the current branch. `None` in the commands of the condition itself.
    branch: Option<usize>,
    /// Start of the commands of the condition.
    test: usize,
    /// Every branch before this one never runs.
    is_decidable: bool,
}

/// Finds the conditions of a script, in the order of their starts. One without an end is left out.
fn conditions(script: &str) -> Vec<Condition> {
    let bodies = here_documents(script);
    let mut bodies = bodies.iter().map(|body| body.span).peekable();
    let mut reader = Reader {
        script,
        at: 0,
        is_command: true,
        open: Vec::new(),
        found: Vec::new(),
        branches: 0,
    };
    while let Some(byte) = script.as_bytes().get(reader.at).copied() {
        if let Some(body) = bodies.next_if(|body| body.start <= reader.at) {
            reader.at = reader.at.max(body.end);
            continue;
        }
        let is_over = reader.branches > MAX_BRANCHES || reader.open.len() > MAX_DEPTH;
        if is_over || !reader.step(byte) {
            break;
        }
    }
    let mut found = reader.found;
    found.sort_by_key(|condition| condition.start);
    found
}

struct Reader<'s> {
    script: &'s str,
    at: usize,
    /// The next word is that of a command, or reserved.
    is_command: bool,
    open: Vec<Open>,
    found: Vec<Condition>,
    branches: usize,
}

impl Reader<'_> {
    /// Reads the next token. Returns `false` if a quote is not closed.
    fn step(&mut self, byte: u8) -> bool {
        let rest = self.script.get(self.at..).unwrap_or_default();
        match byte {
            b'\'' => match rest.get(1..).and_then(|inner| inner.find('\'')) {
                Some(end) => self.at += end + 2,
                None => return false,
            },
            b'"' => match end_of_double(rest) {
                Some(end) => self.at += end,
                None => return false,
            },
            b'#' if self.is_after_space() => self.at += rest.find('\n').unwrap_or(rest.len()),
            b'\\' => self.at += 1 + rest.chars().nth(1).map_or(0, char::len_utf8),
            b';' if rest.starts_with(";;") => self.end_pattern(),
            b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'`' => {
                self.at += 1;
                self.is_command = true;
                return true;
            }
            b' ' | b'\t' | b'\r' => {
                self.at += 1;
                return true;
            }
            _ => {
                self.word(rest);
                return true;
            }
        }
        self.is_command &=
            matches!(byte, b'#') || rest.starts_with("\\\n") || rest.starts_with(";;");
        true
    }

    fn is_after_space(&self) -> bool {
        let before = self.script.get(..self.at).unwrap_or_default();
        before.is_empty() || before.ends_with(|c: char| c.is_whitespace() || c == ';')
    }

    fn word(&mut self, rest: &str) {
        let is_end = |c: char| c.is_whitespace() || ";&|()`'\"\\#".contains(c);
        let end = rest.find(is_end).unwrap_or(rest.len());
        // A number sign in a word.
        let end = end.max(rest.chars().next().map_or(1, char::len_utf8));
        let word = rest.get(..end).unwrap_or_default();
        let span = Span::new(self.at, self.at + end);
        self.at += end;
        if !self.is_command {
            if word == "in"
                && self
                    .open
                    .last()
                    .is_some_and(|open| open.is_case && open.branch.is_none())
            {
                self.begin_branch(span);
                self.is_command = true;
            }
            return;
        }
        self.is_command = matches!(
            word,
            "if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "{"
        );
        match word {
            "if" | "case" if self.found.len() + self.open.len() < MAX_CONDITIONS => {
                self.open.push(Open {
                    condition: Condition {
                        start: span.start,
                        keywords: vec![span],
                        ..Condition::default()
                    },
                    is_case: word == "case",
                    branch: None,
                    test: span.end,
                    is_decidable: true,
                });
            }
            "then" if self.is_in(false) => self.begin_branch(span),
            "elif" | "else" if self.is_in(false) => {
                self.end_branch(span.start);
                self.keyword(span);
                if word == "else" {
                    self.begin_else(span);
                } else if let Some(open) = self.open.last_mut() {
                    open.test = span.end;
                }
            }
            "fi" if self.is_in(false) => self.close(span),
            "esac" if self.is_in(true) => self.close(span),
            _ => {}
        }
    }

    /// Returns whether the innermost condition is of a kind: `case`, or `if`.
    fn is_in(&self, is_case: bool) -> bool {
        self.open.last().is_some_and(|open| open.is_case == is_case)
    }

    fn keyword(&mut self, span: Span) {
        if let Some(open) = self.open.last_mut() {
            open.condition.keywords.push(span);
        }
    }

    /// Begins the branch behind `then`, or the first pattern behind `in`.
    fn begin_branch(&mut self, keyword: Span) {
        self.keyword(keyword);
        let script = self.script;
        let Some(open) = self.open.last_mut() else {
            return;
        };
        open.branch = Some(keyword.end);
        let test = script.get(open.test..keyword.start).unwrap_or_default();
        let index = open.condition.branches.len();
        match test.trim_matches(|c: char| c.is_whitespace() || c == ';') {
            _ if open.is_case => open.is_decidable = false,
            "true" | ":" if open.is_decidable => {
                open.condition.always.get_or_insert(index);
            }
            "false" => {}
            _ => open.is_decidable = false,
        }
    }

    fn begin_else(&mut self, keyword: Span) {
        if let Some(open) = self.open.last_mut() {
            open.branch = Some(keyword.end);
            if open.is_decidable {
                let index = open.condition.branches.len();
                open.condition.always.get_or_insert(index);
            }
        }
    }

    fn end_branch(&mut self, at: usize) {
        self.branches += 1;
        if let Some(open) = self.open.last_mut()
            && let Some(start) = open.branch.take()
        {
            open.condition.branches.push(Span::new(start, at));
        }
    }

    /// Ends the commands of a pattern of `case`.
    fn end_pattern(&mut self) {
        if self.is_in(true) {
            self.end_branch(self.at);
            if let Some(open) = self.open.last_mut() {
                open.branch = Some(self.at + 2);
            }
        }
        self.at += 2;
        self.is_command = true;
    }

    fn close(&mut self, keyword: Span) {
        self.end_branch(keyword.start);
        self.keyword(keyword);
        self.found
            .extend(self.open.pop().map(|open| open.condition));
    }
}

/// Returns the offset after the quote that closes the one that a text begins with.
fn end_of_double(text: &str) -> Option<usize> {
    let mut at = 1;
    loop {
        let rest = text.get(at..)?;
        at += rest.find(['"', '\\'])?;
        if text.get(at..)?.starts_with('"') {
            return Some(at + 1);
        }
        at += 1 + text.get(at + 1..)?.chars().next()?.len_utf8();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Values of the audit flags that are left of a script, and the number of notes.
    fn left(script: &str) -> (Vec<String>, usize) {
        let chosen = choose(script);
        assert_eq!(chosen.text.len(), script.len());
        let values = chosen.text.split("--audit-log-path=").skip(1);
        let word = |text: &str| {
            text.split([' ', '\n', ';', '"', '\''])
                .next()
                .unwrap()
                .to_owned()
        };
        (values.map(word).collect(), chosen.notes.len())
    }

    #[test]
    fn one_branch_of_each_condition_is_left() {
        for (script, paths, notes) in [
            (
                "if a; then x --audit-log-path=1; else x --audit-log-path=2; fi",
                vec!["1"],
                2,
            ),
            (
                "if a\nthen\n  x --audit-log-path=1\nelif b; then\n  x --audit-log-path=2\nelse\n  x --audit-log-path=3\nfi\ny --audit-log-path=4",
                vec!["1", "4"],
                3,
            ),
            ("if a; then x; else x --audit-log-path=2; fi", vec!["2"], 1),
            ("if a; then x --audit-log-path=1; fi", vec!["1"], 1),
            (
                "if true; then x --audit-log-path=1; else x --audit-log-path=2; fi",
                vec!["1"],
                0,
            ),
            (
                "if false; then x --audit-log-path=1; else x --audit-log-path=2; fi",
                vec!["2"],
                0,
            ),
            (
                "case $1 in\na) x --audit-log-path=1 ;;\n*) x --audit-log-path=2 ;;\nesac",
                vec!["1"],
                2,
            ),
            (
                "case \"$1\" in a|b) x --audit-log-path=1;; c) x --audit-log-path=2; esac",
                vec!["1"],
                2,
            ),
            (
                "if a; then if b; then x --audit-log-path=1; else x --audit-log-path=2; fi; else x --audit-log-path=3; fi",
                vec!["1"],
                4,
            ),
            (
                "if a; then x; else if b; then x --audit-log-path=1; else x --audit-log-path=2; fi; fi",
                vec!["1"],
                3,
            ),
            (
                "if a; then F=\"--audit-log-path=1\"; else F='--audit-log-path=2'; fi",
                vec!["1"],
                2,
            ),
            (
                "if a; then cat <<EOF\nelse 'fi\nEOF\nx --audit-log-path=1; else x --audit-log-path=2; fi",
                vec!["1"],
                2,
            ),
            // Not conditions.
            (
                "echo if then --audit-log-path=1 else --audit-log-path=2 fi",
                vec!["1", "2"],
                0,
            ),
            (
                "x --audit-log-path=1 # if it is, then\nx --audit-log-path=2",
                vec!["1", "2"],
                0,
            ),
            ("if a; then x --audit-log-path=1", vec!["1"], 0),
            (
                "if a; then x --audit-log-path=1; else 'x --audit-log-path=2; fi",
                vec!["1", "2"],
                0,
            ),
        ] {
            let expected = paths.iter().map(|path| (*path).to_owned()).collect();
            assert_eq!(left(script), (expected, notes), "{script}");
        }
    }
}
