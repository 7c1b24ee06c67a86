//! Omitted stages: `AP029` nothing is logged, or never a body; `AP030` two events per request; `AP038` ordinary requests without their
//! response; `AP039` failed authentications or panics that are never logged.

use super::context::Lint;
use super::report::{DiagnosticBuilder, rule_name};
use super::streams;
use crate::codes::PolicyCode;
use crate::policy::Rule;
use audit_types::{Fix, Path, Severity};
use audit_types::{Level, Stage, StageSet};

/// A rule that logs, with its omitted stages.
struct LoggingRule<'a> {
    index: usize,
    rule: &'a Rule,
    omitted: StageSet,
}

/// Reports rules whose omitted stages leave nothing, no body, no response, no failures, or two events per request.
pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let common: StageSet = policy.omit_stages.iter().copied().collect();
    if omits_all(common) {
        lint.report.add_for_key(
            Path::root().field("omitStages"),
            DiagnosticBuilder {
                code: PolicyCode::NothingLogged,
                severity: Severity::Warning,
                message: "all stages are omitted: nothing is logged".to_owned(),
                help: "a rule cannot re-enable a stage; omit only `RequestReceived`".to_owned(),
            },
            None,
        );
        return;
    }
    let found = rules(lint);
    report_silent_responses(lint, common, &found.silent_responses);
    report_failed_authentication(lint, &found);
    report_panics(lint, &found);
    report_doubled(lint, &found);
}

/// Rules that log, by the stages that they leave.
#[derive(Default)]
struct Rules<'a> {
    logging: Vec<LoggingRule<'a>>,
    /// Rules that may log, of which something is not known: with the conditions and omitted stages that are certain.
    uncertain: Vec<LoggingRule<'a>>,
    /// Rules that log ordinary requests twice.
    doubled: Vec<usize>,
    /// Rules that do not log the response of ordinary requests.
    silent_responses: Vec<usize>,
}

/// Returns the rules that log, and reports those that leave nothing or no body.
fn rules<'a>(lint: &mut Lint<'a>) -> Rules<'a> {
    let mut found = Rules::default();
    let (policy, widest) = (lint.policy, lint.widest);
    for (index, (rule, widest)) in policy.rules.iter().zip(&widest.rules).enumerate() {
        let level = lint.doubts.level(index, rule);
        if level == Some(Level::None) || lint.is_shadowed(index) {
            continue;
        }
        let known = lint.omitted(index, rule);
        let (Some(omitted), Some(level), true) = (known, level, lint.doubts.is_read(index)) else {
            found.uncertain.push(LoggingRule {
                index,
                rule: widest,
                omitted: known.unwrap_or_default(),
            });
            continue;
        };
        if let Some(diagnostic) = empty_combination(index, level, omitted) {
            lint.report
                .add_for_key(Path::rule(index).field("omitStages"), diagnostic, None);
            if omits_all(omitted) {
                continue;
            }
        } else if omitted.contains(Stage::ResponseComplete) {
            if !streams::is_long_running(rule) || omitted.contains(Stage::ResponseStarted) {
                found.silent_responses.push(index);
            }
        } else if !omitted.contains(Stage::RequestReceived) {
            found.doubled.push(index);
        }
        found.logging.push(LoggingRule {
            index,
            rule,
            omitted,
        });
    }
    found
}

/// Returns the path of a stage in the list of the policy, or else of the rule.
fn place_of(lint: &Lint, index: usize, stage: Stage) -> Path {
    let policy = lint.policy;
    let of_rule = policy.rules.get(index).map(|rule| &rule.omit_stages);
    let at = |stages: &[Stage]| stages.iter().position(|own| *own == stage);
    if let Some(at) = at(&policy.omit_stages) {
        return Path::root().field("omitStages").index(at);
    }
    let path = Path::rule(index).field("omitStages");
    match of_rule.and_then(|stages| at(stages)) {
        Some(at) => path.index(at),
        None => path,
    }
}

/// Reports rules that omit the response of requests that are not long-running; once if the policy omits it.
fn report_silent_responses(lint: &mut Lint, common: StageSet, rules: &[usize]) {
    let policy = lint.policy;
    let of_policy = common.contains(Stage::ResponseComplete);
    for index in rules {
        let Some(rule) = policy.rules.get(*index) else {
            continue;
        };
        let own: StageSet = rule.omit_stages.iter().copied().collect();
        let omitted = if of_policy { common } else { common.union(own) };
        let of_rule = if of_policy {
            String::new()
        } else {
            format!(" that match {}", rule_name(*index))
        };
        let message = silent_message(omitted, &of_rule);
        // One rule may be meant to log requests only on receipt; a whole policy hardly is.
        let is_on_receipt = !of_policy && !omitted.contains(Stage::RequestReceived);
        let severity = if is_on_receipt {
            Severity::Info
        } else {
            Severity::Warning
        };
        let place = place_of(lint, *index, Stage::ResponseComplete);
        lint.report.add(
            place,
            DiagnosticBuilder {
                code: PolicyCode::NoResponses,
                severity,
                message,
                help: "remove `ResponseComplete` from `omitStages`; only watches, logs, exec and other long-running requests also have \
                       `ResponseStarted`"
                    .to_owned(),
            },
            None,
        );
        if of_policy {
            return;
        }
    }
}

/// States what is not logged without `ResponseComplete`.
fn silent_message(omitted: StageSet, of_rule: &str) -> String {
    let no_status = "`RequestReceived` has neither a status nor bodies";
    match (
        omitted.contains(Stage::RequestReceived),
        omitted.contains(Stage::ResponseStarted),
    ) {
        (true, true) => format!(
            "requests{of_rule} are never logged unless a handler panics: all other stages are omitted"
        ),
        (true, false) => format!(
            "ordinary requests{of_rule} are never logged: both of their stages, `RequestReceived` and `ResponseComplete`, are omitted"
        ),
        (false, true) => format!(
            "the responses of requests{of_rule} are never logged: `ResponseStarted` and `ResponseComplete` are omitted, and {no_status}"
        ),
        (false, false) => format!(
            "the responses of ordinary requests{of_rule} are never logged: `ResponseComplete` is omitted, and {no_status}"
        ),
    }
}

/// Reports that failed authentications are never logged, if that is because of omitted stages.
fn report_failed_authentication(lint: &mut Lint, found: &Rules) {
    let logging = &found.logging;
    // Such requests have no user and no groups.
    let is_open = |one: &&LoggingRule| one.rule.users.is_empty() && one.rule.user_groups.is_empty();
    let is_omitted = |one: &LoggingRule| one.omitted.contains(Stage::ResponseStarted);
    if !found.uncertain.iter().filter(is_open).all(is_omitted) {
        return;
    }
    let mut matching = logging.iter().filter(is_open);
    let Some(first) = matching.clone().next() else {
        return;
    };
    let (index, of_rule) = if matching.all(&is_omitted) {
        (first.index, String::new())
    } else {
        // A catch-all decides about all that the other rules do not name.
        let mut unconditional = logging.iter().filter(|one| one.rule.is_unconditional());
        match unconditional.next() {
            Some(one) if is_omitted(one) => {
                (one.index, format!(" that match {}", rule_name(one.index)))
            }
            _ => return,
        }
    };
    let place = place_of(lint, index, Stage::ResponseStarted);
    lint.report.add(
        place,
        DiagnosticBuilder {
            code: PolicyCode::OmittedFailures,
            severity: Severity::Info,
            message: format!(
                "failed authentications (401){of_rule} are never logged: their only stage, `ResponseStarted`, is omitted"
            ),
            help: "remove `ResponseStarted` from `omitStages`; long-running requests, such as watches, then have one more event each"
                .to_owned(),
        },
        None,
    );
}

/// Reports that requests whose handler panics are never logged, or only on receipt.
fn report_panics(lint: &mut Lint, found: &Rules) {
    let Some(first) = found.logging.first() else {
        return;
    };
    let mut rules = found.logging.iter().chain(&found.uncertain);
    if !rules.clone().all(|one| one.omitted.contains(Stage::Panic)) {
        return;
    }
    let message = if rules.all(|one| one.omitted.contains(Stage::RequestReceived)) {
        "ordinary requests whose handler panics are never logged: `Panic`, their last stage, is omitted"
    } else {
        "panics of handlers are never logged: `Panic`, which replaces `ResponseComplete`, is omitted"
    };
    let place = place_of(lint, first.index, Stage::Panic);
    lint.report.add(
        place,
        DiagnosticBuilder {
            code: PolicyCode::OmittedFailures,
            severity: Severity::Info,
            message: message.to_owned(),
            help:
                "remove `Panic` from `omitStages`; panics are rare, and no other event records them"
                    .to_owned(),
        },
        None,
    );
}

fn omits_all(stages: StageSet) -> bool {
    stages.iter().count() == Stage::ALL.len()
}

fn empty_combination(index: usize, level: Level, stages: StageSet) -> Option<DiagnosticBuilder> {
    let (message, help) = if omits_all(stages) {
        (
            format!("{} logs nothing: all stages are omitted", rule_name(index)),
            "write `level: None` instead".to_owned(),
        )
    } else if level > Level::Metadata
        && stages.iter().count() == 3
        && !stages.contains(Stage::RequestReceived)
    {
        (
            format!(
                "{} never logs a body: no body is read yet at `RequestReceived`, the only stage left",
                rule_name(index)
            ),
            "keep `ResponseComplete`, or use `level: Metadata`".to_owned(),
        )
    } else {
        return None;
    };
    Some(DiagnosticBuilder {
        code: PolicyCode::NothingLogged,
        severity: Severity::Warning,
        message,
        help,
    })
}

/// Fix that omits `RequestReceived` for all rules. `None` if the policy has omitted stages.
fn omit_received(lint: &Lint, rules: &Path) -> Option<Fix> {
    if !lint.report.is_missing(&Path::root().field("omitStages")) {
        return None;
    }
    let fix = lint.report.insert_before(
        rules,
        "omitStages: [RequestReceived]",
        "\"omitStages\": [\"RequestReceived\"]",
        "omit `RequestReceived`".to_owned(),
    );
    fix.map(Fix::as_choice)
}

fn report_doubled(lint: &mut Lint, found: &Rules) {
    let (rules, logging) = (&found.doubled, found.logging.len());
    let is_complete = found.uncertain.is_empty() && lint.doubts.is_complete();
    let Some(first) = rules.first() else {
        return;
    };
    let policy = lint.policy;
    let help = "the event at `RequestReceived` adds nothing unless the server stops in between; omit it with `omitStages` at the top \
                level";
    let rules_path = Path::root().field("rules");
    let every = if logging == policy.rules.len() {
        "every request is logged twice"
    } else {
        "each logged request has two events"
    };
    let (path, message, fix) = if rules.len() == logging
        && policy.omit_stages.is_empty()
        && is_complete
    {
        let fix = omit_received(lint, &rules_path);
        (
            rules_path,
            format!("{every}: at `RequestReceived` and at `ResponseComplete`"),
            fix,
        )
    } else {
        let message = match rules.len() {
            1 => format!(
                "requests of {} are logged twice: at `RequestReceived` and at `ResponseComplete`",
                rule_name(*first)
            ),
            count => format!(
                "requests of {count} rules, the first is {}, are logged twice: at `RequestReceived` and at `ResponseComplete`",
                rule_name(*first)
            ),
        };
        (Path::rule(*first).field("level"), message, None)
    };
    lint.report.add_for_key(
        path,
        DiagnosticBuilder {
            code: PolicyCode::TwoEvents,
            severity: Severity::Info,
            message,
            help: help.to_owned(),
        },
        fix,
    );
}
