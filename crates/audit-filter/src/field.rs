//! The fields of a filter: one table for the parser, the completion and the help.

use serde::{Deserialize, Serialize};

/// A field of a term. The names are those that queries, test files and reports use too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum Field {
    /// Name of the user.
    User,
    /// A group of the user.
    UserGroup,
    /// Verb of the request.
    Verb,
    /// Namespace of the object.
    Namespace,
    /// API group; empty is core.
    ApiGroup,
    /// Resource as in a rule: `pods`, `pods/exec`; or the path of a non-resource request.
    Resource,
    /// Subresource alone.
    Subresource,
    /// Name of the object.
    Name,
    /// Path of the URL.
    Path,
    /// Level of the verdict.
    Level,
    /// Rule that matched.
    Rule,
    /// Outcome under the policy.
    Outcome,
    /// Stage of the event.
    Stage,
    /// HTTP status of the response.
    Code,
    /// An address that the request came from.
    Ip,
    /// The client's user agent.
    UserAgent,
    /// Time at which the request was received.
    Time,
    /// Id of the request.
    AuditId,
}

/// Properties of a field.
struct Entry {
    field: Field,
    name: &'static str,
    /// Other names, in lowercase.
    aliases: &'static [&'static str],
    /// A few words on it, for the list of completions.
    summary: &'static str,
}

const fn entry(
    field: Field,
    name: &'static str,
    aliases: &'static [&'static str],
    summary: &'static str,
) -> Entry {
    Entry {
        field,
        name,
        aliases,
        summary,
    }
}

/// All fields, in the order of the help.
const FIELDS: [Entry; 18] = [
    entry(Field::User, "user", &[], "user name"),
    entry(
        Field::UserGroup,
        "userGroup",
        &["group"],
        "group of the user",
    ),
    entry(Field::Verb, "verb", &[], "verb of the request"),
    entry(Field::Namespace, "namespace", &["ns"], "namespace"),
    entry(Field::ApiGroup, "apiGroup", &[], "API group"),
    entry(Field::Resource, "resource", &[], "resource, as in a rule"),
    entry(Field::Subresource, "subresource", &[], "subresource"),
    entry(Field::Name, "name", &[], "object name"),
    entry(Field::Path, "path", &[], "path of the URL"),
    entry(Field::Level, "level", &[], "level under the policy"),
    entry(Field::Rule, "rule", &[], "rule that matches"),
    entry(Field::Outcome, "outcome", &[], "written or dropped"),
    entry(Field::Stage, "stage", &[], "stage of the event"),
    entry(Field::Code, "code", &["status"], "status of the response"),
    entry(Field::Ip, "ip", &["source"], "source address"),
    entry(Field::UserAgent, "useragent", &[], "user agent contains"),
    entry(Field::Time, "time", &[], "when it was received"),
    entry(Field::AuditId, "auditID", &[], "audit ID"),
];

/// Help on terms: an example of each kind, and the events it selects.
pub const HELP: [(&str, &str); 31] = [
    ("user:alice", "events of this user"),
    (
        "user:system:node:*",
        "users whose name begins like this: `*` is any text, in every field of names",
    ),
    (
        "userGroup:system:masters",
        "events of users in this group; also as group:",
    ),
    ("verb:create", "events with this verb"),
    ("verb:create,delete", "any of these values"),
    (
        "-verb:get",
        "all events except these; works with every field, and with words",
    ),
    (
        "namespace:kube-system",
        "events in this namespace; also as ns:",
    ),
    ("apiGroup:apps", "resources of this API group"),
    (
        "resource:pods",
        "this resource, as in a rule: pods/* is every subresource of pods, */scale is scale of any resource",
    ),
    ("subresource:exec", "this subresource of any resource"),
    ("name:coredns", "objects with this name"),
    (
        "path:/healthz*",
        "requests whose path begins like this; the version of a group's API is not compared",
    ),
    (
        "level:M",
        "events at this level: N, M, R or RR, or its name; unknown if it cannot be determined",
    ),
    (
        "rule:3",
        "events that the third rule matches; none if no rule does, unknown if that cannot be determined",
    ),
    (
        "outcome:written",
        "or dropped, dropped-level, dropped-stage, dropped-truncation, unknowable",
    ),
    ("stage:complete", "stages whose name contains this"),
    ("code:403", "responses with this status; also as status:"),
    ("code:4xx", "every status that starts with 4"),
    ("code:>=400", "also with >, < and <=, and for rules"),
    ("code:500..599", "a range, both ends included"),
    ("ip:10.0.0.7", "requests from this address; also as source:"),
    ("ip:10.0.0.0/8", "requests from this network"),
    ("ip:10.0.*", "addresses that begin like this"),
    (
        "useragent:kubectl",
        "clients whose user agent contains this",
    ),
    ("time:2025-01-31", "requests received on this day (UTC)"),
    (
        "time:>2025-01-31T10:00",
        "after this time (UTC, unless it ends in an offset such as +01:00)",
    ),
    (
        "time:10:00..11:30",
        "between these times of the day, on any day",
    ),
    (
        "time:-15m",
        "the last 15 minutes of the log; units are s, m, h and d",
    ),
    ("time:+1h", "the first hour of the log"),
    (
        "auditID:5f0e2ab9-6d3e-4c0c-9d9e-3a1f0a4d7c11",
        "all events of the request with this ID; reads the listed events again",
    ),
    WORDS_HELP,
];

/// Help on words without a field.
pub(crate) const WORDS_HELP: (&str, &str) = (
    "pods web",
    "words without a field: each occurs in the user, a group, the verb, the namespace, the resource, its API group, its name or the path",
);

/// Explanation of how the terms of a filter combine.
pub const COMBINATION: &str = "Values after commas are alternatives, and so are terms of the same field: `verb:create,delete` and `verb:create verb:delete` \
     are the same. Comparisons such as `code:>=400` must all apply, and so must terms of different fields, words, and terms that begin with `-`. Quotes keep \
     spaces together, and make `*` and `,` ordinary characters: `user:\"a b\"`; `user:\"\"` selects events without a user. Upper and lower case are the same. \
     A term with an unknown field is searched for as text, and a value that is not understood is left out; a message under the filter names it.";

impl Field {
    /// Iterates over all fields, in the order of the help.
    pub fn all() -> impl Iterator<Item = Self> {
        FIELDS.iter().map(|entry| entry.field)
    }

    /// Returns the field of a name or an alias, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        let is_it = |entry: &&Entry| {
            let mut names = entry.aliases.iter().chain([&entry.name]);
            names.any(|known| known.eq_ignore_ascii_case(name))
        };
        FIELDS.iter().find(is_it).map(|entry| entry.field)
    }

    fn entry(self) -> Option<&'static Entry> {
        // Invariant: every field is in the table; a test checks it.
        FIELDS.iter().find(|entry| entry.field == self)
    }

    /// Returns the name.
    pub fn name(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    /// Returns a few words on the field.
    pub fn summary(self) -> &'static str {
        self.entry().map_or("", |entry| entry.summary)
    }

    /// Returns the other names.
    pub fn aliases(self) -> &'static [&'static str] {
        self.entry().map_or(&[], |entry| entry.aliases)
    }
}

/// Names of the fields of an event, and other names that people try, with the field that is meant.
const MEANT: [(&str, Field); 21] = [
    ("username", Field::User),
    ("users", Field::User),
    ("who", Field::User),
    ("groups", Field::UserGroup),
    ("usergroups", Field::UserGroup),
    ("verbs", Field::Verb),
    ("method", Field::Verb),
    ("namespaces", Field::Namespace),
    ("resources", Field::Resource),
    ("kind", Field::Resource),
    ("requesturi", Field::Path),
    ("uri", Field::Path),
    ("url", Field::Path),
    ("responsestatus", Field::Code),
    ("statuscode", Field::Code),
    ("sourceips", Field::Ip),
    ("sourceip", Field::Ip),
    ("agent", Field::UserAgent),
    ("requestreceivedtimestamp", Field::Time),
    ("timestamp", Field::Time),
    ("id", Field::AuditId),
];

/// Returns the field that an unknown name probably means: a path of an event's field, another usual name, or a misspelling.
pub(crate) fn meant(name: &str) -> Option<Field> {
    let last = name.rsplit('.').next().unwrap_or(name);
    let plain: String = last
        .chars()
        .filter(|character| !matches!(character, '_' | '-'))
        .collect();
    let plain = plain.to_lowercase();
    let known = Field::from_name(&plain);
    known
        .or_else(|| {
            MEANT
                .iter()
                .find(|(word, _)| *word == plain)
                .map(|(_, field)| *field)
        })
        .or_else(|| misspelled(&plain))
}

fn misspelled(name: &str) -> Option<Field> {
    if !(2..=20).contains(&name.len()) {
        return None;
    }
    let max_distance = if name.len() < 5 { 1 } else { 2 };
    let distance = |known: &str| audit_types::spelling::distance(known, name);
    let names = FIELDS.iter().flat_map(|entry| {
        let names = entry.aliases.iter().chain([&entry.name]);
        names.map(|name| (distance(name), entry.field))
    });
    names
        .filter(|(distance, _)| *distance <= max_distance)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, field)| field)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_and_alias_finds_its_field() {
        for field in Field::all() {
            assert_eq!(Field::from_name(field.name()), Some(field));
            assert_eq!(Field::from_name(&field.name().to_uppercase()), Some(field));
            assert!(!field.summary().is_empty());
            for alias in field.aliases() {
                assert_eq!(Field::from_name(alias), Some(field));
            }
        }
        // The vocabulary of attribute names, and the names that the filter had before.
        for name in "user userGroup verb namespace apiGroup resource subresource name path level rule outcome stage code ip useragent time auditID \
             group ns status source"
            .split_whitespace()
        {
            assert!(Field::from_name(name).is_some(), "{name}");
        }
    }

    #[test]
    fn help_has_every_field_and_parses() {
        for field in Field::all() {
            let names = field.aliases().iter().chain([&"", &""]).copied();
            for name in names.filter(|name| !name.is_empty()).chain([field.name()]) {
                let wanted = [name, ":"].concat();
                let is_there = HELP.iter().any(|(example, meaning)| {
                    let words = meaning.split([' ', ';']);
                    words
                        .chain([*example])
                        .any(|word| word.starts_with(&wanted))
                });
                assert!(is_there, "{name}");
            }
        }
        for (example, _) in HELP {
            let parsed = crate::parse(example);
            assert!(
                parsed.problems.is_empty(),
                "{example}: {:?}",
                parsed.problems
            );
            let field = example
                .split_once(':')
                .map(|(name, _)| name.trim_start_matches('-'));
            assert_eq!(
                parsed.filter.terms.first().and_then(|term| term.field),
                field.and_then(Field::from_name),
                "{example}"
            );
        }
    }

    #[test]
    fn unknown_names_suggest_the_field_that_is_meant() {
        for (name, field) in [
            ("usr", Some(Field::User)),
            ("vreb", Some(Field::Verb)),
            ("user.username", Some(Field::User)),
            ("objectRef.namespace", Some(Field::Namespace)),
            ("responseStatus.code", Some(Field::Code)),
            ("user-agent", Some(Field::UserAgent)),
            ("sourceIPs", Some(Field::Ip)),
            ("requestURI", Some(Field::Path)),
            ("oidc", None),
            ("foo", None),
        ] {
            assert_eq!(meant(name), field, "{name}");
        }
    }
}
