//! Finds rules that a single earlier rule covers: it matches everything the later rule could match.
//!
//! Compares pairs of rules, list by list. Sound but not complete: a rule that only several earlier rules cover together is not found.

use audit_types::sort::SortShort;

use crate::policy::{GroupResources, Policy, Rule};
use audit_types::RuleIndex;

/// Limit on comparisons, some hundredths of a second. Policies in use need a thousandth of it.
const BUDGET: u64 = 8_000_000;

/// Returns for each rule the first earlier rule that matches everything it could match, so that it never decides.
///
/// `None` means "not proved". Policies with thousands of rules are compared up to a fixed effort only.
pub fn unreachable_rules(policy: &Policy) -> Vec<Option<RuleIndex>> {
    let (earlier, _) = search(policy, |_| true);
    let earlier = earlier.into_iter();
    earlier.map(|rule| rule.map(RuleIndex::new)).collect()
}

/// Like [`unreachable_rules`], by the rules whose conditions are known, and returns the first rule that was not compared.
pub(super) fn search(
    policy: &Policy,
    is_known: impl Fn(usize) -> bool,
) -> (Vec<Option<usize>>, Option<usize>) {
    let conditions: Vec<RuleConditions> = policy.rules.iter().map(RuleConditions::new).collect();
    let mut found = vec![None; conditions.len()];
    let mut effort = 0;
    for (index, (later, node)) in conditions.iter().zip(&mut found).enumerate() {
        for (earlier_index, earlier) in conditions.iter().take(index).enumerate() {
            effort += 1;
            if !is_known(earlier_index) {
                continue;
            }
            if earlier.covers(later, &mut effort) {
                *node = Some(earlier_index);
                break;
            }
            if effort > BUDGET {
                return (found, Some(index));
            }
        }
    }
    (found, None)
}

/// The rules of a policy, compared with parts of later rules up to a fixed effort.
pub(super) struct EarlierRules<'a> {
    conditions: Vec<RuleConditions<'a>>,
    effort: u64,
}

impl<'a> EarlierRules<'a> {
    pub(super) fn new(policy: &'a Policy) -> Self {
        Self {
            conditions: policy.rules.iter().map(RuleConditions::new).collect(),
            effort: 0,
        }
    }

    /// Returns true if a single rule before `index` matches everything that `part` could match; `None` if the effort is spent.
    pub(super) fn cover(
        &mut self,
        part: &Rule,
        index: usize,
        is_known: impl Fn(usize) -> bool,
    ) -> Option<bool> {
        let part = RuleConditions::new(part);
        for (earlier_index, earlier) in self.conditions.iter().take(index).enumerate() {
            self.effort += 1;
            if is_known(earlier_index) && earlier.covers(&part, &mut self.effort) {
                return Some(true);
            }
            if self.effort > BUDGET {
                return None;
            }
        }
        Some(false)
    }
}

/// Conditions of a rule, with sorted lists.
struct RuleConditions<'a> {
    users: Vec<&'a str>,
    groups: Vec<&'a str>,
    verbs: Vec<&'a str>,
    target: RequestScope<'a>,
}

/// The kind of requests that a rule matches.
enum RequestScope<'a> {
    /// Every request.
    All,
    /// Resource requests.
    Resources {
        namespaces: Vec<&'a str>,
        entries: Vec<Entry<'a>>,
    },
    /// Non-resource requests: URL without its trailing `*`, and true if it had one.
    Urls(Vec<(&'a str, bool)>),
}

struct Entry<'a> {
    group: &'a str,
    patterns: Vec<&'a str>,
    names: Vec<&'a str>,
}

fn sorted(list: &[String]) -> Vec<&str> {
    let mut list: Vec<&str> = list.iter().map(String::as_str).collect();
    list.sort_short();
    list.dedup();
    list
}

/// Returns true if `outer` allows all values that `inner` allows. An empty list allows all values.
fn is_within(inner: &[&str], outer: &[&str], effort: &mut u64) -> bool {
    if outer.is_empty() {
        return true;
    }
    if inner.is_empty() || inner.len() > outer.len() {
        return false;
    }
    *effort += inner.len() as u64;
    inner.iter().all(|item| outer.binary_search(item).is_ok())
}

impl<'a> RuleConditions<'a> {
    fn new(rule: &'a Rule) -> Self {
        let target = if !rule.namespaces.is_empty() || !rule.resources.is_empty() {
            RequestScope::Resources {
                namespaces: sorted(&rule.namespaces),
                entries: rule.resources.iter().map(Entry::new).collect(),
            }
        } else if !rule.non_resource_urls.is_empty() {
            RequestScope::Urls(
                rule.non_resource_urls
                    .iter()
                    .map(|url| url_parts(url))
                    .collect(),
            )
        } else {
            RequestScope::All
        };
        Self {
            users: sorted(&rule.users),
            groups: sorted(&rule.user_groups),
            verbs: sorted(&rule.verbs),
            target,
        }
    }

    fn covers(&self, later: &Self, effort: &mut u64) -> bool {
        is_within(&later.users, &self.users, effort)
            && is_within(&later.groups, &self.groups, effort)
            && is_within(&later.verbs, &self.verbs, effort)
            && self.target.covers(&later.target, effort)
    }
}

impl RequestScope<'_> {
    fn covers(&self, later: &Self, effort: &mut u64) -> bool {
        match (self, later) {
            (Self::All, _) => true,
            (
                Self::Resources {
                    namespaces,
                    entries,
                },
                Self::Resources {
                    namespaces: later_namespaces,
                    entries: later_entries,
                },
            ) => {
                is_within(later_namespaces, namespaces, effort)
                    && entries_cover(entries, later_entries, effort)
            }
            (Self::Urls(urls), Self::Urls(later)) => later
                .iter()
                .all(|url| urls.iter().any(|own| url_covers(*own, *url, effort))),
            _ => false,
        }
    }
}

fn entries_cover(entries: &[Entry], later: &[Entry], effort: &mut u64) -> bool {
    if entries.is_empty() {
        return true;
    }
    if later.is_empty() {
        // A rule with only namespaces matches any resource of any group.
        let all = Entry {
            group: "*",
            patterns: Vec::new(),
            names: Vec::new(),
        };
        return all.is_covered_by(entries, effort);
    }
    later
        .iter()
        .all(|entry| entry.is_covered_by(entries, effort))
}

impl<'a> Entry<'a> {
    fn new(entry: &'a GroupResources) -> Self {
        Self {
            group: &entry.group,
            patterns: sorted(&entry.resources),
            names: sorted(&entry.resource_names),
        }
    }

    /// Returns `true` if every pattern of this entry, with every name, is covered by one of the entries.
    fn is_covered_by(&self, entries: &[Entry], effort: &mut u64) -> bool {
        let everything = ["*"];
        let patterns: &[&str] = if self.patterns.is_empty() {
            &everything
        } else {
            &self.patterns
        };
        patterns.iter().all(|pattern| {
            let mut fitting = entries.iter().filter(|entry| {
                *effort += 1;
                *effort <= BUDGET
                    && (entry.group == "*" || entry.group == self.group)
                    && entry.covers_pattern(pattern)
            });
            if self.names.is_empty() {
                return fitting.any(|entry| entry.names.is_empty());
            }
            let fitting: Vec<_> = fitting.collect();
            self.names.iter().all(|name| {
                fitting.iter().any(|entry| {
                    *effort += 1;
                    *effort <= BUDGET
                        && (entry.names.is_empty() || entry.names.binary_search(name).is_ok())
                })
            })
        })
    }

    fn covers_pattern(&self, pattern: &str) -> bool {
        let has = |own: &str| self.patterns.binary_search(&own).is_ok();
        if self.patterns.is_empty() || has("*") || has(pattern) {
            return true;
        }
        // The remaining cases are `R/*` and `*/S` covering a literal.
        if pattern.contains('*') {
            return false;
        }
        match pattern.split_once('/') {
            None => has(&format!("{pattern}/*")),
            Some((resource, subresource)) => {
                let is_one = !subresource.is_empty() && !subresource.contains('/');
                is_one && (has(&format!("{resource}/*")) || has(&format!("*/{subresource}")))
            }
        }
    }
}

/// Returns a URL without its trailing `*`, and true if it had any.
fn url_parts(url: &str) -> (&str, bool) {
    (url.trim_end_matches('*'), url.ends_with('*'))
}

fn url_covers(own: (&str, bool), later: (&str, bool), effort: &mut u64) -> bool {
    *effort += 1;
    *effort <= BUDGET
        && match own {
            (prefix, true) => later.0.starts_with(prefix),
            (path, false) => !later.1 && later.0 == path,
        }
}

#[cfg(test)]
mod tests;
