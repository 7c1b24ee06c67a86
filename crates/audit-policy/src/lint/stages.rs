//! Omitted stages: `AP029` nothing is logged, or never a body; `AP030` two events per request.

use super::context::Lint;
use super::report::{DiagnosticBuilder, rule_name};
use crate::codes::PolicyCode;
use audit_types::{Level, Stage, StageSet};
use audit_types::{Path, Severity};

/// Reports rules whose omitted stages leave nothing, no body, or two events per request.
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
    let mut doubled = Vec::new();
    for (index, rule) in policy.rules.iter().enumerate() {
        let stages = common.union(rule.omit_stages.iter().copied().collect());
        if rule.level == Level::None {
            continue;
        }
        if let Some(diagnostic) = empty_combination(index, rule.level, stages) {
            lint.report
                .add_for_key(Path::rule(index).field("omitStages"), diagnostic, None);
        } else if !stages.contains(Stage::RequestReceived)
            && !stages.contains(Stage::ResponseComplete)
        {
            doubled.push(index);
        }
    }
    report_doubled(lint, &doubled);
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

fn report_doubled(lint: &mut Lint, rules: &[usize]) {
    let Some(first) = rules.first() else {
        return;
    };
    let policy = lint.policy;
    let recording = policy
        .rules
        .iter()
        .filter(|rule| rule.level != Level::None)
        .count();
    let help = "the event at `RequestReceived` adds nothing unless the server stops in between; omit it with `omitStages` at the top \
                level";
    let rules_path = Path::root().field("rules");
    let (path, message, fix) = if rules.len() == recording && policy.omit_stages.is_empty() {
        let fix = lint
            .report
            .is_missing(&Path::root().field("omitStages"))
            .then(|| {
                lint.report.insert_before(
                    &rules_path,
                    "omitStages: [RequestReceived]",
                    "\"omitStages\": [\"RequestReceived\"]",
                    "omit `RequestReceived`".to_owned(),
                )
            })
            .flatten();
        (
            rules_path,
            "every request is logged twice: at `RequestReceived` and at `ResponseComplete`"
                .to_owned(),
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
