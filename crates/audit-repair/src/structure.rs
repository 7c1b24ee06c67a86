//! Restores the structure of a policy: each line gets the column that the schema gives it.
//!
//! Lines are read from the first to the last. A line that is printed where it can be a part of an open object stays there; another one is
//! moved to the one open object that has such a field. A line with two readings becomes a question, and one without any stays as it is.

use crate::lines::Line;
use crate::placer::{Placer, Row, Waiting};
use crate::record::Record;
use crate::token::{Content, is_known};
use crate::types::{Answer, Change, ChangeKind, Question, Understanding};

/// A text with its structure restored.
pub(crate) struct Structure {
    pub(crate) lines: Vec<Line>,
    pub(crate) changes: Vec<Change>,
    pub(crate) questions: Vec<Question>,
    pub(crate) understanding: Understanding,
    /// `false` for a document of another kind, and for a text without a rule.
    pub(crate) is_policy: bool,
}

/// Restores the structure of a policy.
pub(crate) fn restore(lines: &[Line], answers: &[Answer]) -> Structure {
    let mut placer = Placer::new(lines, answers);
    for index in 0..lines.len() {
        if let Some(row) = placer.row(index) {
            placer.line(row);
        }
    }
    placer.finish()
}

impl Placer<'_> {
    fn line(&mut self, row: Row<'_>) {
        let Row { line, token, .. } = row;
        if self.is_ended || self.continues_flow(row) {
            return self.verbatim(line);
        }
        match token.content {
            Content::Blank | Content::Comment if token.dashes == 0 => {
                self.waiting.push(Waiting {
                    line: line.clone(),
                    is_comment: token.content == Content::Comment,
                });
            }
            Content::Marker => {
                self.is_ended = !self.is_empty();
                self.verbatim(line);
                self.start = self.out.len();
            }
            _ if self.is_in_metadata(row) => {}
            _ if token.dashes > 0 => self.item(row),
            Content::Key { .. } => self.key(row),
            Content::Text(_) => self.text(row),
            Content::Blank | Content::Comment => self.verbatim(line),
        }
    }

    /// Returns `true` if nothing of the policy is written yet.
    fn is_empty(&self) -> bool {
        let has_key = ["apiVersion", "kind", "omitStages"]
            .iter()
            .any(|name| self.policy.has(name));
        self.rules_key.is_none() && !has_key
    }

    /// Returns `true` for a line of an open flow list.
    fn continues_flow(&mut self, row: Row<'_>) -> bool {
        let Some((flow, start)) = &mut self.flow else {
            return false;
        };
        if !flow.is_mapping() && is_known(row.name) {
            let reason = "a bracket or a quote is not closed".to_owned();
            self.record.unplaced(*start, reason);
            self.flow = None;
            return false;
        }
        flow.read(&row.line.text);
        if !flow.is_open() {
            self.flow = None;
        }
        true
    }

    fn finish(mut self) -> Structure {
        if let Some((_, start)) = self.flow.take() {
            let reason = "a bracket or a quote is not closed".to_owned();
            self.record.unplaced(start, reason);
        }
        self.flush(None);
        // A text without a level may be the start of a policy, if it has its first line.
        let is_policy = !self.is_other_kind && (self.has_level || self.policy.has("apiVersion"));
        if is_policy && self.has_level {
            self.insert_header();
        }
        let Record {
            changes,
            questions,
            understanding,
            ..
        } = self.record.finish();
        Structure {
            lines: self.out,
            changes,
            questions,
            understanding,
            is_policy,
        }
    }

    /// Inserts `apiVersion` and `kind` if they are missing.
    fn insert_header(&mut self) {
        let header = [("apiVersion", "audit.k8s.io/v1"), ("kind", "Policy")];
        let missing: Vec<_> = header
            .into_iter()
            .filter(|(name, _)| !self.policy.has(name))
            .collect();
        let number = self.out.get(self.start).map_or(1, |line| line.number);
        let out = self.policy.column.out;
        for (name, value) in missing.iter().rev() {
            self.insert(self.start, number, format!("{:out$}{name}: {value}", ""));
        }
        let names: Vec<String> = missing
            .iter()
            .map(|(name, _)| format!("`{name}`"))
            .collect();
        if !names.is_empty() {
            let sentence = format!("insert {} at the start", names.join(" and "));
            self.record.add(ChangeKind::Header, number, sentence);
        }
    }
}
