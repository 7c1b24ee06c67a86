//! A filter applied to events one by one.

use std::fmt;

use audit_filter::{
    CodeTest, Field, Term, Test, TimePoint, TimeTest, Value, parse, request_matches,
};
use audit_log::{Attributes, Event, json};

use crate::client::strings;
use crate::object::recorded_name;

/// A filter whose conditions need only the event.
///
/// It selects as the filter of the page does, with one addition: `name:` also matches the name of an object that a request created, which
/// `objectRef` has. Fields that depend on a policy are not supported, and times relative to the log are not either.
#[derive(Debug, Clone)]
pub struct EventFilter {
    conditions: Vec<Term>,
}

/// A field of a filter that events alone cannot be compared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct UnsupportedField(pub Field);

impl fmt::Display for UnsupportedField {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.0.name();
        match self.0 {
            Field::Time => f.write_str("`time:` relative to the log is not supported here"),
            _ => write!(f, "`{name}:` needs a policy, and is not supported here"),
        }
    }
}

impl std::error::Error for UnsupportedField {}

impl EventFilter {
    /// Parses a filter. What is not understood is searched for or left out, as [`parse`] reports it.
    ///
    /// # Errors
    /// Returns the first field that needs more than an event.
    pub fn new(text: &str) -> Result<Self, UnsupportedField> {
        let filter = parse(text).filter;
        let needs_policy = [Field::Level, Field::Rule, Field::Outcome];
        for term in &filter.terms {
            if let Some(field) = term.field.filter(|field| needs_policy.contains(field)) {
                return Err(UnsupportedField(field));
            }
            if term.field == Some(Field::Time) && term.values.iter().any(is_relative) {
                return Err(UnsupportedField(Field::Time));
            }
        }
        let conditions = filter.conditions();
        Ok(Self { conditions })
    }

    /// Returns `true` if an event matches.
    pub fn matches(&self, event: &Event<'_>) -> bool {
        self.matches_with(event, &Attributes::from_event(event))
    }

    /// Returns `true` if an event whose attributes are known matches.
    pub(crate) fn matches_with(&self, event: &Event<'_>, attributes: &Attributes) -> bool {
        self.conditions.iter().all(|condition| {
            let mut values = condition.values.iter();
            let is_value =
                |value: &Value| is_match(condition.field, &value.test, event, attributes);
            values.any(is_value) != condition.is_negated
        })
    }
}

/// Returns `true` for times such as `-15m`, which depend on the first or last event of the log.
fn is_relative(value: &Value) -> bool {
    let is_relative =
        |point: &TimePoint| matches!(point, TimePoint::AfterFirst(_) | TimePoint::BeforeLast(_));
    match &value.test {
        Test::Time(
            TimeTest::Within(point)
            | TimeTest::After(point)
            | TimeTest::Since(point)
            | TimeTest::Before(point)
            | TimeTest::Until(point),
        ) => is_relative(point),
        Test::Time(TimeTest::Between(first, last)) => is_relative(first) || is_relative(last),
        _ => false,
    }
}

fn is_match(field: Option<Field>, test: &Test, event: &Event<'_>, attributes: &Attributes) -> bool {
    match (test, field) {
        (Test::Text(pattern), Some(Field::UserAgent)) => {
            let agent = event.user_agent.and_then(json::string_with_placeholders);
            let agent = agent.unwrap_or_default();
            match pattern.is_empty() {
                true => agent.is_empty(),
                false => pattern.matches_part(&agent),
            }
        }
        (Test::Text(pattern), Some(Field::AuditId)) => {
            let id = event.audit_id.and_then(json::string_with_placeholders);
            pattern.matches(&id.unwrap_or_default())
        }
        (Test::Text(pattern), Some(Field::Name)) => {
            let request = &attributes.request;
            let is_created = request.name.is_empty() && request.verb == "create";
            let created = is_created.then(|| recorded_name(event)).flatten();
            pattern.matches(created.as_deref().unwrap_or(&request.name))
        }
        (Test::Text(pattern), field) => {
            let request = &attributes.request;
            request_matches(field, pattern, request, &request.name)
        }
        (Test::Stage(stages), _) => match event.recorded_stage() {
            Some(stage) => stages.contains(&stage),
            None => stages.is_empty(),
        },
        (Test::Code(CodeTest::Absent), _) => event.code().is_none(),
        (Test::Code(CodeTest::Number(number)), _) => {
            event.code().is_some_and(|code| number.matches(code.into()))
        }
        (Test::Ip(test), _) => {
            let mut addresses = event.source_ips.map(strings).into_iter().flatten();
            addresses.any(|address| test.matches(&address))
        }
        (Test::Time(test), _) => event
            .time()
            .is_some_and(|time| test.matches(time, time, time)),
        _ => false,
    }
}
