//! Records what a repair changes, asks and cannot place.

use audit_types::excerpt::quote;

use crate::types::{Change, ChangeKind, Question, Understanding, Unplaced};

/// Object to which a line is moved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    Policy,
    Metadata,
    /// A rule, by its number from 1.
    Rule(usize),
    /// Items of a list.
    Items(String),
}

/// Lines that were moved to one target.
#[derive(Debug)]
struct Move {
    first: usize,
    last: usize,
    target: Target,
    /// Distinct names: at most one more than a sentence has.
    names: Vec<String>,
}

impl Move {
    /// Adds a name that the sentence has, or that makes it say that there are others.
    fn add_name(&mut self, name: &str) {
        let is_full = self.names.len() > MAX_NAMES;
        if !is_full && !name.is_empty() && !self.names.iter().any(|known| known == name) {
            self.names.push(name.to_owned());
        }
    }
}

/// Everything that is reported about a repair.
#[derive(Debug, Default)]
pub(crate) struct Record {
    pub(crate) changes: Vec<Change>,
    pub(crate) questions: Vec<Question>,
    pub(crate) understanding: Understanding,
    open: Option<Move>,
}

/// Maximum number of names in a sentence.
const MAX_NAMES: usize = 4;

impl Record {
    /// Returns the number of rules so far.
    pub(crate) const fn rules(&self) -> usize {
        self.understanding.rules
    }

    /// Counts a rule.
    pub(crate) const fn begin_rule(&mut self) {
        self.understanding.rules += 1;
    }

    /// Records a change of one line.
    pub(crate) fn add(&mut self, kind: ChangeKind, line: usize, sentence: String) {
        self.changes.push(Change {
            kind,
            first_line: line,
            last_line: line,
            sentence,
        });
    }

    /// Records a line that is moved. Lines that are moved to the same rule are one change.
    pub(crate) fn moved(&mut self, line: usize, target: Target, name: &str) {
        if let (Some(open), Target::Items(_)) = (&mut self.open, &target) {
            // Items go with their key.
            open.last = line;
            return;
        }
        if self.open.as_ref().is_none_or(|open| open.target != target) {
            self.close();
            self.open = Some(Move {
                first: line,
                last: line,
                target,
                names: Vec::new(),
            });
        }
        if let Some(open) = &mut self.open {
            open.last = line;
            open.add_name(name);
        }
    }

    fn close(&mut self) {
        let Some(moved) = self.open.take() else {
            return;
        };
        let mut names: Vec<String> = moved
            .names
            .iter()
            .take(MAX_NAMES)
            .map(|name| quote(name))
            .collect();
        if moved.names.len() > MAX_NAMES {
            names.push("others".to_owned());
        }
        let names = match names.as_slice() {
            [] => "lines".to_owned(),
            [name] => name.clone(),
            [names @ .., last] => format!("{} and {last}", names.join(", ")),
        };
        let parts = if moved.names.len() == 1 {
            "a part"
        } else {
            "parts"
        };
        let target = match moved.target {
            Target::Policy => format!("{parts} of the policy"),
            Target::Metadata => format!("{parts} of `metadata`"),
            Target::Rule(number) => format!("{parts} of rule {number}"),
            Target::Items(name) => format!("items of {}", quote(&name)),
        };
        self.changes.push(Change {
            kind: ChangeKind::Indentation,
            first_line: moved.first,
            last_line: moved.last,
            sentence: format!("indent {names} as {target}"),
        });
    }

    /// Records a question.
    pub(crate) fn question(&mut self, question: Question) {
        self.questions.push(question);
    }

    /// Records a line that has no place.
    pub(crate) fn unplaced(&mut self, line: usize, reason: String) {
        self.understanding.unplaced.push(Unplaced { line, reason });
    }

    /// Completes the record.
    pub(crate) fn finish(mut self) -> Self {
        self.close();
        self.understanding
            .unplaced
            .sort_by_key(|unplaced| unplaced.line);
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sentence_has_few_names_and_no_more_are_kept() {
        for (count, sentence) in [
            (0, "indent lines as parts of rule 1"),
            (1, "indent `a0` as a part of rule 1"),
            (2, "indent `a0` and `a1` as parts of rule 1"),
            (4, "indent `a0`, `a1`, `a2` and `a3` as parts of rule 1"),
            (
                5,
                "indent `a0`, `a1`, `a2`, `a3` and others as parts of rule 1",
            ),
            (
                10_000,
                "indent `a0`, `a1`, `a2`, `a3` and others as parts of rule 1",
            ),
        ] {
            let mut record = Record::default();
            record.moved(1, Target::Rule(1), "");
            for _ in 0..2 {
                for index in 0..count {
                    record.moved(index + 2, Target::Rule(1), &format!("a{index}"));
                }
            }
            let kept = record.open.as_ref().map_or(0, |open| open.names.len());
            assert_eq!(kept, count.min(MAX_NAMES + 1));
            let changes = record.finish().changes;
            let sentences: Vec<&str> = changes.iter().map(|change| &*change.sentence).collect();
            assert_eq!(sentences, [sentence], "{count}");
        }
    }
}
