//! Messages to the editor as JSON: rules with their results, findings, edits.

use playground_protocol::{AnswerReport, EditView, FindingView, PolicyReport};

use crate::json::JsonWriter;

/// Returns the rules with their results, for the gutter.
pub fn rules(policy: &PolicyReport, answer: Option<&AnswerReport>) -> String {
    let mut json = JsonWriter::default();
    let mut index = 0;
    json.list(&policy.rules, |json, rule| {
        // The sums are in the order of the rules they were computed for, which may be those of an older policy.
        let sum = answer
            .and_then(|answer| answer.by_rule.get(index))
            .filter(|sum| sum.rule == Some(index));
        index += 1;
        json.object(|json| {
            json.key("level").text(rule.level.abbreviation());
            json.key("from").number(rule.from);
            json.key("to").number(rule.to);
            json.key("unreachable").flag(rule.unreachable);
            json.key("matched");
            match sum {
                Some(sum) => json.number(sum.matched),
                None => json.null(),
            }
        });
    });
    json.finish()
}

/// Returns the findings to underline.
pub fn findings(findings: &[FindingView]) -> String {
    let mut json = JsonWriter::default();
    json.list(findings, |json, found| {
        json.object(|json| {
            json.key("code").text(&found.code);
            json.key("severity").text(found.severity.name());
            json.key("message").text(&found.message);
            json.key("help").text(&found.help);
            json.key("line").number(found.line);
            json.key("from").number(found.from);
            json.key("to").number(found.to);
            json.key("fix");
            match &found.fix {
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

/// Returns edits to apply.
pub fn edits(edits: &[EditView]) -> String {
    let mut json = JsonWriter::default();
    write_edits(&mut json, edits);
    json.finish()
}

fn write_edits(json: &mut JsonWriter, edits: &[EditView]) {
    json.list(edits, |json, edit| {
        json.object(|json| {
            json.key("from").number(edit.from);
            json.key("to").number(edit.to);
            json.key("text").text(&edit.text);
        });
    });
}

#[cfg(test)]
mod tests {
    use playground_protocol::{FixView, Level, RuleSum, RuleView, Severity, Sum};

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
                rule: Some(0),
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
        assert_eq!(rules(&policy, Some(&answer)), rule("295"));
    }

    #[test]
    fn findings_read_back_as_the_protocol_has_them() {
        let edit = EditView {
            from: 3,
            to: 3,
            text: "\"x\"\n".to_owned(),
        };
        let mended = FindingView {
            code: "AP012".to_owned(),
            severity: Severity::Warning,
            message: "`verbs` is dropped".to_owned(),
            help: String::new(),
            line: 2,
            from: 3,
            to: 8,
            fix: Some(FixView {
                title: "Move it".to_owned(),
                edits: vec![edit.clone(), edit],
            }),
        };
        let said = vec![
            FindingView {
                fix: None,
                ..mended.clone()
            },
            mended,
        ];
        let read: Vec<FindingView> = serde_json::from_str(&findings(&said)).unwrap();
        assert_eq!(read, said);
    }
}
