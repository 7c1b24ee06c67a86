//! Values of a field in the log, to complete a filter with.

use std::cmp::Reverse;

use audit_filter::{Field, term};
use audit_policy::{Level, Stage};
use audit_sim::{Outcome, RequestView};
use playground_protocol::{FieldValue, FieldValues, OutcomeFilter, ValuesRequest};

use crate::log::Log;
use crate::ranking::Ranking;

/// Returns the values of a field that contain what is typed, those that most requests have first.
pub(crate) fn values(log: &Log, request: ValuesRequest) -> FieldValues {
    let mut ranking = Ranking::of(&request.typed);
    for_each_value(log, request.field, &mut |text| {
        ranking.add(text, Reverse(1_u32), |Reverse(count)| *count += 1);
    });
    let colon = request.field.name().len() + 1;
    let values = ranking.best().into_iter().map(|text| FieldValue {
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
