//! Writes the lines of a policy, each in the column that it should have.

use audit_policy::{FieldForm, PolicyObject};
use audit_types::excerpt::quote;

use crate::context::{Column, Context};
use crate::lines::{Line, usual_end};
use crate::outline::Outline;
use crate::record::{Record, Target};
use crate::token::{Content, Flow, Token};
use crate::types::{Answer, ChangeKind, Question};

/// A line of the source with its tokens.
#[derive(Clone, Copy)]
pub(crate) struct Row<'t> {
    pub(crate) index: usize,
    pub(crate) line: &'t Line,
    pub(crate) token: Token<'t>,
    /// Name of the key. Empty without one.
    pub(crate) name: &'t str,
    /// Value of the key, or the text without a key.
    pub(crate) value: &'t str,
}

/// The rule that is open.
pub(crate) struct Rule {
    pub(crate) context: Context,
    /// Its `resources` key, while entries can be added.
    pub(crate) list: Option<Column>,
    /// Dashes of the entries.
    pub(crate) items: Option<Column>,
    /// The entry that is open.
    pub(crate) group: Option<Context>,
}

/// A key without a value on its line.
#[derive(Clone)]
pub(crate) struct OpenKey {
    pub(crate) name: String,
    pub(crate) form: Option<FieldForm>,
    pub(crate) column: Column,
    /// Index of its line in the output.
    pub(crate) line: usize,
    pub(crate) has_comment: bool,
    /// Dashes of its items.
    pub(crate) items: Option<Column>,
}

/// A line whose column depends on the next one.
pub(crate) struct Waiting {
    pub(crate) line: Line,
    pub(crate) is_comment: bool,
}

/// Reads the lines of a text, and writes them with the columns that they should have.
pub(crate) struct Placer<'t> {
    pub(crate) lines: &'t [Line],
    answers: &'t [Answer],
    pub(crate) outline: Outline<'t>,
    pub(crate) out: Vec<Line>,
    pub(crate) record: Record,
    pub(crate) waiting: Vec<Waiting>,
    pub(crate) policy: Context,
    /// Column of the `rules` key.
    pub(crate) rules_key: Option<Column>,
    /// Dashes of the rules.
    pub(crate) rules: Option<Column>,
    pub(crate) is_in_rules: bool,
    pub(crate) rule: Option<Rule>,
    pub(crate) open: Option<OpenKey>,
    /// The open flow list and the number of the line that begins it.
    pub(crate) flow: Option<(Flow, usize)>,
    /// Column of the `metadata` key, inside it. `true` below a map of its fields.
    pub(crate) metadata: Option<(Column, bool)>,
    /// Index in the output behind the marker at the start.
    pub(crate) start: usize,
    pub(crate) is_ended: bool,
    /// `true` if a part of a rule was not in the column of its object.
    pub(crate) is_lost: bool,
    pub(crate) is_other_kind: bool,
    pub(crate) has_level: bool,
}

impl<'t> Placer<'t> {
    pub(crate) fn new(lines: &'t [Line], answers: &'t [Answer]) -> Self {
        let outline = Outline::new(lines);
        let base = outline.base.unwrap_or(0);
        let column = Column {
            printed: base,
            out: base,
        };
        Self {
            lines,
            answers,
            outline,
            out: Vec::with_capacity(lines.len() + 4),
            record: Record::default(),
            waiting: Vec::new(),
            policy: Context::new(PolicyObject::Policy, column),
            rules_key: None,
            rules: None,
            is_in_rules: false,
            rule: None,
            open: None,
            flow: None,
            metadata: None,
            start: 0,
            is_ended: false,
            is_lost: false,
            is_other_kind: false,
            has_level: false,
        }
    }

    /// Returns a line with its tokens.
    pub(crate) fn row(&self, index: usize) -> Option<Row<'t>> {
        let line = self.lines.get(index)?;
        let token = *self.outline.tokens.get(index)?;
        let (name, value) = match token.content {
            Content::Key { name, value, .. } => (name, value),
            Content::Text(text) => ("", text),
            _ => ("", ""),
        };
        Some(Row {
            index,
            line,
            token,
            name,
            value,
        })
    }

    /// Writes a line as it is.
    pub(crate) fn verbatim(&mut self, line: &Line) {
        self.flush(None);
        self.out.push(line.clone());
    }

    /// Writes the lines that wait. Comments in the column of the next line are moved with it.
    pub(crate) fn flush(&mut self, next: Option<Column>) {
        for Waiting {
            mut line,
            is_comment,
        } in self.waiting.drain(..)
        {
            if let Some(next) = next.filter(|next| is_comment && line.indent() == next.printed) {
                let text = line.text.trim_start();
                line.text = format!("{:width$}{text}", "", width = next.out);
            }
            self.out.push(line);
        }
    }

    /// Writes a line of the policy in its column. `dash` is the number of columns from a dash to the text.
    pub(crate) fn write(&mut self, row: Row<'_>, dash: Option<usize>, out: usize, target: Target) {
        let Row { line, token, .. } = row;
        self.flush(Some(Column {
            printed: token.column,
            out,
        }));
        if token.column != out {
            self.record.moved(line.number, target, row.name);
        }
        let is_tight = matches!(token.content, Content::Key { is_tight: true, .. });
        let has_dashes = token.dashes == usize::from(dash.is_some());
        self.record_signs(row, dash.is_some(), is_tight);
        let is_spaced = !is_tight && !token.is_tight_dash;
        let mut written = line.clone();
        if token.column != out || !has_dashes || !is_spaced {
            let dash = dash.map_or_else(String::new, |offset| format!("{:offset$}", "-"));
            let text = if is_tight {
                token.text.replacen(':', ": ", 1)
            } else {
                token.text.to_owned()
            };
            written.text = format!("{:out$}{dash}{text}", "");
        }
        self.out.push(written);
    }

    /// Records dashes and spaces that are added or removed.
    fn record_signs(&mut self, row: Row<'_>, has_dash: bool, is_tight: bool) {
        let Row { line, token, .. } = row;
        let dashes = usize::from(has_dash);
        if token.dashes > dashes {
            let sentence = format!("remove a dash too many before {}", quote(token.text));
            self.record.add(ChangeKind::ListDash, line.number, sentence);
        } else if token.dashes < dashes {
            let sentence = format!("add the dash before {}", quote(token.text));
            self.record.add(ChangeKind::ListDash, line.number, sentence);
        }
        if is_tight || token.is_tight_dash {
            let sign = if is_tight { "colon" } else { "dash" };
            let text = quote(line.text.trim());
            let sentence = format!("add the space after the {sign} in {text}");
            self.record
                .add(ChangeKind::LostSpace, line.number, sentence);
        }
    }

    /// Inserts a line at an index of the output.
    pub(crate) fn insert(&mut self, at: usize, number: usize, text: String) {
        let line = Line {
            number,
            text,
            end: usual_end(self.lines),
        };
        self.out.insert(at.min(self.out.len()), line);
    }

    /// Writes a line that has no place as it is.
    pub(crate) fn unplaced(&mut self, row: Row<'_>, reason: String) {
        self.record.unplaced(row.line.number, reason);
        self.open = None;
        self.verbatim(row.line);
    }

    /// Returns the answer to a question. Without one, the question is recorded.
    pub(crate) fn answer(&mut self, question: Question) -> Option<usize> {
        let answer = question.chosen(self.answers);
        if answer.is_none() {
            self.record.question(question);
        }
        answer
    }

    /// Notes a value that goes on in the next lines.
    pub(crate) fn begin_flow(&mut self, value: &str, number: usize) {
        let flow = Flow::of(value);
        self.flow = flow.is_open().then_some((flow, number));
    }
}
