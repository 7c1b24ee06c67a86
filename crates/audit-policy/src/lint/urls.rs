//! `AP036`: entries of `nonResourceURLs` that no non-resource request has.

use super::context::Lint;
use super::report::{DiagnosticBuilder, quote, quote_group};
use crate::codes::PolicyCode;
use crate::url_path::{Problem, Target, after_scheme, plain_path, problem};
use crate::vocabulary::Availability;
use audit_types::excerpt::quote_up_to;
use audit_types::{Path, Severity};

/// Maximum number of characters of the fields of a rule in a message.
const MAX_FIELDS_CHARACTERS: usize = 400;

pub(super) fn lint(lint: &mut Lint) {
    for (index, rule) in lint.policy.rules.iter().enumerate() {
        let path = Path::rule(index).field("nonResourceURLs");
        let mut matched = rule.non_resource_urls.is_empty();
        for (at, url) in rule.non_resource_urls.iter().enumerate() {
            let Some(problem) = problem(url) else {
                matched = true;
                continue;
            };
            matched |= matches!(&problem, Problem::Resource(target) if target.is_version);
            if !lint.report.is_full(PolicyCode::UnmatchedUrl) {
                report(lint, url, problem, path.index(at));
            }
        }
        if !matched {
            lint.dead.insert(index);
        }
    }
}

fn report(lint: &mut Lint, url: &str, problem: Problem, path: Path) {
    let (message, help, fix) = match &problem {
        Problem::Resource(target) => {
            let (message, help) = resource_path(lint, url, *target);
            (message, help, None)
        }
        Problem::Query(without) | Problem::Fragment(without) | Problem::Full(without) => {
            let what = match &problem {
                _ if after_scheme(url).is_some() => "a scheme and a host",
                Problem::Fragment(_) => "a fragment",
                _ => "a query",
            };
            let without = plain_path(without);
            let write = format!("write {}", quote(without));
            (
                format!(
                    "{} has {what}: only the path of a URL is compared, so it matches nothing",
                    quote(url)
                ),
                write.clone(),
                lint.report.replace(&path, url, without, write),
            )
        }
    };
    lint.report.add(
        path,
        DiagnosticBuilder {
            code: PolicyCode::UnmatchedUrl,
            severity: Severity::Warning,
            message,
            help,
        },
        fix,
    );
}

/// Returns message and help for the path of a resource.
fn resource_path(lint: &Lint, url: &str, mut target: Target) -> (String, String) {
    let availability = lint.vocabulary.lookup(target.group, target.resource, "");
    // `/api/v1/po*` is only the start of a name.
    if target.is_open
        && lint.vocabulary.has_group(target.group)
        && availability == Availability::Unknown
    {
        target.resource = "";
    }
    let what = if target.resource.is_empty() {
        match target.group {
            "*" => "resources of all API groups".to_owned(),
            group => format!("resources of the API group {}", quote_group(group)),
        }
    } else {
        format!("the resource {}", quote(target.resource))
    };
    let message = if target.is_version {
        format!(
            "{} matches no requests for {what}: `nonResourceURLs` never matches resources",
            quote(url)
        )
    } else {
        format!(
            "{} is the path of {what}: `nonResourceURLs` never matches it",
            quote(url)
        )
    };
    let help = if target.group == "*" && !lint.version.at_least(36) {
        format!(
            "list the resource in `resources`, with each of its groups, in a rule without `nonResourceURLs`; {} has no \
             wildcard for groups",
            lint.version
        )
    } else {
        format!(
            "write {} instead, in a rule without `nonResourceURLs`",
            quote_up_to(&target.fields(), MAX_FIELDS_CHARACTERS)
        )
    };
    (message, help)
}
