//! Filters events by the terms of a view: conditions on requests, which are evaluated once per distinct request, and on events.

use audit_filter::{CodeTest, Field, Pattern, RuleTest, Term, Test, Value, parse};
use audit_policy::Verdict;
use audit_sim::{EventOutcome, EventRow, Outcome, RequestView};
use audit_types::{EventId, LogFindingKind, RequestId};
use playground_protocol::{ContradictionFilter, OutcomeFilter, RuleFilter, View};

use crate::log::Log;

/// Conditions of a view. Those on the request are evaluated once per distinct request.
pub(crate) struct Filter {
    requests: Vec<bool>,
    has_request_terms: bool,
    conditions: Vec<RowCondition>,
    outcome: Option<OutcomeFilter>,
    rule: Option<RuleFilter>,
    contradiction: Option<ContradictionFilter>,
    finding: Option<LogFindingKind>,
    /// Times of the log's first and last event.
    bounds: (i64, i64),
}

/// A condition on an event itself.
struct RowCondition {
    condition: Term,
    /// For conditions on the client: by id of the source addresses or of the user agent, `true` if it matches.
    ids: Vec<bool>,
}

/// Returns `true` if a field depends on the request alone.
const fn is_of_request(field: Option<Field>) -> bool {
    !matches!(
        field,
        Some(
            Field::Level
                | Field::Rule
                | Field::Outcome
                | Field::Stage
                | Field::Code
                | Field::Ip
                | Field::UserAgent
                | Field::Time
                | Field::AuditId
        )
    )
}

impl Filter {
    /// Parses the view's filter text and evaluates its conditions on requests. Conditions that select values of `except` are left out.
    pub(crate) fn new(view: &View, log: &Log, except: Option<Field>) -> Self {
        let mut filter = parse(&view.text).filter;
        let is_left_out =
            |term: &Term| term.field.is_some() && term.field == except && !term.is_negated;
        filter.terms.retain(|term| !is_left_out(term));
        let conditions = filter.conditions();
        let (on_request, on_row): (Vec<_>, Vec<_>) = conditions
            .into_iter()
            .partition(|condition| is_of_request(condition.field));
        let requests = log.table.requests().iter();
        Self {
            has_request_terms: !on_request.is_empty(),
            requests: requests
                .map(|request| on_request.iter().all(|one| matches_request(one, &request)))
                .collect(),
            conditions: on_row
                .into_iter()
                .map(|condition| RowCondition::new(condition, log))
                .collect(),
            outcome: view.outcome.filter(|_| except != Some(Field::Outcome)),
            rule: view.rule.filter(|_| except != Some(Field::Rule)),
            contradiction: view.contradiction,
            finding: view.finding,
            bounds: log.window.bounds().unwrap_or_default(),
        }
    }

    /// Returns `true` if every event matches.
    pub(crate) const fn matches_all(&self) -> bool {
        self.is_on_requests() && !self.has_request_terms
    }

    /// Returns `true` if all conditions are on the request.
    pub(crate) const fn is_on_requests(&self) -> bool {
        self.conditions.is_empty()
            && self.outcome.is_none()
            && self.rule.is_none()
            && self.contradiction.is_none()
            && self.finding.is_none()
    }

    /// Returns `true` if the conditions on the request match.
    #[inline]
    pub(crate) fn matches_request(&self, request: RequestId) -> bool {
        let is_match = self.requests.get(request.index());
        is_match.copied().unwrap_or(false)
    }

    /// Returns the ids of the events that match.
    pub(crate) fn select(&self, log: &Log) -> Vec<EventId> {
        let is_match = |event: &EventId| {
            let Some(request) = log.table.request_of(*event) else {
                return false;
            };
            if !self.matches_request(request) || self.is_on_requests() {
                return self.matches_request(request);
            }
            log.table.row(*event).is_some_and(|row| {
                let (verdict, event_outcome) = log.outcome_of(&row);
                self.matches(*event, &row, verdict, &event_outcome, log)
            })
        };
        log.visible_from(0).filter(is_match).collect()
    }

    fn matches(
        &self,
        event: EventId,
        row: &EventRow<'_>,
        verdict: Option<Verdict>,
        event_outcome: &EventOutcome,
        log: &Log,
    ) -> bool {
        let outcome = event_outcome.outcome;
        let is_of_rule =
            |rule| verdict.is_some_and(|verdict| RuleFilter::from(verdict.rule) == rule);
        let has_contradiction =
            |wanted: ContradictionFilter| wanted.matches(log.contradictions.of(event));
        let has_finding = |wanted| log.findings.of(event).contains(wanted);
        self.outcome.is_none_or(|wanted| wanted.matches(outcome))
            && self.contradiction.is_none_or(has_contradiction)
            && self.finding.is_none_or(has_finding)
            && self.rule.is_none_or(is_of_rule)
            && self.conditions.iter().all(|one| {
                let id = match one.condition.field {
                    Some(Field::Ip) => Some(row.source_id),
                    Some(Field::UserAgent) => Some(row.agent_id),
                    _ => None,
                };
                let mut values = one.condition.values.iter();
                let is_match = match (id, one.condition.field) {
                    (Some(id), _) => one.ids.get(usize::from(id)).copied().unwrap_or(false),
                    (None, Some(Field::AuditId)) => {
                        values.any(|value| log.audit_ids.contains(value, event))
                    }
                    (None, _) => values.any(|value| self.test(&value.test, row, verdict, outcome)),
                };
                is_match != one.condition.is_negated
            })
    }

    /// Evaluates a condition on an event itself.
    fn test(
        &self,
        test: &Test,
        row: &EventRow<'_>,
        verdict: Option<Verdict>,
        outcome: Outcome,
    ) -> bool {
        match test {
            Test::Outcome(outcomes) => outcomes.contains(&outcome),
            Test::Level(level) => verdict.map(|verdict| verdict.level) == *level,
            Test::Rule(RuleTest::Unknown) => verdict.is_none(),
            Test::Rule(RuleTest::None) => verdict.is_some_and(|verdict| verdict.rule.is_none()),
            Test::Rule(RuleTest::Number(number)) => {
                let rule = verdict.and_then(|verdict| verdict.rule);
                let rule = rule.and_then(|rule| u32::try_from(rule.number()).ok());
                rule.is_some_and(|rule| number.matches(rule))
            }
            Test::Stage(stages) => match row.attributes.stage {
                Some(stage) => stages.contains(&stage),
                None => stages.is_empty(),
            },
            Test::Code(CodeTest::Absent) => row.code.is_none(),
            Test::Code(CodeTest::Number(number)) => {
                row.code.is_some_and(|code| number.matches(code.into()))
            }
            Test::Time(test) => row
                .time
                .is_some_and(|time| test.matches(time, self.bounds.0, self.bounds.1)),
            // Conditions on the client are evaluated by id, those on audit IDs by row.
            Test::Ip(_) | Test::Text(_) => false,
        }
    }
}

impl RowCondition {
    fn new(condition: Term, log: &Log) -> Self {
        let by_text = |test: fn(&Test, &str) -> bool, texts: &mut dyn Iterator<Item = &str>| {
            texts
                .map(|text| condition.values.iter().any(|value| test(&value.test, text)))
                .collect()
        };
        let ids = match condition.field {
            Some(Field::Ip) => by_text(is_from, &mut log.table.sources()),
            Some(Field::UserAgent) => by_text(is_agent, &mut log.table.agents()),
            _ => Vec::new(),
        };
        Self { condition, ids }
    }
}

/// Returns `true` if one of the addresses, or their whole list, matches.
fn is_from(test: &Test, addresses: &str) -> bool {
    match test {
        Test::Ip(test) => {
            test.matches(addresses) || addresses.split(", ").any(|one| test.matches(one))
        }
        _ => false,
    }
}

/// Returns `true` if a user agent contains the text.
fn is_agent(test: &Test, agent: &str) -> bool {
    match test {
        Test::Text(pattern) if pattern.is_empty() => agent.is_empty(),
        Test::Text(pattern) => pattern.matches_part(agent),
        _ => false,
    }
}

fn matches_request(condition: &Term, request: &RequestView<'_>) -> bool {
    let is_match = |value: &Value| match &value.test {
        Test::Text(pattern) => is_request(condition.field, pattern, request),
        _ => false,
    };
    condition.values.iter().any(is_match) != condition.is_negated
}

fn is_request(field: Option<Field>, pattern: &Pattern, request: &RequestView<'_>) -> bool {
    match field {
        Some(Field::User) => pattern.matches(request.user().unwrap_or_default()),
        Some(Field::UserGroup) if pattern.is_empty() => request.groups().next().is_none(),
        Some(Field::UserGroup) => request.groups().any(|group| pattern.matches(group)),
        Some(Field::Verb) => pattern.matches(request.verb()),
        Some(Field::Namespace) => pattern.matches(request.namespace()),
        Some(Field::ApiGroup) => pattern.matches(request.api_group()),
        Some(Field::Name) => pattern.matches(request.name()),
        Some(Field::Subresource) => pattern.matches(request.subresource()),
        Some(Field::Resource) => {
            let parts = (request.resource(), request.subresource());
            let resource = request.is_resource_request().then_some(parts);
            pattern.matches_resource(resource, &request.target())
        }
        Some(Field::Path) => pattern.matches(&path(pattern, request)),
        _ => {
            let target = request.target();
            [
                request.user().unwrap_or_default(),
                request.verb(),
                request.namespace(),
                request.api_group(),
                request.name(),
                &target,
                request.proxied_path(),
            ]
            .into_iter()
            .chain(request.groups())
            .any(|text| pattern.matches_part(text))
        }
    }
}

/// Returns the path of a request. A request for a resource is kept without the version of its group, so that of the pattern is used.
fn path(pattern: &Pattern, request: &RequestView<'_>) -> String {
    if !request.is_resource_request() {
        return request.path().to_owned();
    }
    let mut path = match request.api_group() {
        "" => "/api/v1".to_owned(),
        group => {
            let text = pattern.text();
            let version = text.split('/').nth(3);
            let version = version.filter(|version| !version.is_empty() && !version.contains('*'));
            ["/apis/", group, "/", version.unwrap_or("v1")].concat()
        }
    };
    let mut add = |segment: &str| {
        if !segment.is_empty() {
            path.push('/');
            path.push_str(segment);
        }
    };
    if !request.namespace().is_empty() && request.resource() != "namespaces" {
        add("namespaces");
        add(request.namespace());
    }
    for segment in [
        request.resource(),
        request.name(),
        request.subresource(),
        request.proxied_path(),
    ] {
        add(segment);
    }
    path
}
