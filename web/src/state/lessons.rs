//! Lessons: the list, the open lesson with the learner's answers, progress, and a lesson that is being written.

use std::collections::{BTreeMap, BTreeSet};

use playground_protocol::{
    EventId, Generation, LessonAnswer, LessonOutcome, LessonSource, LessonSubject, LessonTitle,
    LessonView, StepView, TextProblem,
};

use super::analysis::Answered;
use crate::identity_rc::IdentityRc;

/// State of the lessons.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct LessonsState {
    /// The lessons are shown.
    pub is_open: bool,
    /// The titles of the lessons that come with the page, once they are known.
    pub titles: Option<IdentityRc<Vec<LessonTitle>>>,
    /// The open lesson.
    pub lesson: Option<OpenLesson>,
    /// Steps that were solved on this device.
    pub progress: Progress,
    /// The lesson that is being written.
    pub draft: Option<Draft>,
    /// The lesson that is being written is shown, and not the list.
    pub is_draft_shown: bool,
    /// The workspace was made for a lesson, so the next one can use it.
    pub(super) has_workspace: bool,
    /// The lesson that was requested.
    pub(super) opening: Option<Opening>,
}

impl LessonsState {
    /// Returns whether a log comes with the open lesson.
    pub(super) fn has_log(&self, log: &IdentityRc<String>) -> bool {
        let lesson = self.lesson.as_ref();
        lesson.is_some_and(|lesson| lesson.log.as_ref() == Some(log))
    }

    /// Forgets the check that runs: there will be no result.
    pub(super) const fn cancel_pending(&mut self) {
        if let Some(lesson) = &mut self.lesson {
            lesson.outcome.cancel_pending();
        }
    }
}

/// A lesson that was requested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opening {
    /// The lesson.
    pub(super) source: LessonSource,
    /// The step that a workspace was at; its policy is in the editor. `None` to begin.
    pub(super) step: Option<usize>,
}

/// A lesson that is being written.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Draft {
    /// The text.
    pub text: IdentityRc<String>,
    /// Problems of the text when it was tried.
    pub problems: Vec<TextProblem>,
}

/// An open lesson.
#[derive(Debug, Clone, PartialEq)]
pub struct OpenLesson {
    /// The lesson.
    pub source: LessonSource,
    /// Its content.
    pub view: IdentityRc<LessonView>,
    /// Index of the step that is shown.
    pub step: usize,
    /// Number of hints that are shown.
    pub hints: usize,
    /// Typed answers: flags, manifest and text. Policy and event are those of the page.
    pub answer: LessonAnswer,
    /// Result of the last check.
    pub outcome: Answered<LessonOutcome>,
    /// The learner wants the answer to be checked as it is.
    pub(super) is_requested: bool,
    /// Answer that was checked last.
    pub(super) checked: AnswerState,
    /// Policy that the step began with, if it is not that of the lesson: the learner's own, from the step before.
    pub(super) begun_with: Option<IdentityRc<String>>,
    /// Log that was opened for the lesson last.
    pub(super) log: Option<IdentityRc<String>>,
    /// Answers of steps that the learner has left, by their indexes.
    pub(super) kept: BTreeMap<usize, KeptAnswer>,
}

/// The answer of a step that the learner has left, to come back to.
#[derive(Debug, Clone, PartialEq)]
pub struct KeptAnswer {
    /// The policy in the editor.
    pub(super) policy: IdentityRc<String>,
    /// Policy that the step began with, if it is not that of the lesson.
    pub(super) begun_with: Option<IdentityRc<String>>,
    /// Typed answers.
    pub(super) typed: LessonAnswer,
}

/// State of an answer: another one needs another check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct AnswerState {
    pub(super) step: usize,
    pub(super) generation: Option<Generation>,
    pub(super) event: Option<EventId>,
}

impl OpenLesson {
    pub(super) fn new(source: LessonSource, view: LessonView) -> Self {
        Self {
            source,
            view: IdentityRc::new(view),
            step: 0,
            hints: 0,
            answer: LessonAnswer::default(),
            outcome: Answered::default(),
            is_requested: false,
            checked: AnswerState::default(),
            begun_with: None,
            log: None,
            kept: BTreeMap::new(),
        }
    }

    /// Returns the id under which progress is kept: a lesson that somebody has written may have the id of one that comes with the page.
    pub fn progress_id(&self) -> String {
        match self.source {
            LessonSource::BuiltIn(_) => self.view.id.clone(),
            LessonSource::Own(_) => ["own:", &self.view.id].concat(),
        }
    }

    /// Returns the step that is shown.
    pub fn current(&self) -> Option<&StepView> {
        self.view.steps.get(self.step)
    }

    /// Returns the result for the step that is shown, if there is one.
    pub fn result(&self) -> Option<&LessonOutcome> {
        let shown = self.outcome.shown.as_deref();
        shown.filter(|outcome| outcome.step == self.step)
    }

    /// Returns whether the typed answers of the step are not those that it starts from.
    pub(super) fn has_typed(&self) -> bool {
        let Some(step) = self.current() else {
            return false;
        };
        let differs =
            |typed: &str, start: &Option<String>| typed != start.as_deref().unwrap_or_default();
        match step.subject {
            LessonSubject::Flags => differs(&self.answer.flags, &step.start.flags),
            LessonSubject::Manifest => differs(&self.answer.manifest, &step.start.manifest),
            _ => false,
        }
    }
}

/// Steps that were solved, by the ids of their lessons.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Progress(BTreeMap<String, BTreeSet<usize>>);

impl Progress {
    /// Maximum number of lessons; those of the page, and some of others.
    const MAX_LESSONS: usize = 1_000;

    /// Reads what the browser keeps: a line per lesson, its id and the indexes of the steps, separated by spaces.
    pub fn parse(text: &str) -> Self {
        let lessons = text.lines().take(Self::MAX_LESSONS).filter_map(|line| {
            let mut words = line.split(' ');
            let id = words.next().filter(|id| !id.is_empty())?;
            let steps = words.filter_map(|word| word.parse().ok());
            Some((id.to_owned(), steps.collect()))
        });
        Self(lessons.collect())
    }

    /// Returns the text that the browser keeps.
    pub fn to_text(&self) -> String {
        let mut text = String::new();
        for (id, steps) in &self.0 {
            text.push_str(id);
            for step in steps {
                text.push(' ');
                text.push_str(&step.to_string());
            }
            text.push('\n');
        }
        text
    }

    /// Adds the steps of another one: those of another tab, or of earlier.
    pub(super) fn merge(&mut self, other: Self) {
        for (id, steps) in other.0 {
            self.0.entry(id).or_default().extend(steps);
        }
    }

    /// Adds a step. Returns `false` if it was solved before.
    pub(super) fn add(&mut self, id: &str, step: usize) -> bool {
        self.0.entry(id.to_owned()).or_default().insert(step)
    }

    /// Forgets a lesson.
    pub(super) fn forget(&mut self, id: &str) {
        self.0.remove(id);
    }

    /// Returns whether a step is solved.
    pub fn has(&self, id: &str, step: usize) -> bool {
        self.0.get(id).is_some_and(|steps| steps.contains(&step))
    }

    /// Returns the number of solved steps of a lesson.
    pub fn count(&self, id: &str) -> usize {
        self.0.get(id).map_or(0, BTreeSet::len)
    }
}

/// Actions on the lessons.
#[derive(Debug, Clone, PartialEq)]
pub enum LessonsAction {
    /// The lessons are to be shown, or no longer.
    Show(bool),
    /// The browser has read the progress.
    ProgressLoaded(String),
    /// A lesson is to be opened.
    Open(LessonSource),
    /// The list is to be shown in the place of the lesson.
    ShowList,
    /// A step is to be shown.
    GoTo(usize),
    /// The step is to be started again.
    StartOver,
    /// The steps that were solved are to be forgotten.
    Forget,
    /// The next hint is to be shown.
    ShowHint,
    /// A typed answer changed.
    Type(String),
    /// The answer is to be checked.
    Check,
    /// The event that shows the reason is to be selected.
    ShowEvent(usize),
    /// The lesson that is being written is to be shown; without one, a lesson is to be written from a template.
    Write,
    /// The lesson that is being written is to be discarded.
    Discard,
    /// The lesson is to be printed as a worksheet.
    Print,
    /// The text of the open lesson is to be edited.
    EditLesson,
    /// The text of the lesson that is being written changed.
    EditDraft(String),
    /// The lesson that is being written is to be tried.
    TryDraft,
    /// The lesson that is being written is to be saved as a file.
    SaveDraft,
    /// The file of a lesson was opened.
    OpenFile(String),
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_kept_as_text() {
        let mut progress = Progress::default();
        assert!(progress.add("groups", 2));
        assert!(progress.add("groups", 0));
        assert!(!progress.add("groups", 2));
        assert!(progress.add("four-levels", 1));
        assert_eq!(progress.to_text(), "four-levels 1\ngroups 0 2\n");
        assert_eq!(Progress::parse(&progress.to_text()), progress);
        assert_eq!(progress.count("groups"), 2);
    }

    #[test]
    fn other_texts_are_ignored() {
        let progress = Progress::parse("\n 1\ngroups x -1 3\n");
        assert!(progress.has("groups", 3) && progress.count("groups") == 1);
        assert_eq!(progress.to_text(), "groups 3\n");
    }
}
