//! The filter box: words that must all occur, and `field:value` terms, of which those of one field are alternatives.

use audit_policy::{Level, Verdict};
use audit_sim::{EventOutcome, EventRow, EventTable, RequestView};
use playground_protocol::terms::{Term, terms};
use playground_protocol::{OutcomeTag, View};

use crate::tags::{UNKNOWN, is_outcome, level_of_word, outcome_of_word, outcome_tag};

/// A view's conditions, those on the request already answered for every distinct request.
pub(crate) struct Filter {
    requests: Vec<bool>,
    asks_for_requests: bool,
    terms: Alternatives<RowTerm>,
    outcome: Option<OutcomeTag>,
    rule: Option<Option<usize>>,
}

/// Terms by field: one of each field must hold, and every bare word.
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

    fn all(&self, holds: impl Fn(&T) -> bool) -> bool {
        self.0.iter().all(|(_, terms)| terms.iter().any(&holds))
    }
}

/// A condition on the event itself.
enum RowTerm {
    Stage(String),
    Code(String),
    Rule(Option<usize>),
    Level(Level),
    /// The verdict cannot be known.
    Unjudged,
    Outcome(OutcomeTag),
    /// By number of the source addresses, whether they fit.
    Source(Vec<bool>),
    /// A value that no event can have.
    Nothing,
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
    /// Reads the view's filter text and settles what the requests alone decide.
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
            asks_for_requests: !on_request.0.is_empty(),
            requests: table
                .requests()
                .iter()
                .map(|request| on_request.all(|term| term.admits(&request)))
                .collect(),
            terms: on_row,
            outcome: view.outcome,
            rule: view.rule,
        }
    }

    /// Whether every event fits.
    pub(crate) const fn admits_all(&self) -> bool {
        self.is_on_requests() && !self.asks_for_requests
    }

    /// Whether the request alone decides.
    pub(crate) const fn is_on_requests(&self) -> bool {
        self.terms.0.is_empty() && self.outcome.is_none() && self.rule.is_none()
    }

    /// Whether the events of a request may fit.
    #[inline]
    pub(crate) fn admits_request(&self, request: u32) -> bool {
        let admitted = self.requests.get(request as usize);
        admitted.copied().unwrap_or(false)
    }

    /// Whether an event fits.
    pub(crate) fn admits(
        &self,
        row: &EventRow<'_>,
        verdict: Option<Verdict>,
        judgement: &EventOutcome,
    ) -> bool {
        let outcome = outcome_tag(judgement);
        self.outcome
            .is_none_or(|wanted| is_outcome(outcome, wanted))
            && self
                .rule
                .is_none_or(|rule| verdict.is_some_and(|verdict| verdict.rule == rule))
            && self.admits_request(row.request_id)
            && self.terms.all(|term| term.admits(row, verdict, outcome))
    }
}

fn row_term(field: &str, value: &str, table: &EventTable) -> Option<RowTerm> {
    Some(match field {
        "stage" => RowTerm::Stage(value.to_owned()),
        "code" | "status" => RowTerm::Code(value.to_owned()),
        "source" => RowTerm::Source(
            table
                .sources()
                .map(|addresses| is_from(addresses, value))
                .collect(),
        ),
        "outcome" => outcome_of_word(value).map_or(RowTerm::Nothing, RowTerm::Outcome),
        "level" | "rule" if value == UNKNOWN => RowTerm::Unjudged,
        "level" => level_of_word(value).map_or(RowTerm::Nothing, RowTerm::Level),
        "rule" if value == "none" => RowTerm::Rule(None),
        "rule" => match value
            .parse::<usize>()
            .ok()
            .and_then(|number| number.checked_sub(1))
        {
            Some(index) => RowTerm::Rule(Some(index)),
            None => RowTerm::Nothing,
        },
        _ => return None,
    })
}

/// Whether one of the addresses, or all of them as they stand, is the value; a star at its end stands for whatever follows.
fn is_from(addresses: &str, value: &str) -> bool {
    let fits = |address: &str| match value.strip_suffix('*') {
        Some(beginning) => address.to_lowercase().starts_with(beginning),
        None => address.to_lowercase() == value,
    };
    fits(addresses) || addresses.split(", ").any(fits)
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
    fn admits(&self, row: &EventRow<'_>, verdict: Option<Verdict>, outcome: OutcomeTag) -> bool {
        match self {
            Self::Stage(part) if part.is_empty() => row.attributes.stage.is_none(),
            Self::Stage(part) => row
                .attributes
                .stage
                .is_some_and(|stage| stage.name().to_lowercase().contains(part.as_str())),
            Self::Code(code) => {
                let digits = row.code.map(|code| code.to_string()).unwrap_or_default();
                // `4xx` is every code of the class.
                match code.strip_suffix("xx") {
                    Some(class) => !digits.is_empty() && digits.starts_with(class),
                    None => digits == *code,
                }
            }
            Self::Rule(rule) => verdict.is_some_and(|verdict| verdict.rule == *rule),
            Self::Level(level) => verdict.is_some_and(|verdict| verdict.level == *level),
            Self::Unjudged => verdict.is_none(),
            Self::Outcome(wanted) => is_outcome(outcome, *wanted),
            Self::Source(fits) => {
                let fits = fits.get(usize::from(row.source_id));
                fits.copied().unwrap_or(false)
            }
            Self::Nothing => false,
        }
    }
}

impl RequestTerm {
    fn admits(&self, request: &RequestView<'_>) -> bool {
        let is = |text: &str, value: &str| text.to_lowercase() == value;
        let has = |text: &str, value: &str| text.to_lowercase().contains(value);
        match self {
            Self::User(value) => is(request.user().unwrap_or_default(), value),
            Self::Group(value) if value.is_empty() => request.groups().next().is_none(),
            Self::Group(value) => request.groups().any(|group| is(group, value)),
            Self::Verb(value) => is(request.verb(), value),
            Self::Namespace(value) => is(request.namespace(), value),
            Self::ApiGroup(value) => is(request.api_group(), value),
            Self::Name(value) => is(request.name(), value),
            // As in a rule: `pods` is the resource itself, `pods/*` its subresources, `*/scale` those of all.
            Self::Resource(value) => match value.split_once('/') {
                Some((resource, "*")) if request.is_resource_request() => {
                    is(request.resource(), resource) && !request.subresource().is_empty()
                }
                Some(("*", subresource)) => is(request.subresource(), subresource),
                _ => is(&request.target(), value),
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
                .any(|text| has(text, value))
            }
        }
    }
}
