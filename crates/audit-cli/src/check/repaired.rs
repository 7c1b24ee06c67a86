//! Damage of policies that were copied from slides, web pages and chats, and its repair.

use std::io::Write;

use audit_policy::KubernetesVersion;
use audit_repair::{Change, Options, Question, Repair, repair};
use audit_types::Span;
use serde::Serialize;

use crate::error::Result;
use crate::file_name::FileName;
use crate::terminal::{Role, Style, safe};

/// A damaged policy with its repair.
pub(super) struct RepairedPolicy {
    pub(super) repair: Repair,
    /// The policy in the file.
    pub(super) span: Span,
    /// Number of lines of the file before the policy.
    lines_before: usize,
}

impl RepairedPolicy {
    /// Repairs the policy at a span of a file. `None` if it does not look damaged.
    pub(super) fn of(file: &str, span: Span, version: KubernetesVersion) -> Option<Self> {
        let source = file.get(span.start..span.end)?;
        let options = Options {
            version,
            ..Options::default()
        };
        let repair = repair(source, &options);
        repair.is_damaged().then(|| Self {
            repair,
            span,
            lines_before: file
                .get(..span.start)
                .unwrap_or_default()
                .matches('\n')
                .count(),
        })
    }

    fn lines(&self, change: &Change) -> (usize, usize) {
        let of_file = |line| line + self.lines_before;
        (of_file(change.first_line), of_file(change.last_line))
    }

    /// Returns a line per change.
    pub(super) fn changes(&self, file: &FileName) -> Vec<String> {
        let changes = self.repair.changes.iter().map(|change| {
            let (line, _) = self.lines(change);
            format!("{file}:{line}: repaired: {}", change.sentence)
        });
        changes.collect()
    }

    /// Returns a line per question, and per line that could not be placed.
    pub(super) fn open(&self, file: &FileName) -> Vec<String> {
        let questions = self.repair.questions.iter().map(|question| {
            let line = question.line + self.lines_before;
            format!("{file}:{line}: not repaired: {}", readings(question))
        });
        let understanding = self.repair.outcome.understanding();
        let unplaced = understanding.into_iter().flat_map(|found| &found.unplaced);
        let unplaced = unplaced.map(|unplaced| {
            let line = unplaced.line + self.lines_before;
            format!("{file}:{line}: not repaired: {}", unplaced.reason)
        });
        questions.chain(unplaced).collect()
    }

    /// Prints what can be repaired.
    pub(super) fn print(&self, style: Style, out: &mut impl Write) -> Result {
        let Some(headline) = self.repair.headline() else {
            return Ok(());
        };
        let headline = style.paint(Role::Warning, &safe(&headline));
        writeln!(out, "\n{headline}")?;
        for change in &self.repair.changes {
            let lines = match self.lines(change) {
                (first, last) if first == last => format!("line {first}"),
                (first, last) => format!("lines {first} to {last}"),
            };
            writeln!(out, "  {lines}: {}", safe(&change.sentence))?;
        }
        for question in &self.repair.questions {
            let line = question.line + self.lines_before;
            writeln!(out, "  line {line}: {}", safe(&readings(question)))?;
        }
        let understanding = self.repair.outcome.understanding();
        for unplaced in understanding.into_iter().flat_map(|found| &found.unplaced) {
            let line = unplaced.line + self.lines_before;
            writeln!(out, "  line {line}: {}", safe(&unplaced.reason))?;
        }
        if !self.repair.changes.is_empty() {
            let help = "`--fix` repairs it, `--fix --diff` shows the changes first";
            writeln!(out, "  = help: {help}")?;
        }
        Ok(())
    }
}

/// Returns a question with its readings in a sentence.
fn readings(question: &Question) -> String {
    let readings = question
        .readings
        .iter()
        .map(|reading| reading.label.as_str());
    let readings: Vec<&str> = readings.collect();
    format!(
        "{}; it can be {}: edit the line to decide",
        question.sentence,
        readings.join(", or ")
    )
}

/// The repair in JSON.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct RepairReport<'a> {
    outcome: &'static str,
    /// Understanding of a text that the server rejects nevertheless.
    understood: Option<String>,
    changes: Vec<ChangeReport<'a>>,
    questions: Vec<QuestionReport<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ChangeReport<'a> {
    kind: &'static str,
    first_line: usize,
    last_line: usize,
    message: &'a str,
}

#[derive(Serialize)]
struct QuestionReport<'a> {
    line: usize,
    message: &'a str,
    readings: Vec<ReadingReport<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ReadingReport<'a> {
    label: &'a str,
    text: &'a str,
    as_printed: bool,
}

impl<'a> RepairReport<'a> {
    pub(super) fn of(repaired: &'a RepairedPolicy) -> Self {
        let repair = &repaired.repair;
        let changes = repair.changes.iter().map(|change| {
            let (first_line, last_line) = repaired.lines(change);
            ChangeReport {
                kind: change.kind.name(),
                first_line,
                last_line,
                message: &change.sentence,
            }
        });
        let questions = repair.questions.iter().map(|question| {
            let readings = question.readings.iter().map(|reading| ReadingReport {
                label: &reading.label,
                text: &reading.text,
                as_printed: reading.is_as_printed,
            });
            QuestionReport {
                line: question.line + repaired.lines_before,
                message: &question.sentence,
                readings: readings.collect(),
            }
        });
        let understanding = repair.outcome.understanding();
        Self {
            outcome: repair.outcome.name(),
            understood: understanding.map(audit_repair::Understanding::sentence),
            changes: changes.collect(),
            questions: questions.collect(),
        }
    }
}
