//! Inverted lists of the rules: from a user, verb, namespace, resource or path to the rules that match it.

use audit_types::sort::SortShort;

use super::index::{Interner, RuleSet, ValueIndex};
use crate::policy::{GroupResources, Rule};

/// Resource that a request is for, without the object's name.
#[derive(Debug, Clone, Copy)]
pub struct ResourceTarget<'r> {
    /// The API group; empty is core.
    pub api_group: &'r str,
    /// The resource, plural and lowercase.
    pub resource: &'r str,
    /// The subresource; empty for the resource itself.
    pub subresource: &'r str,
}

/// Index of one list of exact values, such as `users`.
#[derive(Debug, Clone)]
pub(super) struct ListIndex {
    /// Rules whose list is empty, so that they match any value.
    pub(super) unconstrained: RuleSet,
    pub(super) listed: ValueIndex,
}

impl ListIndex {
    pub(super) fn new(rules: &[Rule], list: impl Fn(&Rule) -> &Vec<String>) -> Self {
        let mut listed = ValueIndex::default();
        for (index, rule) in rules.iter().enumerate() {
            for value in list(rule) {
                listed.insert(value, index);
            }
        }
        Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules.get(index).is_some_and(|rule| list(rule).is_empty())
            }),
            listed,
        }
    }
}

/// Index of `resources`.
#[derive(Debug, Clone)]
pub(super) struct ResourceIndex {
    /// Rules that list no resources.
    pub(super) unconstrained: RuleSet,
    /// Entries without a resource list, by group: they match all resources of the group.
    whole_groups: ValueIndex,
    /// Entries with resources but without names.
    unnamed: PatternIndex,
    /// Entries with resources and names. Bits stand for entries here, not for rules.
    named: PatternIndex,
    /// Names of those entries.
    names: ValueIndex,
    /// Rule of each of those entries, ascending.
    rules_of_named: Vec<usize>,
}

/// Resource patterns by API group.
#[derive(Debug, Clone, Default)]
struct PatternIndex {
    groups: Interner,
    patterns: Vec<GroupPatterns>,
}

#[derive(Debug, Clone, Default)]
struct GroupPatterns {
    /// `*`, under the empty string.
    any: ValueIndex,
    /// `pods` and other patterns without a slash; compared with requests that have no subresource.
    plain: ValueIndex,
    /// `pods/log`, by the part before the first slash.
    qualified: Interner,
    /// The part after the slash, for each entry of `qualified`.
    subresources: Vec<ValueIndex>,
    /// `pods/*`, by resource; matches the resource with or without a subresource.
    any_subresource: ValueIndex,
    /// `*/scale`, by subresource.
    any_resource: ValueIndex,
}

impl PatternIndex {
    fn insert(&mut self, entry: &GroupResources, number: usize) {
        let id = self.groups.insert(&entry.group);
        if id == self.patterns.len() {
            self.patterns.push(GroupPatterns::default());
        }
        if let Some(patterns) = self.patterns.get_mut(id) {
            for pattern in &entry.resources {
                patterns.insert(pattern, number);
            }
        }
    }

    /// Returns the entries of a block with a matching pattern. The group `*` matches every group; it only loads since 1.36.
    pub(super) fn block(&self, target: ResourceTarget<'_>, block: usize) -> u64 {
        if self.groups.is_empty() {
            return 0;
        }
        [target.api_group, "*"]
            .into_iter()
            .filter_map(|group| self.patterns.get(self.groups.find(group)?))
            .fold(0, |found, patterns| found | patterns.block(target, block))
    }
}

impl GroupPatterns {
    fn insert(&mut self, pattern: &str, number: usize) {
        if pattern == "*" {
            return self.any.insert("", number);
        }
        match pattern.split_once('/') {
            Some((resource, subresource)) => {
                let id = self.qualified.insert(resource);
                if id == self.subresources.len() {
                    self.subresources.push(ValueIndex::default());
                }
                if let Some(subresources) = self.subresources.get_mut(id) {
                    subresources.insert(subresource, number);
                }
            }
            None => self.plain.insert(pattern, number),
        }
        if let Some(resource) = pattern.strip_suffix("/*") {
            self.any_subresource.insert(resource, number);
        }
        if let Some(subresource) = pattern.strip_prefix("*/") {
            self.any_resource.insert(subresource, number);
        }
    }

    fn block(&self, target: ResourceTarget<'_>, block: usize) -> u64 {
        let ResourceTarget {
            resource,
            subresource,
            ..
        } = target;
        let mut found = 0;
        let mut add = |index: &ValueIndex, value: &str| {
            if !index.is_empty() {
                found |= index.block(value, block);
            }
        };
        add(&self.any, "");
        add(&self.any_subresource, resource);
        // No URL yields a resource with a slash; only a hand-written request has one.
        if let Some((resource, rest)) = resource.split_once('/') {
            let whole = if subresource.is_empty() {
                rest.to_owned()
            } else {
                format!("{rest}/{subresource}")
            };
            if let Some(subresources) = self.subresources_of(resource) {
                add(subresources, &whole);
            }
        } else if subresource.is_empty() {
            add(&self.plain, resource);
        } else if let Some(subresources) = self.subresources_of(resource) {
            add(subresources, subresource);
        }
        if !subresource.is_empty() {
            add(&self.any_resource, subresource);
        }
        found
    }

    fn subresources_of(&self, resource: &str) -> Option<&ValueIndex> {
        if self.qualified.is_empty() {
            return None;
        }
        self.subresources.get(self.qualified.find(resource)?)
    }
}

impl ResourceIndex {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut resources = Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules
                    .get(index)
                    .is_some_and(|rule| rule.resources.is_empty())
            }),
            whole_groups: ValueIndex::default(),
            unnamed: PatternIndex::default(),
            named: PatternIndex::default(),
            names: ValueIndex::default(),
            rules_of_named: Vec::new(),
        };
        for (index, rule) in rules.iter().enumerate() {
            for entry in &rule.resources {
                if entry.resources.is_empty() {
                    resources.whole_groups.insert(&entry.group, index);
                } else if entry.resource_names.is_empty() {
                    resources.unnamed.insert(entry, index);
                } else {
                    let number = resources.rules_of_named.len();
                    resources.rules_of_named.push(index);
                    resources.named.insert(entry, number);
                    for name in &entry.resource_names {
                        resources.names.insert(name, number);
                    }
                }
            }
        }
        resources
    }

    /// Returns the rules of a block with an entry that matches any object name.
    pub(super) fn unnamed_block(&self, target: ResourceTarget<'_>, block: usize) -> u64 {
        let mut found = self.unnamed.block(target, block);
        if !self.whole_groups.is_empty() {
            found |= self.whole_groups.block(target.api_group, block)
                | self.whole_groups.block("*", block);
        }
        found
    }

    /// Returns true if an entry lists the name.
    pub(super) fn lists_name(&self, name: &str) -> bool {
        self.names.lists(name)
    }

    /// Returns true if an entry lists names.
    pub(super) const fn has_names(&self) -> bool {
        !self.rules_of_named.is_empty()
    }

    /// Returns the rules of a block with an entry whose names and patterns both match.
    pub(super) fn named_block(&self, target: ResourceTarget<'_>, name: &str, block: usize) -> u64 {
        self.entries_block(target, block, |entry_block| {
            self.names.block(name, entry_block)
        })
    }

    /// Returns the rules of a block with an entry that lists names and matches except for the name.
    pub(super) fn any_name_block(&self, target: ResourceTarget<'_>, block: usize) -> u64 {
        self.entries_block(target, block, |_| u64::MAX)
    }

    fn entries_block(
        &self,
        target: ResourceTarget<'_>,
        block: usize,
        with_name: impl Fn(usize) -> u64,
    ) -> u64 {
        if !self.has_names() {
            return 0;
        }
        let first = self
            .rules_of_named
            .partition_point(|rule| *rule < block * 64);
        let after = self
            .rules_of_named
            .partition_point(|rule| *rule < (block + 1) * 64);
        let entries = self.rules_of_named.get(first..after).unwrap_or_default();
        if entries.is_empty() {
            return 0;
        }
        let mut found = 0;
        for entry_block in first / 64..after.div_ceil(64) {
            let mut matching = with_name(entry_block);
            if matching != 0 {
                matching &= self.named.block(target, entry_block);
            }
            while matching != 0 {
                let entry = entry_block * 64 + matching.trailing_zeros() as usize;
                matching &= matching - 1;
                if let Some(rule) = entry.checked_sub(first).and_then(|at| entries.get(at)) {
                    found |= 1 << (rule % 64);
                }
            }
        }
        found
    }
}

/// Index of `nonResourceURLs`.
#[derive(Debug, Clone)]
pub(super) struct UrlIndex {
    /// Rules that list no URLs.
    pub(super) unconstrained: RuleSet,
    exact: ValueIndex,
    /// Patterns, by the part before the trailing `*`.
    prefixes: ValueIndex,
    /// Distinct lengths of `prefixes`, ascending.
    prefix_lengths: Vec<usize>,
}

impl UrlIndex {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut exact = ValueIndex::default();
        let mut prefixes = ValueIndex::default();
        let mut prefix_lengths = Vec::new();
        for (index, rule) in rules.iter().enumerate() {
            for url in &rule.non_resource_urls {
                let prefix = url.trim_end_matches('*');
                if prefix.len() < url.len() {
                    prefixes.insert(prefix, index);
                    prefix_lengths.push(prefix.len());
                } else {
                    exact.insert(url, index);
                }
            }
        }
        prefix_lengths.sort_short();
        prefix_lengths.dedup();
        Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules
                    .get(index)
                    .is_some_and(|rule| rule.non_resource_urls.is_empty())
            }),
            exact,
            prefixes,
            prefix_lengths,
        }
    }

    pub(super) fn block(&self, path: &str, block: usize) -> u64 {
        self.prefix_lengths
            .iter()
            .take_while(|length| **length <= path.len())
            .filter_map(|length| path.get(..*length))
            .fold(self.exact.block(path, block), |found, prefix| {
                found | self.prefixes.block(prefix, block)
            })
    }
}
