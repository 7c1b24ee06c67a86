//! The filter box: words that must all occur, and `field:value` terms.

use audit_policy::{Level, RequestView, Requests, Verdict};
use audit_sim::{EventRow, Judgement};
use playground_protocol::{OutcomeTag, View};

use crate::tags::{level_of_word, outcome_tag};

/// A view's conditions, those on the request already answered for every distinct request.
pub(crate) struct Filter {
    requests: Vec<bool>,
    asks_for_requests: bool,
    terms: Vec<RowTerm>,
    outcome: Option<OutcomeTag>,
    rule: Option<Option<usize>>,
}

/// A condition on the event itself.
enum RowTerm {
    Stage(String),
    Code(String),
    Rule(Option<usize>),
    Level(Option<Level>),
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
    pub(crate) fn new(view: &View, requests: &Requests) -> Self {
        let mut on_row = Vec::new();
        let mut on_request = Vec::new();
        for (field, value) in terms(&view.text) {
            match row_term(&field, &value) {
                Some(term) => on_row.push(term),
                None => on_request.push(request_term(&field, value)),
            }
        }
        Self {
            asks_for_requests: !on_request.is_empty(),
            requests: requests
                .iter()
                .map(|request| on_request.iter().all(|term| term.admits(&request)))
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
        self.terms.is_empty() && self.outcome.is_none() && self.rule.is_none()
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
        judgement: &Judgement,
    ) -> bool {
        let outcome = outcome_tag(judgement);
        let fits_outcome = match self.outcome {
            None => true,
            Some(OutcomeTag::Dropped) => {
                !matches!(outcome, OutcomeTag::Written | OutcomeTag::Unknowable)
            }
            Some(wanted) => outcome == wanted,
        };
        fits_outcome
            && self
                .rule
                .is_none_or(|rule| verdict.is_some_and(|verdict| verdict.rule == rule))
            && self.admits_request(row.request_number)
            && self.terms.iter().all(|term| term.admits(row, verdict))
    }
}

/// Splits a filter text into field (empty for a bare word) and value, both lowercase; double quotes hold spaces together.
fn terms(text: &str) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut word = String::new();
    let mut field = String::new();
    let mut quoted = false;
    let mut was_quoted = false;
    for character in text.chars().chain([' ']) {
        match character {
            '"' => {
                quoted = !quoted;
                was_quoted = true;
            }
            ':' if !quoted && field.is_empty() && is_field(&word) => {
                field = std::mem::take(&mut word).to_lowercase();
            }
            space if space.is_whitespace() && !quoted => {
                if !word.is_empty() || was_quoted {
                    found.push((
                        std::mem::take(&mut field),
                        std::mem::take(&mut word).to_lowercase(),
                    ));
                }
                field.clear();
                was_quoted = false;
            }
            other => word.push(other),
        }
    }
    if quoted && !word.trim_end().is_empty() {
        found.push((field, word.trim_end().to_lowercase()));
    }
    found
}

fn is_field(word: &str) -> bool {
    const FIELDS: [&str; 13] = [
        "user",
        "group",
        "verb",
        "ns",
        "namespace",
        "resource",
        "apigroup",
        "name",
        "stage",
        "code",
        "status",
        "rule",
        "level",
    ];
    FIELDS.iter().any(|field| field.eq_ignore_ascii_case(word))
}

fn row_term(field: &str, value: &str) -> Option<RowTerm> {
    Some(match field {
        "stage" => RowTerm::Stage(value.to_owned()),
        "code" | "status" => RowTerm::Code(value.to_owned()),
        "level" => RowTerm::Level(level_of_word(value)),
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
    fn admits(&self, row: &EventRow<'_>, verdict: Option<Verdict>) -> bool {
        match self {
            Self::Stage(part) => row
                .facts
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
            Self::Level(level) => level.is_some() && verdict.map(|verdict| verdict.level) == *level,
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
            Self::Group(value) => request.groups().any(|group| is(group, value)),
            Self::Verb(value) => is(request.verb(), value),
            Self::Namespace(value) => is(request.namespace(), value),
            Self::ApiGroup(value) => is(request.api_group(), value),
            Self::Name(value) => is(request.name(), value),
            Self::Resource(value) => {
                is(&request.target(), value)
                    || request.is_resource_request() && is(request.resource(), value)
            }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filter_texts_are_split_into_terms() {
        let split = |text: &str| {
            terms(text)
                .into_iter()
                .map(|(field, value)| format!("{field}={value}"))
                .collect::<Vec<_>>()
        };
        assert_eq!(split("user:Alice  pods"), ["user=alice", "=pods"]);
        assert_eq!(split("system:node:n1"), ["=system:node:n1"]);
        assert_eq!(split("user:system:node:n1"), ["user=system:node:n1"]);
        assert_eq!(split("user:\"a b\" ns:\"\""), ["user=a b", "ns="]);
        assert_eq!(split("\"a b"), ["=a b"]);
        assert!(split("  ").is_empty());
    }
}
