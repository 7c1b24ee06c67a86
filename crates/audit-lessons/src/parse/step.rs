//! A step: its task, start, check, hints and answers.

use audit_policy::load;
use audit_types::excerpt::excerpt;
use audit_types::{KubernetesVersion, Span};
use kube_yaml::de::Spanned;

use super::check::{self, RawKind};
use super::lines::{Block, Part, Role};
use crate::brief;
use crate::error::PlacedError;
use crate::lesson::{Answer, Start, Step, Subject, WrongAnswer};
use crate::policy::matcher;
use crate::question::{Log, NoSolution};
use crate::task::Check;
use crate::text::Text;

/// Help for a step without a check.
pub(super) const CHECK_HELP: &str = "add a block that starts with ```` ```yaml check ````, with `tests`, `equal`, `settings`, `question` or `event`";

/// Maximum number of blocks of one role in a step.
const MAX_BLOCKS: usize = 20;

/// A step as it is written.
pub(super) struct Section<'p> {
    pub(super) title: &'p str,
    pub(super) span: Span,
    pub(super) parts: &'p [Part<'p>],
}

impl Section<'_> {
    pub(super) fn has_check(&self) -> bool {
        self.blocks(Role::Check).next().is_some()
    }

    fn blocks(&self, role: Role) -> impl Iterator<Item = &Block<'_>> {
        blocks(self.parts).filter(move |block| block.role == role)
    }
}

fn blocks<'p>(parts: &'p [Part<'p>]) -> impl Iterator<Item = &'p Block<'p>> {
    parts.iter().filter_map(|part| match part {
        Part::Block(block) => Some(block),
        _ => None,
    })
}

/// Returns the text of parts.
fn text(parts: &[Part<'_>]) -> Text {
    let texts = parts.iter().filter_map(|part| match part {
        Part::Text { text } => Some(Text::parse(text).0),
        _ => None,
    });
    Text(texts.flatten().collect())
}

type Errors = Vec<PlacedError>;

fn one<T>(message: impl Into<String>, help: &str, span: Span) -> Result<T, Errors> {
    Err(vec![PlacedError::new(message, help, span)])
}

/// Returns the text before the first step, and what all steps start from.
pub(super) fn intro(
    parts: &[Part<'_>],
    version: KubernetesVersion,
) -> Result<(Text, Start), Errors> {
    let mut start = Start {
        version,
        ..Start::default()
    };
    for block in blocks(parts) {
        if matches!(
            block.role,
            Role::Check | Role::Hint | Role::Learned | Role::Answer | Role::Wrong
        ) {
            let message = format!("`{}` before the first step", block.role.name());
            return one(message, "start a step with `## Step: title`", block.span);
        }
    }
    set_start(parts, &mut start)?;
    Ok((text(parts), start))
}

/// Replaces the parts of a start that blocks state. Returns true if the learner's part changes.
pub(super) fn set_start(parts: &[Part<'_>], start: &mut Start) -> Result<bool, Errors> {
    let mut seen: Vec<Role> = Vec::new();
    let mut is_new = false;
    for block in blocks(parts) {
        let part = match block.role {
            Role::Policy => &mut start.policy,
            Role::Flags => &mut start.flags,
            Role::Manifest => &mut start.manifest,
            Role::Log => &mut start.log,
            _ => continue,
        };
        if seen.contains(&block.role) {
            return one(
                format!("a second `{}`", block.role.name()),
                "keep one of them",
                block.span,
            );
        }
        seen.push(block.role);
        is_new |= block.role != Role::Log;
        *part = Some(match (block.role, block.language) {
            (Role::Log, "text") => {
                brief::expand(block.text, block.start).map_err(|error| vec![error])?
            }
            _ => block.text.to_owned(),
        });
        if block.role == Role::Log && Log::new(part.as_deref().unwrap_or_default(), None).len() == 0
        {
            let help = "write events as JSON lines, or one request per line in a `text log`";
            return one("the log has no events", help, block.span);
        }
    }
    Ok(is_new)
}

/// Reads a step. `before` is what it starts from unless it states that. Returns it with what the next one starts from.
pub(super) fn step(section: &Section<'_>, before: &Start) -> Result<(Step, Start), Errors> {
    let mut start = before.clone();
    let is_new = set_start(section.parts, &mut start)?;
    start.is_continued = before.is_continued && !is_new;
    let task = text(section.parts);
    if task.is_empty() {
        return one(
            "the step has no task",
            "write it below the heading",
            section.span,
        );
    }
    let check_block = single(section, Role::Check)?;
    let Some(check_block) = check_block else {
        let message = format!("the step `{}` has no check", excerpt(section.title));
        return one(message, CHECK_HELP, section.span);
    };
    for role in [Role::Hint, Role::Wrong] {
        if let Some(extra) = section.blocks(role).nth(MAX_BLOCKS) {
            let message = format!("more than {MAX_BLOCKS} blocks `{}` in a step", role.name());
            return one(message, "", extra.span);
        }
    }
    let answer = single(section, Role::Answer)?;
    let check = match check::read(check_block)? {
        RawKind::Check(check) => check,
        RawKind::EqualToAnswer => {
            Check::Equal(answer.map_or_else(String::new, |block| block.text.to_owned()))
        }
    };
    let hints = section
        .blocks(Role::Hint)
        .map(|block| Text::parse(block.text));
    let mut step = Step {
        title: section.title.to_owned(),
        task,
        start,
        check,
        hints: hints.collect(),
        learned: learned(single(section, Role::Learned)?)?,
        model: Answer::default(),
        wrong: Vec::new(),
        start_passes: check_block.note == "start passes",
        span: section.span,
    };
    check_subject(&step, check_block)?;
    step.model = model(&step, answer, check_block)?;
    step.wrong = wrong(&step, section)?;
    let next = next_start(&step);
    Ok((step, next))
}

/// Returns what a step teaches, in one line and without its full stop.
fn learned(block: Option<&Block<'_>>) -> Result<String, Errors> {
    let Some(block) = block else {
        return Ok(String::new());
    };
    let words: Vec<&str> = block.text.split_whitespace().collect();
    let text = words.join(" ");
    match text.strip_suffix('.').unwrap_or(&text) {
        "" => one(
            "the block `learned` is empty",
            "write a sentence",
            block.span,
        ),
        text => Ok(text.to_owned()),
    }
}

/// Returns the only block of a role.
fn single<'s>(section: &'s Section<'_>, role: Role) -> Result<Option<&'s Block<'s>>, Errors> {
    let mut found = section.blocks(role);
    let first = found.next();
    match found.next() {
        None => Ok(first),
        Some(second) => one(
            format!("a second `{}` in a step", role.name()),
            "keep one of them",
            second.span,
        ),
    }
}

/// Checks that the step has what its check is about.
fn check_subject(step: &Step, block: &Block<'_>) -> Result<(), Errors> {
    let start = &step.start;
    if !block.note.is_empty() && !step.start_passes {
        let message = format!("`{}` behind `check`", excerpt(block.note));
        return one(message, "only `start passes` is known there", block.span);
    }
    let needs = match (step.subject(), &step.check) {
        (Subject::Policy, _) if start.policy.is_none() => "policy",
        (Subject::Text | Subject::Event, _) if start.log.is_none() => "log",
        (Subject::Flags, Check::Settings(check)) if check.is_mounted => "manifest",
        (Subject::Flags, _) if start.flags.is_none() => "flags` or `manifest",
        _ => return Ok(()),
    };
    let message = format!("the step has no `{needs}` to check");
    one(
        message,
        "add the block to the step, or before the first step",
        block.span,
    )
}

/// Returns the step's log under the policy that it starts from.
fn log(start: &Start) -> Log {
    let policy = start.policy.as_deref().unwrap_or_default();
    let matcher = matcher(policy, start.version);
    Log::new(start.log.as_deref().unwrap_or_default(), matcher)
}

/// Returns the model answer: the block, or what the log says.
fn model(step: &Step, block: Option<&Block<'_>>, check: &Block<'_>) -> Result<Answer, Errors> {
    let mut model = Answer::from_start(&step.start);
    match (&step.check, block) {
        (Check::Event(_) | Check::Question(_), Some(block)) => {
            let help = "leave it out: the answer is computed from the log";
            return one("an answer to a question about the log", help, block.span);
        }
        (Check::Event(event), None) => {
            model.event = log(&step.start).selected(event).first().copied();
            if model.event.is_none() {
                return one("no event of the log matches the filter", "", check.span);
            }
        }
        (Check::Question(question), None) => match log(&step.start).solve(question) {
            Ok(solution) => {
                model.text = solution.text;
                model.event = Some(solution.event);
            }
            Err(reason) => return one(no_solution(&reason), SOLUTION_HELP, check.span),
        },
        (_, Some(block)) => set_answer(step.subject(), block, step.start.version, &mut model)?,
        (_, None) if step.start_passes => {}
        (_, None) => {
            let help = "add a block that starts with ```` ```yaml answer ````";
            return one("the step has no model answer", help, check.span);
        }
    }
    Ok(model)
}

/// Help for a question that has no single answer.
const SOLUTION_HELP: &str =
    "select other events by `of`, or one of them by `pick: first` or `pick: last`";

fn no_solution(reason: &NoSolution) -> String {
    match reason {
        NoSolution::NoEvent => "no event of the log matches the filter".to_owned(),
        NoSolution::NoValue => {
            "an event that the filter selects does not answer the question".to_owned()
        }
        NoSolution::Several(one, other) => {
            format!(
                "the question has several answers: `{}` and `{}`",
                excerpt(one),
                excerpt(other)
            )
        }
    }
}

/// Sets the part of an answer that a block has.
fn set_answer(
    subject: Subject,
    block: &Block<'_>,
    version: KubernetesVersion,
    answer: &mut Answer,
) -> Result<(), Errors> {
    let part = match subject {
        Subject::Policy => &mut answer.policy,
        Subject::Flags => &mut answer.flags,
        Subject::Manifest => &mut answer.manifest,
        Subject::Text | Subject::Event => &mut answer.text,
    };
    block.text.clone_into(part);
    if subject != Subject::Policy || block.role != Role::Answer {
        return Ok(());
    }
    match load(block.text.as_bytes(), version).error {
        None => Ok(()),
        Some(error) => one(
            format!("kube-apiserver rejects the answer: {error}"),
            "",
            block.span,
        ),
    }
}

/// Returns the listed wrong answers.
fn wrong(step: &Step, section: &Section<'_>) -> Result<Vec<WrongAnswer>, Errors> {
    let log = (step.subject() == Subject::Event).then(|| log(&step.start));
    let mut all = Vec::new();
    for block in section.blocks(Role::Wrong) {
        if block.note.is_empty() {
            let help = "write the reason that the learner reads behind `wrong`, without backticks";
            return one("a wrong answer without its reason", help, block.span);
        }
        let mut answer = Answer::from_start(&step.start);
        match &log {
            Some(log) => answer.event = Some(selected(log, block)?),
            None => set_answer(step.subject(), block, step.start.version, &mut answer)?,
        }
        all.push(WrongAnswer {
            answer,
            reason: block.note.to_owned(),
            span: block.span,
        });
    }
    Ok(all)
}

/// Returns the first event that a wrong answer's filter selects.
fn selected(log: &Log, block: &Block<'_>) -> Result<usize, Errors> {
    let text = Spanned {
        value: block.text.trim().to_owned(),
        span: Span::new(0, block.text.len()),
    };
    let filter = check::event_check(text, block).map_err(|error| vec![error])?;
    let first = log.selected(&filter).first().copied();
    match first {
        Some(first) => Ok(first),
        None => one("no event of the log matches the filter", "", block.span),
    }
}

/// Returns what the next step starts from: what this one was solved with.
fn next_start(step: &Step) -> Start {
    let mut next = step.start.clone();
    next.is_continued = true;
    match step.subject() {
        Subject::Policy => next.policy = Some(step.model.policy.clone()),
        Subject::Flags => next.flags = Some(step.model.flags.clone()),
        Subject::Manifest => next.manifest = Some(step.model.manifest.clone()),
        Subject::Text | Subject::Event => {}
    }
    next
}
