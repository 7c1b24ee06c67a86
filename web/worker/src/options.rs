//! Values of a field in the log, to complete a filter with.

use std::cmp::Reverse;
use std::collections::HashMap;

use audit_filter::{Field, term};
use audit_policy::{Level, Stage};
use audit_sim::{Outcome, RequestView};
use playground_protocol::{FieldValue, FieldValues, OutcomeFilter, ValuesRequest};

use crate::log::Log;

/// Maximum number of values.
const MAX_VALUES: usize = 8;

/// Maximum number of bytes of a value: nobody chooses a longer one from a list.
const MAX_LENGTH: usize = 200;

/// Returns the values of a field that contain what is typed.
pub(crate) fn values(log: &Log, request: ValuesRequest) -> FieldValues {
    let typed = request.typed.to_lowercase();
    let mut counts: HashMap<String, u32> = HashMap::new();
    for_each_value(log, request.field, &mut |text| {
        if text.is_empty() || text.len() > MAX_LENGTH {
            return;
        }
        match counts.get_mut(text) {
            Some(count) => *count += 1,
            None => {
                counts.insert(text.to_owned(), 1);
            }
        }
    });
    let mut found: Vec<(bool, Reverse<u32>, String)> = counts
        .into_iter()
        .filter_map(|(text, count)| {
            let lower = text.to_lowercase();
            let is_match = lower.contains(&typed) && lower != typed;
            is_match.then(|| (!lower.starts_with(&typed), Reverse(count), text))
        })
        .collect();
    found.sort_unstable();
    found.truncate(MAX_VALUES);
    let colon = request.field.name().len() + 1;
    let values = found.into_iter().map(|(_, _, text)| FieldValue {
        insert: term(request.field, &text).split_off(colon),
        text,
    });
    FieldValues {
        values: values.collect(),
        request,
    }
}

/// Calls a function with the values of a field: by distinct request, client or code.
pub(crate) fn for_each_value(log: &Log, field: Field, add: &mut dyn FnMut(&str)) {
    let requests = log.table.requests();
    let mut of_requests = |value: for<'r> fn(&RequestView<'r>) -> &'r str| {
        requests.iter().for_each(|request| add(value(&request)));
    };
    match field {
        Field::User => of_requests(|request| request.user().unwrap_or_default()),
        Field::Verb => of_requests(|request| request.verb()),
        Field::Namespace => of_requests(|request| request.namespace()),
        Field::ApiGroup => of_requests(|request| request.api_group()),
        Field::Subresource => of_requests(|request| request.subresource()),
        Field::Name => of_requests(|request| request.name()),
        Field::Path => of_requests(|request| request.path()),
        Field::Resource => requests.iter().for_each(|request| add(&request.target())),
        Field::UserGroup => requests
            .iter()
            .flat_map(|request| request.groups())
            .for_each(add),
        Field::Ip => log
            .table
            .sources()
            .flat_map(|addresses| addresses.split(", "))
            .for_each(add),
        Field::UserAgent => log.table.agents().for_each(add),
        Field::Level => {
            Level::ALL.iter().for_each(|level| add(level.name()));
            add("unknown");
        }
        Field::Stage => Stage::ALL.iter().for_each(|stage| add(stage.name())),
        Field::Outcome => {
            Outcome::ALL.iter().for_each(|outcome| add(outcome.name()));
            add(OutcomeFilter::Dropped.name());
        }
        Field::Rule => {
            let rules = log.verdicts.rule_verdicts().len();
            (1..rules).for_each(|rule| add(&rule.to_string()));
            add("none");
        }
        Field::Code => {
            let mut counts = vec![0_u32; 1 << 10];
            for response in log.table.responses() {
                let code = response.code.map(usize::from);
                if let Some(count) = code.and_then(|code| counts.get_mut(code)) {
                    *count += 1;
                }
            }
            let used = counts.iter().enumerate().filter(|(_, count)| **count > 0);
            used.for_each(|(code, _)| add(&code.to_string()));
        }
        Field::Time | Field::AuditId => {}
    }
}
