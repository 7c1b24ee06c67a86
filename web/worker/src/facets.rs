//! The facets of a view: for each field the values of most events, and how many they are.

use std::cmp::Reverse;

use audit_sim::{Counts, Sum};
use playground_protocol::terms::term;
use playground_protocol::{Column, Facet, FacetValue};

use crate::answer::sum;
use crate::log::Log;
use crate::values::by_text;

/// How many values of a field are shown.
const VALUES_SHOWN: usize = 12;

/// The fields, in the order they are shown.
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

/// The facets of events that were counted.
pub(crate) fn facets(log: &Log, counts: &Counts) -> Vec<Facet> {
    let facet = |column| {
        let amounts = amounts(column, counts);
        let mut values: Vec<(String, Sum)> = by_text(column, log, amounts).into_iter().collect();
        let more = values.len().saturating_sub(VALUES_SHOWN);
        values.sort_by(|(one, first), (other, second)| {
            (Reverse(first.events), one).cmp(&(Reverse(second.events), other))
        });
        values.truncate(VALUES_SHOWN);
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
