//! `lesson`: checks lessons for those who write them.

use std::io::Write;

use audit_lessons::{Answer, Lesson, Step, StepReview, Subject, review};
use audit_policy::KubernetesVersion;
use audit_types::LineIndex;
use serde::Serialize;

use crate::arguments::{self, LessonAction, TextOrJson};
use crate::error::{Error, Result};
use crate::file_name::FileName;
use crate::input::{check_read_once, manifest};
use crate::output::{Output, diagnostic};
use crate::terminal::{Role, Style, safe};

/// A step as a JSON object.
#[derive(Serialize)]
struct StepReport<'a> {
    file: String,
    lesson: &'a str,
    step: &'a str,
    /// Line of the heading, from 1.
    line: usize,
    passed: bool,
    problems: Vec<ProblemReport<'a>>,
    answer: AnswerReport<'a>,
    wrong: Vec<WrongReport<'a>>,
}

/// The part of an answer that its check looks at.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
enum AnswerReport<'a> {
    Policy(&'a str),
    Flags(&'a str),
    Manifest(&'a str),
    Text(&'a str),
    /// Index of the event in the log, from 0.
    Event(Option<usize>),
}

impl<'a> AnswerReport<'a> {
    fn of(subject: Subject, answer: &'a Answer) -> Self {
        match subject {
            Subject::Flags => Self::Flags(&answer.flags),
            Subject::Manifest => Self::Manifest(&answer.manifest),
            Subject::Text => Self::Text(&answer.text),
            Subject::Event => Self::Event(answer.event),
            _ => Self::Policy(&answer.policy),
        }
    }
}

#[derive(Serialize)]
struct WrongReport<'a> {
    answer: AnswerReport<'a>,
    /// A part of the reason that a learner reads, without backticks.
    reason: &'a str,
}

#[derive(Serialize)]
struct ProblemReport<'a> {
    line: usize,
    message: &'a str,
}

/// Checks the lessons. Fails if an answer does not do what its lesson states.
///
/// # Errors
/// Also for a Kubernetes version, which only a lesson itself can name.
pub(crate) fn run(arguments: &arguments::Lesson, version: Option<KubernetesVersion>) -> Result {
    if version.is_some() {
        let message = "`--kubernetes-version` does not apply to lessons (help: write `kubernetesVersion` into the lesson)";
        return Err(Error::Usage(message.to_owned()));
    }
    match arguments.action {
        LessonAction::Check => check(arguments),
    }
}

fn check(arguments: &arguments::Lesson) -> Result {
    check_read_once(&arguments.files)?;
    let mut out = match arguments.format {
        TextOrJson::Text => Output::text(),
        TextOrJson::Json => Output::json(),
    };
    let (mut has_errors, mut has_problems) = (false, false);
    for file in &arguments.files {
        let text = manifest(file)?;
        match Lesson::parse(&text) {
            Ok(lesson) => has_problems |= report(file, &text, &lesson, arguments.format, &mut out)?,
            Err(errors) => {
                has_errors = true;
                for error in errors {
                    let help = match error.help.is_empty() {
                        true => String::new(),
                        false => format!(" (help: {})", error.help),
                    };
                    diagnostic(&format!("{file}:{}: {}{help}", error.line, error.message));
                }
            }
        }
    }
    out.flush()?;
    match (has_errors, has_problems) {
        (true, _) => Err(Error::Reported),
        (false, true) => Err(Error::Rejected),
        (false, false) => Ok(()),
    }
}

/// Prints the review of a lesson. Returns true if there are problems.
fn report(
    file: &FileName,
    text: &str,
    lesson: &Lesson,
    format: TextOrJson,
    out: &mut Output,
) -> Result<bool> {
    let lines = LineIndex::new(text);
    let reviews = review(lesson);
    for (review, step) in reviews.iter().zip(&lesson.steps) {
        let report = step_report(file, lesson, (review, step), &lines);
        match format {
            TextOrJson::Text => write_text(&report, out)?,
            TextOrJson::Json => {
                serde_json::to_writer(&mut *out, &report)?;
                out.write_all(b"\n")?;
            }
        }
    }
    Ok(reviews.iter().any(|step| !step.problems.is_empty()))
}

fn step_report<'a>(
    file: &FileName,
    lesson: &'a Lesson,
    (review, step): (&'a StepReview, &'a Step),
    lines: &LineIndex<'_>,
) -> StepReport<'a> {
    let subject = step.subject();
    let wrong = step.wrong.iter().map(|wrong| WrongReport {
        answer: AnswerReport::of(subject, &wrong.answer),
        reason: &wrong.reason,
    });
    let problems = review.problems.iter().map(|problem| ProblemReport {
        line: lines.position(problem.span.start).line,
        message: &problem.message,
    });
    StepReport {
        file: file.to_string(),
        lesson: &lesson.id,
        step: &review.title,
        line: lines.position(review.span.start).line,
        passed: review.problems.is_empty(),
        problems: problems.collect(),
        answer: AnswerReport::of(subject, &step.model),
        wrong: wrong.collect(),
    }
}

fn write_text(report: &StepReport<'_>, out: &mut Output) -> Result {
    let style = Style::of_stdout();
    let (role, word) = match report.passed {
        true => (Role::Note, "passed"),
        false => (Role::Error, "FAILED"),
    };
    let word = style.paint(role, word);
    let place = format!("{}:{}", safe(&report.file), report.line);
    writeln!(out, "{word}  {place}  {}", safe(report.step))?;
    for problem in &report.problems {
        writeln!(out, "  line {}: {}", problem.line, safe(problem.message))?;
    }
    Ok(())
}
