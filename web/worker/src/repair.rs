//! Repair of a policy that was damaged when it was copied.

use audit_policy::{Edit, Span};
use audit_repair::{Answer, Options, Question, Repair, repair};
use audit_text::diff::unified;
use playground_protocol::{RepairQuestion, RepairReport, RepairRequest, RepairView};

use crate::simplify::{in_utf16, lines};

/// Repairs a text.
pub(crate) fn repair_text(request: RepairRequest) -> RepairReport {
    let RepairRequest {
        number,
        text,
        version,
        answers,
    } = request;
    let all = repair(
        &text,
        &Options {
            version,
            answers: Vec::new(),
        },
    );
    let answers: Vec<Answer> = answers
        .into_iter()
        .map(|(line, reading)| Answer { line, reading })
        .collect();
    let repaired = if answers.is_empty() {
        all.clone()
    } else {
        repair(
            &text,
            &Options {
                version,
                answers: answers.clone(),
            },
        )
    };
    RepairReport {
        number,
        // Answered questions are not questions any more, and stay on the page.
        repair: all.headline().map(|headline| RepairView {
            headline: repaired.headline().unwrap_or(headline),
            questions: questions(&all.questions, &answers),
            ..view(&text, &repaired)
        }),
    }
}

fn view(text: &str, repaired: &Repair) -> RepairView {
    let changes = repaired.changes.iter();
    let understanding = repaired.outcome.understanding();
    let unplaced = understanding.into_iter().flat_map(|found| &found.unplaced);
    RepairView {
        changes: changes
            .map(|change| (change.lines(), change.sentence.clone()))
            .collect(),
        unplaced: unplaced
            .map(|unplaced| (unplaced.line, unplaced.reason.clone()))
            .collect(),
        edits: in_utf16(text, edit(text, &repaired.text).into_iter().collect()),
        diff: lines(&unified(text, &repaired.text, "policy.yaml")),
        ..RepairView::default()
    }
}

fn questions(questions: &[Question], answers: &[Answer]) -> Vec<RepairQuestion> {
    let question = |question: &Question| RepairQuestion {
        line: question.line,
        sentence: question.sentence.clone(),
        readings: question
            .readings
            .iter()
            .map(|reading| reading.label.clone())
            .collect(),
        chosen: answers
            .iter()
            .find(|answer| answer.line == question.line)
            .map(|answer| answer.reading),
    };
    questions.iter().map(question).collect()
}

/// Returns the edit from one text to another, if they differ: one of the lines from the first that differs to the last.
fn edit(before: &str, after: &str) -> Option<Edit> {
    if before == after {
        return None;
    }
    let is_same = |pair: &(&str, &str)| pair.0 == pair.1;
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let same = |pairs: &mut dyn Iterator<Item = (&str, &str)>| {
        pairs
            .take_while(is_same)
            .map(|(line, _)| line.len())
            .sum::<usize>()
    };
    let start = same(&mut old.iter().copied().zip(new.iter().copied()));
    let shared = before.len().min(after.len()).saturating_sub(start);
    let mut end = same(&mut old.iter().rev().copied().zip(new.iter().rev().copied()));
    if end > shared {
        // A line is not counted from both sides.
        end = 0;
    }
    let new_text = after
        .get(start..after.len().saturating_sub(end))?
        .to_owned();
    Some(Edit {
        span: Span {
            start,
            end: before.len().saturating_sub(end),
        },
        text: new_text,
    })
}

#[cfg(test)]
mod tests {
    use audit_analysis::edited;

    use super::*;

    fn of(text: &str, answers: Vec<(usize, usize)>) -> Option<RepairView> {
        repair_text(RepairRequest {
            number: 3,
            text: text.to_owned(),
            version: audit_policy::KubernetesVersion::NEWEST,
            answers,
        })
        .repair
    }

    #[test]
    fn an_edit_makes_one_text_the_other() {
        for (before, after) in [
            ("a\nb\nc\n", "a\nB\nc\n"),
            ("a\na\n", "a\na\na\n"),
            ("a\na\na\n", "a\na\n"),
            ("", "a"),
            ("a", ""),
            ("a\nb", "a\nb\n"),
            ("é\n–\n", "é\n-\n"),
        ] {
            let found = edit(before, after).expect("they differ");
            assert_eq!(
                edited(before, &[found]).as_deref(),
                Some(after),
                "{before:?}"
            );
        }
        assert_eq!(edit("a\n", "a\n"), None);
    }

    #[test]
    fn a_damaged_text_has_changes_and_edits_in_utf_16() {
        let text =
            "# \u{1f600}\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n– level: Metadata\n";
        let view = of(text, Vec::new()).expect("damaged");
        assert_eq!(view.changes.len(), 1);
        assert_eq!(view.changes[0].0, "line 5");
        let edit = &view.edits[0];
        // The emoji is two units and four bytes.
        let start = "# ..\napiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n".len();
        assert_eq!(
            (edit.span.start, &*edit.text),
            (start, "- level: Metadata\n")
        );
    }

    #[test]
    fn a_good_text_has_no_repair() {
        let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\n";
        assert_eq!(of(text, Vec::new()), None);
    }

    #[test]
    fn an_answered_question_stays_with_its_answer() {
        let text = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n- level: Metadata\nverbs: [get]\nomitStages:\n- RequestReceived\n";
        let open = of(text, Vec::new()).expect("damaged");
        let [question] = &*open.questions else {
            panic!("{open:?}");
        };
        assert_eq!((question.line, question.chosen), (6, None));
        for reading in 0..question.readings.len() {
            let view = of(text, vec![(6, reading)]).expect("damaged");
            assert_eq!(view.questions[0].chosen, Some(reading));
        }
    }
}
