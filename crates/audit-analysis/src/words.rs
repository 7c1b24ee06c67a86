//! Classes in words: "`get`, `list` of `secrets` by anyone but members of `system:nodes`".

use audit_policy::{Level, Request, RuleIndex, Stage, Verdict};

use crate::attribute::Attribute;
use crate::class::{Class, Values};

/// Maximum number of values that are listed; the rest is counted.
const MAX_LISTED: usize = 8;

impl Class {
    /// Describes the class in words. Values are in backticks, and exactly as they are: escape them for where they are shown.
    ///
    /// ```
    /// use audit_analysis::{Attribute, Class, Values};
    ///
    /// let class = Class::default()
    ///     .with(Attribute::Verb, Values::among(["get", "list"]))
    ///     .with(Attribute::Resource, Values::among(["secrets"]))
    ///     .with(Attribute::Subresource, Values::among([""]))
    ///     .with(Attribute::UserGroup, Values::other_than(["system:nodes"]));
    /// assert_eq!(class.words(), "`get`, `list` of `secrets` of any API group by anyone outside the group `system:nodes`");
    /// ```
    pub fn words(&self) -> String {
        let mut parts = vec![self.verb_words()];
        parts.extend(self.target_words());
        parts.extend(self.name_words());
        parts.extend(self.namespace_words());
        parts.extend(self.subject_words());
        parts.join(" ")
    }

    fn of(&self, attribute: Attribute) -> impl Iterator<Item = &Values> {
        self.conditions
            .iter()
            .filter(move |condition| condition.attribute == attribute)
            .map(|condition| &condition.values)
    }

    fn verb_words(&self) -> String {
        match self.of(Attribute::Verb).next() {
            Some(Values::In(verbs)) => list(verbs, "requests with an unknown method"),
            Some(Values::NotIn(verbs)) => {
                format!("any verb but {}", list(verbs, "that of unknown methods"))
            }
            None => "any request".to_owned(),
        }
    }

    /// Returns what is requested: resources or URLs.
    fn target_words(&self) -> Option<String> {
        if self.is_for_urls() {
            return Some(self.url_words());
        }
        let resources = self.resource_words();
        let group = self.of(Attribute::ApiGroup).next();
        if resources.is_none() && group.is_none() {
            let is_for_resources = self.conditions.iter().any(|condition| {
                matches!(
                    condition.attribute,
                    Attribute::Resource
                        | Attribute::Subresource
                        | Attribute::Namespace
                        | Attribute::Name
                )
            });
            return is_for_resources.then(|| "for resources".to_owned());
        }
        let resources = resources.unwrap_or_else(|| "all resources".to_owned());
        Some(match group {
            None if resources.starts_with("all") => format!("of {resources}"),
            None => format!("of {resources} of any API group"),
            Some(Values::In(groups)) if is_only(groups, "") && resources.starts_with("all") => {
                format!("of {resources} of the core group")
            }
            Some(Values::In(groups)) if is_only(groups, "") => format!("of {resources}"),
            Some(Values::In(groups)) => {
                format!("of {resources} in {}", list(groups, "the core group"))
            }
            Some(Values::NotIn(groups)) => {
                format!("of {resources} outside {}", list(groups, "the core group"))
            }
        })
    }

    fn is_for_urls(&self) -> bool {
        let is_empty =
            |values: &Values| matches!(values, Values::In(resources) if is_only(resources, ""));
        self.of(Attribute::Resource).any(is_empty)
            || self
                .of(Attribute::Path)
                .any(|values| matches!(values, Values::In(_)))
    }

    fn url_words(&self) -> String {
        let mut words = "for URLs".to_owned();
        for values in self.of(Attribute::Path) {
            match values {
                Values::In(paths) => words = format!("of {}", list(paths, "no path")),
                Values::NotIn(paths) => {
                    words.push_str(&format!(" except {}", list(paths, "no path")))
                }
            }
        }
        words
    }

    /// Returns the resources with their subresources: `pods/exec`. `None` if any will do.
    fn resource_words(&self) -> Option<String> {
        let resources = self.of(Attribute::Resource).next();
        let subresources = self.of(Attribute::Subresource).next();
        let below = match subresources {
            None => return resources.map(|resources| self.with_subresources(resources)),
            Some(Values::In(names)) if is_only(names, "") => None,
            Some(values) => Some(values),
        };
        let resources = match resources {
            Some(Values::In(names)) => names.as_slice(),
            Some(Values::NotIn(names)) if !is_only(names, "") => {
                let rest = others(names);
                return Some(match below {
                    None => format!("all resources but {rest}"),
                    Some(values) => format!("{} of all resources but {rest}", subresource(values)),
                });
            }
            _ => &[],
        };
        Some(match below {
            None if resources.is_empty() => "all resources, without subresources,".to_owned(),
            None => list(resources, "no resource"),
            Some(values) if resources.is_empty() => {
                format!("{} of all resources", subresource(values))
            }
            Some(Values::In(names)) if names.len() * resources.len() <= MAX_LISTED => {
                let full = |resource: &Option<String>, name: &Option<String>| {
                    let (resource, name) = (text(resource), text(name));
                    let full = if name.is_empty() {
                        resource.to_owned()
                    } else {
                        format!("{resource}/{name}")
                    };
                    Some(full)
                };
                let full: Vec<Option<String>> = resources
                    .iter()
                    .flat_map(|resource| names.iter().map(move |name| full(resource, name)))
                    .collect();
                list(&full, "no resource")
            }
            Some(values) => format!(
                "{} of {}",
                subresource(values),
                list(resources, "no resource")
            ),
        })
    }

    /// Describes resources with all of their subresources.
    fn with_subresources(&self, resources: &Values) -> String {
        match resources {
            Values::In(names) => format!("{} and subresources", list(names, "no resource")),
            Values::NotIn(names) if is_only(names, "") => "all resources".to_owned(),
            Values::NotIn(names) => format!("all resources but {}", others(names)),
        }
    }

    fn name_words(&self) -> Option<String> {
        Some(match self.of(Attribute::Name).next()? {
            Values::In(names) if is_only(names, "") => "without a name".to_owned(),
            Values::In(names) => format!("named {}", list(names, "nothing")),
            Values::NotIn(names) if is_only(names, "") => "with a name".to_owned(),
            Values::NotIn(names) => format!("not named {}", list(names, "nothing")),
        })
    }

    fn namespace_words(&self) -> Option<String> {
        Some(match self.of(Attribute::Namespace).next()? {
            Values::In(names) if is_only(names, "") => "outside of namespaces".to_owned(),
            Values::In(names) => format!("in {}", list(names, "no namespace")),
            Values::NotIn(names) if is_only(names, "") => "in any namespace".to_owned(),
            Values::NotIn(names) => format!("not in {}", list(names, "no namespace")),
        })
    }

    fn subject_words(&self) -> Option<String> {
        let user = self.of(Attribute::User).next();
        let mut words = match user {
            Some(Values::In(names)) if names.iter().all(Option::is_none) => {
                return Some("without authentication".to_owned());
            }
            Some(Values::In(names)) => format!("by {}", list(names, "no one")),
            Some(Values::NotIn(names)) if names.iter().all(Option::is_none) => {
                "by anyone authenticated".to_owned()
            }
            Some(Values::NotIn(names)) => format!("by anyone but {}", list(names, "no one")),
            None => String::new(),
        };
        let groups: Vec<String> = self
            .of(Attribute::UserGroup)
            .map(|values| {
                let (relation, names) = match values {
                    Values::In(names) => ("in", names),
                    Values::NotIn(names) => ("outside", names),
                };
                let noun = if names.len() == 1 { "group" } else { "groups" };
                format!("{relation} the {noun} {}", list(names, "none"))
            })
            .collect();
        if !groups.is_empty() {
            if words.is_empty() {
                words.push_str("by anyone");
            } else {
                words.push(',');
            }
            words = format!("{words} {}", groups.join(" and "));
        }
        (!words.is_empty()).then_some(words)
    }
}

/// Note on a witness that is only there for completeness.
pub const NOT_PRODUCIBLE: &str =
    "no combination of URL, method and identity produces such a request";

/// Returns what a verdict omits, in words: "without RequestReceived, without managedFields". Empty if it omits nothing, or if nothing is recorded
/// anyway.
pub fn verdict_notes(verdict: Verdict) -> String {
    if verdict.level == Level::None {
        return String::new();
    }
    let stages: Vec<&str> = verdict.omit_stages.iter().map(Stage::name).collect();
    if stages.len() == Stage::ALL.len() {
        return "without any stage: nothing is recorded".to_owned();
    }
    let mut notes = Vec::new();
    if !stages.is_empty() {
        notes.push(format!("without {}", stages.join(", ")));
    }
    if verdict.omit_managed_fields {
        notes.push("without managedFields".to_owned());
    }
    notes.join(", ")
}

/// Describes a request: "`get` of `secrets/db` in `payments` by `alice`". Values are exactly as they are: escape them for where they are shown.
///
/// ```
/// use audit_policy::Request;
///
/// let request = Request::for_resource("get", "apps", "deployments").with_namespace("dev").with_user("alice");
/// assert_eq!(audit_analysis::request_words(&request), "`get` of `deployments` in the group `apps`, namespace `dev`, by `alice`");
/// ```
pub fn request_words(request: &Request) -> String {
    let mut words = match request.verb.as_str() {
        "" => "an unknown method".to_owned(),
        verb => code(verb),
    };
    if request.is_resource_request {
        words.push_str(&format!(" of {}", code(&request.full_resource())));
        if !request.name.is_empty() {
            words.push_str(&format!(" named {}", code(&request.name)));
        }
        if !request.api_group.is_empty() {
            words.push_str(&format!(" in the group {},", code(&request.api_group)));
        }
        if !request.namespace.is_empty() {
            let comma = if request.api_group.is_empty() {
                " in"
            } else {
                ""
            };
            words.push_str(&format!("{comma} namespace {},", code(&request.namespace)));
        }
    } else {
        words.push_str(&format!(" of {}", code(&request.path)));
    }
    match &request.user {
        Some(user) => words.push_str(&format!(" by {}", code(user))),
        None => words.push_str(" without authentication"),
    }
    words
}

/// Names the rule that decides: "rule 3", or "no rule".
///
/// ```
/// use audit_analysis::rule_words;
/// use audit_policy::RuleIndex;
///
/// assert_eq!(rule_words(Some(RuleIndex::new(2))), "rule 3");
/// assert_eq!(rule_words(None), "no rule");
/// ```
pub fn rule_words(rule: Option<RuleIndex>) -> String {
    rule.map_or_else(|| "no rule".to_owned(), |rule| rule.to_string())
}

/// Returns a value in backticks: in more of them than it has in a row, as Markdown needs it.
pub(crate) fn code(value: &str) -> String {
    let longest = value
        .split(|c| c != '`')
        .map(str::len)
        .max()
        .unwrap_or_default();
    if longest == 0 {
        return format!("`{value}`");
    }
    let fence = "`".repeat(longest + 1);
    format!("{fence} {value} {fence}")
}

fn text(value: &Option<String>) -> &str {
    value.as_deref().unwrap_or_default()
}

/// Returns true if the list has this value and no other.
fn is_only(values: &[Option<String>], value: &str) -> bool {
    matches!(values, [Some(only)] if only == value)
}

fn subresource(values: &Values) -> String {
    match values {
        Values::In(names) => format!("the subresource {}", list(names, "none")),
        Values::NotIn(names) if is_only(names, "") => "any subresource".to_owned(),
        Values::NotIn(names) => format!("anything but {}", list(names, "the resource itself")),
    }
}

/// Lists values but the empty one.
fn others(values: &[Option<String>]) -> String {
    let named: Vec<Option<String>> = values
        .iter()
        .filter(|value| !text(value).is_empty())
        .cloned()
        .collect();
    list(&named, "none")
}

/// Lists values in backticks; the empty one is written in words.
fn list(values: &[Option<String>], empty: &str) -> String {
    let word = |value: &Option<String>| match value.as_deref() {
        None => "requests without a user".to_owned(),
        Some("") => empty.to_owned(),
        Some(value) => code(value),
    };
    let mut words: Vec<String> = values.iter().take(MAX_LISTED).map(word).collect();
    if let Some(more) = values
        .len()
        .checked_sub(MAX_LISTED)
        .filter(|more| *more > 0)
    {
        words.push(format!("{more} more"));
    }
    words.join(", ")
}

/// Lists rules: `rule 1, rule 2 and rule 4`.
pub(crate) fn rule_names(rules: &[RuleIndex]) -> String {
    let names: Vec<String> = rules.iter().map(ToString::to_string).collect();
    match names.as_slice() {
        [most @ .., last] if !most.is_empty() => format!("{} and {last}", most.join(", ")),
        _ => names.join(", "),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_in_words() {
        let among = |values: &[&str]| Values::among(values.iter().copied());
        let other = |values: &[&str]| Values::other_than(values.iter().copied());
        use Attribute::*;
        let rows: [(&[(Attribute, Values)], &str); 13] = [
            (&[(User, among(&["a`b"]))], "any request by `` a`b ``"),
            (&[], "any request"),
            (&[(Resource, other(&[""]))], "any request of all resources"),
            (&[(Resource, among(&[""]))], "any request for URLs"),
            (
                &[(Verb, among(&["get"])), (Path, among(&["/healthz*"]))],
                "`get` of `/healthz*`",
            ),
            (
                &[(Path, among(&["/a*"])), (Path, other(&["/a/b"]))],
                "any request of `/a*` except `/a/b`",
            ),
            (
                &[
                    (ApiGroup, among(&[""])),
                    (Resource, among(&["pods"])),
                    (Subresource, among(&["exec", "log"])),
                ],
                "any request of `pods/exec`, `pods/log`",
            ),
            (
                &[
                    (ApiGroup, among(&["apps"])),
                    (Resource, among(&["deployments"])),
                ],
                "any request of `deployments` and subresources in `apps`",
            ),
            (
                &[
                    (ApiGroup, among(&[""])),
                    (Resource, other(&["events", ""])),
                    (Namespace, among(&["kube-system"])),
                ],
                "any request of all resources but `events` of the core group in `kube-system`",
            ),
            (
                &[(User, Values::In(vec![None]))],
                "any request without authentication",
            ),
            (
                &[(User, other(&["alice"]))],
                "any request by anyone but `alice`",
            ),
            (
                &[(Verb, other(&["get"])), (UserGroup, among(&["dev", "ops"]))],
                "any verb but `get` by anyone in the groups `dev`, `ops`",
            ),
            (
                &[(Namespace, among(&[""])), (Name, among(&["x"]))],
                "any request for resources named `x` outside of namespaces",
            ),
        ];
        for (conditions, words) in rows {
            let class = conditions
                .iter()
                .cloned()
                .fold(Class::default(), |class, (attribute, values)| {
                    class.with(attribute, values)
                });
            assert_eq!(class.words(), words);
        }
    }
}
