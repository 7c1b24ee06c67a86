//! `AP025`: bodies with secrets.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, rule_name};
use crate::codes::PolicyCode;
use crate::matcher::Matcher;
use crate::policy::Rule;
use audit_types::Level;
use audit_types::Request;
use audit_types::Severity;

/// A resource whose bodies contain secrets.
struct SensitiveResource {
    group: &'static str,
    resource: &'static str,
    subresource: &'static str,
    namespaced: bool,
    /// Verbs whose request body contains secrets.
    request_verbs: &'static [&'static str],
    /// Verbs whose response body contains secrets.
    response_verbs: &'static [&'static str],
    severity: Severity,
}

const OBJECT_REQUEST_VERBS: &[&str] = &["create", "update", "patch"];
const OBJECT_RESPONSE_VERBS: &[&str] = &[
    "create",
    "update",
    "patch",
    "get",
    "list",
    "deletecollection",
];

const SENSITIVE: [SensitiveResource; 4] = [
    SensitiveResource {
        group: "",
        resource: "secrets",
        subresource: "",
        namespaced: true,
        request_verbs: OBJECT_REQUEST_VERBS,
        response_verbs: OBJECT_RESPONSE_VERBS,
        severity: Severity::Warning,
    },
    SensitiveResource {
        group: "authentication.k8s.io",
        resource: "tokenreviews",
        subresource: "",
        namespaced: false,
        request_verbs: &["create"],
        response_verbs: &["create"],
        severity: Severity::Warning,
    },
    // A token request contains no secret; the response is the token.
    SensitiveResource {
        group: "",
        resource: "serviceaccounts",
        subresource: "token",
        namespaced: true,
        request_verbs: &[],
        response_verbs: &["create"],
        severity: Severity::Warning,
    },
    SensitiveResource {
        group: "",
        resource: "configmaps",
        subresource: "",
        namespaced: true,
        request_verbs: OBJECT_REQUEST_VERBS,
        response_verbs: OBJECT_RESPONSE_VERBS,
        severity: Severity::Info,
    },
];

/// Limit on the number of rules evaluated for candidate requests.
const BUDGET: usize = 20_000_000;

/// Maximum number of values of a rule's list that are tried.
const MAX_TRIED: usize = 4;

/// Reports rules that log contents, each proved by a request that the rule is the first to match.
pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    if policy.rules.iter().all(|rule| rule.level < Level::Request) {
        return;
    }
    let matcher = Matcher::new(policy);
    let mut effort = 0;
    for (index, rule) in policy.rules.iter().enumerate() {
        if rule.level < Level::Request {
            continue;
        }
        let mut found: Vec<(&SensitiveResource, Request)> = Vec::new();
        for sensitive in &SENSITIVE {
            let mut witnesses = candidates(rule, sensitive);
            let is_first = |request: &Request| {
                effort += matcher.rule_count();
                effort <= BUDGET && matcher.evaluate(request).rule == Some(index)
            };
            if let Some(at) = witnesses.iter().position(is_first) {
                found.push((sensitive, witnesses.swap_remove(at)));
            }
        }
        report_contents(lint, index, rule, &found);
        if effort > BUDGET {
            break;
        }
    }
}

fn report_contents(
    lint: &mut Lint,
    index: usize,
    rule: &Rule,
    found: &[(&SensitiveResource, Request)],
) {
    // The first with the highest severity.
    let most_severe = found
        .iter()
        .rev()
        .max_by_key(|(sensitive, _)| sensitive.severity);
    let Some((first, witness)) = most_severe else {
        return;
    };
    let names: Vec<String> = found
        .iter()
        .map(|(_, request)| format!("`{}`", request.full_resource()))
        .collect();
    let by_user = witness.user.as_deref().map_or(String::new(), |user| {
        format!(" by {}", super::report::quote(user))
    });
    lint.report.add_for_rule(
        index,
        DiagnosticBuilder {
            code: PolicyCode::LoggedSecrets,
            severity: first.severity,
            message: format!("{} logs the contents of {}", rule_name(index), join_and(&names)),
            help: format!(
                "bodies are not masked at level `{}`, and no earlier rule matches, for example, `{}` of `{}`{by_user}; add a rule with \
                 level `Metadata` for them above",
                rule.level,
                witness.verb,
                witness.full_resource(),
            ),
        },
    );
}

/// Returns requests for the resource that the rule may match and whose logged bodies contain secrets.
fn candidates(rule: &Rule, sensitive: &SensitiveResource) -> Vec<Request> {
    let verbs = if rule.level == Level::Request {
        sensitive.request_verbs
    } else {
        sensitive.response_verbs
    };
    let is_matched =
        |verb: &&&str| rule.verbs.is_empty() || rule.verbs.iter().any(|own| own == **verb);
    let users = users(rule);
    let namespaces = namespaces(rule, sensitive);
    let names = names(rule);
    let mut requests = Vec::new();
    for verb in verbs.iter().filter(is_matched) {
        let of_many = matches!(*verb, "list" | "deletecollection");
        let has_name = !of_many && (*verb != "create" || !sensitive.subresource.is_empty());
        for (user, groups) in &users {
            // A request for all namespaces can only be a list.
            let in_namespaces = namespaces.iter().filter(|namespace| {
                !sensitive.namespaced || !namespace.is_empty() || *verb == "list"
            });
            for namespace in in_namespaces {
                for name in names.iter().take(if has_name { names.len() } else { 1 }) {
                    requests.push(Request {
                        user: Some(user.clone()),
                        groups: groups.clone(),
                        verb: (*verb).to_owned(),
                        namespace: namespace.clone(),
                        api_group: sensitive.group.to_owned(),
                        resource: sensitive.resource.to_owned(),
                        subresource: sensitive.subresource.to_owned(),
                        name: if has_name {
                            name.clone()
                        } else {
                            String::new()
                        },
                        path: String::new(),
                        is_resource_request: true,
                    });
                }
            }
        }
    }
    requests
}

/// Returns users that the rule may match, with their groups.
fn users(rule: &Rule) -> Vec<(String, Vec<String>)> {
    let names: Vec<&str> = if rule.users.is_empty() {
        vec!["jane"]
    } else {
        rule.users
            .iter()
            .take(MAX_TRIED)
            .map(String::as_str)
            .collect()
    };
    let groups_listed: Vec<Option<&String>> = if rule.user_groups.is_empty() {
        vec![None]
    } else {
        rule.user_groups.iter().take(MAX_TRIED).map(Some).collect()
    };
    let mut users = Vec::new();
    for name in names {
        for group in &groups_listed {
            let is_anonymous = name == "system:anonymous"
                || group.is_some_and(|group| group == "system:unauthenticated");
            let mut groups = usual_groups(name, is_anonymous);
            groups.extend(
                group
                    .map(|group| (*group).clone())
                    .filter(|group| !groups.contains(group)),
            );
            let name = if is_anonymous {
                "system:anonymous"
            } else {
                name
            };
            users.push((name.to_owned(), groups));
        }
    }
    users
}

/// Returns the groups that the authenticator assigns to a user of that name.
fn usual_groups(name: &str, is_anonymous: bool) -> Vec<String> {
    if is_anonymous {
        return vec!["system:unauthenticated".to_owned()];
    }
    let mut groups = vec!["system:authenticated".to_owned()];
    let account = name.strip_prefix("system:serviceaccount:");
    if let Some((namespace, _)) = account.and_then(|rest| rest.split_once(':')) {
        groups.push("system:serviceaccounts".to_owned());
        groups.push(format!("system:serviceaccounts:{namespace}"));
    } else if name.starts_with("system:node:") {
        groups.push("system:nodes".to_owned());
    }
    groups
}

fn namespaces(rule: &Rule, sensitive: &SensitiveResource) -> Vec<String> {
    if !sensitive.namespaced {
        vec![String::new()]
    } else if rule.namespaces.is_empty() {
        vec!["default".to_owned(), "shop".to_owned()]
    } else {
        rule.namespaces.iter().take(MAX_TRIED).cloned().collect()
    }
}

fn names(rule: &Rule) -> Vec<String> {
    let named = rule
        .resources
        .iter()
        .flat_map(|entry| &entry.resource_names);
    std::iter::once("web".to_owned())
        .chain(named.take(MAX_TRIED).cloned())
        .collect()
}
