//! Two rules that become one: they have the same effect and differ in one list only, so together they match what one rule with both lists matches.

use std::collections::HashSet;

use audit_policy::{Policy, Rule, StageSet};

/// A rule, and a rule of the same shape with the places of its items in the original policy.
pub(crate) type Labelled = (Rule, Rule);

/// Returns true if two rules of a policy have the same effect, and the same lists except for one, which neither leaves out.
pub(crate) fn differ_in_one_list(policy: &Policy, one: &Rule, other: &Rule) -> bool {
    if one.level != other.level {
        return false;
    }
    let strings = [
        (&one.users, &other.users),
        (&one.user_groups, &other.user_groups),
        (&one.verbs, &other.verbs),
        (&one.namespaces, &other.namespaces),
        (&one.non_resource_urls, &other.non_resource_urls),
    ];
    let strings = strings
        .into_iter()
        .filter(|(one, other)| one != other)
        .map(|(one, other)| !one.is_empty() && !other.is_empty());
    let is_in_both = !one.resources.is_empty() && !other.resources.is_empty();
    let entries = (one.resources != other.resources).then_some(is_in_both);
    let mut different = strings.chain(entries);
    different.next() == Some(true)
        && different.next().is_none()
        && effect(policy, one) == effect(policy, other)
}

fn effect(policy: &Policy, rule: &Rule) -> (audit_policy::Level, StageSet, bool) {
    let stages = policy.omit_stages.iter().chain(&rule.omit_stages);
    let omit = rule
        .omit_managed_fields
        .unwrap_or(policy.omit_managed_fields);
    (rule.level, stages.copied().collect(), omit)
}

/// Adds the items of another rule that differs in one list.
pub(crate) fn merge(into: &mut Labelled, other: &Labelled) {
    let (rule, labels) = into;
    let (other, other_labels) = other;
    let lists = [
        (
            &mut rule.users,
            &mut labels.users,
            &other.users,
            &other_labels.users,
        ),
        (
            &mut rule.user_groups,
            &mut labels.user_groups,
            &other.user_groups,
            &other_labels.user_groups,
        ),
        (
            &mut rule.verbs,
            &mut labels.verbs,
            &other.verbs,
            &other_labels.verbs,
        ),
        (
            &mut rule.namespaces,
            &mut labels.namespaces,
            &other.namespaces,
            &other_labels.namespaces,
        ),
        (
            &mut rule.non_resource_urls,
            &mut labels.non_resource_urls,
            &other.non_resource_urls,
            &other_labels.non_resource_urls,
        ),
    ];
    for (own, own_labels, others, labels) in lists {
        add(own, own_labels, others, labels);
    }
    if rule.resources == other.resources {
        return;
    }
    for (entry, entry_labels) in other.resources.iter().zip(&other_labels.resources) {
        let mut own = rule.resources.iter_mut().zip(&mut labels.resources);
        let same = own.find(|(own, _)| {
            own.group == entry.group
                && own.resource_names == entry.resource_names
                && own.resources.is_empty() == entry.resources.is_empty()
        });
        match same {
            Some((own, own_labels)) => add(
                &mut own.resources,
                &mut own_labels.resources,
                &entry.resources,
                &entry_labels.resources,
            ),
            None => {
                rule.resources.push(entry.clone());
                labels.resources.push(entry_labels.clone());
            }
        }
    }
}

/// Adds the items that a list lacks, and their labels.
fn add(own: &mut Vec<String>, own_labels: &mut Vec<String>, others: &[String], labels: &[String]) {
    // Most lists are equal or have one item, of which the comparison is faster than a set.
    if own == others {
        return;
    }
    let known: Option<HashSet<String>> = (others.len() > 8).then(|| own.iter().cloned().collect());
    for (value, label) in others.iter().zip(labels) {
        let is_known = match &known {
            Some(known) => known.contains(value),
            None => own.contains(value),
        };
        if !is_known {
            own.push(value.clone());
            own_labels.push(label.clone());
        }
    }
}
