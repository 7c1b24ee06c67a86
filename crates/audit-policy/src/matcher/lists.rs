//! A rule's lists, turned round: which rules admit which user, verb, namespace, resource or path.

use crate::policy::{GroupResources, Rule};
use crate::rules::{Index, Places, RuleSet};

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

/// For one list of plain values: which rules admit which value.
#[derive(Debug, Clone)]
pub(super) struct Values {
    /// Rules whose list is empty.
    pub(super) unconstrained: RuleSet,
    pub(super) listed: Index,
}

impl Values {
    pub(super) fn new(rules: &[Rule], list: impl Fn(&Rule) -> &Vec<String>) -> Self {
        let mut listed = Index::default();
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

/// Which rules admit which resource of which group.
#[derive(Debug, Clone)]
pub(super) struct Resources {
    /// Rules that list no resources.
    pub(super) unconstrained: RuleSet,
    /// Entries without a resource list, by group: everything in it.
    everything: Index,
    /// Entries with resources and without names.
    unnamed: Patterns,
    /// Entries with resources and names; here the entries are counted, not the rules.
    named: Patterns,
    /// The names of those entries.
    names: Index,
    /// The rule of each of those entries, ascending.
    rules_of_named: Vec<usize>,
}

/// Patterns of resources, by group.
#[derive(Debug, Clone, Default)]
struct Patterns {
    groups: Places,
    patterns: Vec<GroupPatterns>,
}

#[derive(Debug, Clone, Default)]
struct GroupPatterns {
    /// `*`, under the empty text.
    star: Index,
    /// `pods`, compared with a resource that has no subresource; and whatever else has no slash in it.
    plain: Index,
    /// `pods/log`, by what stands before the first slash.
    full: Places,
    /// What stands after it, for each of those.
    full_subresources: Vec<Index>,
    /// `pods/*`, by what stands before: the resource, with or without a subresource.
    of_resource: Index,
    /// `*/scale`, by what stands after.
    of_subresource: Index,
}

impl Patterns {
    fn insert(&mut self, entry: &GroupResources, number: usize) {
        let place = self.groups.insert(&entry.group);
        if place == self.patterns.len() {
            self.patterns.push(GroupPatterns::default());
        }
        if let Some(patterns) = self.patterns.get_mut(place) {
            for pattern in &entry.resources {
                patterns.insert(pattern, number);
            }
        }
    }

    /// `*` as a group loads from 1.36 on only, and then fits every group.
    pub(super) fn word(&self, target: ResourceTarget<'_>, word: usize) -> u64 {
        if self.groups.is_empty() {
            return 0;
        }
        [target.api_group, "*"]
            .into_iter()
            .filter_map(|group| self.patterns.get(self.groups.find(group)?))
            .fold(0, |found, patterns| found | patterns.word(target, word))
    }
}

impl GroupPatterns {
    fn insert(&mut self, pattern: &str, number: usize) {
        if pattern == "*" {
            return self.star.insert("", number);
        }
        match pattern.split_once('/') {
            Some((resource, subresource)) => {
                let place = self.full.insert(resource);
                if place == self.full_subresources.len() {
                    self.full_subresources.push(Index::default());
                }
                if let Some(subresources) = self.full_subresources.get_mut(place) {
                    subresources.insert(subresource, number);
                }
            }
            None => self.plain.insert(pattern, number),
        }
        if let Some(resource) = pattern.strip_suffix("/*") {
            self.of_resource.insert(resource, number);
        }
        if let Some(subresource) = pattern.strip_prefix("*/") {
            self.of_subresource.insert(subresource, number);
        }
    }

    fn word(&self, target: ResourceTarget<'_>, word: usize) -> u64 {
        let ResourceTarget {
            resource,
            subresource,
            ..
        } = target;
        let mut found = 0;
        let mut look = |index: &Index, value: &str| {
            if !index.is_empty() {
                found |= index.word(value, word);
            }
        };
        look(&self.star, "");
        look(&self.of_resource, resource);
        // A resource with a slash in it comes from no URL, only from whoever asks by hand.
        if let Some((resource, rest)) = resource.split_once('/') {
            let whole = if subresource.is_empty() {
                rest.to_owned()
            } else {
                format!("{rest}/{subresource}")
            };
            if let Some(subresources) = self.subresources_of(resource) {
                look(subresources, &whole);
            }
        } else if subresource.is_empty() {
            look(&self.plain, resource);
        } else if let Some(subresources) = self.subresources_of(resource) {
            look(subresources, subresource);
        }
        if !subresource.is_empty() {
            look(&self.of_subresource, subresource);
        }
        found
    }

    fn subresources_of(&self, resource: &str) -> Option<&Index> {
        if self.full.is_empty() {
            return None;
        }
        self.full_subresources.get(self.full.find(resource)?)
    }
}

impl Resources {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut resources = Self {
            unconstrained: RuleSet::of(rules.len(), |index| {
                rules
                    .get(index)
                    .is_some_and(|rule| rule.resources.is_empty())
            }),
            everything: Index::default(),
            unnamed: Patterns::default(),
            named: Patterns::default(),
            names: Index::default(),
            rules_of_named: Vec::new(),
        };
        for (index, rule) in rules.iter().enumerate() {
            for entry in &rule.resources {
                if entry.resources.is_empty() {
                    resources.everything.insert(&entry.group, index);
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

    /// Of the rules of a word, those with an entry that fits whatever the object's name is.
    pub(super) fn unnamed_word(&self, target: ResourceTarget<'_>, word: usize) -> u64 {
        let mut found = self.unnamed.word(target, word);
        if !self.everything.is_empty() {
            found |= self.everything.word(target.api_group, word) | self.everything.word("*", word);
        }
        found
    }

    /// Whether some entry lists the object's name.
    pub(super) fn lists_name(&self, name: &str) -> bool {
        self.names.lists(name)
    }

    /// Whether some entry lists names.
    pub(super) const fn any_named(&self) -> bool {
        !self.rules_of_named.is_empty()
    }

    /// Of the rules of a word, those with an entry whose names and patterns both fit.
    pub(super) fn named_word(&self, target: ResourceTarget<'_>, name: &str, word: usize) -> u64 {
        self.entries_word(target, word, |entry_word| self.names.word(name, entry_word))
    }

    /// Of the rules of a word, those with an entry that lists names and fits otherwise.
    pub(super) fn word_of_any_name(&self, target: ResourceTarget<'_>, word: usize) -> u64 {
        self.entries_word(target, word, |_| u64::MAX)
    }

    fn entries_word(
        &self,
        target: ResourceTarget<'_>,
        word: usize,
        with_name: impl Fn(usize) -> u64,
    ) -> u64 {
        if !self.any_named() {
            return 0;
        }
        let first = self
            .rules_of_named
            .partition_point(|rule| *rule < word * 64);
        let after = self
            .rules_of_named
            .partition_point(|rule| *rule < (word + 1) * 64);
        let entries = self.rules_of_named.get(first..after).unwrap_or_default();
        if entries.is_empty() {
            return 0;
        }
        let mut found = 0;
        for entry_word in first / 64..after.div_ceil(64) {
            let mut fitting = with_name(entry_word);
            if fitting != 0 {
                fitting &= self.named.word(target, entry_word);
            }
            while fitting != 0 {
                let entry = entry_word * 64 + fitting.trailing_zeros() as usize;
                fitting &= fitting - 1;
                if let Some(rule) = entry.checked_sub(first).and_then(|at| entries.get(at)) {
                    found |= 1 << (rule % 64);
                }
            }
        }
        found
    }
}

/// Which rules admit which URL path.
#[derive(Debug, Clone)]
pub(super) struct Urls {
    /// Rules that list no URLs.
    pub(super) unconstrained: RuleSet,
    exact: Index,
    /// By what stands before the trailing `*`.
    prefixes: Index,
    /// The lengths that occur in `prefixes`, each once.
    prefix_lengths: Vec<usize>,
}

impl Urls {
    pub(super) fn new(rules: &[Rule]) -> Self {
        let mut exact = Index::default();
        let mut prefixes = Index::default();
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
        prefix_lengths.sort_unstable();
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

    pub(super) fn word(&self, path: &str, word: usize) -> u64 {
        self.prefix_lengths
            .iter()
            .take_while(|length| **length <= path.len())
            .filter_map(|length| path.get(..*length))
            .fold(self.exact.word(path, word), |found, prefix| {
                found | self.prefixes.word(prefix, word)
            })
    }
}
