//! Words for a selected event that is not the one: what it is, and what the task asks for.

use audit_filter::{Field, Term, Test};
use audit_types::Level;
use audit_types::excerpt::quote;

use crate::log::LogEvent;

/// Returns what a condition asks for: "a request with the verb `create`".
pub(crate) fn asked_words(condition: &Term) -> String {
    let values: Vec<String> = condition.values.iter().map(value_words).collect();
    let values = values.join(" or ");
    let Some(field) = condition.field else {
        return match condition.is_negated {
            true => format!("an event without the word {values}"),
            false => format!("an event with the word {values}"),
        };
    };
    let values = match condition.is_negated {
        true => format!("other than {values}"),
        false => values,
    };
    let before = match field {
        Field::User => "a request by the user",
        Field::UserGroup => "a request by a member of the group",
        Field::Verb => "a request with the verb",
        Field::Namespace => "a request in the namespace",
        Field::ApiGroup => "a request for the API group",
        Field::Resource => "a request for the resource",
        Field::Subresource => "a request for the subresource",
        Field::Name => "a request for an object with the name",
        Field::Path => "a request with the path",
        Field::Level => "an event at the level",
        Field::Rule => "an event with the rule",
        Field::Outcome => "an event with the outcome",
        Field::Stage => "an event with the stage",
        Field::Code => "a response with the status",
        Field::Ip => "a request from the address",
        Field::UserAgent => "a request with the user agent",
        Field::Time => "a request at the time",
        Field::AuditId => "an event with the audit ID",
    };
    let after = match levels(condition).as_slice() {
        [level] if !condition.is_negated => format!(", which has {}", body_words(*level)),
        _ => String::new(),
    };
    format!("{before} {values}{after}")
}

/// Returns what an event has in the field of a condition, if its description does not state it.
pub(crate) fn actual_words(condition: &Term, event: &LogEvent, level: Option<Level>) -> String {
    let words = match condition.field {
        Some(Field::Level) => {
            level.map(|level| format!("at the level `{level}`, with {}", body_words(level)))
        }
        Some(Field::Code) => event.code.map(|code| format!("with the status `{code}`")),
        Some(Field::Ip) => event.ips.last().map(|ip| format!("from {}", quote(ip))),
        Some(Field::UserAgent) => Some(format!("with the user agent {}", quote(&event.agent))),
        _ => None,
    };
    words.map(|words| format!(", {words}")).unwrap_or_default()
}

/// Returns a value: a level by its name, everything else as it is written.
fn value_words(value: &audit_filter::Value) -> String {
    match &value.test {
        Test::Level(Some(level)) => format!("`{level}`"),
        _ => quote(value.text()),
    }
}

fn levels(condition: &Term) -> Vec<Level> {
    let level = |value: &audit_filter::Value| match value.test {
        Test::Level(level) => level,
        _ => None,
    };
    condition.values.iter().filter_map(level).collect()
}

/// Returns the bodies that an event of a level has, if the request and the response have one.
const fn body_words(level: Level) -> &'static str {
    match level {
        Level::Request => "the body of the request",
        Level::RequestResponse => "both bodies",
        _ => "no body",
    }
}
