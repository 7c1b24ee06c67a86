//! Resources and their API groups: `AP021` the wrong group, `AP024` a group that matches nothing, `AP031` a resource that the group
//! does not have, `AP032` namespaces with a cluster-scoped resource.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, quote, quote_group, rule_name};
use super::resources;
use crate::codes::PolicyCode;
use crate::policy::{GroupResources, Rule};
use crate::vocabulary::{ApiVocabulary, Availability};
use audit_types::sort::SortShort;
use audit_types::spelling::is_similar;
use audit_types::{Fix, Path, Severity};

/// Maximum number of resources of an entry for which another group is offered as a fix.
const MAX_MOVED: usize = 256;

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    for (index, rule) in policy.rules.iter().enumerate() {
        let mut may_match = false;
        for (at, entry) in rule.resources.iter().enumerate() {
            let path = Path::rule(index).field("resources").index(at);
            if lint.vocabulary.has_group(&entry.group) {
                built_in(lint, index, rule, entry, &path);
                may_match = may_match || resources::may_match(lint, index, entry);
            } else {
                may_match |= !unknown_group(lint, index, entry, &path);
            }
            resources::scope(lint, index, entry, &path);
        }
        if !rule.resources.is_empty() && !may_match && lint.doubts.is_read(index) {
            lint.dead.insert(index);
        }
    }
}

/// Checks a group that is not built in: either custom or misspelled. Returns true if it is misspelled, and matches nothing.
fn unknown_group(lint: &mut Lint, index: usize, entry: &GroupResources, path: &Path) -> bool {
    let group = entry.group.as_str();
    if group == "*" {
        return false;
    }
    let path = path.field("group");
    let (meant, help) = match suggested_group(&lint.vocabulary, group) {
        Some("") => (Some(""), "the core group has an empty name: write `\"\"`".to_owned()),
        Some(meant) => (Some(meant), format!("write `{meant}`, without a version")),
        // Groups of custom resources always contain a dot.
        None if !group.contains('.') => (
            None,
            "built-in groups without a dot are `\"\"` (core), `apps`, `autoscaling`, `batch` and `policy`; groups of custom resources \
             always contain a dot"
                .to_owned(),
        ),
        None => return false,
    };
    // A group that has not all of the resources may be the wrong guess, and would need another fix.
    let is_right = |meant: &&str| {
        entry.resources.iter().all(|pattern| {
            is_known(&lint.vocabulary, meant, pattern)
                && !lint.is_out_of_scope(index, meant, pattern)
        })
    };
    let fix = meant.filter(is_right).and_then(|meant| {
        let name = if meant.is_empty() { "\"\"" } else { meant };
        lint.report
            .replace(&path, group, meant, format!("write `{name}`"))
    });
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownApiGroup,
            severity: Severity::Warning,
            message: format!(
                "unknown API group {}: this entry of {} matches nothing",
                quote(group),
                rule_name(index)
            ),
            help,
        },
        fix,
    );
    true
}

/// Returns true if a group has the resource and subresource of a pattern.
fn is_known(vocabulary: &ApiVocabulary, group: &str, pattern: &str) -> bool {
    let (name, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
    let subresource = if subresource == "*" { "" } else { subresource };
    pattern == "*"
        || vocabulary.lookup(group, name, subresource) == Availability::Available
        || name == "*" && vocabulary.has_subresource(group, subresource)
}

/// Returns the built-in group that was probably intended.
fn suggested_group(facts: &ApiVocabulary, group: &str) -> Option<&'static str> {
    let is_version = |word: &str| {
        let number = word.strip_prefix('v').unwrap_or_default();
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if matches!(group, "core" | "legacy" | "api") || is_version(group) {
        return Some("");
    }
    let mut names: Vec<&str> = facts.group_names().collect();
    names.sort_short();
    let exact = |wanted: &str| names.iter().find(|name| **name == wanted).copied();
    if let Some((first, rest)) = group.split_once('.')
        && is_version(first)
        && let Some(name) = exact(rest)
    {
        return Some(name);
    }
    if let Some((rest, last)) = group.rsplit_once('.')
        && is_version(last)
        && let Some(name) = exact(rest)
    {
        return Some(name);
    }
    let first_label = |name: &&str| name.split('.').next() == Some(group);
    let by_label = names
        .iter()
        .copied()
        .find(|name| name.contains('.') && first_label(name));
    // `rbac.k8s.io` for `rbac.authorization.k8s.io`.
    let shortened = |name: &&str| {
        let label = group.strip_suffix(".k8s.io");
        label.is_some() && name.split('.').next() == label && name.ends_with(".k8s.io")
    };
    // Other groups with a dot are custom groups, however similar they are.
    let may_be_misspelled = !group.contains('.') || group.ends_with(".k8s.io");
    by_label
        .or_else(|| names.iter().copied().find(shortened))
        .or_else(|| {
            let mut near = names.iter().copied().filter(|_| may_be_misspelled);
            near.find(|name| is_similar(name, group))
        })
}

/// Checks the resources of an entry with a built-in group.
fn built_in(lint: &mut Lint, index: usize, rule: &Rule, entry: &GroupResources, path: &Path) {
    if let Availability::RemovedAfter(last) = lint.vocabulary.group(&entry.group)
        && entry.resources.is_empty()
    {
        let claim = DiagnosticBuilder {
            code: PolicyCode::UnknownApiGroup,
            severity: Severity::Info,
            message: format!(
                "the API group {} has no resources since 1.{}",
                quote(&entry.group),
                last + 1
            ),
            help: format!(
                "Kubernetes {} does not serve it; the entry is harmless",
                lint.version
            ),
        };
        if lint.reported_groups.insert(entry.group.clone()) {
            lint.report.add(path.field("group"), claim, None);
        }
        return;
    }
    for (at, pattern) in entry.resources.iter().enumerate() {
        let (name, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
        let path = path.field("resources").index(at);
        let is_wild = subresource.is_empty() || subresource.contains('*');
        if name == "*" && !is_wild && !lint.vocabulary.has_subresource(&entry.group, subresource) {
            resources::unknown_in_all(lint, entry, subresource, path);
            continue;
        }
        if name.is_empty() || pattern.ends_with('/') {
            resources::misspelled_resource(lint, (index, entry), (pattern, pattern), path);
            continue;
        }
        if name.contains('*') {
            continue;
        }
        match lint.vocabulary.lookup(&entry.group, name, "") {
            Availability::Available if is_wild => {}
            Availability::Available => {
                resources::unknown_subresource(lint, entry, (name, subresource), path)
            }
            known => wrong_group(lint, (index, rule, entry), (pattern, name), known, path),
        }
    }
}

fn wrong_group(
    lint: &mut Lint,
    of: (usize, &Rule, &GroupResources),
    (pattern, name): (&str, &str),
    known: Availability,
    path: Path,
) {
    let (index, rule, entry) = of;
    let groups = lint.vocabulary.groups_with(name).to_vec();
    if groups.is_empty() {
        resources::unknown_resource(lint, (index, entry), (pattern, name), known, path);
        return;
    }
    // Building the message takes time in proportion to the rule.
    if lint.report.is_full(PolicyCode::WrongApiGroup) {
        return;
    }
    let right: Vec<String> = groups.iter().map(|group| quote_group(group)).collect();
    let message = format!(
        "{} is not in the API group {} but in {}: {} does not match it",
        quote(pattern),
        quote_group(&entry.group),
        join_and(&right),
        rule_name(index)
    );
    let diagnostic = |severity, help| DiagnosticBuilder {
        code: PolicyCode::WrongApiGroup,
        severity,
        message,
        help,
    };
    if is_matched_by_other_entry(rule, &groups, pattern) {
        let help = "another entry of the rule matches it there; this one is harmless";
        lint.report
            .add(path, diagnostic(Severity::Info, help.to_owned()), None);
        return;
    }
    let fix = match groups.as_slice() {
        [group] => move_entry(lint, index, entry, group, &path),
        _ => None,
    };
    let help = match groups.as_slice() {
        [group] if fix.is_some() => format!(
            "write `group: {}`",
            if group.is_empty() { "\"\"" } else { group }
        ),
        _ => format!(
            "list it in a separate entry with the group {}",
            right.join(" or ")
        ),
    };
    lint.report
        .add(path, diagnostic(Severity::Warning, help), fix);
}

/// Returns true if another entry of the rule has the right group, so that this one is a leftover from older versions.
fn is_matched_by_other_entry(rule: &Rule, groups: &[&str], pattern: &str) -> bool {
    rule.resources.iter().any(|other| {
        let is_there = other.group == "*" || groups.contains(&other.group.as_str());
        let resource = pattern.split('/').next().unwrap_or_default();
        let lists = |own: &String| {
            own == pattern
                || own == "*"
                || own.strip_suffix("/*").is_some_and(|own| own == resource)
        };
        is_there && (other.resources.is_empty() || other.resources.iter().any(lists))
    })
}

/// Fix that sets the right group. `None` unless it is right for all resources of the entry.
fn move_entry(
    lint: &Lint,
    index: usize,
    entry: &GroupResources,
    group: &str,
    path: &Path,
) -> Option<Fix> {
    // Each of many patterns has its finding, and would be compared with all others.
    if entry.resources.len() > MAX_MOVED {
        return None;
    }
    let all_there = entry.resources.iter().all(|pattern| {
        let name = pattern.split('/').next().unwrap_or_default();
        lint.vocabulary.groups_with(name) == [group]
            && is_known(&lint.vocabulary, group, pattern)
            && !lint.is_out_of_scope(index, group, pattern)
    });
    if !all_there {
        return None;
    }
    // From `….resources[i].resources[j]` to the entry.
    let mut entry_path = path.clone();
    entry_path.0.truncate(entry_path.0.len().saturating_sub(2));
    let own = entry_path.field("group");
    let title = format!("use the group {}", quote_group(group));
    lint.report
        .replace(&own, &entry.group, group, title.clone())
        .or_else(|| {
            let is_absent = lint.report.is_missing(&own);
            let json = format!("\"group\": \"{group}\"");
            let yaml = if group.is_empty() {
                "group: \"\"".to_owned()
            } else {
                format!("group: {group}")
            };
            is_absent
                .then(|| {
                    lint.report
                        .insert_before(&entry_path.field("resources"), &yaml, &json, title)
                })
                .flatten()
        })
}
