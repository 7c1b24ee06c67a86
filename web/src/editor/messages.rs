//! Messages to the editor as JSON: rules with their results, findings, edits.

use playground_figures::numbers;
use playground_protocol::{
    AnswerReport, Edit, LineFinding, PolicyReport, RuleIndex, Severity, TextProblem,
};

use crate::json::JsonWriter;

/// Returns the rules with their results, for the gutter.
pub fn rules(policy: &PolicyReport, answer: Option<&AnswerReport>) -> String {
    let mut json = JsonWriter::default();
    let mut index = 0;
    json.list(&policy.rules, |json, rule| {
        // The sums are in the order of the rules they were computed for, which may be those of an older policy.
        let sum = answer
            .and_then(|answer| answer.by_rule.get(index))
            .filter(|sum| sum.rule == Some(RuleIndex::new(index)));
        index += 1;
        json.object(|json| {
            json.key("level").text(rule.level.abbreviation());
            json.key("from").number(rule.from);
            json.key("to").number(rule.to);
            json.key("unreachable").flag(rule.unreachable);
            json.key("matched");
            match sum {
                Some(sum) => {
                    json.number(sum.matched);
                    json.key("count")
                        .text(&numbers::count_or_short(sum.matched));
                    json.key("events")
                        .text(&numbers::counted(sum.matched, "event"));
                }
                None => json.null(),
            }
        });
    });
    json.finish()
}

/// Returns the findings to underline.
pub fn findings(findings: &[LineFinding]) -> String {
    let mut json = JsonWriter::default();
    json.list(findings, |json, LineFinding { line, finding }| {
        let span = finding.span().unwrap_or_default();
        json.object(|json| {
            json.key("code").text(&finding.code);
            json.key("severity").text(finding.severity.name());
            json.key("message").text(&finding.message);
            json.key("help").text(&finding.help);
            json.key("line").number(*line);
            json.key("from").number(span.start);
            json.key("to").number(span.end);
            json.key("fix");
            match &finding.fix {
                None => json.null(),
                Some(fix) => json.object(|json| {
                    json.key("title").text(&fix.title);
                    json.key("edits");
                    write_edits(json, &fix.edits);
                }),
            }
        });
    });
    json.finish()
}

/// Returns the problems of a text to underline.
pub fn problems(problems: &[TextProblem]) -> String {
    let mut json = JsonWriter::default();
    json.list(problems, |json, found| {
        json.object(|json| {
            json.key("code").text("");
            json.key("severity").text(Severity::Error.name());
            json.key("message").text(&found.problem.message);
            json.key("help").text(&found.problem.help);
            json.key("line").number(found.line);
            json.key("from").number(found.from);
            json.key("to").number(found.to);
            json.key("fix").null();
        });
    });
    json.finish()
}

/// Returns edits to apply.
pub fn edits(edits: &[Edit]) -> String {
    let mut json = JsonWriter::default();
    write_edits(&mut json, edits);
    json.finish()
}

fn write_edits(json: &mut JsonWriter, edits: &[Edit]) {
    json.list(edits, |json, Edit { span, text }| {
        json.object(|json| {
            json.key("from").number(span.start);
            json.key("to").number(span.end);
            json.key("text").text(text);
        });
    });
}

#[cfg(test)]
mod tests {
    use audit_types::{Document, Fix, Span};
    use playground_protocol::{Diagnostic, Level, RuleSum, RuleView, Sum};

    use super::*;

    #[test]
    fn the_gutter_joins_places_and_counts() {
        let policy = PolicyReport {
            rules: vec![RuleView {
                level: Level::RequestResponse,
                from: 8,
                to: 30,
                unreachable: false,
            }],
            ..PolicyReport::default()
        };
        let answer = AnswerReport {
            by_rule: vec![RuleSum {
                rule: Some(RuleIndex::new(0)),
                level: Level::RequestResponse,
                matched: 295,
                written: Sum::default(),
            }],
            ..AnswerReport::default()
        };
        let rule = |matched: &str| {
            r#"[{"level":"RR","from":8,"to":30,"unreachable":false,"matched":"#.to_owned()
                + matched
                + "}]"
        };
        assert_eq!(rules(&policy, None), rule("null"));
        assert_eq!(
            rules(&policy, Some(&answer)),
            rule(r#"295,"count":"295","events":"295 events""#)
        );
    }

    #[test]
    fn findings_have_the_editors_shape() {
        let edit = Edit {
            span: Span::new(3, 3),
            text: "\"x\"\n".to_owned(),
        };
        let plain = Diagnostic::new("AP012", Severity::Warning, "`verbs` is dropped")
            .labeled(Document::Policy, Span::new(3, 8));
        let fixable = plain.clone().with_fix(Some(Fix {
            title: "Move it".to_owned(),
            edits: vec![edit.clone(), edit],
            is_choice: false,
        }));
        let json = |fix: &str| {
            let start = r#"{"code":"AP012","severity":"warning","message":"`verbs` is dropped","help":"","line":2,"from":3,"to":8,"fix":"#;
            [start, fix, "}"].concat()
        };
        let edit = r#"{"from":3,"to":3,"text":"\"x\"\n"}"#;
        let fix = [r#"{"title":"Move it","edits":["#, edit, ",", edit, "]}"].concat();
        let found = [plain, fixable].map(|finding| LineFinding { line: 2, finding });
        let expected = ["[", &json("null"), ",", &json(&fix), "]"].concat();
        assert_eq!(findings(&found), expected);
    }
}
