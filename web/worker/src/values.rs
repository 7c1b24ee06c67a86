//! Values of the fields of facets and groups: summed by index first, then by text.

use std::collections::HashMap;
use std::ops::AddAssign;

use audit_policy::{Level, RuleIndex, Stage, Verdict};
use audit_sim::{EventOutcome, EventRow, Requests, ValueIds};
use playground_protocol::{Column, Outcome};

use crate::log::Log;

/// Stands for a rule or a level that can't be determined.
const UNKNOWN: &str = "unknown";

/// Amounts by text.
pub(crate) type ByText<T> = HashMap<String, T>;

/// Returns the index of an event's value in a column: of its request, of its source addresses, or of the value itself.
pub(crate) fn index_of(
    column: Column,
    log: &Log,
    row: &EventRow<'_>,
    verdict: Option<Verdict>,
    event_outcome: &EventOutcome,
) -> usize {
    let rules = log.verdicts.rule_verdicts().len().saturating_sub(1);
    match column {
        Column::Source => usize::from(row.source_id),
        Column::Stage => row
            .attributes
            .stage
            .map_or(Stage::ALL.len(), |stage| stage as usize),
        Column::Code => usize::from(row.code.unwrap_or(0)),
        Column::Level => verdict.map_or(Level::ALL.len(), |verdict| verdict.level as usize),
        Column::Outcome => event_outcome.outcome as usize,
        Column::Rule => verdict.map_or(rules + 1, |verdict| {
            verdict.rule.map_or(rules, RuleIndex::get)
        }),
        _ => row.request_id.index(),
    }
}

/// Sums amounts by request into amounts by value of the request's column. Amounts of other columns are by value already.
pub(crate) fn by_value<T>(column: Column, requests: &Requests, amounts: Vec<T>) -> Vec<T>
where
    T: AddAssign + Copy + Default,
{
    let value: fn(ValueIds) -> u32 = match column {
        // Index 0 is for requests without a verb.
        Column::Verb => |values| values.verb.map_or(0, |verb| verb.saturating_add(1)),
        Column::Resource => |values| values.target,
        Column::Namespace => |values| values.namespace,
        Column::User | Column::Group => |values| values.subject,
        _ => return amounts,
    };
    let mut sums: Vec<T> = Vec::new();
    for (values, amount) in requests.value_ids().zip(amounts) {
        let number = value(values) as usize;
        if number >= sums.len() {
            sums.resize(number + 1, T::default());
        }
        if let Some(sum) = sums.get_mut(number) {
            *sum += amount;
        }
    }
    sums
}

/// Turns amounts by index of the value into amounts by its text. An event counts for each group of its user and for each of its source
/// addresses.
pub(crate) fn by_text<T>(column: Column, log: &Log, amounts: &[T]) -> ByText<T>
where
    T: AddAssign + Copy + Default + PartialEq,
{
    let mut sums = SumsByText(HashMap::new());
    let requests = log.table.requests();
    match column {
        Column::Verb => sums.add_all([""].into_iter().chain(requests.verbs()), amounts),
        Column::Namespace => sums.add_all(requests.namespaces(), amounts),
        Column::User => {
            let subjects = requests.subjects();
            sums.add_all(
                subjects.map(|subject| subject.user().unwrap_or_default()),
                amounts,
            );
        }
        Column::Resource => {
            for (target, amount) in requests.targets().zip(amounts) {
                sums.add(&target.target(), *amount);
            }
        }
        Column::Group => {
            for (subject, amount) in requests.subjects().zip(amounts) {
                sums.add_each(subject.groups(), *amount);
            }
        }
        Column::Source => {
            for (addresses, amount) in log.table.sources().zip(amounts) {
                sums.add_each(addresses.split(", "), *amount);
            }
        }
        _ => {
            let rules = log.verdicts.rule_verdicts().len().saturating_sub(1);
            for (number, amount) in amounts.iter().enumerate() {
                sums.add(&text_of(column, number, rules), *amount);
            }
        }
    }
    sums.0
}

/// Returns the text of a value in a column with few values.
fn text_of(column: Column, number: usize, rules: usize) -> String {
    let name = match column {
        Column::Stage => Stage::ALL.get(number).map_or("", |stage| stage.name()),
        Column::Level => Level::ALL.get(number).map_or(UNKNOWN, |level| level.name()),
        Column::Outcome => Outcome::ALL
            .get(number)
            .map_or("", |outcome| outcome.name()),
        Column::Rule if number < rules => return (number + 1).to_string(),
        Column::Rule if number == rules => "none",
        Column::Rule => UNKNOWN,
        Column::Code if number > 0 => return number.to_string(),
        _ => "",
    };
    name.to_owned()
}

/// Amounts by text, being summed.
struct SumsByText<T>(ByText<T>);

impl<T: AddAssign + Copy + Default + PartialEq> SumsByText<T> {
    fn add(&mut self, text: &str, amount: T) {
        if amount == T::default() {
            return;
        }
        match self.0.get_mut(text) {
            Some(sum) => *sum += amount,
            None => {
                self.0.insert(text.to_owned(), amount);
            }
        }
    }

    fn add_all<'t>(&mut self, texts: impl Iterator<Item = &'t str>, amounts: &[T]) {
        for (text, amount) in texts.zip(amounts) {
            self.add(text, *amount);
        }
    }

    /// Adds an amount to each distinct text, or to the empty text if there are none.
    fn add_each<'t>(&mut self, texts: impl Iterator<Item = &'t str>, amount: T) {
        let mut texts: Vec<&str> = texts.collect();
        texts.sort_unstable();
        texts.dedup();
        if texts.is_empty() {
            texts.push("");
        }
        for text in texts {
            self.add(text, amount);
        }
    }
}
