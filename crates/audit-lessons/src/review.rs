//! Reviews a lesson for its author: whether each step's model answer passes, its start does not, and its wrong answers fail as stated.

use audit_types::Span;

use crate::check::check;
use crate::lesson::{Answer, Lesson, Step};

/// Review of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepReview {
    /// Title of the step.
    pub title: String,
    /// Place of its heading in the file.
    pub span: Span,
    /// Problems of the step; empty if there are none.
    pub problems: Vec<StepProblem>,
}

/// Problem of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct StepProblem {
    /// The problem, in lowercase.
    pub message: String,
    /// Place of the answer in the file, or of the step's heading.
    pub span: Span,
}

/// Reviews each step of a lesson.
///
/// ```
/// let lesson = audit_lessons::lesson("first-match-wins").unwrap();
/// assert!(audit_lessons::review(&lesson).iter().all(|step| step.problems.is_empty()));
/// ```
pub fn review(lesson: &Lesson) -> Vec<StepReview> {
    let review = |step: &Step| StepReview {
        title: step.title.clone(),
        span: step.span,
        problems: problems(step),
    };
    lesson.steps.iter().map(review).collect()
}

fn problems(step: &Step) -> Vec<StepProblem> {
    let mut problems = Vec::new();
    let mut add = |message: String, span: Span| problems.push(StepProblem { message, span });
    let model = check(step, &step.model);
    if !model.passed {
        add(
            format!("the model answer does not pass: {}", model.reason),
            step.span,
        );
    }
    let start = check(step, &Answer::from_start(&step.start));
    match (start.passed, step.start_passes) {
        (true, false) => add("the start passes already".to_owned(), step.span),
        (false, true) => add(
            format!("the start does not pass: {}", start.reason),
            step.span,
        ),
        _ => {}
    }
    for wrong in &step.wrong {
        let outcome = check(step, &wrong.answer);
        if outcome.passed {
            add("the wrong answer passes".to_owned(), wrong.span);
        } else if !wrong.is_met(&outcome) {
            let message = format!("the wrong answer fails with: {}", outcome.reason);
            add(message, wrong.span);
        }
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Returns the problems of a step with a check, an answer and a wrong answer, as `line: message`.
    fn found(check: &str, answer: &str, wrong: &str) -> Vec<String> {
        let policy = |level: &str| {
            format!("apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{{level: {level}}}]\n```\n")
        };
        let text = format!(
            "---\nid: a\ntrack: hardening\ntitle: A\nminutes: 1\n---\n## Step: One\nDo it.\n```yaml policy\n{}```yaml check{check}\n\
             tests: [{{name: a, requests: {{}}, level: Metadata}}]\n```\n```yaml answer\n{}```yaml wrong is None\n{}",
            policy("None"),
            policy(answer),
            policy(wrong),
        );
        let lesson = Lesson::parse(&text).unwrap();
        let lines = audit_types::LineIndex::new(&text);
        let problems = review(&lesson).remove(0).problems;
        let words = problems.into_iter().map(|problem| {
            let line = lines.position(problem.span.start).line;
            let message = problem.message.split(": ").next().unwrap_or_default();
            format!("{line}: {message}")
        });
        words.collect()
    }

    #[test]
    fn a_review_finds_what_an_author_gets_wrong() {
        for (check, answer, wrong, problems) in [
            ("", "Metadata", "None", vec![]),
            (
                "",
                "Request",
                "None",
                vec!["7: the model answer does not pass"],
            ),
            (
                "",
                "Metadata",
                "Metadata",
                vec!["22: the wrong answer passes"],
            ),
            (
                "",
                "Metadata",
                "Request",
                vec!["22: the wrong answer fails with"],
            ),
            (
                " start passes",
                "Metadata",
                "None",
                vec!["7: the start does not pass"],
            ),
        ] {
            assert_eq!(found(check, answer, wrong), problems, "{answer} {wrong}");
        }
    }
}
