//! Filters events by words that must all occur, and by `field:value` terms, of which those of one field are alternatives.

use audit_policy::{Level, Verdict};
use audit_sim::{EventOutcome, EventRow, EventTable, RequestView};
use playground_protocol::terms::{Term, terms};
use playground_protocol::{Outcome, OutcomeFilter, RuleFilter, View};

use crate::filter_words::{UNKNOWN, parse_level, parse_outcome};

/// Conditions of a view. Those on the request are evaluated once per distinct request.
pub(crate) struct Filter {
    requests: Vec<bool>,
    has_request_terms: bool,
    terms: Alternatives<RowTerm>,
    outcome: Option<OutcomeFilter>,
    rule: Option<RuleFilter>,
}

/// Terms by field. One term of each field must match, and every bare word.
struct Alternatives<T>(Vec<(String, Vec<T>)>);

impl<T> Default for Alternatives<T> {
    fn default() -> Self {
        Self(Vec::new())
    }
}

impl<T> Alternatives<T> {
    fn add(&mut self, field: &str, term: T) {
        let field = match field {
            "namespace" => "ns",
            "code" => "status",
            field => field,
        };
        let same = self.0.iter_mut().find(|(known, _)| known == field);
        match same.filter(|_| !field.is_empty()) {
            Some((_, terms)) => terms.push(term),
            None => self.0.push((field.to_owned(), vec![term])),
        }
    }

    fn all_match(&self, is_match: impl Fn(&T) -> bool) -> bool {
        self.0.iter().all(|(_, terms)| terms.iter().any(&is_match))
    }
}

/// A condition on the event itself.
enum RowTerm {
    Stage(String),
    Code(String),
    Rule(RuleFilter),
    Level(Level),
    /// The verdict can't be determined.
    UnknownVerdict,
    Outcome(OutcomeFilter),
    /// `true` at the index of each matching entry of source addresses.
    Source(Vec<bool>),
    /// A value that no event can have.
    Never,
}

/// A condition on the request behind it.
enum RequestTerm {
    Word(String),
    User(String),
    Group(String),
    Verb(String),
    Namespace(String),
    Resource(String),
    ApiGroup(String),
    Name(String),
}

impl Filter {
    /// Parses the view's filter text and evaluates its conditions on requests.
    pub(crate) fn new(view: &View, table: &EventTable) -> Self {
        let mut on_row = Alternatives::default();
        let mut on_request = Alternatives::default();
        for Term { field, value, .. } in terms(&view.text) {
            match row_term(&field, &value, table) {
                Some(term) => on_row.add(&field, term),
                None => {
                    let term = request_term(&field, value);
                    on_request.add(&field, term);
                }
            }
        }
        Self {
            has_request_terms: !on_request.0.is_empty(),
            requests: table
                .requests()
                .iter()
                .map(|request| on_request.all_match(|term| term.matches(&request)))
                .collect(),
            terms: on_row,
            outcome: view.outcome,
            rule: view.rule,
        }
    }

    /// Returns `true` if every event matches.
    pub(crate) const fn matches_all(&self) -> bool {
        self.is_on_requests() && !self.has_request_terms
    }

    /// Returns `true` if all conditions are on the request.
    pub(crate) const fn is_on_requests(&self) -> bool {
        self.terms.0.is_empty() && self.outcome.is_none() && self.rule.is_none()
    }

    /// Returns `true` if the conditions on the request match.
    #[inline]
    pub(crate) fn matches_request(&self, request: u32) -> bool {
        let is_match = self.requests.get(request as usize);
        is_match.copied().unwrap_or(false)
    }

    /// Returns `true` if an event matches.
    pub(crate) fn matches(
        &self,
        row: &EventRow<'_>,
        verdict: Option<Verdict>,
        event_outcome: &EventOutcome,
    ) -> bool {
        let outcome = event_outcome.outcome;
        self.outcome.is_none_or(|wanted| wanted.matches(outcome))
            && self.rule.is_none_or(|rule| is_of_rule(verdict, rule))
            && self.matches_request(row.request_id)
            && self
                .terms
                .all_match(|term| term.matches(row, verdict, outcome))
    }
}

fn row_term(field: &str, value: &str, table: &EventTable) -> Option<RowTerm> {
    Some(match field {
        "stage" => RowTerm::Stage(value.to_owned()),
        "code" | "status" => RowTerm::Code(value.to_owned()),
        "source" => RowTerm::Source(
            table
                .sources()
                .map(|addresses| matches_source(addresses, value))
                .collect(),
        ),
        "outcome" => parse_outcome(value).map_or(RowTerm::Never, RowTerm::Outcome),
        "level" | "rule" if value == UNKNOWN => RowTerm::UnknownVerdict,
        "level" => parse_level(value).map_or(RowTerm::Never, RowTerm::Level),
        "rule" if value == "none" => RowTerm::Rule(RuleFilter::NoRule),
        "rule" => match value
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
        {
            Some(index) => RowTerm::Rule(RuleFilter::Rule(index)),
            None => RowTerm::Never,
        },
        _ => return None,
    })
}

/// Returns `true` if a verdict is that of a rule.
fn is_of_rule(verdict: Option<Verdict>, rule: RuleFilter) -> bool {
    verdict.is_some_and(|verdict| RuleFilter::from(verdict.rule) == rule)
}

/// Returns `true` if one of the addresses, or their whole list, equals the value. A `*` at its end matches any rest.
fn matches_source(addresses: &str, value: &str) -> bool {
    let is_match = |address: &str| match value.strip_suffix('*') {
        Some(beginning) => address.to_lowercase().starts_with(beginning),
        None => address.to_lowercase() == value,
    };
    is_match(addresses) || addresses.split(", ").any(is_match)
}

fn request_term(field: &str, value: String) -> RequestTerm {
    match field {
        "user" => RequestTerm::User(value),
        "group" => RequestTerm::Group(value),
        "verb" => RequestTerm::Verb(value),
        "ns" | "namespace" => RequestTerm::Namespace(value),
        "resource" => RequestTerm::Resource(value),
        "apigroup" => RequestTerm::ApiGroup(value),
        "name" => RequestTerm::Name(value),
        _ => RequestTerm::Word(value),
    }
}

impl RowTerm {
    fn matches(&self, row: &EventRow<'_>, verdict: Option<Verdict>, outcome: Outcome) -> bool {
        match self {
            Self::Stage(part) if part.is_empty() => row.attributes.stage.is_none(),
            Self::Stage(part) => row
                .attributes
                .stage
                .is_some_and(|stage| stage.name().to_lowercase().contains(part.as_str())),
            Self::Code(code) => {
                let digits = row.code.map(|code| code.to_string()).unwrap_or_default();
                // `4xx` matches every code of the class.
                match code.strip_suffix("xx") {
                    Some(class) => !digits.is_empty() && digits.starts_with(class),
                    None => digits == *code,
                }
            }
            Self::Rule(rule) => is_of_rule(verdict, *rule),
            Self::Level(level) => verdict.is_some_and(|verdict| verdict.level == *level),
            Self::UnknownVerdict => verdict.is_none(),
            Self::Outcome(wanted) => wanted.matches(outcome),
            Self::Source(is_match) => {
                let is_match = is_match.get(usize::from(row.source_id));
                is_match.copied().unwrap_or(false)
            }
            Self::Never => false,
        }
    }
}

impl RequestTerm {
    fn matches(&self, request: &RequestView<'_>) -> bool {
        let equals = |text: &str, value: &str| text.to_lowercase() == value;
        let contains = |text: &str, value: &str| text.to_lowercase().contains(value);
        match self {
            Self::User(value) => equals(request.user().unwrap_or_default(), value),
            Self::Group(value) if value.is_empty() => request.groups().next().is_none(),
            Self::Group(value) => request.groups().any(|group| equals(group, value)),
            Self::Verb(value) => equals(request.verb(), value),
            Self::Namespace(value) => equals(request.namespace(), value),
            Self::ApiGroup(value) => equals(request.api_group(), value),
            Self::Name(value) => equals(request.name(), value),
            // As in a rule: `pods` is the resource itself, `pods/*` are its subresources, `*/scale` is `scale` of any resource.
            Self::Resource(value) => match value.split_once('/') {
                Some((resource, "*")) if request.is_resource_request() => {
                    equals(request.resource(), resource) && !request.subresource().is_empty()
                }
                Some(("*", subresource)) => equals(request.subresource(), subresource),
                _ => equals(&request.target(), value),
            },
            Self::Word(value) => {
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
                .any(|text| contains(text, value))
            }
        }
    }
}
