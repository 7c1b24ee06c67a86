//! `AP025`: bodies with secrets.

use super::context::Lint;
use super::report::{DiagnosticBuilder, join_and, rule_name};
use super::witness;
use crate::codes::PolicyCode;
use crate::matcher::Matcher;
use crate::policy::Rule;
use audit_types::Level;
use audit_types::Severity;
use audit_types::Stage;
use audit_types::{Request, RuleIndex};

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

static SENSITIVE: [SensitiveResource; 4] = [
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

/// Reports rules that log contents, each proved by a request that the rule is the first to match.
pub(super) fn lint(lint: &mut Lint) {
    for (index, found) in logged(lint) {
        if let Some(rule) = lint.policy.rules.get(index) {
            report_contents(lint, index, rule, &found);
        }
    }
}

/// A resource with secrets, and a request whose logged body contains them.
type Proof = (&'static SensitiveResource, Request);

/// Returns for each rule that logs contents the proofs.
fn logged(lint: &Lint) -> Vec<(usize, Vec<Proof>)> {
    let policy = lint.policy;
    let mut proved = Vec::new();
    if policy.rules.iter().all(|rule| rule.level < Level::Request) {
        return proved;
    }
    // A rule that was not read may match a request first.
    let matcher = Matcher::new(lint.widest);
    let mut effort = 0;
    for (index, rule) in policy.rules.iter().enumerate() {
        if effort > BUDGET {
            break;
        }
        if !lint.doubts.is_read(index) {
            continue;
        }
        let Some(level) = lint.doubts.level(index, rule) else {
            continue;
        };
        if level < Level::Request
            || lint.dead.contains(&index)
            || !lint.keeps(index, rule, Stage::ResponseComplete)
        {
            continue;
        }
        let mut found = Vec::new();
        for sensitive in &SENSITIVE {
            let mut witnesses = candidates(rule, level, sensitive);
            let is_first = |request: &Request| {
                effort += matcher.rule_count();
                effort <= BUDGET && matcher.evaluate(request).rule == Some(RuleIndex::new(index))
            };
            if let Some(at) = witnesses.iter().position(is_first) {
                found.push((sensitive, witnesses.swap_remove(at)));
            }
        }
        if !found.is_empty() {
            proved.push((index, found));
        }
    }
    proved
}

fn report_contents(lint: &mut Lint, index: usize, rule: &Rule, found: &[Proof]) {
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
    let by_user = witness::sender(witness, rule);
    let place = witness::place(witness, first.namespaced);
    lint.report.add_for_rule(
        index,
        DiagnosticBuilder {
            code: PolicyCode::LoggedSecrets,
            severity: first.severity,
            message: format!("{} logs the contents of {}", rule_name(index), join_and(&names)),
            help: format!(
                "bodies are not masked at level `{}`, and no earlier rule matches, for example, `{}` of `{}`{place}{by_user}; add a rule with \
                 level `Metadata` for them above",
                rule.level,
                witness.verb,
                witness.full_resource(),
            ),
        },
    );
}

/// Returns requests for the resource that the rule may match and whose logged bodies contain secrets.
fn candidates(rule: &Rule, level: Level, sensitive: &SensitiveResource) -> Vec<Request> {
    let verbs = if level == Level::Request {
        sensitive.request_verbs
    } else {
        sensitive.response_verbs
    };
    let is_matched =
        |verb: &&str| rule.verbs.is_empty() || rule.verbs.iter().any(|own| own == *verb);
    let verbs: Vec<&str> = verbs.iter().copied().filter(is_matched).collect();
    let target = witness::Target {
        group: sensitive.group,
        resource: sensitive.resource,
        subresource: sensitive.subresource,
        is_namespaced: Some(sensitive.namespaced),
    };
    witness::candidates(rule, target, &verbs)
}

#[cfg(test)]
mod tests;
