//! Users and groups: `AP033` a name in the wrong list or form, `AP034` users that are in none of the groups, `AP035` a group that
//! another one implies.

use std::collections::HashSet;

use super::context::Lint;
use super::names::{self, Meant, NameProblem};
use super::report::{DiagnosticBuilder, quote, rule_name};
use crate::codes::PolicyCode;
use crate::policy::Rule;
use audit_types::{Fix, Path, Severity};

pub(super) fn lint(lint: &mut Lint) {
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        let path = Path::rule(index);
        let users = check_names(lint, rule, &path.field("users"), List::Users);
        let groups = check_names(lint, rule, &path.field("userGroups"), List::Groups);
        implied(lint, rule, &path.field("userGroups"));
        if !lint.doubts.is_read(index) {
            continue;
        }
        let is_impossible = |own: &[String], sound: &[_]| !own.is_empty() && sound.is_empty();
        if is_impossible(&rule.users, &users) || is_impossible(&rule.user_groups, &groups) {
            lint.dead.insert(index);
        }
        exclusive(lint, index, (&users, &groups));
    }
}

/// Returns `false` if a rule can't match, because no user or no group has any of the names that it lists. `*` is not a wildcard in them.
pub fn has_possible_subjects(rule: &Rule) -> bool {
    [List::Users, List::Groups].into_iter().all(|list| {
        let (names, _) = list.of(rule);
        let is_possible = |name: &String| is_possible(name, list.problem(name).as_ref());
        names.is_empty() || names.iter().any(is_possible)
    })
}

/// Returns whether a user or group may have the name.
fn is_possible(name: &str, problem: Option<&NameProblem>) -> bool {
    problem.is_none_or(|problem| !problem.is_certain) && !name.contains('*')
}

/// A name with its index in its list.
type Name<'r> = (usize, &'r str);

#[derive(Clone, Copy, PartialEq, Eq)]
enum List {
    Users,
    Groups,
}

impl List {
    fn problem(self, name: &str) -> Option<NameProblem> {
        match self {
            Self::Users => names::user_problem(name),
            Self::Groups => names::group_problem(name),
        }
    }

    const fn of(self, rule: &Rule) -> (&Vec<String>, &Vec<String>) {
        match self {
            Self::Users => (&rule.users, &rule.user_groups),
            Self::Groups => (&rule.user_groups, &rule.users),
        }
    }

    const fn field(self) -> &'static str {
        match self {
            Self::Users => "users",
            Self::Groups => "userGroups",
        }
    }
}

/// Reports names in the wrong list or form. Returns the other names with their index, without patterns.
fn check_names<'r>(lint: &mut Lint, rule: &'r Rule, path: &Path, list: List) -> Vec<Name<'r>> {
    let (own, other) = list.of(rule);
    let mut sound = Vec::new();
    let mut moved: Option<Option<Fix>> = None;
    for (at, name) in own.iter().enumerate() {
        let problem = list.problem(name);
        if is_possible(name, problem.as_ref()) {
            sound.push((at, name.as_str()));
        }
        let Some(problem) = problem else {
            continue;
        };
        let path_of_name = path.index(at);
        let fix = match &problem.meant {
            Meant::Same(meant) => {
                let title = format!("write {}", quote(meant));
                lint.report.replace(&path_of_name, name, meant, title)
            }
            Meant::Group(_) | Meant::User(_) => moved
                .get_or_insert_with(|| move_list(lint, (own, other), path, list))
                .clone(),
            Meant::Unknown => None,
        };
        let (severity, fix) = if problem.is_certain {
            (Severity::Warning, fix)
        } else {
            (Severity::Info, fix.map(Fix::as_choice))
        };
        lint.report.add(
            path_of_name,
            DiagnosticBuilder {
                code: PolicyCode::ImpossibleName,
                severity,
                message: format!("{} in `{}` {}", quote(name), list.field(), problem.text),
                help: problem.help,
            },
            fix,
        );
    }
    sound
}

/// Fix that moves a whole list to the other field. `None` unless every name belongs there and the rule does not have that field.
fn move_list(
    lint: &Lint,
    (own, other): (&[String], &[String]),
    path: &Path,
    list: List,
) -> Option<Fix> {
    let mut rule_path = path.clone();
    rule_path.0.pop();
    let field = match list {
        List::Users => List::Groups,
        List::Groups => List::Users,
    }
    .field();
    if !other.is_empty() || !lint.report.is_missing(&rule_path.field(field)) {
        return None;
    }
    let meant = |name: &String| match (list, list.problem(name)?.meant) {
        (List::Users, Meant::Group(meant)) | (List::Groups, Meant::User(meant)) => Some(meant),
        _ => None,
    };
    let values: Vec<String> = own.iter().map(meant).collect::<Option<_>>()?;
    let title = format!("move it to `{field}`");
    lint.report
        .replace_list(path, field, &distinct(values), title)
}

/// Fix for patterns in `users` that all describe a group, such as `system:node:*`.
pub(super) fn patterns_as_groups(lint: &Lint, rule: &Rule, path: &Path) -> Option<Fix> {
    let mut rule_path = path.clone();
    rule_path.0.pop();
    if !rule.user_groups.is_empty() || !lint.report.is_missing(&rule_path.field("userGroups")) {
        return None;
    }
    let groups = rule.users.iter().map(|user| {
        names::group_of_pattern(user).or_else(|| match names::user_problem(user)?.meant {
            Meant::Group(group) => Some(group),
            _ => None,
        })
    });
    let groups: Vec<String> = groups.collect::<Option<_>>()?;
    let title = "write `userGroups` instead".to_owned();
    lint.report
        .replace_list(path, "userGroups", &distinct(groups), title)
}

fn distinct(values: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let values = values.into_iter();
    values.filter(|value| seen.insert(value.clone())).collect()
}

/// Kinds of names, so that two long lists are not compared name by name: one name stands for all of its kind.
fn kinds<'r>(names: &[Name<'r>], kind: fn(&str) -> &str) -> Vec<&'r str> {
    let mut seen = HashSet::new();
    let names = names.iter();
    names
        .filter(|(_, name)| seen.insert(kind(name)))
        .map(|(_, name)| *name)
        .collect()
}

/// Returns what decides the groups of a user.
fn kind_of_user(user: &str) -> &str {
    match names::service_account(user) {
        Some((namespace, _)) => namespace,
        None if names::is_component(user) => "component:",
        None if user == names::ANONYMOUS => "anonymous:",
        None if user.starts_with("system:node:") => "node:",
        None => "other:",
    }
}

/// Returns what decides the users of a group.
fn kind_of_group(group: &str) -> &str {
    let is_fixed = group.starts_with("system:");
    if is_fixed { group } else { "other:" }
}

/// Reports users that are in none of the rule's groups, and groups that none of its users is in.
fn exclusive(lint: &mut Lint, index: usize, (users, groups): (&[Name], &[Name])) {
    if users.is_empty() || groups.is_empty() {
        return;
    }
    let (some_users, some_groups) = (kinds(users, kind_of_user), kinds(groups, kind_of_group));
    // One rule with thousands of namespaces in both lists is not worth millions of comparisons.
    if some_users.len().saturating_mul(some_groups.len()) > 10_000 {
        return;
    }
    let dead_user = |user: &str| {
        !some_groups
            .iter()
            .any(|group| names::may_be_in(user, group))
    };
    let dead_group = |group: &str| !some_users.iter().any(|user| names::may_be_in(user, group));
    let path = Path::rule(index);
    let finding = |message, help: &str| DiagnosticBuilder {
        code: PolicyCode::ExclusiveSubjects,
        severity: Severity::Warning,
        message,
        help: help.to_owned(),
    };
    let help = "a request must match both lists; split the rule into one with `users` and one with `userGroups`";
    if some_users.iter().all(|user| dead_user(user)) {
        lint.dead.insert(index);
        let example = match (users.first(), groups.first()) {
            (Some((_, user)), Some((_, group))) => {
                format!(": {} is not in {}", quote(user), quote(group))
            }
            _ => String::new(),
        };
        let message = format!(
            "{} never matches, because none of its `users` is in one of its `userGroups`{example}",
            rule_name(index)
        );
        lint.report
            .add_for_key(path.field("userGroups"), finding(message, help), None);
        return;
    }
    for (at, user) in users.iter().filter(|(_, user)| dead_user(user)) {
        let message = format!(
            "{} is in none of the `userGroups` of {}: the rule does not match it",
            quote(user),
            rule_name(index)
        );
        lint.report
            .add(path.field("users").index(*at), finding(message, help), None);
    }
    for (at, group) in groups.iter().filter(|(_, group)| dead_group(group)) {
        let message = format!(
            "none of the `users` of {} is in {}: the entry has no effect",
            rule_name(index),
            quote(group)
        );
        let path = path.field("userGroups").index(*at);
        lint.report.add(path, finding(message, help), None);
    }
}

/// Reports groups whose members are all in another listed group.
fn implied(lint: &mut Lint, rule: &Rule, path: &Path) {
    let has = |wanted: &str| rule.user_groups.iter().any(|group| group == wanted);
    let all_accounts = has("system:serviceaccounts");
    let all_users = has("system:authenticated");
    if rule.user_groups.len() < 2 || !(all_accounts || all_users) {
        return;
    }
    for (at, group) in rule.user_groups.iter().enumerate() {
        let is_open = matches!(
            group.as_str(),
            "system:authenticated" | "system:unauthenticated"
        ) || group.contains('*')
            || names::group_problem(group).is_some();
        let by = if is_open {
            continue;
        } else if all_users {
            "system:authenticated"
        } else if names::accounts_of(group).is_some() {
            "system:serviceaccounts"
        } else {
            continue;
        };
        if lint.report.is_full(PolicyCode::ImpliedGroup) {
            continue;
        }
        let fix = lint
            .report
            .remove_item(path, at, format!("remove {}", quote(group)));
        lint.report.add(
            path.index(at),
            DiagnosticBuilder {
                code: PolicyCode::ImpliedGroup,
                severity: Severity::Info,
                message: format!(
                    "{} is redundant: everyone in it is in `{by}`, which is listed as well",
                    quote(group)
                ),
                help: "one matching group is enough; remove it".to_owned(),
            },
            fix,
        );
    }
}
