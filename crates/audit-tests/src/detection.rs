//! Detections: rules of detection tools, reduced to what they need of the log.

use audit_analysis::{Attribute, Class, Condition, Values};
use audit_policy::{Policy, Verdict};
use audit_types::{Level, Span, Stage, StageSet};

use crate::expectation::recorded_stages;

/// Needs of a detection: an event of some of these requests, of one of these stages, at this level or a higher one.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Detection {
    /// The requests that it is meant for: those of any of these classes. A user or an object name that ends in `*` stands for all that begin so.
    pub classes: Vec<Class>,
    /// The fields of an event that it reads, besides verb, object and user: `requestObject.spec.hostPID`.
    pub fields: Vec<String>,
    /// The lowest level whose events are enough.
    pub level: Level,
    /// The stages of which an event of one is enough.
    pub stages: StageSet,
    /// Place of the classes in the file.
    pub span: Span,
}

/// Requests for which a detection can fire.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Fires {
    /// All that it is meant for.
    All,
    /// Some, but not all.
    Some,
    /// None.
    Never,
}

impl Fires {
    /// All values, the best first.
    pub const ALL: [Self; 3] = [Self::All, Self::Some, Self::Never];

    /// Returns the result in words.
    ///
    /// ```
    /// use audit_tests::Fires;
    ///
    /// assert_eq!(Fires::ALL.map(Fires::words), ["fires", "fires for some", "never fires"]);
    /// ```
    pub const fn words(self) -> &'static str {
        match self {
            Self::All => "fires",
            Self::Some => "fires for some",
            Self::Never => "never fires",
        }
    }

    /// Returns the name in JSON: `all`, `some` or `never`.
    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Some => "some",
            Self::Never => "never",
        }
    }
}

/// A field of an event that a detection may read.
pub(crate) struct EventField {
    /// Its name, at the top level of the event.
    pub(crate) name: &'static str,
    /// The lowest level that has it.
    pub(crate) level: Level,
    /// True if it is absent at `RequestReceived`: the request was not yet authorized or decoded.
    pub(crate) is_late: bool,
}

const fn field(name: &'static str, level: Level, is_late: bool) -> EventField {
    EventField {
        name,
        level,
        is_late,
    }
}

/// The fields that a detection may read. kube-apiserver records `RequestReceived` before it authorizes, impersonates and decodes.
pub(crate) const FIELDS: [EventField; 10] = [
    field("requestURI", Level::Metadata, false),
    field("userAgent", Level::Metadata, false),
    field("sourceIPs", Level::Metadata, false),
    field("user", Level::Metadata, false),
    field("objectRef", Level::Metadata, false),
    field("annotations", Level::Metadata, true),
    field("impersonatedUser", Level::Metadata, true),
    field("responseStatus", Level::Metadata, true),
    field("requestObject", Level::Request, true),
    field("responseObject", Level::RequestResponse, true),
];

/// Prefixes of the users that are in a group because of their name, with the group.
const GROUPS: [(&str, &str); 2] = [
    ("system:serviceaccount:", "system:serviceaccounts"),
    ("system:node:", "system:nodes"),
];

impl Detection {
    /// Returns true if it can fire for requests with a verdict.
    pub fn can_fire(&self, verdict: Verdict) -> bool {
        let recorded = recorded_stages(verdict);
        verdict.level >= self.level && self.stages.iter().any(|stage| recorded.contains(stage))
    }

    /// Describes what it needs: "an event of `ResponseComplete` with `requestObject.spec.hostPID` (`Request`)".
    pub fn needs(&self) -> String {
        let list = |names: Vec<String>, and: &str| names.join(and);
        let code = |name: &str| format!("`{name}`");
        let stages = self.stages.iter().map(|stage| code(stage.name())).collect();
        let mut words = format!("an event of {}", list(stages, " or "));
        if !self.fields.is_empty() {
            let fields = self.fields.iter().map(|field| code(field)).collect();
            words.push_str(&format!(" with {}", list(fields, ", ")));
        }
        words.push_str(&format!(" (`{}`)", self.level));
        words
    }

    /// Returns the classes for a policy: a prefix stands for the names of the policy that begin so, and for one that the policy does not name.
    /// Requests whose authentication failed are left out unless a class asks for them.
    pub(crate) fn classes_for(&self, policy: &Policy) -> Vec<Class> {
        let classes = self.classes.iter();
        classes.map(|class| class_for(class, policy)).collect()
    }

    /// Returns the stage that is kept if none of them is recorded: the one that has the result, or the first.
    pub(crate) fn preferred_stage(&self) -> Option<Stage> {
        let complete = Stage::ResponseComplete;
        match self.stages.contains(complete) {
            true => Some(complete),
            false => self.stages.iter().next(),
        }
    }
}

fn class_for(class: &Class, policy: &Policy) -> Class {
    let mut expanded = Class::default();
    let mut is_user_given = false;
    for condition in &class.conditions {
        let named = match condition.attribute {
            Attribute::User => users(policy),
            Attribute::Name => object_names(policy),
            _ => {
                expanded.conditions.push(condition.clone());
                continue;
            }
        };
        let is_user = condition.attribute == Attribute::User;
        is_user_given |= is_user
            && (matches!(condition.values, Values::In(_))
                || condition.values.listed().contains(&None));
        let values = match &condition.values {
            Values::In(values) => Values::In(among(values, &named, policy, is_user)),
            Values::NotIn(values) => Values::NotIn(except(values, &named)),
        };
        if !values.listed().is_empty() {
            expanded.conditions.push(Condition {
                attribute: condition.attribute,
                values,
            });
        }
        if let (true, Values::NotIn(values)) = (is_user, &condition.values) {
            let groups = groups_left_out(values);
            if !groups.is_empty() {
                expanded = expanded.with(Attribute::UserGroup, Values::other_than(groups));
            }
        }
    }
    if !is_user_given {
        let failed = Values::NotIn(vec![None]);
        expanded = expanded.with(Attribute::User, failed);
    }
    expanded
}

/// Returns the groups of users whose names are left out.
fn groups_left_out(values: &[Option<String>]) -> Vec<&'static str> {
    let is_left_out = |prefix: &str| {
        let mut values = values.iter().flatten();
        values.any(|value| {
            value
                .strip_suffix('*')
                .is_some_and(|left| prefix.starts_with(left))
        })
    };
    let groups = GROUPS.into_iter().filter(|(prefix, _)| is_left_out(prefix));
    groups.map(|(_, group)| group).collect()
}

fn users(policy: &Policy) -> Vec<&str> {
    let users = policy.rules.iter().flat_map(|rule| &rule.users);
    users.map(String::as_str).collect()
}

fn object_names(policy: &Policy) -> Vec<&str> {
    let entries = policy.rules.iter().flat_map(|rule| &rule.resources);
    let names = entries.flat_map(|entry| &entry.resource_names);
    names.map(String::as_str).collect()
}

/// Returns the values of a list, in which prefixes are replaced.
fn except(values: &[Option<String>], named: &[&str]) -> Vec<Option<String>> {
    let mut list: Vec<Option<String>> = Vec::new();
    for value in values {
        match value.as_deref().and_then(|value| value.strip_suffix('*')) {
            None => list.push(value.clone()),
            Some(prefix) => {
                let begun = named.iter().filter(|name| name.starts_with(prefix));
                list.extend(begun.map(|name| Some((*name).to_owned())));
            }
        }
    }
    list.sort();
    list.dedup();
    list
}

/// Returns the values of a list, in which prefixes are replaced, with names that the policy does not have.
fn among(
    values: &[Option<String>],
    named: &[&str],
    policy: &Policy,
    is_user: bool,
) -> Vec<Option<String>> {
    let mut list = except(values, named);
    let prefixes = values
        .iter()
        .flatten()
        .filter_map(|value| value.strip_suffix('*'));
    for prefix in prefixes {
        list.push(Some(example(prefix)));
        let accounts = is_user.then(|| service_accounts(prefix, policy));
        list.extend(accounts.into_iter().flatten().map(Some));
    }
    list.sort();
    list.dedup();
    list
}

/// Returns a name that begins so. That of a service account has a namespace.
fn example(prefix: &str) -> String {
    match prefix == "system:serviceaccount:" {
        true => format!("{prefix}default:example"),
        false => format!("{prefix}example"),
    }
}

/// Returns an account for each group of service accounts of a namespace that the policy names.
fn service_accounts(prefix: &str, policy: &Policy) -> Vec<String> {
    let groups = policy.rules.iter().flat_map(|rule| &rule.user_groups);
    let namespaces = groups.filter_map(|group| group.strip_prefix("system:serviceaccounts:"));
    let accounts = namespaces.map(|namespace| format!("system:serviceaccount:{namespace}:example"));
    accounts
        .filter(|account| account.starts_with(prefix))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use audit_policy::Rule;

    fn detection(attribute: Attribute, values: Values) -> Detection {
        Detection {
            classes: vec![Class::default().with(attribute, values)],
            fields: Vec::new(),
            level: Level::Metadata,
            stages: [Stage::ResponseComplete].into_iter().collect(),
            span: Span::default(),
        }
    }

    fn policy() -> Policy {
        let mut rule = Rule::new(Level::None);
        rule.users = vec!["system:kube-proxy".to_owned(), "alice".to_owned()];
        rule.user_groups = vec!["system:serviceaccounts:kube-system".to_owned()];
        Policy::new(vec![rule])
    }

    fn values(class: &Class, attribute: Attribute) -> Vec<&str> {
        let conditions = class.conditions.iter();
        let conditions = conditions.filter(|condition| condition.attribute == attribute);
        let listed = conditions.flat_map(|condition| condition.values.listed());
        listed
            .map(|value| value.as_deref().unwrap_or("null"))
            .collect()
    }

    #[test]
    fn a_prefix_stands_for_the_names_of_the_policy() {
        let others = detection(Attribute::User, Values::other_than(["system:*"]));
        let class = &others.classes_for(&policy())[0];
        assert_eq!(
            values(class, Attribute::User),
            ["system:kube-proxy", "null"]
        );
        assert_eq!(
            values(class, Attribute::UserGroup),
            ["system:serviceaccounts", "system:nodes"]
        );
        let accounts = detection(Attribute::User, Values::among(["system:serviceaccount:*"]));
        let class = &accounts.classes_for(&policy())[0];
        assert_eq!(
            values(class, Attribute::User),
            [
                "system:serviceaccount:default:example",
                "system:serviceaccount:kube-system:example"
            ]
        );
    }

    #[test]
    fn failed_authentication_is_left_out_unless_it_is_meant() {
        let any = detection(Attribute::Verb, Values::among(["get"]));
        let class = &any.classes_for(&policy())[0];
        assert_eq!(values(class, Attribute::User), ["null"]);
        let failed = detection(Attribute::User, Values::In(vec![None]));
        let class = &failed.classes_for(&policy())[0];
        assert_eq!(class.conditions, failed.classes[0].conditions);
    }
}
