//! A filter applied to events one by one.

use std::fmt;

use audit_filter::{CodeTest, Field, Pattern, Term, Test, TimePoint, TimeTest, Value, parse};
use audit_log::{Attributes, Event, json};
use audit_types::Request;

use crate::client::strings;
use crate::object::recorded_name;

/// A filter whose conditions need only the event.
///
/// It selects as the filter of the page does, with one addition: `name:` also matches the name of an object that a request created, which
/// `objectRef` has. Fields that depend on a policy are not supported, and times relative to the log are not either.
#[derive(Debug, Clone)]
pub struct EventFilter {
    conditions: Vec<Condition>,
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

/// Values of which one must match, or none if it is negated.
#[derive(Debug, Clone)]
struct Condition {
    field: Option<Field>,
    is_negated: bool,
    values: Vec<Value>,
}

impl EventFilter {
    /// Parses a filter. What is not understood is searched for or left out, as [`parse`] reports it.
    ///
    /// # Errors
    /// Returns the first field that needs more than an event.
    pub fn new(text: &str) -> Result<Self, UnsupportedField> {
        let mut conditions: Vec<Condition> = Vec::new();
        for Term {
            field,
            is_negated,
            values,
        } in parse(text).filter.terms
        {
            let needs_policy = [Field::Level, Field::Rule, Field::Outcome];
            if let Some(field) = field.filter(|field| needs_policy.contains(field)) {
                return Err(UnsupportedField(field));
            }
            if field == Some(Field::Time) && values.iter().any(is_relative) {
                return Err(UnsupportedField(Field::Time));
            }
            let is_alternative = |values: &[Value]| !values.iter().any(Value::is_comparison);
            let same = conditions.iter_mut().find(|known| {
                field.is_some()
                    && known.field == field
                    && !is_negated
                    && !known.is_negated
                    && is_alternative(&known.values)
            });
            match same.filter(|_| is_alternative(&values)) {
                Some(known) => known.values.extend(values),
                None => conditions.push(Condition {
                    field,
                    is_negated,
                    values,
                }),
            }
        }
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
            let is_match = |value: &Value| condition.matches(&value.test, event, attributes);
            values.any(is_match) != condition.is_negated
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

impl Condition {
    fn matches(&self, test: &Test, event: &Event<'_>, attributes: &Attributes) -> bool {
        match (test, self.field) {
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
            (Test::Text(pattern), field) => is_request(field, pattern, &attributes.request),
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
}

fn is_request(field: Option<Field>, pattern: &Pattern, request: &Request) -> bool {
    let user = request.user.as_deref().unwrap_or_default();
    match field {
        Some(Field::User) => pattern.matches(user),
        Some(Field::UserGroup) if pattern.is_empty() => request.groups.is_empty(),
        Some(Field::UserGroup) => request.groups.iter().any(|group| pattern.matches(group)),
        Some(Field::Verb) => pattern.matches(&request.verb),
        Some(Field::Namespace) => pattern.matches(&request.namespace),
        Some(Field::ApiGroup) => pattern.matches(&request.api_group),
        Some(Field::Subresource) => pattern.matches(&request.subresource),
        Some(Field::Path) => pattern.matches(&request.path),
        Some(Field::Resource) => is_resource(pattern, request),
        _ => {
            let target = target(request);
            let own = [
                user,
                &request.verb,
                &request.namespace,
                &request.api_group,
                &request.name,
                &target,
            ];
            let groups = request.groups.iter().map(String::as_str);
            own.into_iter()
                .chain(groups)
                .any(|text| pattern.matches_part(text))
        }
    }
}

/// Matches as in a rule: `pods` is the resource itself, `pods/*` are its subresources, `*/scale` is `scale` of any resource.
fn is_resource(pattern: &Pattern, request: &Request) -> bool {
    let has_asterisk = pattern.as_literal().is_none();
    match pattern.text().split_once('/') {
        Some((resource, "*")) if has_asterisk && request.is_resource_request => {
            Pattern::literal(resource).matches(&request.resource) && !request.subresource.is_empty()
        }
        Some(("*", subresource)) if has_asterisk && !subresource.contains('*') => {
            Pattern::literal(subresource).matches(&request.subresource)
        }
        _ => pattern.matches(&target(request)),
    }
}

/// Returns resource and subresource, or the path of another request.
fn target(request: &Request) -> String {
    match (request.is_resource_request, request.subresource.as_str()) {
        (false, _) => request.path.clone(),
        (true, "") => request.resource.clone(),
        (true, subresource) => [&request.resource, "/", subresource].concat(),
    }
}
