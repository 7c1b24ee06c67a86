//! The facets of a view: the most frequent values of each field, with their counts.
//!
//! The counts of a field are those without its own selection, so that they say what a further value would add.

use std::cmp::Reverse;

use audit_filter::{has_value, selected};
use audit_sim::{Counts, Sum};
use playground_protocol::terms::term;
use playground_protocol::{Column, Facet, FacetValue, View};

use crate::answer::sum;
use crate::filter::Filter;
use crate::log::Log;
use crate::values::by_text;
use crate::view::Selection;

/// Maximum number of values per field, other than selected ones.
const MAX_VALUES: usize = 12;

/// Fields in display order.
const FIELDS: [Column; 11] = [
    Column::Rule,
    Column::Level,
    Column::Outcome,
    Column::Verb,
    Column::User,
    Column::Group,
    Column::Resource,
    Column::Namespace,
    Column::Stage,
    Column::Code,
    Column::Source,
];

/// Returns the facets of a selection.
pub(crate) fn facets(log: &Log, selection: &Selection) -> Vec<Facet> {
    let view = &selection.view;
    let common = selection.counts(log);
    let facet = |column: Column| {
        let own = selects(view, column).then(|| counts_without(column, view, log));
        facet(column, view, log, own.as_ref().unwrap_or(&common))
    };
    FIELDS.into_iter().map(facet).collect()
}

/// Returns `true` if a view selects values of a column.
fn selects(view: &View, column: Column) -> bool {
    let by_button = match column {
        Column::Rule => view.rule.is_some(),
        Column::Outcome => view.outcome.is_some(),
        _ => false,
    };
    let field = column.field();
    by_button || field.is_some_and(|field| !selected(&view.text, field).is_empty())
}

/// Counts the events that satisfy the conditions of a view on other columns.
fn counts_without(column: Column, view: &View, log: &Log) -> Counts {
    let filter = Filter::new(view, log, column.field());
    if filter.matches_all() {
        log.table.count_shown(&log.verdicts)
    } else {
        log.table.count(&filter.select(log), &log.verdicts)
    }
}

fn facet(column: Column, view: &View, log: &Log, counts: &Counts) -> Facet {
    let values = by_text(column, log, amounts(column, counts));
    let mut values: Vec<(String, Sum)> = values.into_iter().collect();
    values.sort_unstable_by(|(one, first), (other, second)| {
        (Reverse(first.events), one).cmp(&(Reverse(second.events), other))
    });
    let field = column.field();
    let is_selected = |key: &str| field.is_some_and(|field| has_value(&view.text, field, key));
    let mut rest = values.split_off(values.len().min(MAX_VALUES));
    let more = rest.len();
    // Selected values can always be cleared.
    if selects(view, column) {
        rest.retain(|(key, _)| is_selected(key));
        values.append(&mut rest);
    }
    let more = more.saturating_sub(values.len().saturating_sub(MAX_VALUES));
    let values = values.into_iter().map(|(key, amount)| FacetValue {
        term: term(column, &key),
        key,
        sum: sum(amount),
    });
    Facet {
        column,
        values: values.collect(),
        more,
    }
}

fn amounts(column: Column, counts: &Counts) -> &[Sum] {
    match column {
        Column::Rule => &counts.by_rule,
        Column::Level => &counts.by_level,
        Column::Outcome => &counts.by_outcome,
        Column::Stage => &counts.by_stage,
        Column::Code => &counts.by_code,
        Column::Source => &counts.by_source,
        Column::Verb => &counts.by_verb,
        Column::Resource => &counts.by_target,
        Column::Namespace => &counts.by_namespace,
        _ => &counts.by_subject,
    }
}
