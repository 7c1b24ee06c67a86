//! Values that a field can have.

use std::collections::HashSet;

use audit_policy::KubernetesVersion;
use audit_policy::help::{
    NameHelp, NameKind, Scope, core_group, every_group, group_resources, is_http_verb, names,
    resource_meaning,
};

use super::place::Place;

/// A value.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Value {
    pub(super) value: String,
    /// Text that the typed part of the word is compared with. `None` if it is the value.
    pub(super) matched: Option<String>,
    /// A short note. May be empty.
    pub(super) detail: String,
    /// A sentence or two; code in backticks. May be empty.
    pub(super) about: String,
}

impl Value {
    fn new(value: impl Into<String>) -> Self {
        Self {
            value: value.into(),
            ..Self::default()
        }
    }
}

/// Verbs of resources that requests of URLs have too, by the HTTP method.
const URL_VERBS: [&str; 3] = ["get", "patch", "delete"];

/// Returns the values of the field at a place.
pub(super) fn values(place: &Place, version: KubernetesVersion) -> Vec<Value> {
    let field = place.field.as_str();
    if place.scope == Some(Scope::Resources) {
        return match field {
            "group" => groups(version),
            "resources" => resources(place.value_of("group"), version),
            _ => Vec::new(),
        };
    }
    match field {
        "apiVersion" => vec![Value::new("audit.k8s.io/v1")],
        "kind" => vec![Value::new("Policy")],
        "level" => explained(names(NameKind::Level, version)),
        "omitStages" => explained(names(NameKind::Stage, version)),
        "omitManagedFields" => vec![Value::new("true"), Value::new("false")],
        "verbs" => verbs(place, version),
        "users" => described(names(NameKind::User, version)),
        "userGroups" => described(names(NameKind::UserGroup, version)),
        "namespaces" => described(names(NameKind::Namespace, version)),
        "nonResourceURLs" => described(names(NameKind::NonResourceUrl, version)),
        _ => Vec::new(),
    }
}

/// Names whose meaning is a sentence.
fn explained(names: Vec<&NameHelp>) -> Vec<Value> {
    let names = names.into_iter();
    names
        .map(|name| Value {
            about: name.about.clone(),
            ..Value::new(&name.name)
        })
        .collect()
}

/// Names whose meaning is a note of a few words. An empty name is found by it.
fn described(names: Vec<&NameHelp>) -> Vec<Value> {
    let names = names.into_iter();
    names
        .map(|name| Value {
            detail: name.about.clone(),
            matched: name.name.is_empty().then(|| name.about.clone()),
            ..Value::new(&name.name)
        })
        .collect()
}

/// Returns the verbs that requests of this rule can have.
fn verbs(place: &Place, version: KubernetesVersion) -> Vec<Value> {
    let is_for_urls = place.has("nonResourceURLs");
    let is_for_resources = place.has("resources") || place.has("namespaces");
    let mut verbs = names(NameKind::Verb, version);
    verbs.retain(|verb| match is_http_verb(&verb.name) {
        true => !is_for_resources,
        false => !is_for_urls || URL_VERBS.contains(&verb.name.as_str()),
    });
    explained(verbs)
}

/// Returns the API groups, core first. Core is found by its name, since `group: core` would match nothing.
fn groups(version: KubernetesVersion) -> Vec<Value> {
    let (core, every) = (core_group(), every_group());
    let known = group_resources(version).into_iter().map(|(group, _)| {
        if group != core.name {
            return Value::new(group);
        }
        Value {
            value: core.name.clone(),
            matched: Some(core.detail.clone()),
            detail: core.detail.clone(),
            about: core.about.clone(),
        }
    });
    let every = Value {
        detail: every.detail.clone(),
        about: every.about.clone(),
        ..Value::new(&every.name)
    };
    known.chain([every]).collect()
}

/// Returns the resources of a group, or of all groups if it is not named.
fn resources(group: Option<&str>, version: KubernetesVersion) -> Vec<Value> {
    let mut seen = HashSet::new();
    let mut found = Vec::new();
    for (owner, names) in group_resources(version) {
        if group.is_some_and(|group| group != owner && group != "*") {
            continue;
        }
        let owner = if owner.is_empty() {
            &core_group().detail
        } else {
            owner
        };
        for name in names {
            if seen.insert(name.clone()) {
                found.push(Value {
                    detail: if group.is_none() {
                        owner.to_owned()
                    } else {
                        String::new()
                    },
                    about: resource_meaning(&name),
                    ..Value::new(name)
                });
            }
        }
    }
    let everything = ["*", "*/status"].map(|name| Value {
        about: resource_meaning(name),
        ..Value::new(name)
    });
    found.extend(everything);
    found
}
