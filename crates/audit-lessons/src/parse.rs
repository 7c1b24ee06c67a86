//! Reads a lesson's file.

mod check;
mod front;
mod lines;
mod step;

use audit_types::{LineIndex, Span};

use crate::error::{LessonError, PlacedError};
use crate::lesson::Lesson;
use lines::{Part, parts};

/// Maximum size of a lesson's file in bytes.
const MAX_BYTES: usize = 256 << 10;

/// Maximum number of steps.
const MAX_STEPS: usize = 40;

/// Maximum number of errors that are returned.
const MAX_ERRORS: usize = 50;

impl Lesson {
    /// Reads a lesson's file; `FORMAT.md` describes it.
    ///
    /// ```
    /// use audit_lessons::Lesson;
    ///
    /// let text = "---\nid: a\ntrack: first steps\ntitle: A\nminutes: 1\n---\n## Step: one\nDo it.\n";
    /// let errors = Lesson::parse(text).unwrap_err();
    /// assert_eq!(errors[0].message, "the lesson has no check, so nothing tells whether an answer is right");
    /// ```
    ///
    /// # Errors
    ///
    /// Returns the errors of the file, each with its place.
    pub fn parse(text: &str) -> Result<Self, Vec<LessonError>> {
        let lines = LineIndex::new(text);
        parse(text).map_err(|mut errors| {
            errors.sort_by_key(|error| error.span.start);
            errors.truncate(MAX_ERRORS);
            errors
                .into_iter()
                .map(|error| error.with_line(&lines))
                .collect()
        })
    }
}

fn parse(text: &str) -> Result<Lesson, Vec<PlacedError>> {
    if text.len() > MAX_BYTES {
        let message = format!("the lesson is larger than {} KiB", MAX_BYTES >> 10);
        let help = "make several lessons of it";
        return Err(vec![PlacedError::new(message, help, Span::default())]);
    }
    let (front, rest) = front::read(text).map_err(|error| vec![error])?;
    let parts = parts(text, rest).map_err(|error| vec![error])?;
    let mut sections = parts.split(|part| matches!(part, Part::Step { .. }));
    let intro = sections.next().unwrap_or_default();
    let headings = parts.iter().filter_map(|part| match part {
        Part::Step { title, span } => Some((*title, *span)),
        _ => None,
    });
    let sections: Vec<step::Section<'_>> = headings
        .zip(sections)
        .map(|((title, span), parts)| step::Section { title, span, parts })
        .collect();
    check_sections(&sections, rest)?;
    let (intro, mut start) = step::intro(intro, front.version)?;
    let mut steps = Vec::new();
    let mut errors = Vec::new();
    for section in &sections {
        match step::step(section, &start) {
            Ok((step, next)) => {
                steps.push(step);
                start = next;
            }
            Err(more) => {
                errors.extend(more);
                // The next steps are read as well; they may go on with what this one starts from.
                let _ = step::set_start(section.parts, &mut start);
            }
        }
    }
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(Lesson {
        id: front.id,
        track: front.track,
        title: front.title,
        minutes: front.minutes,
        intro,
        steps,
    })
}

/// Returns the errors of a lesson without steps or checks, or with too many steps.
fn check_sections(sections: &[step::Section<'_>], rest: usize) -> Result<(), Vec<PlacedError>> {
    let Some(first) = sections.first() else {
        let help = "start a step with `## Step: title`";
        let place = Span::new(rest, rest);
        return Err(vec![PlacedError::new(
            "the lesson has no steps",
            help,
            place,
        )]);
    };
    if let Some(extra) = sections.get(MAX_STEPS) {
        let message = format!("the lesson has more than {MAX_STEPS} steps");
        return Err(vec![PlacedError::new(
            message,
            "make several lessons of it",
            extra.span,
        )]);
    }
    if !sections.iter().any(step::Section::has_check) {
        let message = "the lesson has no check, so nothing tells whether an answer is right";
        return Err(vec![PlacedError::new(
            message,
            step::CHECK_HELP,
            first.span,
        )]);
    }
    Ok(())
}
