//! Items of lists: rules, entries of resources, and strings.

use audit_policy::{FieldForm, PolicyObject};
use audit_types::excerpt::quote;

use crate::context::{Column, Context, Place};
use crate::placer::{OpenKey, Placer, Row, Rule};
use crate::record::Target;
use crate::token::{Content, ValueForm, is_known, is_of_rule};
use crate::types::{ChangeKind, Question, Reading};

impl Placer<'_> {
    /// Places a line with a dash.
    pub(crate) fn item(&mut self, row: Row<'_>) {
        let token = row.token;
        match token.content {
            Content::Key { .. } => match self.place_of_item(row) {
                Some(Place::Rule) => self.rule_or_part(row),
                Some(Place::Group) => self.begin_group(row),
                _ => self.unplaced(row, format!("no list is open for {}", quote(token.text))),
            },
            Content::Text(text) if text.starts_with('{') => {
                if text.contains("level") && !self.is_in_list(token.column) {
                    self.begin_rule(row);
                    self.has_level = true;
                } else {
                    self.begin_group(row);
                }
            }
            _ => self.text_item(row),
        }
    }

    /// Returns `true` if a dash is in the column of the entries of a rule's resources, and not in that of the rules.
    fn is_in_list(&self, column: usize) -> bool {
        let items = self.rule.as_ref().and_then(|rule| rule.items);
        let is_at = |list: Option<Column>| list.is_some_and(|list| list.printed == column);
        is_at(items) && !is_at(self.rules)
    }

    fn place_of_item(&self, row: Row<'_>) -> Option<Place> {
        let has_list = self.rule.as_ref().is_some_and(|rule| rule.list.is_some());
        match row.name {
            "level" => Some(Place::Rule),
            _ if self.is_in_list(row.token.column) => Some(Place::Group),
            "resources" => Some(match self.outline.form(row.index, row.value) {
                ValueForm::Objects => Place::Rule,
                _ if has_list => Place::Group,
                _ => Place::Rule,
            }),
            "group" | "resourceNames" => Some(Place::Group),
            name if is_of_rule(name) => Some(Place::Rule),
            _ => self
                .rules
                .is_some_and(|rules| rules.printed == row.token.column)
                .then_some(Place::Rule),
        }
    }

    /// Begins a rule. If it would have no level and the rule before lacks the field, its dash may be one too many, and the reader is asked.
    fn rule_or_part(&mut self, row: Row<'_>) {
        let before = self.rule.as_ref().filter(|rule| {
            row.name != "level"
                && is_known(row.name)
                && rule.context.has("level")
                && !rule.context.has(row.name)
                && !self.outline.has_level_after(row.index)
        });
        let Some(before) = before else {
            return self.begin_rule(row);
        };
        let (text, out) = (row.token.text, before.context.column.out);
        let number = self.record.rules();
        let question = Question {
            line: row.line.number,
            sentence: format!("{} begins a rule without a level", quote(text)),
            readings: vec![
                Reading {
                    label: format!("a part of rule {number}, without its dash"),
                    text: format!("{:out$}{text}", ""),
                    is_as_printed: false,
                },
                Reading {
                    label: "a rule of its own, of which the level is missing".to_owned(),
                    text: row.line.text.clone(),
                    is_as_printed: true,
                },
            ],
        };
        match self.answer(question) {
            Some(0) => self.put(row, Place::Rule),
            _ => self.begin_rule(row),
        }
    }

    /// Begins a rule, and the list of rules if its key is missing.
    pub(crate) fn begin_rule(&mut self, row: Row<'_>) {
        if self.rules_key.is_some() && !self.is_in_rules {
            return self.unplaced(row, "the list of rules has ended before".to_owned());
        }
        let key = match self.rules_key {
            Some(key) => key,
            None => {
                let column = self.policy.column;
                let text = format!("{:width$}rules:", "", width = column.out);
                self.insert(self.out.len(), row.line.number, text);
                let sentence = "insert `rules:` above the rules".to_owned();
                self.record
                    .add(ChangeKind::Header, row.line.number, sentence);
                column
            }
        };
        self.is_in_rules = true;
        self.rules_key = Some(key);
        let printed = row.token.column;
        let dash = *self.rules.get_or_insert_with(|| key.of_items(printed));
        self.is_lost |= dash.printed != printed;
        let offset = row.token.offset.max(2);
        let dash = Column {
            printed,
            out: dash.out,
        };
        self.record.begin_rule();
        let target = Target::Rule(self.record.rules());
        self.write(row, Some(offset), dash.out, target);
        let column = dash.plus(offset);
        self.rule = Some(Rule {
            context: Context::new(PolicyObject::Rule, column),
            list: None,
            items: None,
            group: None,
        });
        self.opened(row, column, Place::Rule);
    }

    /// Begins an entry of a rule's resources, and the list if its key is missing.
    pub(crate) fn begin_group(&mut self, row: Row<'_>) {
        let text = quote(row.token.text);
        let Some(rule) = &mut self.rule else {
            return self.unplaced(row, format!("no rule is open for {text}"));
        };
        let printed = row.token.column;
        let list = match rule.list {
            Some(list) => list,
            None if rule.context.has("resources") => {
                let reason = format!("the list `resources` has ended before {text}");
                return self.unplaced(row, reason);
            }
            None => {
                let out = rule.context.column.out;
                rule.context.note("resources");
                self.insert(
                    self.out.len(),
                    row.line.number,
                    format!("{:out$}resources:", ""),
                );
                let sentence = format!("insert `resources:` above {text}");
                self.record
                    .add(ChangeKind::Header, row.line.number, sentence);
                Column { printed, out }
            }
        };
        let Some(rule) = &mut self.rule else {
            return;
        };
        rule.list = Some(list);
        let items = *rule.items.get_or_insert_with(|| list.of_items(printed));
        let offset = row.token.offset.max(2);
        let dash = Column {
            printed,
            out: items.out,
        };
        let column = dash.plus(offset);
        rule.group = Some(Context::new(PolicyObject::GroupResources, column));
        self.is_lost |= items.printed != printed || list.printed > printed;
        let target = Target::Rule(self.record.rules());
        self.write(row, Some(offset), dash.out, target);
        self.opened(row, column, Place::Group);
    }

    /// Places a string of a list.
    pub(crate) fn text_item(&mut self, row: Row<'_>) {
        let is_list = |open: &&mut OpenKey| {
            !matches!(open.form, Some(FieldForm::Scalar | FieldForm::Mapping))
        };
        let Some(open) = self.open.as_mut().filter(is_list) else {
            let text = quote(row.token.text);
            return self.unplaced(row, format!("no list is open for {text}"));
        };
        let key = open.column;
        let printed = row.token.column;
        let items = *open.items.get_or_insert_with(|| key.of_items(printed));
        let target = Target::Items(open.name.clone());
        self.is_lost |= items.printed != printed || key.printed > printed;
        let offset = row.token.offset.max(2);
        self.write(row, Some(offset), items.out, target);
        self.begin_flow(row.token.text, row.line.number);
    }
}
