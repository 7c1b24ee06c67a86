//! Findings with their places and fixes, and the limits on how many there are.

use std::collections::HashMap;

use crate::finding::{Edit, Finding, Fix, Path, Severity};
use crate::load::Loaded;
use crate::span::Span;

/// Findings listed of one code; the last one says how many more there are.
const LISTED: usize = 100;

/// Bytes of the user's text that a message quotes.
const QUOTED: usize = 80;

/// Collects findings.
pub(super) struct Report<'a> {
    loaded: &'a Loaded,
    findings: Vec<Finding>,
    counts: HashMap<&'static str, usize>,
    /// Where the source's lines end.
    line_ends: Vec<usize>,
}

/// A finding without its place.
#[derive(Clone)]
pub(super) struct Claim {
    /// The code.
    pub code: &'static str,
    /// How much it matters.
    pub severity: Severity,
    /// One sentence.
    pub message: String,
    /// What to do.
    pub help: String,
}

impl<'a> Report<'a> {
    pub fn new(loaded: &'a Loaded) -> Self {
        Self {
            loaded,
            findings: Vec::new(),
            counts: HashMap::new(),
            line_ends: loaded.text.match_indices('\n').map(|(at, _)| at).collect(),
        }
    }

    /// Adds a claim about the value at the path.
    pub fn say(&mut self, path: Path, claim: Claim, fix: Option<Fix>) {
        if self.has_room(claim.code) {
            let span = self.place(&path);
            self.add(path, span, claim, fix);
        }
    }

    /// Adds a claim about a rule as a whole, and points at its first line.
    pub fn say_of_rule(&mut self, rule: usize, claim: Claim) {
        if self.has_room(claim.code) {
            let path = Path::rule(rule);
            let whole = self.place(&path);
            let text = self.loaded.text.get(whole.start..whole.end);
            let line = text.and_then(|text| text.split(['\n', '\r']).next());
            let length = line.map_or(0, |line| line.trim_end().len());
            self.add(
                path,
                Span::new(whole.start, whole.start + length),
                claim,
                None,
            );
        }
    }

    /// Adds a claim about a field, and points at its key.
    pub fn say_of_key(&mut self, path: Path, claim: Claim, fix: Option<Fix>) {
        if self.has_room(claim.code) {
            let key = self.loaded.locate(&path).and_then(|located| located.key);
            let span = key.unwrap_or_else(|| self.place(&path));
            self.add(path, span, claim, fix);
        }
    }

    /// Counts a claim whose making would be wasted effort; false where it would be listed.
    pub fn only_counts(&mut self, code: &'static str) -> bool {
        let count = self.counts.entry(code).or_default();
        let is_full = *count >= LISTED;
        *count += usize::from(is_full);
        is_full
    }

    /// Counts a claim, and says whether it is listed.
    fn has_room(&mut self, code: &'static str) -> bool {
        let count = self.counts.entry(code).or_default();
        *count += 1;
        *count <= LISTED
    }

    fn add(&mut self, path: Path, span: Span, claim: Claim, fix: Option<Fix>) {
        self.findings.push(Finding {
            code: claim.code,
            severity: claim.severity,
            message: claim.message,
            path,
            span,
            help: claim.help,
            fix,
        });
    }

    /// Where a value stands; where the source does not spell it, what it is in.
    fn place(&self, path: &Path) -> Span {
        let mut path = path.clone();
        loop {
            if let Some(located) = self.loaded.locate(&path) {
                return located.value;
            }
            if path.0.pop().is_none() {
                return Span::default();
            }
        }
    }

    /// The line of a rule, from 1; none where the source does not spell it.
    pub fn line_of_rule(&self, rule: usize) -> Option<usize> {
        let start = self.loaded.locate(&Path::rule(rule))?.value.start;
        Some(1 + self.line_ends.partition_point(|end| *end < start))
    }

    /// Whether the source does not spell the value.
    pub fn is_absent(&self, path: &Path) -> bool {
        self.loaded.locate(path).is_none()
    }

    /// The findings by place.
    pub fn finish(mut self) -> Vec<Finding> {
        for (code, count) in &self.counts {
            let more = count.saturating_sub(LISTED);
            let last = self
                .findings
                .iter_mut()
                .rfind(|finding| finding.code == *code);
            if let (1.., Some(last)) = (more, last) {
                last.help = format!("{}; {more} more of this kind are not listed", last.help);
            }
        }
        self.findings
            .sort_by(|a, b| (a.span.start, a.code).cmp(&(b.span.start, b.code)));
        self.findings
    }

    /// Replaces a string of the source by another of plain letters; none where it is not spelt there as it is held.
    pub fn replace(&self, path: &Path, old: &str, new: &str, title: String) -> Option<Fix> {
        let span = self.loaded.locate(path)?.value;
        let spelt = self.loaded.text.get(span.start..span.end)?;
        let quote = spelt
            .chars()
            .next()
            .filter(|quote| matches!(quote, '"' | '\''));
        let text = match quote {
            Some(quote) if spelt.strip_prefix(quote)?.strip_suffix(quote)? == old => {
                format!("{quote}{new}{quote}")
            }
            None if spelt == old && !old.is_empty() => {
                if new.is_empty() || new.contains('*') {
                    format!("\"{new}\"")
                } else {
                    new.to_owned()
                }
            }
            _ => return None,
        };
        Some(Fix {
            title,
            edits: vec![Edit { span, text }],
        })
    }

    /// Empties a list, so that it asks for nothing; none where a comment or an anchor would be lost.
    pub fn empty_list(&self, path: &Path, title: String) -> Option<Fix> {
        let located = self.loaded.locate(path)?;
        let span = Span::new(located.key?.end, located.value.end);
        let old = self.loaded.text.get(span.start..span.end)?;
        if !old.trim_start().starts_with(':') || old.contains(['#', '&', '\\']) {
            return None;
        }
        Some(Fix {
            title,
            edits: vec![Edit {
                span,
                text: ": []".to_owned(),
            }],
        })
    }

    /// Inserts a field before another one of the same mapping, in the layout that the source has there.
    pub fn insert_before(&self, path: &Path, yaml: &str, json: &str, title: String) -> Option<Fix> {
        let at = self.loaded.locate(path)?.key?.start;
        let text = &self.loaded.text;
        let before = text.get(..at)?;
        let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
        let inserted = if line.chars().all(|c| matches!(c, ' ' | '-')) {
            format!("{yaml}\n{}", " ".repeat(line.len()))
        } else if before.trim_end().ends_with(['{', ',']) {
            let field = if text.get(at..)?.starts_with('"') {
                json
            } else {
                yaml
            };
            format!("{field}, ")
        } else {
            return None;
        };
        Some(Fix {
            title,
            edits: vec![Edit {
                span: Span::new(at, at),
                text: inserted,
            }],
        })
    }
}

/// The user's text in backticks: one line, not too long.
pub(super) fn tick(text: &str) -> String {
    let mut shown = String::from("`");
    for character in text.chars() {
        if shown.len() > QUOTED {
            shown.push('…');
            break;
        }
        if character.is_control() || character == '`' {
            shown.extend(character.escape_unicode());
        } else {
            shown.push(character);
        }
    }
    shown.push('`');
    shown
}

/// Words as a list in prose: "a", "a and b", "a, b and c".
pub(super) fn and(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [one] => one.clone(),
        [most @ .., last] => format!("{} and {last}", most.join(", ")),
    }
}

/// A rule as messages have it: counted from 1, as the editor's gutter and the tables do.
pub(super) fn rule_name(rule: usize) -> String {
    format!("rule {}", rule + 1)
}
