//! Resources and their API groups: `AP021` the wrong group, `AP024` a group that matches nothing, `AP031` a resource that the group
//! never had, `AP032` namespaces asked of what has none.

use super::Lint;
use super::facts::{Facts, Known, is_near};
use super::report::{Claim, and, rule_name, tick};
use crate::finding::{Fix, Path, Severity};
use crate::policy::{GroupResources, Rule};

/// Short names that kubectl knows, and the resources they stand for.
const SHORT_NAMES: [(&str, &str); 26] = [
    ("cj", "cronjobs"),
    ("cm", "configmaps"),
    ("crd", "customresourcedefinitions"),
    ("crds", "customresourcedefinitions"),
    ("cs", "componentstatuses"),
    ("csr", "certificatesigningrequests"),
    ("deploy", "deployments"),
    ("ds", "daemonsets"),
    ("ep", "endpoints"),
    ("ev", "events"),
    ("hpa", "horizontalpodautoscalers"),
    ("ing", "ingresses"),
    ("limits", "limitranges"),
    ("netpol", "networkpolicies"),
    ("no", "nodes"),
    ("ns", "namespaces"),
    ("pdb", "poddisruptionbudgets"),
    ("po", "pods"),
    ("pv", "persistentvolumes"),
    ("pvc", "persistentvolumeclaims"),
    ("quota", "resourcequotas"),
    ("rc", "replicationcontrollers"),
    ("rs", "replicasets"),
    ("sa", "serviceaccounts"),
    ("sts", "statefulsets"),
    ("svc", "services"),
];

pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    for (index, rule) in policy.rules.iter().enumerate() {
        for (at, entry) in rule.resources.iter().enumerate() {
            let path = Path::rule(index).field("resources").index(at);
            if lint.facts.has_group(&entry.group) {
                built_in(lint, index, rule, entry, &path);
            } else {
                unknown_group(lint, index, entry, &path);
            }
            scope(lint, index, rule, entry, &path);
        }
    }
}

/// A group that is not built in: a custom one, or a slip.
fn unknown_group(lint: &mut Lint, index: usize, entry: &GroupResources, path: &Path) {
    let group = entry.group.as_str();
    if group == "*" {
        return;
    }
    let path = path.field("group");
    let (meant, help) = match meant_group(&lint.facts, group) {
        Some("") => (Some(""), "the core group has no name: write `\"\"`".to_owned()),
        Some(meant) => (Some(meant), format!("the group's name is `{meant}`, without a version")),
        // Custom resources are served in groups with a dot only.
        None if !group.contains('.') => (
            None,
            "the built-in groups without a dot are `\"\"` (core), `apps`, `autoscaling`, `batch` and `policy`; custom resources \
             always have one with a dot"
                .to_owned(),
        ),
        None => return,
    };
    let fix = meant.and_then(|meant| {
        let name = if meant.is_empty() { "\"\"" } else { meant };
        lint.report
            .replace(&path, group, meant, format!("write `{name}`"))
    });
    lint.report.say(
        path,
        Claim {
            code: "AP024",
            severity: Severity::Warning,
            message: format!(
                "no API group is called {}: this entry of {} matches nothing",
                tick(group),
                rule_name(index)
            ),
            help,
        },
        fix,
    );
}

/// The built-in group that was probably meant.
fn meant_group(facts: &Facts, group: &str) -> Option<&'static str> {
    let is_version = |word: &str| {
        let number = word.strip_prefix('v').unwrap_or_default();
        number.starts_with(|c: char| c.is_ascii_digit())
            && number.chars().all(|c| c.is_ascii_alphanumeric())
    };
    if matches!(group, "core" | "legacy" | "api") || is_version(group) {
        return Some("");
    }
    let mut names: Vec<&str> = facts.group_names().collect();
    names.sort_unstable();
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
    // Other groups with a dot are somebody's own, however near they come.
    let may_slip = !group.contains('.') || group.ends_with(".k8s.io");
    by_label
        .or_else(|| names.iter().copied().find(shortened))
        .or_else(|| {
            let mut near = names.iter().copied().filter(|_| may_slip);
            near.find(|name| is_near(name, group))
        })
}

/// An entry of a built-in group: does the group have these resources?
fn built_in(lint: &mut Lint, index: usize, rule: &Rule, entry: &GroupResources, path: &Path) {
    if let Known::Gone(last) = lint.facts.group(&entry.group)
        && entry.resources.is_empty()
    {
        let claim = Claim {
            code: "AP024",
            severity: Severity::Info,
            message: format!(
                "the group {} has no resource since 1.{}",
                tick(&entry.group),
                last + 1
            ),
            help: format!(
                "Kubernetes {} serves nothing of it; such entries do no harm",
                lint.version
            ),
        };
        if lint.gone_groups.insert(entry.group.clone()) {
            lint.report.say(path.field("group"), claim, None);
        }
        return;
    }
    for (at, pattern) in entry.resources.iter().enumerate() {
        let (name, subresource) = pattern.split_once('/').unwrap_or((pattern, ""));
        if name.contains('*') || subresource.contains('/') {
            continue;
        }
        let path = path.field("resources").index(at);
        match lint.facts.lookup(&entry.group, name, "") {
            Known::Yes if subresource.is_empty() || subresource.contains('*') => {}
            Known::Yes => unknown_subresource(lint, entry, (name, subresource), path),
            known => elsewhere(lint, (index, rule, entry), (pattern, name), known, path),
        }
    }
}

fn elsewhere(
    lint: &mut Lint,
    of: (usize, &Rule, &GroupResources),
    (pattern, name): (&str, &str),
    known: Known,
    path: Path,
) {
    let (index, rule, entry) = of;
    let groups = lint.facts.groups_with(name);
    if groups.is_empty() {
        unknown_resource(lint, entry, (pattern, name), known, path);
        return;
    }
    let right: Vec<String> = groups.iter().map(|group| tick_group(group)).collect();
    let message = format!(
        "{} is not in the group {} but in {}: {} does not match it here",
        tick(pattern),
        tick_group(&entry.group),
        and(&right),
        rule_name(index)
    );
    let say = |severity, help| Claim {
        code: "AP021",
        severity,
        message,
        help,
    };
    if is_caught_elsewhere(rule, &groups, pattern) {
        let help = "another entry of the rule catches it there; this one does no harm";
        lint.report
            .say(path, say(Severity::Info, help.to_owned()), None);
        return;
    }
    let fix = match groups.as_slice() {
        [group] => move_entry(lint, entry, group, &path),
        _ => None,
    };
    let help = match groups.as_slice() {
        [group] if fix.is_some() => format!(
            "write `group: {}`",
            if group.is_empty() { "\"\"" } else { group }
        ),
        _ => format!(
            "list it in an entry of its own, with the group {}",
            right.join(" or ")
        ),
    };
    lint.report.say(path, say(Severity::Warning, help), fix);
}

/// Whether another entry of the rule has the right group, so that this one is left over from older versions.
fn is_caught_elsewhere(rule: &Rule, groups: &[&str], pattern: &str) -> bool {
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

/// Names the right group, where that is right for all that the entry lists.
fn move_entry(lint: &Lint, entry: &GroupResources, group: &str, path: &Path) -> Option<Fix> {
    let all_there = entry.resources.iter().all(|pattern| {
        let name = pattern.split('/').next().unwrap_or_default();
        lint.facts.groups_with(name) == [group]
    });
    if !all_there {
        return None;
    }
    // From `….resources[i].resources[j]` to the entry.
    let mut entry_path = path.clone();
    entry_path.0.truncate(entry_path.0.len().saturating_sub(2));
    let own = entry_path.field("group");
    let title = format!("look in the group {}", tick_group(group));
    lint.report
        .replace(&own, &entry.group, group, title.clone())
        .or_else(|| {
            let is_absent = lint.report.is_absent(&own);
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

/// A resource that no group has in this version.
fn unknown_resource(
    lint: &mut Lint,
    entry: &GroupResources,
    (pattern, name): (&str, &str),
    known: Known,
    path: Path,
) {
    let group = tick_group(&entry.group);
    let gone = match known {
        Known::Gone(last) => Some(format!(
            "{} is gone from the group {group} since 1.{}",
            tick(name),
            last + 1
        )),
        Known::Later(since) => Some(format!(
            "{} is in the group {group} from 1.{since} on",
            tick(name)
        )),
        _ => None,
    };
    if let Some(message) = gone {
        let help = format!(
            "Kubernetes {} has no such resource; the entry does no harm",
            lint.version
        );
        let claim = Claim {
            code: "AP031",
            severity: Severity::Info,
            message,
            help,
        };
        lint.report.say(path, claim, None);
        return;
    }
    if entry.group.is_empty() && lint.report.only_counts("AP031") {
        return;
    }
    let meant = meant_resource(&lint.facts, &entry.group, name);
    // Resources that older versions had are not in the table, so an unknown one is only a warning where a slip is plain or the
    // group is the core group, which no extension can add to.
    if meant.is_none() && !entry.group.is_empty() {
        return;
    }
    let fix = meant.filter(|_| pattern == name).and_then(|meant| {
        lint.report
            .replace(&path, pattern, meant, format!("write `{meant}`"))
    });
    let help = match meant {
        Some(meant) => format!("resources are written as in URLs, plural and lowercase: `{meant}`"),
        None => "resources are written as in URLs, plural and lowercase".to_owned(),
    };
    lint.report.say(
        path,
        Claim {
            code: "AP031",
            severity: Severity::Warning,
            message: format!(
                "the group {group} has no resource {}: it matches nothing",
                tick(name)
            ),
            help,
        },
        fix,
    );
}

fn unknown_subresource(
    lint: &mut Lint,
    entry: &GroupResources,
    (name, subresource): (&str, &str),
    path: Path,
) {
    let (severity, what) = match lint.facts.lookup(&entry.group, name, subresource) {
        Known::Yes => return,
        Known::Later(since) => (Severity::Info, format!("comes with 1.{since}")),
        Known::Gone(last) => (Severity::Info, format!("is gone since 1.{}", last + 1)),
        Known::Never => (Severity::Warning, "is nothing that the API has".to_owned()),
    };
    lint.report.say(
        path,
        Claim {
            code: "AP031",
            severity,
            message: format!(
                "the subresource {} {what}: it matches nothing",
                tick(&format!("{name}/{subresource}"))
            ),
            help: "subresources are written as in URLs, such as `pods/exec` or `deployments/scale`"
                .to_owned(),
        },
        None,
    );
}

/// The resource of the group that was probably meant: its singular, its kind, a short name or a slip.
fn meant_resource(facts: &Facts, group: &str, name: &str) -> Option<&'static str> {
    let lower = name.trim().to_ascii_lowercase();
    if lower.len() > 64 {
        return None;
    }
    let short = SHORT_NAMES.iter().find(|(short, _)| *short == lower);
    let full = short.map_or(lower.as_str(), |(_, full)| full);
    let stem = full.strip_suffix('y').unwrap_or(full);
    let spellings = [
        full.to_owned(),
        format!("{full}s"),
        format!("{full}es"),
        format!("{stem}ies"),
    ];
    let resources = facts.resources(group);
    resources
        .iter()
        .find(|resource| spellings.iter().any(|spelling| spelling == resource.name))
        .or_else(|| {
            resources
                .iter()
                .find(|resource| is_near(resource.name, full))
        })
        .map(|resource| resource.name)
}

/// Namespaces in a rule about resources that have none.
fn scope(lint: &mut Lint, index: usize, rule: &Rule, entry: &GroupResources, path: &Path) {
    // `""` stands for requests without a namespace. A request for the namespace `x` itself has `x` for its namespace.
    if rule.namespaces.is_empty() || rule.namespaces.iter().any(String::is_empty) {
        return;
    }
    for (at, pattern) in entry.resources.iter().enumerate() {
        let name = pattern.split('/').next().unwrap_or_default();
        let found = lint.facts.resource(&entry.group, name);
        if name == "namespaces" || found.is_none_or(|resource| resource.namespaced) {
            continue;
        }
        lint.report.say(
            path.field("resources").index(at),
            Claim {
                code: "AP032",
                severity: Severity::Warning,
                message: format!("{} has no namespace, and {} asks for one: it does not match it", tick(pattern), rule_name(index)),
                help: "leave `namespaces` out, add `\"\"` to it, or give the resource a rule of its own".to_owned(),
            },
            None,
        );
    }
}

/// A group in backticks; the core group as rules write it.
fn tick_group(group: &str) -> String {
    if group.is_empty() {
        "`\"\"` (core)".to_owned()
    } else {
        tick(group)
    }
}
