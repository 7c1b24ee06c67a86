//! Keys without a dash.

use audit_types::excerpt::quote;

use crate::context::{Choice, Column, Key, Open, Place};
use crate::placer::{OpenKey, Placer, Row, Rule};
use crate::record::Target;
use crate::token::{is_known, is_level};
use crate::types::{Question, Reading};

impl Placer<'_> {
    /// Places a key.
    pub(crate) fn key(&mut self, row: Row<'_>) {
        let is_sentence = !is_known(row.name) && row.value.split(' ').count() > 2;
        if is_sentence && self.outline.is_outside(row.index) {
            return self.prose(row);
        }
        let key = Key {
            name: row.name,
            value: self.outline.form(row.index, row.value),
            column: row.token.column,
            is_before_rules_end: self.outline.is_before_rules_end(row.index, row.name),
        };
        let rule = self.rule.as_ref();
        let open = Open {
            group: rule.and_then(|rule| rule.group.as_ref()),
            rule: rule.map(|rule| &rule.context),
            policy: &self.policy,
            dash: self.rules.map(|rules| rules.printed),
            has_list: rule.is_some_and(|rule| rule.list.is_some()),
            has_rules: self.rules_key.is_some(),
            is_lost: self.is_lost,
        };
        match open.choose(key) {
            Choice::In(place) => self.put(row, place),
            Choice::NewRule => self.begin_rule(row),
            Choice::NewGroup => self.begin_group(row),
            Choice::Ask => self.ask(row),
            Choice::Nowhere => {
                let reason = format!("{} is not expected here", quote(row.name));
                self.unplaced(row, reason);
            }
        }
    }

    /// Asks for a field that the rule and the policy have.
    fn ask(&mut self, row: Row<'_>) {
        let out = self.rule.as_ref().map_or(0, |rule| rule.context.column.out);
        let number = self.record.rules();
        let question = Question {
            line: row.line.number,
            sentence: format!(
                "the indentation that says what {} is a part of is lost",
                quote(row.name)
            ),
            readings: vec![
                Reading {
                    label: format!("a part of rule {number}"),
                    text: format!("{:out$}{}", "", row.token.text),
                    is_as_printed: false,
                },
                Reading {
                    label: "a part of the policy, for all rules".to_owned(),
                    text: row.line.text.clone(),
                    is_as_printed: true,
                },
            ],
        };
        let place = match self.answer(question) {
            Some(0) => Place::Rule,
            _ => Place::Policy,
        };
        self.put(row, place);
    }

    /// Writes a key as a part of an open object.
    pub(crate) fn put(&mut self, row: Row<'_>, place: Place) {
        let rule = self.rule.as_ref();
        let context = match place {
            Place::Group => rule.and_then(|rule| rule.group.as_ref()),
            Place::Rule => rule.map(|rule| &rule.context),
            Place::Policy => Some(&self.policy),
        };
        let printed = row.token.column;
        let column = context.map(|context| context.column);
        let out = column.map_or(printed, |column| column.out);
        let is_exact = column.is_some_and(|column| column.printed == printed);
        let target = match place {
            Place::Policy => Target::Policy,
            Place::Rule | Place::Group => {
                self.is_lost |= !is_exact;
                Target::Rule(self.record.rules())
            }
        };
        self.write(row, None, out, target);
        self.opened(row, Column { printed, out }, place);
    }

    /// Notes a key that was written: what it closes, and what it opens.
    pub(crate) fn opened(&mut self, row: Row<'_>, column: Column, place: Place) {
        let Row { name, value, .. } = row;
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
                rule.items = None;
                rule.list = (name == "resources" && value.is_empty()).then_some(column);
                rule.context.form(name)
            }
            _ => {
                self.of_policy(row, column);
                self.policy.form(name)
            }
        };
        self.has_level |= name == "level" && is_level(value);
        self.open = value.is_empty().then(|| OpenKey {
            name: name.to_owned(),
            form,
            column,
            line: self.out.len().saturating_sub(1),
            has_comment: row.token.text.contains('#'),
            items: None,
        });
        self.begin_flow(value, row.line.number);
    }

    /// Notes a key of the policy.
    fn of_policy(&mut self, row: Row<'_>, column: Column) {
        self.policy.note(row.name);
        self.rule = None;
        self.is_in_rules = row.name == "rules";
        let value = row.value.trim_matches(['"', '\'']);
        match row.name {
            "rules" => {
                self.rules_key = Some(column);
                // The first line of a copy often has another indentation than the rest.
                self.policy.column.printed = column.printed;
            }
            "metadata" if value.is_empty() => self.metadata = Some((column, false)),
            "kind" => self.is_other_kind |= !value.eq_ignore_ascii_case("Policy"),
            "apiVersion" => self.is_other_kind |= !value.starts_with("audit.k8s.io"),
            _ => {}
        }
    }
}
