//! Shapes: the requests that one rule can match, as lists of values.

use audit_policy::{GroupResources, Rule};
use audit_types::Level;

use crate::attribute::Attribute;
use crate::cube::Kind;

/// Requests that one rule matches: one of the listed values for each attribute. `None` is any value.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Default)]
pub(super) struct Shape {
    /// The kind of requests. `None` for both.
    kind: Option<Kind>,
    /// The lists, by attribute.
    lists: [Option<Vec<String>>; 9],
}

impl Shape {
    /// Returns the shape of all requests of a kind.
    pub(super) fn of_kind(kind: Kind) -> Self {
        Self {
            kind: Some(kind),
            ..Self::default()
        }
    }

    /// Restricts an attribute that had any value.
    #[must_use]
    pub(super) fn with(mut self, attribute: Attribute, values: Vec<String>) -> Self {
        if let Some(list) = self.lists.get_mut(attribute as usize) {
            *list = Some(values);
        }
        self
    }

    fn list(&self, attribute: Attribute) -> Option<&Vec<String>> {
        self.lists.get(attribute as usize).and_then(Option::as_ref)
    }

    /// Returns the same shape for both kinds, if no attribute of one kind only is restricted.
    pub(super) fn for_both_kinds(&self) -> Option<Self> {
        let of_both = [Attribute::User, Attribute::UserGroup, Attribute::Verb];
        let is_free = |attribute| of_both.contains(&attribute) || self.list(attribute).is_none();
        let free = Attribute::ALL.into_iter().all(is_free);
        free.then(|| Self {
            kind: None,
            lists: self.lists.clone(),
        })
    }

    /// Returns the number of restrictions. A shape with more of them comes first where two of them differ.
    pub(super) fn weight(&self) -> usize {
        usize::from(self.kind.is_some()) + self.lists.iter().flatten().count()
    }

    /// Returns the shape with sorted lists, which is equal for equal shapes.
    pub(super) fn sorted(&self) -> Self {
        let mut sorted = self.clone();
        for list in sorted.lists.iter_mut().flatten() {
            list.sort();
            list.dedup();
        }
        sorted
    }

    /// Returns shapes that two shapes have in common. More than one if both list groups: a rule cannot state that a user is in two groups, so the
    /// shapes with either list are larger.
    pub(super) fn and(&self, other: &Self) -> Vec<Self> {
        let kind = match (self.kind, other.kind) {
            (Some(own), Some(others)) if own != others => return Vec::new(),
            (own, others) => own.or(others),
        };
        let mut both = self.clone();
        both.kind = kind;
        for attribute in Attribute::ALL {
            let Some(others) = other.list(attribute) else {
                continue;
            };
            let values = match (self.list(attribute), attribute) {
                (None, _) => others.clone(),
                // Added below.
                (Some(own), Attribute::UserGroup) => own.clone(),
                (Some(own), Attribute::Path) => common_urls(own, others),
                (Some(own), _) => common(own, others),
            };
            if values.is_empty() {
                return Vec::new();
            }
            both = both.with(attribute, values);
        }
        let groups = Attribute::UserGroup;
        let (Some(own), Some(others)) = (self.list(groups), other.list(groups)) else {
            return vec![both];
        };
        let shared = common(own, others);
        if shared.len() == own.len() || shared.len() == others.len() {
            return vec![both.with(groups, shared)];
        }
        let mut shapes = vec![both.clone().with(groups, others.clone())];
        if !shared.is_empty() {
            shapes.push(both.clone().with(groups, shared));
        }
        shapes.push(both);
        shapes
    }

    /// Returns a rule that matches the shape, with the level `None`. If no rule matches exactly the shape, it matches more requests.
    pub(super) fn rule(&self, has_any_group: bool) -> Rule {
        let list = |attribute| self.list(attribute).cloned().unwrap_or_default();
        let mut rule = Rule::new(Level::None);
        rule.users = list(Attribute::User);
        rule.user_groups = list(Attribute::UserGroup);
        rule.verbs = list(Attribute::Verb);
        match self.kind {
            None => {}
            Some(Kind::Url) => {
                rule.non_resource_urls = match self.list(Attribute::Path) {
                    Some(paths) => paths.clone(),
                    None => vec!["*".to_owned()],
                };
            }
            Some(Kind::Resource) => {
                rule.namespaces = list(Attribute::Namespace);
                rule.resources = self.resources(has_any_group);
            }
        }
        rule
    }

    /// Returns the entries of a rule for resources: one for each API group.
    fn resources(&self, has_any_group: bool) -> Vec<GroupResources> {
        let patterns = self.patterns();
        let names = self.list(Attribute::Name);
        let groups = match self.list(Attribute::ApiGroup) {
            Some(groups) => groups.clone(),
            None if has_any_group => vec!["*".to_owned()],
            // The server rejects `*`: the rule is for all resources.
            None => return Vec::new(),
        };
        let is_any = patterns.is_empty() && names.is_none();
        let has_namespaces = self.list(Attribute::Namespace).is_some();
        if is_any && has_namespaces && self.list(Attribute::ApiGroup).is_none() {
            return Vec::new();
        }
        let entry = |group: String| {
            let mut entry = GroupResources::new(group, patterns.iter().cloned());
            if let Some(names) = names {
                if entry.resources.is_empty() {
                    entry.resources.push("*".to_owned());
                }
                entry.resource_names.clone_from(names);
            }
            entry
        };
        groups.into_iter().map(entry).collect()
    }

    /// Returns the patterns for resources and subresources. Empty for all resources.
    fn patterns(&self) -> Vec<String> {
        let subresources = self.list(Attribute::Subresource);
        match (self.list(Attribute::Resource), subresources) {
            (None, None) => Vec::new(),
            (Some(resources), None) => resources.iter().map(|own| format!("{own}/*")).collect(),
            // No pattern is for resources without their subresources.
            (None, Some(subresources)) if subresources.iter().any(String::is_empty) => Vec::new(),
            (None, Some(subresources)) => {
                subresources.iter().map(|own| format!("*/{own}")).collect()
            }
            (Some(resources), Some(subresources)) => {
                let pattern = |resource: &String, subresource: &String| match subresource.as_str() {
                    "" => resource.clone(),
                    subresource => format!("{resource}/{subresource}"),
                };
                resources
                    .iter()
                    .flat_map(|resource| subresources.iter().map(move |own| pattern(resource, own)))
                    .collect()
            }
        }
    }
}

/// Returns the values that both lists have.
fn common(own: &[String], others: &[String]) -> Vec<String> {
    let others: std::collections::HashSet<&String> = others.iter().collect();
    let is_shared = |value: &&String| others.contains(value);
    own.iter().filter(is_shared).cloned().collect()
}

/// Returns URLs for the paths that fit URLs of both lists.
fn common_urls(own: &[String], others: &[String]) -> Vec<String> {
    let mut urls: Vec<String> = Vec::new();
    for one in own {
        for other in others {
            let url = match (one.strip_suffix('*'), other.strip_suffix('*')) {
                (Some(prefix), _) if other.starts_with(prefix) => other,
                (_, Some(prefix)) if one.starts_with(prefix) => one,
                _ if one == other => one,
                _ => continue,
            };
            if !urls.contains(url) {
                urls.push(url.clone());
            }
        }
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    fn list(values: &[&str]) -> Vec<String> {
        values.iter().map(|value| (*value).to_owned()).collect()
    }

    #[test]
    fn urls_that_two_lists_share() {
        for (own, others, shared) in [
            (&["/a*"][..], &["/a/b"][..], &["/a/b"][..]),
            (&["/a/b"], &["/a*"], &["/a/b"]),
            (&["/a*"], &["/a/b*", "/c"], &["/a/b*"]),
            (&["*"], &["/c"], &["/c"]),
            (&["/a"], &["/b", "/a/*"], &[]),
        ] {
            assert_eq!(common_urls(&list(own), &list(others)), list(shared));
        }
    }

    #[test]
    fn shapes_as_rules() {
        use Attribute::{ApiGroup, Name, Namespace, Resource, Subresource};
        let rule = |lists: &[(Attribute, &[&str])], has_any_group: bool| {
            let shape = Shape::of_kind(Kind::Resource);
            let add = |shape: Shape, (attribute, values): &(Attribute, &[&str])| {
                shape.with(*attribute, list(values))
            };
            let rule = lists.iter().fold(shape, add).rule(has_any_group);
            let entries = rule.resources.into_iter();
            let words = entries.map(|own| {
                let patterns = own.resources.join(",");
                format!("{} {patterns} {}", own.group, own.resource_names.join(","))
            });
            words.collect::<Vec<_>>()
        };
        let secrets: (Attribute, &[&str]) = (Resource, &["secrets"]);
        assert_eq!(rule(&[(ApiGroup, &[""]), secrets], true), [" secrets/* "]);
        assert_eq!(rule(&[secrets, (Subresource, &[""])], true), ["* secrets "]);
        assert_eq!(rule(&[(Subresource, &["scale"])], true), ["* */scale "]);
        assert_eq!(rule(&[(Name, &["x"])], true), ["* * x"]);
        assert_eq!(rule(&[(Namespace, &["n"])], true), [""; 0]);
        // Kubernetes 1.35 and earlier have no wildcard for groups.
        assert_eq!(rule(&[secrets], false), [""; 0]);
        // No pattern leaves subresources out.
        assert_eq!(rule(&[(Subresource, &[""])], true), ["*  "]);
    }
}
