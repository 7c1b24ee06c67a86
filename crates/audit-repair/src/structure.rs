//! Restores the structure of a policy: each line gets the column that the schema gives it.
//!
//! Lines are read from the first to the last. A line that is printed where it can be a part of an open object stays there; another one is
//! moved to the one open object that has such a field. What has two readings is asked, and what has none is left as it is.

use audit_policy::{FieldForm, PolicyObject};
use audit_types::excerpt::quote;

use crate::context::{Choice, Column, Context, Key, Open, Place};
use crate::lines::{Line, usual_end};
use crate::outline::Outline;
use crate::record::{Record, Target};
use crate::token::{Content, Flow, Token, ValueForm, is_known, is_of_rule};
use crate::types::{Answer, Change, ChangeKind, Question, Reading, Understanding};

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
        placer.line(index);
    }
    placer.finish()
}

/// The rule that is open.
struct Rule {
    context: Context,
    /// Its `resources` key, while entries can be added.
    list: Option<Column>,
    /// Dashes of the entries.
    items: Option<Column>,
    /// The entry that is open.
    group: Option<Context>,
}

/// A key without a value on its line.
#[derive(Clone)]
struct OpenKey {
    name: String,
    form: Option<FieldForm>,
    column: Column,
    /// Index of its line in the output.
    line: usize,
    has_comment: bool,
    items: Option<Column>,
}

/// A line whose place depends on the next one.
struct Waiting {
    line: Line,
    is_comment: bool,
}

/// Reads the lines of a text, and writes them with the columns that they should have.
struct Placer<'t> {
    lines: &'t [Line],
    answers: &'t [Answer],
    outline: Outline<'t>,
    out: Vec<Line>,
    record: Record,
    waiting: Vec<Waiting>,
    policy: Context,
    /// Column of the `rules` key.
    rules_key: Option<Column>,
    /// Dashes of the rules.
    rules: Option<Column>,
    is_in_rules: bool,
    rule: Option<Rule>,
    open: Option<OpenKey>,
    /// The open flow list and the number of the line that begins it.
    flow: Option<(Flow, usize)>,
    /// Column of the `metadata` key, inside it. `true` below a map of its fields.
    metadata: Option<(Column, bool)>,
    /// Index in the output behind the marker at the start.
    start: usize,
    is_ended: bool,
    is_other_kind: bool,
    has_level: bool,
}

impl<'t> Placer<'t> {
    fn new(lines: &'t [Line], answers: &'t [Answer]) -> Self {
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
            is_other_kind: false,
            has_level: false,
        }
    }

    fn line(&mut self, index: usize) {
        let (Some(line), Some(token)) = (self.lines.get(index), self.outline.tokens.get(index))
        else {
            return;
        };
        let token = *token;
        if self.is_ended || self.continues_flow(line, &token) {
            return self.verbatim(line);
        }
        match token.content {
            Content::Blank | Content::Comment if token.dashes == 0 => self.waiting.push(Waiting {
                line: line.clone(),
                is_comment: token.content == Content::Comment,
            }),
            Content::Marker => {
                self.is_ended = !self.out_is_empty();
                self.verbatim(line);
                self.start = self.out.len();
            }
            _ if self.is_in_metadata(line, &token) => {}
            _ if token.dashes > 0 => self.item(index, line, &token),
            Content::Key { name, value, .. } => self.key(index, line, &token, name, value),
            Content::Text(text) => self.text(index, line, &token, text),
            Content::Blank | Content::Comment => self.verbatim(line),
        }
    }

    /// Returns `true` if nothing of the policy is written yet.
    fn out_is_empty(&self) -> bool {
        self.rules_key.is_none()
            && self.record.rules() == 0
            && !self.policy.has("apiVersion")
            && !self.policy.has("kind")
    }

    /// Returns `true` for a line of an open flow list.
    fn continues_flow(&mut self, line: &Line, token: &Token<'_>) -> bool {
        let Some((flow, start)) = &mut self.flow else {
            return false;
        };
        if !flow.is_mapping() && token.name().is_some_and(is_known) {
            let reason = "a bracket or a quote is not closed".to_owned();
            self.record.unplaced(*start, reason);
            self.flow = None;
            return false;
        }
        flow.read(&line.text);
        if !flow.is_open() {
            self.flow = None;
        }
        true
    }

    /// Writes a line as it is.
    fn verbatim(&mut self, line: &Line) {
        self.flush(None);
        self.out.push(line.clone());
    }

    /// Writes the lines that wait. Comments in the column of the next line are moved with it.
    fn flush(&mut self, next: Option<Column>) {
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

    /// Writes a line of the policy in its column.
    fn write(
        &mut self,
        line: &Line,
        token: &Token<'_>,
        dash: Option<usize>,
        out: usize,
        target: Target,
    ) {
        self.flush(Some(Column {
            printed: token.column,
            out,
        }));
        let has_dash = usize::from(dash.is_some());
        let is_tight = matches!(token.content, Content::Key { is_tight: true, .. });
        let name = token.name().unwrap_or_default();
        if token.column != out {
            self.record.moved(line.number, target, name);
        }
        if token.dashes > has_dash {
            let sentence = format!("remove a doubled dash before {}", quote(token.text));
            self.record.add(ChangeKind::ListDash, line.number, sentence);
        } else if token.dashes < has_dash {
            let sentence = format!("add the dash before {}", quote(token.text));
            self.record.add(ChangeKind::ListDash, line.number, sentence);
        }
        if is_tight || token.is_tight_dash {
            let after = if is_tight { "colon" } else { "dash" };
            let sentence = format!(
                "add the space after the {after} in {}",
                quote(line.text.trim())
            );
            self.record
                .add(ChangeKind::LostSpace, line.number, sentence);
        }
        let is_same =
            token.column == out && token.dashes == has_dash && !is_tight && !token.is_tight_dash;
        let mut written = line.clone();
        if !is_same {
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

    /// Inserts a line before those that wait, or at an index.
    fn insert(&mut self, at: Option<usize>, number: usize, text: String) {
        let line = Line {
            number,
            text,
            end: usual_end(self.lines),
        };
        match at {
            Some(at) if at <= self.out.len() => self.out.insert(at, line),
            _ => self.out.push(line),
        }
    }

    fn unplaced(&mut self, line: &Line, reason: String) {
        self.record.unplaced(line.number, reason);
        self.open = None;
        self.verbatim(line);
    }
}

/// Items of lists.
impl Placer<'_> {
    fn item(&mut self, index: usize, line: &Line, token: &Token<'_>) {
        match token.content {
            Content::Key { name, value, .. } => match self.place_of_item(index, token, name, value)
            {
                Some(Place::Rule) => self.rule_or_part(index, line, token, name, value),
                Some(Place::Group) => self.begin_group(index, line, token, name, value),
                _ => self.unplaced(line, format!("no list is open for {}", quote(token.text))),
            },
            Content::Text(text) if text.starts_with('{') => {
                let is_rule = text.contains("level") && !self.is_in_list(token.column);
                if is_rule {
                    self.begin_rule(index, line, token, "", text);
                    self.has_level = true;
                } else {
                    self.begin_group(index, line, token, "", text);
                }
            }
            _ => self.text_item(line, token),
        }
    }

    /// Returns `true` if a dash is in the column of the entries of a rule's resources, and not in that of the rules.
    fn is_in_list(&self, column: usize) -> bool {
        let items = self.rule.as_ref().and_then(|rule| rule.items);
        let is_at = |list: Option<Column>| list.is_some_and(|list| list.printed == column);
        is_at(items) && !is_at(self.rules)
    }

    fn place_of_item(
        &self,
        index: usize,
        token: &Token<'_>,
        name: &str,
        value: &str,
    ) -> Option<Place> {
        let has_list = self.rule.as_ref().is_some_and(|rule| rule.list.is_some());
        match name {
            "level" => Some(Place::Rule),
            _ if self.is_in_list(token.column) => Some(Place::Group),
            "resources" => Some(match self.outline.form(index, value) {
                ValueForm::Objects => Place::Rule,
                _ if has_list => Place::Group,
                _ => Place::Rule,
            }),
            "group" | "resourceNames" => Some(Place::Group),
            _ if is_of_rule(name) => Some(Place::Rule),
            _ => self
                .rules
                .is_some_and(|rules| rules.printed == token.column)
                .then_some(Place::Rule),
        }
    }

    /// Begins a rule, unless it would have no level and the rule before lacks the field: then its dash may be one too many.
    fn rule_or_part(
        &mut self,
        index: usize,
        line: &Line,
        token: &Token<'_>,
        name: &str,
        value: &str,
    ) {
        let before = self.rule.as_ref().filter(|rule| {
            name != "level"
                && is_known(name)
                && rule.context.has("level")
                && !rule.context.has(name)
                && !self.outline.has_level_after(index)
        });
        let Some(before) = before else {
            return self.begin_rule(index, line, token, name, value);
        };
        let out = before.context.column.out;
        let number = self.record.rules();
        let question = Question {
            line: line.number,
            sentence: format!("{} begins a rule without a level", quote(token.text)),
            readings: vec![
                Reading {
                    label: format!("a part of rule {number}, without its dash"),
                    text: format!("{:out$}{}", "", token.text),
                    is_as_printed: false,
                },
                Reading {
                    label: "a rule of its own, of which the level is missing".to_owned(),
                    text: line.text.clone(),
                    is_as_printed: true,
                },
            ],
        };
        match self.answer(question) {
            Some(0) => self.put(index, line, token, Place::Rule, name, value),
            _ => self.begin_rule(index, line, token, name, value),
        }
    }

    /// Returns the answer to a question. Without one, the question is recorded.
    fn answer(&mut self, question: Question) -> Option<usize> {
        let mut answers = self.answers.iter();
        let answer = answers
            .find(|answer| answer.line == question.line)
            .map(|answer| answer.reading);
        let answer = answer.filter(|reading| *reading < question.readings.len());
        if answer.is_none() {
            self.record.question(question);
        }
        answer
    }

    fn begin_rule(
        &mut self,
        index: usize,
        line: &Line,
        token: &Token<'_>,
        name: &str,
        value: &str,
    ) {
        if self.rules_key.is_some() && !self.is_in_rules {
            return self.unplaced(line, "the list of rules has ended before".to_owned());
        }
        self.is_in_rules = true;
        let key = *self.rules_key.get_or_insert_with(|| {
            let out = self.policy.column.out;
            let text = format!("{:out$}rules:", "");
            let end = usual_end(self.lines);
            self.out.push(Line {
                number: line.number,
                text,
                end,
            });
            let sentence = "insert `rules:` above the rules".to_owned();
            self.record.add(ChangeKind::Header, line.number, sentence);
            self.policy.column
        });
        let dash = *self.rules.get_or_insert_with(|| key.of_items(token.column));
        let offset = token.offset.max(2);
        self.record.begin_rule();
        let column = Column {
            printed: token.column,
            out: dash.out,
        }
        .plus(offset);
        self.write(
            line,
            token,
            Some(offset),
            dash.out,
            Target::Rule(self.record.rules()),
        );
        self.rule = Some(Rule {
            context: Context::new(PolicyObject::Rule, column),
            list: None,
            items: None,
            group: None,
        });
        self.opened(index, line, column, Place::Rule, name, value);
    }

    fn begin_group(
        &mut self,
        index: usize,
        line: &Line,
        token: &Token<'_>,
        name: &str,
        value: &str,
    ) {
        let Some(rule) = &mut self.rule else {
            return self.unplaced(line, format!("no rule is open for {}", quote(token.text)));
        };
        let list = match rule.list {
            Some(list) => list,
            None if rule.context.has("resources") => {
                let reason = format!(
                    "the list `resources` has ended before {}",
                    quote(token.text)
                );
                return self.unplaced(line, reason);
            }
            None => {
                let column = Column {
                    printed: token.column,
                    out: rule.context.column.out,
                };
                rule.context.note("resources");
                let text = format!("{:width$}resources:", "", width = column.out);
                self.insert(None, line.number, text);
                let sentence = format!("insert `resources:` above {}", quote(token.text));
                self.record.add(ChangeKind::Header, line.number, sentence);
                column
            }
        };
        let Some(rule) = &mut self.rule else {
            return;
        };
        rule.list = Some(list);
        let dash = rule
            .items
            .get_or_insert_with(|| list.of_items(token.column))
            .out;
        let offset = token.offset.max(2);
        let column = Column {
            printed: token.column,
            out: dash,
        }
        .plus(offset);
        rule.group = Some(Context::new(PolicyObject::GroupResources, column));
        self.write(
            line,
            token,
            Some(offset),
            dash,
            Target::Rule(self.record.rules()),
        );
        self.opened(index, line, column, Place::Group, name, value);
    }

    fn text_item(&mut self, line: &Line, token: &Token<'_>) {
        let is_list = |open: &&mut OpenKey| {
            !matches!(open.form, Some(FieldForm::Scalar | FieldForm::Mapping))
        };
        let Some(open) = self.open.as_mut().filter(is_list) else {
            return self.unplaced(line, format!("no list is open for {}", quote(token.text)));
        };
        let key = open.column;
        let dash = open
            .items
            .get_or_insert_with(|| key.of_items(token.column))
            .out;
        let target = Target::Items(open.name.clone());
        self.write(line, token, Some(token.offset.max(2)), dash, target);
        self.begin_flow(token.text, line.number);
    }
}

/// Keys.
impl Placer<'_> {
    fn key(&mut self, index: usize, line: &Line, token: &Token<'_>, name: &str, value: &str) {
        if !is_known(name) && self.outline.is_outside(index) && value.split(' ').count() > 2 {
            return self.prose(line);
        }
        let key = Key {
            name,
            value: self.outline.form(index, value),
            column: token.column,
            is_before_rule: self.outline.is_before_rule(index),
        };
        let rule = self.rule.as_ref();
        let open = Open {
            group: rule.and_then(|rule| rule.group.as_ref()),
            rule: rule.map(|rule| &rule.context),
            policy: &self.policy,
            has_list: rule.is_some_and(|rule| rule.list.is_some()),
            has_rules: self.rules_key.is_some(),
            is_damaged: self.record.is_moved(),
        };
        match open.choose(key) {
            Choice::In(place) => self.put(index, line, token, place, name, value),
            Choice::NewRule => self.begin_rule(index, line, token, name, value),
            Choice::NewGroup => self.begin_group(index, line, token, name, value),
            Choice::Ask => self.ask(index, line, token, name, value),
            Choice::Nowhere => self.unplaced(line, format!("{} is not expected here", quote(name))),
        }
    }

    /// Asks for a field that the rule and the policy have.
    fn ask(&mut self, index: usize, line: &Line, token: &Token<'_>, name: &str, value: &str) {
        let out = self.rule.as_ref().map_or(0, |rule| rule.context.column.out);
        let number = self.record.rules();
        let question = Question {
            line: line.number,
            sentence: format!(
                "the indentation that says what {} is a part of is lost",
                quote(name)
            ),
            readings: vec![
                Reading {
                    label: format!("a part of rule {number}"),
                    text: format!("{:out$}{}", "", token.text),
                    is_as_printed: false,
                },
                Reading {
                    label: "a part of the policy, for all rules".to_owned(),
                    text: line.text.clone(),
                    is_as_printed: true,
                },
            ],
        };
        let place = match self.answer(question) {
            Some(0) => Place::Rule,
            _ => Place::Policy,
        };
        self.put(index, line, token, place, name, value);
    }

    /// Writes a key as a part of an open object.
    fn put(
        &mut self,
        index: usize,
        line: &Line,
        token: &Token<'_>,
        place: Place,
        name: &str,
        value: &str,
    ) {
        let rule = self.rule.as_ref();
        let out = match place {
            Place::Group => rule.and_then(|rule| rule.group.as_ref()),
            Place::Rule => rule.map(|rule| &rule.context),
            Place::Policy => Some(&self.policy),
        };
        let out = out.map_or(token.column, |context| context.column.out);
        let target = match place {
            Place::Policy => Target::Policy,
            Place::Rule | Place::Group => Target::Rule(self.record.rules()),
        };
        self.write(line, token, None, out, target);
        let column = Column {
            printed: token.column,
            out,
        };
        self.opened(index, line, column, place, name, value);
    }

    /// Notes a key that was written: what it closes, and what it opens.
    fn opened(
        &mut self,
        index: usize,
        line: &Line,
        column: Column,
        place: Place,
        name: &str,
        value: &str,
    ) {
        let form = match (place, &mut self.rule) {
            (
                Place::Group,
                Some(Rule {
                    group: Some(group), ..
                }),
            ) => {
                group.note(name);
                group.form(name)
            }
            (Place::Rule, Some(rule)) => {
                rule.context.note(name);
                rule.group = None;
                let form = rule.context.form(name);
                let is_list = name == "resources" && value.is_empty();
                rule.list = is_list.then_some(column);
                form
            }
            _ => {
                self.of_policy(column, name, value);
                self.policy.form(name)
            }
        };
        self.has_level |= name == "level" && is_level(value);
        self.open = value.is_empty().then(|| OpenKey {
            name: name.to_owned(),
            form,
            column,
            line: self.out.len().saturating_sub(1),
            has_comment: self
                .outline
                .tokens
                .get(index)
                .is_some_and(|token| token.text.contains('#')),
            items: None,
        });
        self.begin_flow(value, line.number);
    }

    /// Notes a key of the policy.
    fn of_policy(&mut self, column: Column, name: &str, value: &str) {
        self.policy.note(name);
        self.rule = None;
        self.is_in_rules = name == "rules";
        let value = value.trim_matches(['"', '\'']);
        match name {
            "rules" => self.rules_key = Some(column),
            "metadata" if value.is_empty() => self.metadata = Some((column, false)),
            "kind" => self.is_other_kind |= !value.eq_ignore_ascii_case("Policy"),
            "apiVersion" => self.is_other_kind |= !value.starts_with("audit.k8s.io"),
            _ => {}
        }
    }

    fn begin_flow(&mut self, value: &str, number: usize) {
        let flow = Flow::of(value);
        self.flow = flow.is_open().then_some((flow, number));
    }
}

/// Everything else.
impl Placer<'_> {
    /// Writes a line of the metadata. Returns `false` for a line after it.
    fn is_in_metadata(&mut self, line: &Line, token: &Token<'_>) -> bool {
        let Some((key, is_in_map)) = self.metadata else {
            return false;
        };
        let name = token.name();
        let is_policy = name.is_some_and(|name| self.policy.form(name).is_some());
        let is_deeper = token.column > key.printed;
        let is_after = token.begins_rule() || (is_policy && !is_deeper);
        if is_after || (!is_deeper && name.is_none()) {
            self.metadata = None;
            return false;
        }
        let mut out = key.out + token.column.saturating_sub(key.printed);
        if !is_deeper {
            let metadata = Context::new(PolicyObject::Metadata, key);
            let form = metadata.form(name.unwrap_or_default());
            let is_map = form == Some(FieldForm::Mapping);
            let is_in_map = is_in_map && form.is_none();
            out = key.out + if is_in_map { 4 } else { 2 };
            self.metadata = Some((key, is_map || is_in_map));
        }
        let offset = (token.dashes > 0).then_some(token.offset.max(2));
        self.write(line, token, offset, out, Target::Metadata);
        true
    }

    /// Handles a line without a key and without a dash: a part of the line before, or an item without its dash.
    fn text(&mut self, index: usize, line: &Line, token: &Token<'_>, text: &str) {
        let is_list = text.starts_with(['[', '{']);
        if !is_list && !text.starts_with(['"', '\'']) && self.continues_comment(index, line) {
            return;
        }
        let open = self.open.clone().filter(|open| open.items.is_none());
        match (open, self.open.as_ref().and_then(|open| open.form)) {
            (Some(open), form) if is_list || form == Some(FieldForm::Scalar) => {
                self.join(line, token, &open, text);
            }
            (_, Some(FieldForm::Texts)) if is_word(text) => self.text_item(line, token),
            _ if self.outline.is_outside(index) => self.prose(line),
            _ => self.unplaced(line, format!("{} is not a key", quote(text))),
        }
    }

    /// Appends a value to its key. Below a comment, it gets a line of its own.
    fn join(&mut self, line: &Line, token: &Token<'_>, open: &OpenKey, text: &str) {
        let can_join = self.waiting.is_empty() && !open.has_comment;
        let key = self.out.get_mut(open.line).filter(|_| can_join);
        let sentence = format!("join {} to its key `{}`", quote(text), open.name);
        if let Some(key) = key {
            key.text = format!("{} {}", key.text.trim_end(), token.text);
            key.end = line.end;
            self.record
                .add(ChangeKind::WrappedLine, line.number, sentence);
        } else if token.column > open.column.out {
            self.verbatim(line);
        } else {
            self.write(
                line,
                token,
                None,
                open.column.out + 2,
                Target::Items(open.name.clone()),
            );
        }
        self.has_level |= open.name == "level" && is_level(text);
        if self
            .open
            .as_ref()
            .is_some_and(|known| known.line == open.line)
        {
            self.open = None;
        }
        self.begin_flow(text, line.number);
    }

    /// Makes a line a comment if the line before is one that was too long.
    fn continues_comment(&mut self, index: usize, line: &Line) -> bool {
        let before = index
            .checked_sub(1)
            .and_then(|before| self.outline.tokens.get(before));
        let indent = match (before.map(|token| token.content), self.waiting.last()) {
            (_, Some(waiting)) if waiting.is_comment => waiting.line.indent(),
            (Some(Content::Key { .. } | Content::Text(_)), None)
                if before.is_some_and(|token| token.text.contains(" #")) =>
            {
                line.indent()
            }
            _ => return false,
        };
        self.comment(line, indent);
        let sentence = format!(
            "continue the comment above with {}",
            quote(line.text.trim())
        );
        self.record
            .add(ChangeKind::WrappedLine, line.number, sentence);
        true
    }

    fn comment(&mut self, line: &Line, indent: usize) {
        let mut comment = line.clone();
        comment.text = format!("{:indent$}# {}", "", line.text.trim());
        self.waiting.push(Waiting {
            line: comment,
            is_comment: true,
        });
    }

    /// Makes a line around the policy a comment.
    fn prose(&mut self, line: &Line) {
        self.comment(line, self.policy.column.out);
        let sentence = format!(
            "make {} a comment: it is not a part of the policy",
            quote(line.text.trim())
        );
        self.record.add(ChangeKind::Prose, line.number, sentence);
    }

    fn finish(mut self) -> Structure {
        if let Some((_, start)) = self.flow.take() {
            self.record
                .unplaced(start, "a bracket or a quote is not closed".to_owned());
        }
        self.flush(None);
        // A text without a level may be the start of a policy, if it says so.
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
        let lines = [("apiVersion", "audit.k8s.io/v1"), ("kind", "Policy")];
        let missing: Vec<_> = lines
            .into_iter()
            .filter(|(name, _)| !self.policy.has(name))
            .collect();
        let number = self.out.get(self.start).map_or(1, |line| line.number);
        let out = self.policy.column.out;
        for (name, value) in missing.iter().rev() {
            self.insert(
                Some(self.start),
                number,
                format!("{:out$}{name}: {value}", ""),
            );
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

fn is_level(value: &str) -> bool {
    let value = value.trim_matches(['"', '\'']);
    ["None", "Metadata", "Request", "RequestResponse"]
        .iter()
        .any(|level| level.eq_ignore_ascii_case(value))
}

/// Returns `true` for a quoted text or a single word, as items of lists are.
fn is_word(text: &str) -> bool {
    text.starts_with(['"', '\'']) || !text.contains(' ')
}
