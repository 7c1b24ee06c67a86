//! `AP028`: unknown verbs.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote};
use crate::codes::PolicyCode;
use crate::policy::Rule;
use crate::vocabulary::ApiVocabulary;
use audit_types::sort::SortShort;
use audit_types::{Path, Severity};

/// Other spellings, and their verb.
const ALIASES: [(&str, &str); 4] = [
    ("creat", "create"),
    ("delete-collection", "deletecollection"),
    ("deletecollections", "deletecollection"),
    ("remove", "delete"),
];

/// Verbs of authorization and names of subresources, with what to use instead.
const NOT_VERBS: [(&str, &str); 18] = [
    ("apply", "a server-side apply is a `patch`"),
    (
        "approve",
        "approving is an `update` or `patch` of `certificatesigningrequests/approval`",
    ),
    (
        "attach",
        "attaching is a `create` or `get` of `pods/attach`",
    ),
    (
        "bind",
        "RBAC checks `bind` within the request that changes a binding: its verb is `create`, `update` or `patch`",
    ),
    ("edit", "a change is an `update` or a `patch`"),
    (
        "escalate",
        "RBAC checks `escalate` within the request that changes a role: its verb is `create`, `update` or `patch`",
    ),
    ("exec", "executing is a `create` or `get` of `pods/exec`"),
    (
        "impersonate",
        "an impersonated request keeps its own verb, and the policy sees the real user",
    ),
    ("insert", "a new object is a `create`"),
    ("log", "reading a log is a `get` of `pods/log`"),
    ("logs", "reading a log is a `get` of `pods/log`"),
    ("modify", "a change is an `update` or a `patch`"),
    (
        "portforward",
        "forwarding a port is a `create` or `get` of `pods/portforward`",
    ),
    ("read", "reading is `get`, `list` and `watch`"),
    (
        "scale",
        "scaling is an `update` or `patch` of `deployments/scale` and the like",
    ),
    (
        "sign",
        "signing is an `update` or `patch` of `certificatesigningrequests/status`",
    ),
    (
        "use",
        "authorization checks `use` within the request that creates the pod",
    ),
    (
        "write",
        "writing is `create`, `update`, `patch` and `delete`",
    ),
];

pub(super) fn lint(lint: &mut Lint) {
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        let path = Path::rule(index).field("verbs");
        let mut is_dead = !rule.verbs.is_empty();
        for (at, verb) in rule.verbs.iter().enumerate() {
            // The empty verb is that of unknown methods.
            if verb.is_empty() || is_possible(&lint.vocabulary, rule, verb) {
                is_dead = false;
                continue;
            }
            // AP023 reports wildcards.
            if !verb.contains('*') {
                report(lint, rule, verb, path.index(at));
            }
        }
        if is_dead {
            lint.dead.insert(index);
        }
    }
}

fn is_for_resources(rule: &Rule) -> bool {
    !rule.resources.is_empty() || !rule.namespaces.is_empty()
}

fn is_for_urls(rule: &Rule) -> bool {
    !is_for_resources(rule) && !rule.non_resource_urls.is_empty()
}

fn is_possible(vocabulary: &ApiVocabulary, rule: &Rule, verb: &str) -> bool {
    (!is_for_urls(rule) && vocabulary.resource_verbs().any(|known| known == verb))
        || (!is_for_resources(rule) && vocabulary.http_verbs().any(|known| known == verb))
}

/// Returns the verb that was certainly intended.
fn suggestion(vocabulary: &ApiVocabulary, rule: &Rule, verb: &str) -> Option<&'static str> {
    let lower = verb.trim().to_ascii_lowercase();
    let allowed = |word: &str| {
        let mut known = vocabulary.resource_verbs().chain(vocabulary.http_verbs());
        known.find(|verb| *verb == word && is_possible(vocabulary, rule, word))
    };
    if let Some(verb) = allowed(&lower) {
        return Some(verb);
    }
    let translated = match lower.as_str() {
        "post" => Some("create"),
        "put" => Some("update"),
        "head" => Some("get"),
        "create" => Some("post"),
        "update" => Some("put"),
        "list" => Some("get"),
        _ => None,
    };
    let alias = ALIASES
        .iter()
        .find(|(alias, _)| *alias == lower)
        .map(|(_, verb)| *verb);
    translated
        .or(alias)
        .and_then(allowed)
        .or_else(|| allowed(lower.strip_suffix('s')?))
}

fn report(lint: &mut Lint, rule: &Rule, verb: &str, path: Path) {
    // Building the message takes time in proportion to the list.
    if lint.report.is_full(PolicyCode::UnknownVerb) {
        return;
    }
    let lower = verb.trim().to_ascii_lowercase();
    let meant = suggestion(&lint.vocabulary, rule, verb);
    let is_there = meant.is_some_and(|meant| rule.verbs.iter().any(|other| other == meant));
    let reason = NOT_VERBS
        .iter()
        .find(|(word, _)| *word == lower)
        .map(|(_, reason)| *reason);
    let help = match (reason, meant) {
        (Some(reason), _) => reason.to_owned(),
        (None, Some(meant)) if is_there => {
            format!("the verb is called `{meant}`, which is already listed: remove this one")
        }
        (None, Some(meant)) => format!("did you mean `{meant}`?"),
        (None, None) if is_for_urls(rule) => format!(
            "the verb of a non-resource request is its HTTP method in lowercase: {}",
            listed(lint.vocabulary.http_verbs())
        ),
        (None, None) => format!(
            "the verbs of resource requests are {}",
            listed(lint.vocabulary.resource_verbs())
        ),
    };
    let fix = meant.and_then(|meant| {
        lint.report
            .replace(&path, verb, meant, format!("write `{meant}`"))
    });
    let of = if is_for_urls(rule) {
        " for a non-resource URL"
    } else if is_for_resources(rule) {
        " for a resource"
    } else {
        ""
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnknownVerb,
            severity: Severity::Warning,
            message: format!("unknown verb {}{of}: no request has it", quote(verb)),
            help,
        },
        fix,
    );
}

fn listed<'v>(verbs: impl Iterator<Item = &'v str>) -> String {
    let mut verbs: Vec<String> = verbs.map(|verb| format!("`{verb}`")).collect();
    verbs.sort_short();
    super::report::join_and(&verbs)
}
