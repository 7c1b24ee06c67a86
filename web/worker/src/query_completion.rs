//! Completion of a query: attributes, and their values in the policy, the log, and Kubernetes itself.

use std::ops::Range;

use audit_analysis::{Attribute, queried_attribute, quoted_value};
use audit_filter::Field;
use audit_policy::{KubernetesVersion, Rule, known_resources};
use audit_sim::RequestView;
use playground_protocol::{QueryChoice, QueryCompletionRequest, QueryCompletions};

use crate::log::Log;
use crate::options::for_each_value;
use crate::policy::Accepted;
use crate::ranking::Ranking;

/// Descriptions of the attributes, in the order of [`Attribute::ALL`].
const NOTES: [&str; 9] = [
    "name of the user",
    "a group of the user",
    "verb, or the method of a request for a URL",
    "API group; empty for the core group",
    "resource with its subresources, or `pods/exec`",
    "subresource; empty for the resource itself",
    "namespace; empty outside of namespaces",
    "name of the object",
    "path of a URL that is not of a resource",
];

/// Verbs of requests for resources, and methods of requests for URLs.
const VERBS: [&str; 11] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "post",
    "put",
    "head",
];

const USERS: [&str; 5] = [
    "system:anonymous",
    "system:apiserver",
    "system:kube-controller-manager",
    "system:kube-proxy",
    "system:kube-scheduler",
];

const GROUPS: [&str; 5] = [
    "system:authenticated",
    "system:masters",
    "system:nodes",
    "system:serviceaccounts",
    "system:unauthenticated",
];

const NAMESPACES: [&str; 4] = ["default", "kube-node-lease", "kube-public", "kube-system"];

const PATHS: [&str; 6] = [
    "/healthz*",
    "/livez*",
    "/metrics",
    "/openapi*",
    "/readyz*",
    "/version",
];

/// The part of a query that is being typed.
#[derive(Debug, PartialEq, Eq)]
struct Typed {
    /// The part that a choice replaces.
    range: Range<usize>,
    /// Its text up to the caret, without quotes.
    text: String,
    /// The attribute of a value; `None` for a value of an unknown attribute.
    of: Of,
}

#[derive(Debug, PartialEq, Eq)]
enum Of {
    /// The name of an attribute.
    Name,
    /// A value of an attribute.
    Value(Option<Attribute>),
}

/// Returns what can complete a query at its caret.
pub(crate) fn complete(
    accepted: Option<&Accepted>,
    log: &Log,
    request: QueryCompletionRequest,
) -> QueryCompletions {
    let typed = typed(&request.query, request.caret);
    let Some(Typed { range, text, of }) = typed else {
        return QueryCompletions {
            from: request.caret,
            to: request.caret,
            request,
            choices: Vec::new(),
        };
    };
    let choices = match of {
        Of::Name => names(&text, request.query.get(range.end..).unwrap_or_default()),
        Of::Value(attribute) => attribute.map_or_else(Vec::new, |attribute| {
            values(attribute, &text, accepted, log)
        }),
    };
    QueryCompletions {
        request,
        from: range.start,
        to: range.end,
        choices,
    }
}

fn typed(query: &str, caret: usize) -> Option<Typed> {
    let before = query.get(..caret)?;
    let after = query.get(caret..)?;
    let (mut start, mut value) = (0, None);
    let mut is_quoted = false;
    let mut chars = before.char_indices();
    while let Some((at, c)) = chars.next() {
        let next = at + c.len_utf8();
        match c {
            '"' => is_quoted = !is_quoted,
            '\\' if is_quoted => {
                chars.next();
            }
            _ if is_quoted => {}
            c if c.is_whitespace() => (start, value) = (next, None),
            '=' | ':' if value.is_none() => value = Some((at, next)),
            ',' => value = value.map(|(key, _)| (key, next)),
            _ => {}
        }
    }
    let ends = |c: char| c.is_whitespace() || c == ',';
    let Some((key_end, from)) = value else {
        let end = after
            .find(|c: char| ends(c) || matches!(c, '=' | '!' | ':'))
            .unwrap_or(after.len());
        return Some(Typed {
            range: start..caret + end,
            text: before.get(start..)?.to_owned(),
            of: Of::Name,
        });
    };
    let key = before.get(start..key_end)?.trim_end_matches('!');
    let end = if is_quoted {
        after.find('"').map_or(after.len(), |quote| quote + 1)
    } else {
        after.find(ends).unwrap_or(after.len())
    };
    Some(Typed {
        range: from..caret + end,
        text: before.get(from..)?.replace('"', ""),
        of: Of::Value(queried_attribute(key)),
    })
}

fn names(typed: &str, after: &str) -> Vec<QueryChoice> {
    let typed = typed.to_lowercase();
    let end = if after.starts_with(['=', '!', ':']) {
        ""
    } else {
        "="
    };
    let all = Attribute::ALL.into_iter().zip(NOTES);
    all.filter(|(attribute, _)| attribute.name().to_lowercase().starts_with(&typed))
        .map(|(attribute, note)| QueryChoice {
            label: attribute.name().to_owned(),
            note: note.to_owned(),
            insert: [attribute.name(), end].concat(),
        })
        .collect()
}

/// Returns the values that contain what is typed, those of the policy before those of the log, and those before what Kubernetes itself has.
fn values(
    attribute: Attribute,
    typed: &str,
    accepted: Option<&Accepted>,
    log: &Log,
) -> Vec<QueryChoice> {
    let mut ranking = Ranking::of(typed);
    let mut add = |rank: u8, text: &str| ranking.add(text, rank, |_| {});
    if let Some(accepted) = accepted {
        let rules = accepted.policy.rules.iter();
        rules.for_each(|rule| of_rule(rule, attribute, &mut |text| add(0, text)));
    }
    of_log(log, attribute, &mut |text| add(1, text));
    let version = accepted.map_or(KubernetesVersion::NEWEST, |accepted| accepted.version);
    known(attribute, version, &mut |text| add(2, text));
    let choice = |text: String| QueryChoice {
        insert: quoted_value(&text).into_owned(),
        label: text,
        note: String::new(),
    };
    ranking.best().into_iter().map(choice).collect()
}

/// Calls a function with the values of an attribute in the log.
fn of_log(log: &Log, attribute: Attribute, add: &mut dyn FnMut(&str)) {
    let field = match attribute {
        // The filter's field has the paths of URLs as well, which rules do not match as resources.
        Attribute::Resource => {
            let requests = log.table.requests().iter();
            let of_resources = requests.filter(RequestView::is_resource_request);
            return of_resources.for_each(|request| add(&request.target()));
        }
        Attribute::UserGroup => Field::UserGroup,
        Attribute::Verb => Field::Verb,
        Attribute::ApiGroup => Field::ApiGroup,
        Attribute::Subresource => Field::Subresource,
        Attribute::Namespace => Field::Namespace,
        Attribute::Name => Field::Name,
        Attribute::Path => Field::Path,
        _ => Field::User,
    };
    for_each_value(log, field, add);
}

/// Calls a function with the values of an attribute in a rule.
fn of_rule(rule: &Rule, attribute: Attribute, add: &mut dyn FnMut(&str)) {
    let mut all = |values: &[String]| values.iter().for_each(|value| add(value));
    match attribute {
        Attribute::User => all(&rule.users),
        Attribute::UserGroup => all(&rule.user_groups),
        Attribute::Verb => all(&rule.verbs),
        Attribute::Namespace => all(&rule.namespaces),
        Attribute::Path => all(&rule.non_resource_urls),
        _ => {
            for entry in &rule.resources {
                match attribute {
                    Attribute::ApiGroup => all(std::slice::from_ref(&entry.group)),
                    Attribute::Resource => all(&entry.resources),
                    Attribute::Name => all(&entry.resource_names),
                    _ => {
                        let parts = entry.resources.iter();
                        let parts = parts.filter_map(|resource| resource.split_once('/'));
                        parts.for_each(|(_, subresource)| all(&[subresource.to_owned()]));
                    }
                }
            }
        }
    }
}

/// Calls a function with the values of an attribute that Kubernetes itself has.
fn known(attribute: Attribute, version: KubernetesVersion, add: &mut dyn FnMut(&str)) {
    let list: &[&str] = match attribute {
        Attribute::User => &USERS,
        Attribute::UserGroup => &GROUPS,
        Attribute::Verb => &VERBS,
        Attribute::Namespace => &NAMESPACES,
        Attribute::Path => &PATHS,
        _ => {
            for resource in known_resources(version) {
                match attribute {
                    Attribute::ApiGroup => add(resource.group),
                    Attribute::Resource => {
                        add(resource.name);
                        for subresource in &resource.subresources {
                            add(&[resource.name, "/", subresource].concat());
                        }
                    }
                    Attribute::Subresource => {
                        resource.subresources.iter().for_each(|name| add(name))
                    }
                    _ => {}
                }
            }
            &[]
        }
    };
    list.iter().for_each(|value| add(value));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_values_are_completed_at_the_caret() {
        use Of::{Name, Value};
        let value = |attribute| Value(Some(attribute));
        // The caret is at `|`.
        for (text, replaced, typed_text, of) in [
            ("|", "", "", Name),
            ("ve|", "ve", "ve", Name),
            ("ve|rb=get", "verb", "ve", Name),
            ("verb=get res|", "res", "res", Name),
            ("verb=|", "", "", value(Attribute::Verb)),
            ("verb=ge|", "ge", "ge", value(Attribute::Verb)),
            ("verb!=get,li|st ns=a", "list", "li", value(Attribute::Verb)),
            ("ns=\"a b|\"", "\"a b\"", "a b", value(Attribute::Namespace)),
            (
                "user=system:no|",
                "system:no",
                "system:no",
                value(Attribute::User),
            ),
            ("what=x|", "x", "x", Value(None)),
        ] {
            let caret = text.find('|').unwrap();
            let query = text.replace('|', "");
            let found = typed(&query, caret).unwrap();
            assert_eq!(&query[found.range.clone()], replaced, "{text}");
            assert_eq!((found.text.as_str(), found.of), (typed_text, of), "{text}");
        }
    }

    fn labels(query: &str) -> Vec<String> {
        let request = QueryCompletionRequest {
            caret: query.len(),
            query: query.to_owned(),
        };
        let found = complete(None, &Log::default(), request);
        found
            .choices
            .into_iter()
            .map(|choice| choice.label)
            .collect()
    }

    #[test]
    fn values_that_begin_with_the_text_come_first() {
        assert_eq!(labels("us"), ["user", "userGroup"]);
        assert_eq!(labels("verb=li"), ["list"]);
        assert_eq!(labels("verb=el"), ["delete", "deletecollection"]);
        assert_eq!(labels("resource=secret"), ["secrets"]);
        assert_eq!(labels("userGroup=mas"), ["system:masters"]);
        assert_eq!(labels("nothing=x"), [""; 0]);
    }
}
