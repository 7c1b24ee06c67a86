//! Filters applied to the events of a lesson's log. The terms mean what they mean in the page, with two differences: `name` is the name of the
//! object even where only the body has it, and without a policy `level` is the recorded level.

use audit_filter::{
    CodeTest, Field, Filter, Pattern, RuleTest, Term, Test, Value, request_matches,
};
use audit_policy::{Matcher, Verdict};
use audit_types::{Level, Outcome};

use crate::log::LogEvent;

/// Conditions of a filter: one value of each has to match.
pub(crate) struct Conditions<'f> {
    conditions: Vec<Term>,
    matcher: Option<&'f Matcher>,
    bounds: (i64, i64),
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
            conditions: filter.clone().conditions(),
            matcher,
            bounds: bounds.unwrap_or_default(),
        }
    }

    /// Returns true if an event matches.
    pub(crate) fn matches(&self, event: &LogEvent) -> bool {
        self.mismatch(event).is_none()
    }

    /// Returns the first condition that does not hold. `None` if the event matches.
    pub(crate) fn mismatch(&self, event: &LogEvent) -> Option<&Term> {
        let verdict = event.verdict(self.matcher);
        self.conditions.iter().find(|condition| {
            let is_match = |value: &Value| self.test(condition.field, &value.test, event, verdict);
            condition.values.iter().any(is_match) == condition.is_negated
        })
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
    match field {
        Some(Field::UserAgent) if pattern.is_empty() => event.agent.is_empty(),
        Some(Field::UserAgent) => pattern.matches_part(&event.agent),
        Some(Field::AuditId) => pattern.matches(&event.audit_id),
        _ => request_matches(field, pattern, &event.request, &event.name),
    }
}
