//! Queries in one line: `verb=get,list resource=secrets namespace=payments`.

use std::collections::{HashMap, HashSet};

use audit_policy::{KubernetesVersion, Policy, meant_resource};
use audit_types::excerpt::quote;
use audit_types::{Span, spelling};

use crate::attribute::Attribute;
use crate::class::{Class, Values};

/// Names of attributes that are accepted as well.
const ALIASES: [(&str, Attribute); 1] = [("ns", Attribute::Namespace)];

/// Names that could be that of two attributes.
const AMBIGUOUS: [(&str, Attribute, Attribute); 2] = [
    ("group", Attribute::UserGroup, Attribute::ApiGroup),
    ("groups", Attribute::UserGroup, Attribute::ApiGroup),
];

/// Maximum number of notes about a query.
const MAX_NOTES: usize = 10;

/// Maximum length of a query in bytes.
const MAX_LENGTH: usize = 64 * 1024;

/// Maximum number of classes of a query. Terms multiply: two of them with two subresources each are four classes.
const MAX_CLASSES: usize = 1_000;

/// Error in a query: what is wrong with which part of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message} (help: {help})")]
#[non_exhaustive]
pub struct QueryError {
    /// The problem, in lowercase.
    pub message: String,
    /// The remedy.
    pub help: String,
    /// The part of the query, in bytes.
    pub span: Span,
}

/// Parses a query: terms `attribute=value,value` or `attribute!=value`, all of which hold. What is left out is anything. A value with commas,
/// spaces or quotes stands in double quotes, with `\"` and `\\`.
///
/// `user=` is a request whose authentication failed, which has no user. In `resource`, `pods/exec` means that subresource, and `pods` the resource with its subresources. Returns a union of classes: more than one
/// if resources have different subresources.
///
/// ```
/// use audit_analysis::query;
///
/// let classes = query("verb=get resource=pods/exec,pods/log namespace!=kube-system").unwrap();
/// assert_eq!(classes[0].words(), "`get` of `pods/exec` of any API group not in `kube-system`");
/// let error = query("verb=get namespaec=x").unwrap_err();
/// assert_eq!(error.to_string(), "unknown attribute `namespaec` (help: did you mean `namespace`?)");
/// assert_eq!((error.span.start, error.span.end), (9, 18));
/// ```
///
/// # Errors
///
/// Returns an error for a term that is none, an unknown attribute, conditions that no request meets, a text of more than 64 KiB, and resources with
/// more than 1,000 combinations of subresources.
pub fn query(text: &str) -> Result<Vec<Class>, QueryError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the query is longer than {MAX_LENGTH} bytes");
        return Err(error(message, "ask about fewer values", Span::default()));
    }
    let mut classes = vec![Class::default()];
    let mut rest = Terms { text, at: 0 };
    while let Some(term) = rest.next()? {
        classes = add(classes, &term)?;
    }
    check_kinds(&classes, text)?;
    Ok(classes)
}

/// A note about a part of a query that is probably a mistake.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct QueryNote {
    /// The fact, in lowercase.
    pub message: String,
    /// The remedy.
    pub help: String,
    /// The term of the query, in bytes.
    pub span: Span,
}

/// Returns notes about resources that neither the version nor the policy knows, if another name was probably meant. They are not errors: requests for
/// unknown resources are audited as well.
///
/// ```
/// use audit_analysis::query_notes;
/// use audit_policy::{KubernetesVersion, Policy};
///
/// let notes = query_notes("verb=get resource=secret", &Policy::default(), KubernetesVersion::NEWEST);
/// assert_eq!(notes[0].message, "Kubernetes 1.36 does not serve `secret`");
/// assert_eq!(notes[0].help, "did you mean `secrets`?");
/// assert_eq!((notes[0].span.start, notes[0].span.end), (9, 24));
/// ```
pub fn query_notes(text: &str, policy: &Policy, version: KubernetesVersion) -> Vec<QueryNote> {
    let entries = policy.rules.iter().flat_map(|rule| &rule.resources);
    let patterns = entries.flat_map(|entry| &entry.resources);
    let resource = |pattern: &str| pattern.split('/').next().unwrap_or_default().to_owned();
    let listed: HashSet<String> = patterns.map(|pattern| resource(pattern)).collect();
    let mut terms = Terms { text, at: 0 };
    let mut notes = Vec::new();
    while let Ok(Some(term)) = terms.next() {
        if term.attribute != Attribute::Resource {
            continue;
        }
        for value in &term.values {
            if notes.len() >= MAX_NOTES || listed.contains(&resource(value)) {
                continue;
            }
            if let Some((group, meant)) = meant_resource(version, value) {
                let group = match group {
                    "" => String::new(),
                    group => format!(" of `{group}`"),
                };
                notes.push(QueryNote {
                    message: format!("Kubernetes {version} does not serve {}", quote(value)),
                    help: format!("did you mean {}{group}?", quote(&meant)),
                    span: term.span,
                });
            }
        }
    }
    notes
}

/// A term of a query.
struct Term {
    attribute: Attribute,
    is_in: bool,
    values: Vec<String>,
    span: Span,
}

struct Terms<'t> {
    text: &'t str,
    at: usize,
}

impl Terms<'_> {
    fn rest(&self) -> &str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// Parses the next term. `None` at the end.
    fn next(&mut self) -> Result<Option<Term>, QueryError> {
        self.at += self.rest().len() - self.rest().trim_start().len();
        if self.rest().is_empty() {
            return Ok(None);
        }
        let start = self.at;
        let key_length = self
            .rest()
            .find(|c: char| matches!(c, '=' | '!' | ':') || c.is_whitespace())
            .unwrap_or(self.rest().len());
        let key = self.rest().get(..key_length).unwrap_or_default().to_owned();
        let key_span = Span::new(start, start + key_length);
        self.at += key_length;
        let is_in = match self.rest().as_bytes() {
            [b'=' | b':', ..] => {
                self.at += 1;
                true
            }
            [b'!', b'=', ..] => {
                self.at += 2;
                false
            }
            _ => {
                let message = format!("{} is not a term", quote(&key));
                return Err(error(
                    message,
                    "write `attribute=value`, such as `verb=get`",
                    key_span,
                ));
            }
        };
        let attribute = attribute(&key, key_span)?;
        let values = self.values()?;
        let span = Span::new(start, self.at);
        Ok(Some(Term {
            attribute,
            is_in,
            values,
            span,
        }))
    }

    fn values(&mut self) -> Result<Vec<String>, QueryError> {
        let mut values = vec![String::new()];
        let mut is_quoted = false;
        let start = self.at;
        let mut chars = self.text.get(start..).unwrap_or_default().char_indices();
        let mut end = self.text.len();
        while let Some((at, c)) = chars.next() {
            let value = values.last_mut();
            match c {
                '"' => is_quoted = !is_quoted,
                '\\' if is_quoted => {
                    let escaped = chars.next().map(|(_, c)| c);
                    value.into_iter().for_each(|value| value.extend(escaped));
                }
                ',' if !is_quoted => values.push(String::new()),
                c if c.is_whitespace() && !is_quoted => {
                    end = start + at;
                    break;
                }
                c => value.into_iter().for_each(|value| value.push(c)),
            }
        }
        self.at = end;
        if is_quoted {
            let span = Span::new(start, end);
            return Err(error("a quote is not closed".to_owned(), "add `\"`", span));
        }
        Ok(values)
    }
}

fn error(message: String, help: &str, span: Span) -> QueryError {
    QueryError {
        message,
        help: help.to_owned(),
        span,
    }
}

/// Returns the attribute of a name in a query, which can be an alias. `None` for other words.
pub fn queried_attribute(name: &str) -> Option<Attribute> {
    let alias = || ALIASES.into_iter().find(|(alias, _)| *alias == name);
    Attribute::from_name(name).or_else(|| alias().map(|(_, attribute)| attribute))
}

fn attribute(key: &str, span: Span) -> Result<Attribute, QueryError> {
    if let Some(found) = queried_attribute(key) {
        return Ok(found);
    }
    let ambiguous = AMBIGUOUS.into_iter().find(|(name, ..)| *name == key);
    if let Some((_, one, other)) = ambiguous {
        let message = format!("`{key}` could be `{}` or `{}`", one.name(), other.name());
        let help = format!(
            "write `{}` for a group of the user, or `{}` for that of the resource",
            one.name(),
            other.name()
        );
        return Err(error(message, &help, span));
    }
    let names = Attribute::ALL.map(Attribute::name);
    let help = match spelling::nearest(key, names, 3) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the attributes are {}", names.join(", ")),
    };
    Err(error(
        format!("unknown attribute {}", quote(key)),
        &help,
        span,
    ))
}

/// Adds a term to each class.
fn add(mut classes: Vec<Class>, term: &Term) -> Result<Vec<Class>, QueryError> {
    let added = match term.attribute {
        Attribute::Resource => resources(term)?,
        attribute => {
            check_path(term)?;
            let values = match attribute {
                Attribute::User => users(term.is_in, term.values.clone()),
                _ => values(term.is_in, term.values.clone()),
            };
            vec![Class::default().with(attribute, values)]
        }
    };
    if classes.len().saturating_mul(added.len()) > MAX_CLASSES {
        let message = format!("the query has more than {MAX_CLASSES} combinations of subresources");
        return Err(error(message, "write fewer subresources", term.span));
    }
    // One class is added in place: a copy per term would take time quadratic in the number of terms.
    if let [more] = added.as_slice() {
        for class in &mut classes {
            class.conditions.extend(more.conditions.iter().cloned());
        }
        return Ok(classes);
    }
    let both = |class: &Class| -> Vec<Class> {
        let add = |more: &Class| {
            let mut class = class.clone();
            class.conditions.extend(more.conditions.iter().cloned());
            class
        };
        added.iter().map(add).collect()
    };
    Ok(classes.iter().flat_map(both).collect())
}

fn values(is_in: bool, values: Vec<String>) -> Values {
    if is_in {
        Values::among(values)
    } else {
        Values::other_than(values)
    }
}

/// Returns values of users, of which the empty one is none: authentication failed.
fn users(is_in: bool, values: Vec<String>) -> Values {
    let named = values
        .into_iter()
        .map(|user| Some(user).filter(|user| !user.is_empty()));
    if is_in {
        Values::In(named.collect())
    } else {
        Values::NotIn(named.collect())
    }
}

fn check_path(term: &Term) -> Result<(), QueryError> {
    let is_wrong = |path: &&String| {
        let prefix = path.trim_end_matches('*');
        (!path.starts_with('/') && *path != "*") || prefix.contains('*')
    };
    let wrong = term.values.iter().find(is_wrong);
    match wrong.filter(|_| term.attribute == Attribute::Path) {
        None => Ok(()),
        Some(path) => Err(error(
            format!("{} is not a path", quote(path)),
            "a path begins with `/`, and may end with `*`",
            term.span,
        )),
    }
}

/// Returns classes for resources: those with the same subresource share one.
fn resources(term: &Term) -> Result<Vec<Class>, QueryError> {
    let mut lists: Vec<(Option<String>, Vec<String>)> = Vec::new();
    let mut list_of: HashMap<Option<&str>, usize> = HashMap::new();
    for value in &term.values {
        let (resource, subresource) = match value.split_once('/') {
            Some((resource, subresource)) => (resource, Some(subresource)),
            None => (value.as_str(), None),
        };
        let is_wrong = subresource.is_some_and(|name| name.is_empty() || name.contains('/'));
        if is_wrong || (resource.is_empty() && subresource.is_some()) {
            let message = format!("{} is not a resource", quote(value));
            return Err(error(message, "write `pods` or `pods/exec`", term.span));
        }
        if !term.is_in && subresource.is_some() {
            let message = format!("{} cannot be left out", quote(value));
            let help =
                "leave out a resource (`resource!=pods`) or a subresource (`subresource!=exec`)";
            return Err(error(message, help, term.span));
        }
        let subresource = subresource.filter(|name| *name != "*");
        let list = *list_of.entry(subresource).or_insert(lists.len());
        match lists.get_mut(list) {
            Some((_, resources)) => resources.push(resource.to_owned()),
            None => lists.push((subresource.map(str::to_owned), vec![resource.to_owned()])),
        }
    }
    let class = |(subresource, resources): (Option<String>, Vec<String>)| {
        // `*` is every resource, and `*/scale` that subresource of every resource.
        let is_every = resources.iter().any(|resource| resource == "*");
        let listed = if is_every {
            Values::other_than([""])
        } else {
            values(term.is_in, resources)
        };
        let class = Class::default().with(Attribute::Resource, listed);
        match subresource {
            Some(name) => class.with(Attribute::Subresource, Values::among([name])),
            None => class,
        }
    };
    Ok(lists.into_iter().map(class).collect())
}

/// Checks that a class is not for resources and for a URL at once.
fn check_kinds(classes: &[Class], text: &str) -> Result<(), QueryError> {
    let has = |class: &Class, wanted: &[Attribute]| {
        class.conditions.iter().find_map(|condition| {
            let is_needed = matches!(&condition.values, Values::In(values) if values.iter().any(|value| value.as_deref() != Some("")));
            (is_needed && wanted.contains(&condition.attribute)).then_some(condition.attribute)
        })
    };
    let of_resources = [
        Attribute::Resource,
        Attribute::Subresource,
        Attribute::ApiGroup,
        Attribute::Namespace,
        Attribute::Name,
    ];
    for class in classes {
        if has(class, &[Attribute::Path]).is_some()
            && let Some(other) = has(class, &of_resources)
        {
            let message = format!("no request has both a `path` and a `{}`", other.name());
            let help = "a request is for a resource, or for the path of a URL";
            return Err(error(message, help, Span::new(0, text.len())));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_have_their_place() {
        for (text, message, start, end) in [
            ("get", "`get` is not a term", 0, 3),
            ("verbs=get", "unknown attribute `verbs`", 0, 5),
            (
                "group=a",
                "`group` could be `userGroup` or `apiGroup`",
                0,
                5,
            ),
            ("verb=get path=healthz", "`healthz` is not a path", 9, 21),
            ("path=/a*b", "`/a*b` is not a path", 0, 9),
            ("resource=pods/", "`pods/` is not a resource", 0, 14),
            ("resource!=pods/log", "`pods/log` cannot be left out", 0, 18),
            ("user=\"a", "a quote is not closed", 5, 7),
            (
                "path=/a namespace=x",
                "no request has both a `path` and a `namespace`",
                0,
                19,
            ),
        ] {
            let error = query(text).unwrap_err();
            assert_eq!(
                (error.message.as_str(), error.span),
                (message, Span::new(start, end)),
                "{text}"
            );
        }
    }

    #[test]
    fn combinations_of_subresources_are_limited() {
        // Nine terms with two subresources are 512 classes, ten are 1,024.
        let classes = query(&"resource=a/b,c/d ".repeat(9)).unwrap();
        assert_eq!(classes.len(), 512);
        assert!(classes.iter().all(|class| class.conditions.len() == 18));
        let error = query(&"resource=a/b,c/d ".repeat(3_000)).unwrap_err();
        assert_eq!(
            (error.message.as_str(), error.span),
            (
                "the query has more than 1000 combinations of subresources",
                Span::new(9 * 17, 9 * 17 + 16)
            )
        );
        let list = |count: usize| {
            let values: Vec<String> = (0..count).map(|index| format!("a/{index}")).collect();
            query(&format!("resource={}", values.join(","))).map(|classes| classes.len())
        };
        assert_eq!(list(1_000), Ok(1_000));
        assert!(list(1_001).is_err());
    }

    #[test]
    fn many_terms_are_one_class() {
        let classes = query(&"verb=a ".repeat(9_000)).unwrap();
        assert_eq!(classes.len(), 1);
        assert_eq!(classes[0].conditions.len(), 9_000);
    }

    #[test]
    fn resources_that_nobody_knows_have_a_note_if_one_was_meant() {
        let mut rule = audit_policy::Rule::new(audit_policy::Level::None);
        let entry = audit_policy::GroupResources::new("example.com", ["node/status"]);
        rule.resources = vec![entry];
        let policy = Policy::new(vec![rule]);
        for (text, help) in [
            ("resource=secrets", None),
            ("resource=secret", Some("did you mean `secrets`?")),
            ("resource!=secret", Some("did you mean `secrets`?")),
            ("resource=pods,pod/exec", Some("did you mean `pods/exec`?")),
            (
                "resource=Deployment",
                Some("did you mean `deployments` of `apps`?"),
            ),
            // Those of a group that the program does not know may have any name.
            ("resource=widgets", None),
            ("resource=node", None),
            ("resource=*", None),
            ("resource=*/scale", None),
            ("verb=secret", None),
            ("resource=", None),
        ] {
            let notes = query_notes(text, &policy, KubernetesVersion::NEWEST);
            let notes: Vec<&str> = notes.iter().map(|note| note.help.as_str()).collect();
            assert_eq!(notes, help.into_iter().collect::<Vec<_>>(), "{text}");
        }
        let many = format!("resource={}", vec!["secret"; 1_000].join(","));
        let notes = query_notes(&many, &policy, KubernetesVersion::NEWEST);
        assert_eq!(notes.len(), MAX_NOTES);
    }

    #[test]
    fn values_can_be_quoted() {
        let classes = query(r#"user="CN=a, b","c\"d" verb=get"#).unwrap();
        let users = Values::among(["CN=a, b", "c\"d"]);
        assert_eq!(classes[0].conditions[0].values, users);
        assert_eq!(query("  ").unwrap(), [Class::default()]);
    }

    #[test]
    fn resources_with_other_subresources_are_classes_of_their_own() {
        let words: Vec<String> = query("resource=pods/log,secrets,nodes/log,*/scale apiGroup=")
            .unwrap()
            .iter()
            .map(Class::words)
            .collect();
        assert_eq!(
            words,
            [
                "any request of `pods/log`, `nodes/log`",
                "any request of `secrets` and subresources",
                "any request of the subresource `scale` of all resources",
            ]
        );
    }
}
