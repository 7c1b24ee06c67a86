//! What events share, by numbers first and then by texts: the fields of facets and groups.

use std::collections::HashMap;
use std::ops::AddAssign;

use audit_policy::{Level, RequestView, Requests, Stage, Verdict};
use audit_sim::tally::OUTCOMES;
use audit_sim::{EventRow, Judgement};
use playground_protocol::Column;

use crate::log::Log;
use crate::tags::UNKNOWN;

/// Amounts by text.
pub(crate) type ByText<T> = HashMap<String, T>;

/// The number of what an event has in a column: of its request, of its source addresses, or of the value itself.
pub(crate) fn number_of(
    column: Column,
    log: &Log,
    row: &EventRow<'_>,
    verdict: Option<Verdict>,
    judgement: &Judgement,
) -> usize {
    let rules = log.verdicts.of_rules().len().saturating_sub(1);
    match column {
        Column::Source => usize::from(row.source_number),
        Column::Stage => row
            .facts
            .stage
            .map_or(Stage::ALL.len(), |stage| stage as usize),
        Column::Code => usize::from(row.code.unwrap_or(0)),
        Column::Level => verdict.map_or(Level::ALL.len(), |verdict| verdict.level as usize),
        Column::Outcome => judgement.outcome as usize,
        Column::Rule => verdict.map_or(rules + 1, |verdict| verdict.rule.unwrap_or(rules)),
        _ => row.request_number as usize,
    }
}

/// Amounts by such numbers become amounts by the texts that the numbers stand for. An event has each group of its user and each
/// address that it came from.
pub(crate) fn by_text<T>(column: Column, log: &Log, amounts: &[T]) -> ByText<T>
where
    T: AddAssign + Copy + Default + PartialEq,
{
    let mut found = Found(HashMap::new());
    match column {
        Column::Verb | Column::Resource | Column::User | Column::Group | Column::Namespace => {
            of_requests(column, log.table.requests(), amounts, &mut found);
        }
        Column::Source => {
            for (addresses, amount) in log.table.sources().zip(amounts) {
                found.add_each(addresses.split(", "), *amount);
            }
        }
        _ => {
            let rules = log.verdicts.of_rules().len().saturating_sub(1);
            for (number, amount) in amounts.iter().enumerate() {
                found.add(&text_of(column, number, rules), *amount);
            }
        }
    }
    found.0
}

/// What a number stands for in a column whose values are few.
fn text_of(column: Column, number: usize, rules: usize) -> String {
    let name = match column {
        Column::Stage => Stage::ALL.get(number).map_or("", |stage| stage.name()),
        Column::Level => Level::ALL.get(number).map_or(UNKNOWN, |level| level.name()),
        Column::Outcome => OUTCOMES.get(number).map_or("", |outcome| outcome.name()),
        Column::Rule if number < rules => return (number + 1).to_string(),
        Column::Rule if number == rules => "none",
        Column::Rule => UNKNOWN,
        Column::Code if number > 0 => return number.to_string(),
        _ => "",
    };
    name.to_owned()
}

/// Sums by the number of the value that requests share; then there are few, and each text is made once.
fn of_requests<T>(column: Column, requests: &Requests, amounts: &[T], found: &mut Found<T>)
where
    T: AddAssign + Copy + Default + PartialEq,
{
    let mut shared: Vec<(T, u32)> = Vec::new();
    for (request, (view, amount)) in (0..).zip(requests.iter().zip(amounts)) {
        if *amount == T::default() {
            continue;
        }
        let number = value_of(column, &view);
        if number >= shared.len() {
            shared.resize(number + 1, (T::default(), 0));
        }
        if let Some((sum, example)) = shared.get_mut(number) {
            *sum += *amount;
            *example = request;
        }
    }
    for (sum, example) in shared {
        let Some(request) = requests.get(example) else {
            continue;
        };
        match column {
            Column::Verb => found.add(request.verb(), sum),
            Column::Resource => found.add(&request.target(), sum),
            Column::Namespace => found.add(request.namespace(), sum),
            Column::Group => found.add_each(request.groups(), sum),
            _ => found.add(request.user().unwrap_or_default(), sum),
        }
    }
}

fn value_of(column: Column, request: &RequestView<'_>) -> usize {
    let values = request.values();
    let number = match column {
        // The first place is for what the record lacks.
        Column::Verb => values.verb.map_or(0, |verb| verb.saturating_add(1)),
        Column::Resource => values.target,
        Column::Namespace => values.namespace,
        _ => values.subject,
    };
    number as usize
}

/// Amounts by text, in the making.
struct Found<T>(ByText<T>);

impl<T: AddAssign + Copy + Default + PartialEq> Found<T> {
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

    /// Adds to each text, or to the empty one where there are none. What is listed twice counts once.
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
