//! The facets of a view: the most frequent values of each field, with their counts.

use std::cmp::Reverse;

use audit_sim::{Counts, Sum};
use playground_protocol::terms::term;
use playground_protocol::{Column, Facet, FacetValue};

use crate::answer::sum;
use crate::log::Log;
use crate::values::by_text;

/// Maximum number of values per field.
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

/// Returns the facets of counted events.
pub(crate) fn facets(log: &Log, counts: &Counts) -> Vec<Facet> {
    let facet = |column| {
        let amounts = amounts(column, counts);
        let mut values: Vec<(String, Sum)> = by_text(column, log, amounts).into_iter().collect();
        let more = values.len().saturating_sub(MAX_VALUES);
        values.sort_by(|(one, first), (other, second)| {
            (Reverse(first.events), one).cmp(&(Reverse(second.events), other))
        });
        values.truncate(MAX_VALUES);
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
    };
    FIELDS.into_iter().map(facet).collect()
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
