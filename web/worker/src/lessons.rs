//! Lessons: their texts, and the check of an answer.

use audit_lessons::{
    Answer, Block, Inline, Lesson, Outcome, Start, Step, Subject, Text, check, lesson, lessons,
    position,
};
use audit_policy::utf16_offsets;
use playground_protocol::{
    LessonAnswer, LessonBlock, LessonCheck, LessonInline, LessonOutcome, LessonReport,
    LessonSource, LessonSubject, LessonText, LessonTitle, LessonView, Problem, StepStart, StepView,
    TextProblem,
};

use crate::ask::{example, why};
use crate::policy::Accepted;

/// The lesson that was used last: its steps are checked often.
#[derive(Default)]
pub(crate) struct Lessons {
    last: Option<(LessonSource, Lesson)>,
}

impl Lessons {
    /// Returns a lesson for the page.
    pub(crate) fn open(&mut self, source: LessonSource) -> LessonReport {
        let result = match read(&source) {
            Ok(lesson) => {
                let view = view(&lesson, &source);
                self.last = Some((source.clone(), lesson));
                Ok(view)
            }
            Err(problems) => Err(problems),
        };
        LessonReport { source, result }
    }

    /// Checks an answer. `None` if the lesson has no such step.
    pub(crate) fn check(
        &mut self,
        accepted: Option<&Accepted>,
        request: LessonCheck,
    ) -> Option<LessonOutcome> {
        if self
            .last
            .as_ref()
            .is_none_or(|(source, _)| *source != request.source)
        {
            let lesson = read(&request.source).ok()?;
            self.last = Some((request.source, lesson));
        }
        let (_, lesson) = self.last.as_ref()?;
        let step = lesson.steps.get(request.step)?;
        let is_current = |accepted: &&Accepted| accepted.text == request.answer.policy;
        let accepted = accepted.filter(is_current);
        let outcome = check(step, &answer(request.answer.clone()));
        let explained = accepted.zip(outcome.witness.as_ref());
        let why = explained.map(|(accepted, witness)| why(accepted, witness, request.number));
        Some(LessonOutcome {
            number: request.number,
            step: request.step,
            has_passed: outcome.passed,
            reason: outcome.reason.clone(),
            event: outcome.event,
            example: example_of(&outcome, step),
            why,
        })
    }
}

/// Returns the titles of the lessons.
pub(crate) fn titles() -> Vec<LessonTitle> {
    let title = |lesson: Lesson| LessonTitle {
        track: lesson.track.title().to_owned(),
        minutes: lesson.minutes,
        steps: lesson.steps.len(),
        title: lesson.title,
        id: lesson.id,
    };
    lessons().into_iter().map(title).collect()
}

/// Maximum length of a lesson in bytes.
const MAX_BYTES: usize = 1_000_000;

fn read(source: &LessonSource) -> Result<Lesson, Vec<TextProblem>> {
    match source {
        LessonSource::BuiltIn(id) => lesson(id).ok_or_else(|| {
            let message = ["this page has no lesson `", id, "`"].concat();
            vec![problem(message, "choose one from the list".to_owned())]
        }),
        LessonSource::Own(text) if text.len() > MAX_BYTES => {
            let message = "the lesson has more than 1,000,000 bytes".to_owned();
            Err(vec![problem(message, "use a shorter log".to_owned())])
        }
        LessonSource::Own(text) => Lesson::parse(text).map_err(|errors| {
            let spans = errors.iter().map(|error| error.span);
            let ends = spans.flat_map(|span| [span.start, span.end]);
            let units = utf16_offsets(text, ends.collect::<Vec<_>>());
            let placed = errors.iter().zip(units.chunks_exact(2));
            placed
                .map(|(error, units)| TextProblem {
                    problem: Problem {
                        message: error.message.clone(),
                        help: error.help.clone(),
                    },
                    line: error.line,
                    from: units.first().copied().unwrap_or_default(),
                    to: units.last().copied().unwrap_or_default(),
                })
                .collect()
        }),
    }
}

fn problem(message: String, help: String) -> TextProblem {
    TextProblem {
        problem: Problem { message, help },
        line: 1,
        from: 0,
        to: 0,
    }
}

fn answer(answer: LessonAnswer) -> Answer {
    Answer {
        policy: answer.policy,
        flags: answer.flags,
        manifest: answer.manifest,
        text: answer.text,
        event: answer.event,
    }
}

fn example_of(outcome: &Outcome, step: &Step) -> Option<playground_protocol::Example> {
    let witness = outcome.witness.as_ref()?;
    Some(example(witness, true, step.start.version))
}

fn view(lesson: &Lesson, source: &LessonSource) -> LessonView {
    let all = lessons();
    let is_built_in = matches!(source, LessonSource::BuiltIn(_));
    let at = all.iter().position(|other| other.id == lesson.id);
    let next = at.filter(|_| is_built_in).and_then(|at| all.get(at + 1));
    LessonView {
        id: lesson.id.clone(),
        track: lesson.track.title().to_owned(),
        place: position(&all, &lesson.id).filter(|_| is_built_in),
        next: next.map(|lesson| lesson.id.clone()),
        title: lesson.title.clone(),
        minutes: lesson.minutes,
        is_timed: lesson.track.is_timed(),
        intro: text(&lesson.intro),
        steps: lesson.steps.iter().map(step_view).collect(),
    }
}

fn step_view(step: &Step) -> StepView {
    StepView {
        title: step.title.clone(),
        task: text(&step.task),
        hints: step.hints.iter().map(text).collect(),
        subject: subject(step),
        start: start(&step.start),
    }
}

fn subject(step: &Step) -> LessonSubject {
    match (step.subject(), &step.check) {
        (Subject::Flags, _) => LessonSubject::Flags,
        (Subject::Manifest, _) => LessonSubject::Manifest,
        (Subject::Event, _) => LessonSubject::Event,
        (Subject::Text, audit_lessons::Check::Question(question)) => {
            LessonSubject::Text(question.about.words().to_owned())
        }
        (Subject::Text, _) => LessonSubject::Text("answer".to_owned()),
        _ => LessonSubject::Policy,
    }
}

fn start(start: &Start) -> StepStart {
    StepStart {
        policy: start.policy.clone(),
        flags: start.flags.clone(),
        manifest: start.manifest.clone(),
        log: start.log.clone(),
        version: start.version,
        is_continued: start.is_continued,
    }
}

fn text(text: &Text) -> LessonText {
    text.0.iter().map(block).collect()
}

fn block(block: &Block) -> LessonBlock {
    match block {
        Block::Paragraph(parts) => LessonBlock::Paragraph(inlines(parts)),
        Block::List { is_numbered, items } => LessonBlock::List(
            *is_numbered,
            items.iter().map(|item| inlines(item)).collect(),
        ),
        Block::Code { code, .. } => LessonBlock::Code(code.clone()),
        _ => LessonBlock::Paragraph(Vec::new()),
    }
}

fn inlines(parts: &[Inline]) -> Vec<LessonInline> {
    let inline = |part: &Inline| match part {
        Inline::Text(text) => LessonInline::Text(text.clone()),
        Inline::Code(text) => LessonInline::Code(text.clone()),
        Inline::Emphasis(text) => LessonInline::Emphasis(text.clone()),
        Inline::Strong(text) => LessonInline::Strong(text.clone()),
        Inline::Link { text, to } => LessonInline::Link(text.clone(), to.clone()),
        _ => LessonInline::Text(String::new()),
    };
    parts.iter().map(inline).collect()
}
