//! What the omitted stages leave: `AP029` nothing, or never a body; `AP030` two events a request.

use super::Lint;
use super::report::{DiagnosticBuilder, rule_name};
use crate::finding::{Path, Severity};
use crate::level::{Level, Stage, StageSet};

/// Which stages the rules leave.
pub(super) fn lint(lint: &mut Lint) {
    let policy = lint.policy;
    let common: StageSet = policy.omit_stages.iter().copied().collect();
    if leaves_nothing(common) {
        lint.report.add_for_key(
            Path::root().field("omitStages"),
            DiagnosticBuilder {
                code: "AP029",
                severity: Severity::Warning,
                message: "every stage is omitted: no rule writes anything".to_owned(),
                help: "a rule cannot bring a stage back; omit `RequestReceived` at most".to_owned(),
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
        if let Some(claim) = empty_combination(index, rule.level, stages) {
            lint.report
                .add_for_key(Path::rule(index).field("omitStages"), claim, None);
        } else if !stages.contains(Stage::RequestReceived)
            && !stages.contains(Stage::ResponseComplete)
        {
            doubled.push(index);
        }
    }
    report_doubled(lint, &doubled);
}

fn leaves_nothing(stages: StageSet) -> bool {
    stages.iter().count() == Stage::ALL.len()
}

fn empty_combination(index: usize, level: Level, stages: StageSet) -> Option<DiagnosticBuilder> {
    let (message, help) = if leaves_nothing(stages) {
        (
            format!(
                "{} writes nothing: every stage is omitted",
                rule_name(index)
            ),
            "`level: None` says the same plainly".to_owned(),
        )
    } else if level > Level::Metadata
        && stages.iter().count() == 3
        && !stages.contains(Stage::RequestReceived)
    {
        (
            format!(
                "{} never records a body: at `RequestReceived`, the one stage left, none has been read",
                rule_name(index)
            ),
            "keep `ResponseComplete`, or take `level: Metadata`".to_owned(),
        )
    } else {
        return None;
    };
    Some(DiagnosticBuilder {
        code: "AP029",
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
    let help = "`RequestReceived` tells nothing that the later event does not, unless the server dies in between; omit it with \
                `omitStages` at the top";
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
            "every request is written about twice, on receipt and on completion".to_owned(),
            fix,
        )
    } else {
        let message = match rules.len() {
            1 => format!(
                "the requests of {} are written about twice, on receipt and on completion",
                rule_name(*first)
            ),
            count => format!(
                "the requests of {count} rules, {} the first, are written about twice, on receipt and on completion",
                rule_name(*first)
            ),
        };
        (Path::rule(*first).field("level"), message, None)
    };
    lint.report.add_for_key(
        path,
        DiagnosticBuilder {
            code: "AP030",
            severity: Severity::Info,
            message,
            help: help.to_owned(),
        },
        fix,
    );
}
