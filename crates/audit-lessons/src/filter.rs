//! Filters applied to the events of a lesson's log. The terms mean what they mean in the page, with two differences: `name` is the name of the
//! object even where only the body has it, and without a policy `level` is the recorded level.

use audit_filter::{CodeTest, Field, Filter, Pattern, RuleTest, Term, Test, Value};
use audit_policy::{Matcher, Verdict};
use audit_types::{Level, Outcome};

use crate::log::LogEvent;

/// Conditions of a filter: one value of each has to match.
pub(crate) struct Conditions<'f> {
    conditions: Vec<Condition<'f>>,
    matcher: Option<&'f Matcher>,
    bounds: (i64, i64),
}

struct Condition<'f> {
    field: Option<Field>,
    is_negated: bool,
    values: Vec<&'f Value>,
}

impl<'f> Conditions<'f> {
    /// Prepares a filter for the events of a log. `level`, `rule` and `outcome` are those under the policy.
    pub(crate) fn new(
        filter: &'f Filter,
        events: &[LogEvent],
        matcher: Option<&'f Matcher>,
    ) -> Self {
        let times = || events.iter().filter_map(LogEvent::time);
        let bounds = times().min().zip(times().max());
        Self {
            conditions: conditions(&filter.terms),
            matcher,
            bounds: bounds.unwrap_or_default(),
        }
    }

    /// Returns true if an event matches.
    pub(crate) fn matches(&self, event: &LogEvent) -> bool {
        self.mismatch(event).is_none()
    }

    /// Returns the name of the first field that does not match, "text" for a word. `None` if the event matches.
    pub(crate) fn mismatch(&self, event: &LogEvent) -> Option<&'static str> {
        let verdict = event.verdict(self.matcher);
        let failing = self.conditions.iter().find(|condition| {
            let is_match = |value: &&Value| self.test(condition.field, &value.test, event, verdict);
            condition.values.iter().any(is_match) == condition.is_negated
        })?;
        Some(failing.field.map_or("text", Field::name))
    }

    fn test(
        &self,
        field: Option<Field>,
        test: &Test,
        event: &LogEvent,
        verdict: Option<Verdict>,
    ) -> bool {
        match test {
            Test::Text(pattern) => is_text(field, pattern, event),
            Test::Level(level) => event.level_under(verdict) == *level,
            Test::Rule(RuleTest::Unknown) => verdict.is_none(),
            Test::Rule(RuleTest::None) => verdict.is_some_and(|verdict| verdict.rule.is_none()),
            Test::Rule(RuleTest::Number(number)) => {
                let rule = verdict.and_then(|verdict| verdict.rule);
                let rule = rule.and_then(|rule| u32::try_from(rule.number()).ok());
                rule.is_some_and(|rule| number.matches(rule))
            }
            Test::Outcome(outcomes) => outcomes.contains(&outcome(event, verdict)),
            Test::Stage(stages) => match event.stage {
                Some(stage) => stages.contains(&stage),
                None => stages.is_empty(),
            },
            Test::Code(CodeTest::Absent) => event.code.is_none(),
            Test::Code(CodeTest::Number(number)) => {
                event.code.is_some_and(|code| number.matches(code.into()))
            }
            Test::Ip(test) => event.ips.iter().any(|ip| test.matches(ip)),
            Test::Time(test) => {
                let (first, last) = self.bounds;
                event
                    .time()
                    .is_some_and(|time| test.matches(time, first, last))
            }
        }
    }
}

/// Joins the terms of a field that are alternatives, as the page does.
fn conditions(terms: &[Term]) -> Vec<Condition<'_>> {
    let mut conditions: Vec<Condition<'_>> = Vec::new();
    let is_alternative = |values: &[&Value]| !values.iter().any(|value| value.is_comparison());
    for term in terms {
        let values: Vec<&Value> = term.values.iter().collect();
        let same = conditions.iter_mut().find(|known| {
            let is_same = term.field.is_some() && known.field == term.field;
            is_same && !term.is_negated && !known.is_negated && is_alternative(&known.values)
        });
        match same.filter(|_| is_alternative(&values)) {
            Some(known) => known.values.extend(values),
            None => conditions.push(Condition {
                field: term.field,
                is_negated: term.is_negated,
                values,
            }),
        }
    }
    conditions
}

fn outcome(event: &LogEvent, verdict: Option<Verdict>) -> Outcome {
    let Some(verdict) = verdict else {
        return Outcome::Written;
    };
    if verdict.level == Level::None {
        return Outcome::DroppedLevel;
    }
    let is_omitted = event
        .stage
        .is_some_and(|stage| verdict.omit_stages.contains(stage));
    match is_omitted {
        true => Outcome::DroppedStage,
        false => Outcome::Written,
    }
}

fn is_text(field: Option<Field>, pattern: &Pattern, event: &LogEvent) -> bool {
    let request = &event.request;
    let user = request.user.as_deref().unwrap_or_default();
    let target = target(event);
    match field {
        Some(Field::User) => pattern.matches(user),
        Some(Field::UserGroup) if pattern.is_empty() => request.groups.is_empty(),
        Some(Field::UserGroup) => request.groups.iter().any(|group| pattern.matches(group)),
        Some(Field::Verb) => pattern.matches(&request.verb),
        Some(Field::Namespace) => pattern.matches(&request.namespace),
        Some(Field::ApiGroup) => pattern.matches(&request.api_group),
        Some(Field::Name) => pattern.matches(&event.name),
        Some(Field::Subresource) => pattern.matches(&request.subresource),
        Some(Field::Resource) => is_resource(pattern, event),
        Some(Field::Path) => pattern.matches(&request.path),
        Some(Field::UserAgent) if pattern.is_empty() => event.agent.is_empty(),
        Some(Field::UserAgent) => pattern.matches_part(&event.agent),
        Some(Field::AuditId) => pattern.matches(&event.audit_id),
        _ => {
            let texts = [user, &request.verb, &request.namespace, &request.api_group];
            let more = [event.name.as_str(), target.as_str(), &request.path];
            let groups = request.groups.iter().map(String::as_str);
            let mut all = texts.into_iter().chain(more).chain(groups);
            all.any(|text| pattern.matches_part(text))
        }
    }
}

/// Returns the resource as in a rule, or the path of a URL that is not of one.
pub(crate) fn target(event: &LogEvent) -> String {
    match event.request.is_resource_request {
        true => event.request.full_resource(),
        false => event.request.path.clone(),
    }
}

fn is_resource(pattern: &Pattern, event: &LogEvent) -> bool {
    let request = &event.request;
    let has_asterisk = pattern.as_literal().is_none();
    match pattern.text().split_once('/') {
        Some((resource, "*")) if has_asterisk && request.is_resource_request => {
            Pattern::literal(resource).matches(&request.resource) && !request.subresource.is_empty()
        }
        Some(("*", subresource)) if has_asterisk && !subresource.contains('*') => {
            Pattern::literal(subresource).matches(&request.subresource)
        }
        _ => pattern.matches(&target(event)),
    }
}
