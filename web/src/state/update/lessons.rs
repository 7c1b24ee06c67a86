//! Changes of the lessons: opening a lesson and its steps, and checking answers.

use audit_workspace::{LessonPlace, Workspace};
use playground_protocol::{
    AnalysisRequest, EventId, LessonAnswer, LessonCheck, LessonOutcome, LessonReport, LessonSource,
    LessonSubject, LessonTitle, StepStart,
};

use super::analysis::send;
use crate::dom_ids;
use crate::identity_rc::IdentityRc;
use crate::state::app_state::AppState;
use crate::state::effect::{Effect, FileContent};
use crate::state::lessons::{
    AnswerState, Draft, KeptAnswer, LessonsAction, OpenLesson, Opening, Progress,
};
use crate::state::opening::LogSource;
use crate::state::table::Selection;
use crate::state::ui::Pane;

/// Policy of a step that has only a log: nothing is missing from the log.
const EVERYTHING: &str = "\
# Keeps every event of this log.
apiVersion: audit.k8s.io/v1
kind: Policy
rules:
- level: RequestResponse
";

impl AppState {
    pub(crate) fn update_lessons(&mut self, action: LessonsAction) -> Vec<Effect> {
        match action {
            LessonsAction::Show(is_open) => self.show_lessons(is_open),
            LessonsAction::ProgressLoaded(text) => {
                self.lessons.progress.merge(Progress::parse(&text));
                Vec::new()
            }
            LessonsAction::Open(source) => vec![self.open_lesson(source, None)],
            LessonsAction::ShowList => {
                self.lessons.lesson = None;
                self.lessons.is_draft_shown = false;
                self.mark_modified();
                self.show_lessons(true)
            }
            LessonsAction::GoTo(step) => self.go_to_step(step),
            LessonsAction::StartOver => self.start_over(),
            LessonsAction::Forget => self.forget_progress(),
            LessonsAction::ShowHint => {
                if let Some(lesson) = &mut self.lessons.lesson {
                    lesson.hints = lesson.hints.saturating_add(1);
                }
                Vec::new()
            }
            LessonsAction::Type(text) => {
                self.type_answer(text);
                Vec::new()
            }
            LessonsAction::Check => {
                if let Some(lesson) = &mut self.lessons.lesson {
                    lesson.is_requested = true;
                    lesson.outcome.mark_outdated();
                }
                self.request_lesson_check()
            }
            LessonsAction::ShowEvent(index) => self.show_lesson_event(index),
            other => self.update_draft(other),
        }
    }

    fn update_draft(&mut self, action: LessonsAction) -> Vec<Effect> {
        let lessons = &mut self.lessons;
        match action {
            LessonsAction::Discard => {
                lessons.draft = None;
                lessons.is_draft_shown = false;
                return vec![Effect::Focus(dom_ids::LESSON)];
            }
            LessonsAction::Write => {
                lessons.is_draft_shown = true;
                if lessons.draft.is_none() {
                    lessons.draft = Some(Draft::default());
                    return vec![send(&AnalysisRequest::LessonTemplate)];
                }
            }
            LessonsAction::Print => return vec![Effect::Print],
            LessonsAction::EditLesson => {
                let lesson = lessons.lesson.take();
                if let Some(LessonSource::Own(text)) = lesson.map(|lesson| lesson.source) {
                    lessons.is_draft_shown = true;
                    lessons.draft = Some(Draft {
                        text: IdentityRc::new(text),
                        problems: Vec::new(),
                    });
                }
                return vec![Effect::Focus(dom_ids::LESSON)];
            }
            LessonsAction::EditDraft(text) => {
                if let Some(draft) = &mut lessons.draft {
                    draft.text = IdentityRc::new(text);
                }
            }
            LessonsAction::TryDraft => {
                if let Some(draft) = &lessons.draft {
                    let source = LessonSource::Own((*draft.text).clone());
                    return vec![self.open_lesson(source, None)];
                }
            }
            LessonsAction::SaveDraft => {
                if let Some(draft) = &lessons.draft {
                    let text = FileContent::Text((*draft.text).clone());
                    return vec![Effect::SaveFile("lesson.md".to_owned(), text)];
                }
            }
            LessonsAction::OpenFile(text) => {
                lessons.is_open = true;
                lessons.is_draft_shown = true;
                lessons.draft = Some(Draft {
                    text: IdentityRc::new(text.clone()),
                    problems: Vec::new(),
                });
                return vec![self.open_lesson(LessonSource::Own(text), None)];
            }
            _ => {}
        }
        Vec::new()
    }

    fn show_lessons(&mut self, is_open: bool) -> Vec<Effect> {
        let lessons = &mut self.lessons;
        lessons.is_open = is_open;
        if !is_open {
            self.pane = match self.pane {
                Pane::Lesson => Pane::Policy,
                other => other,
            };
            return vec![Effect::Focus(dom_ids::LEARN)];
        }
        if !self.pane.replaces_events() {
            self.pane = Pane::Lesson;
        }
        let mut effects = vec![Effect::LoadProgress];
        if lessons.titles.is_none() {
            effects.push(send(&AnalysisRequest::Lessons));
        }
        effects.push(Effect::Focus(dom_ids::LESSON));
        effects
    }

    /// Returns the request for a lesson. With a step, the workspace has its policy and log.
    fn open_lesson(&mut self, source: LessonSource, step: Option<usize>) -> Effect {
        let request = AnalysisRequest::Lesson(source.clone());
        self.lessons.opening = Some(Opening { source, step });
        send(&request)
    }

    /// Opens the lesson that a host shows, in the place of what it showed before: a name, or a text that begins with `---`.
    pub(super) fn open_host_lesson(&mut self, lesson: String) -> Effect {
        let source = if lesson.trim_start().starts_with("---") {
            LessonSource::Own(lesson.trim_start().to_owned())
        } else {
            LessonSource::BuiltIn(lesson)
        };
        self.lessons.is_open = true;
        self.lessons.has_workspace = true;
        self.pane = Pane::Lesson;
        self.open_lesson(source, None)
    }

    /// Continues the lesson of a workspace, or none.
    pub(super) fn restore_lesson(&mut self, place: Option<LessonPlace>) -> Vec<Effect> {
        self.lessons.lesson = None;
        self.lessons.has_workspace = place.is_some();
        let Some(place) = place else {
            return Vec::new();
        };
        let source = match place.text {
            Some(text) => LessonSource::Own(text),
            None => LessonSource::BuiltIn(place.id),
        };
        self.lessons.is_open = true;
        let step = usize::try_from(place.step).ok();
        vec![Effect::LoadProgress, self.open_lesson(source, step)]
    }

    /// Returns the lesson as a workspace keeps it.
    pub(crate) fn lesson_place(&self) -> Option<LessonPlace> {
        let lesson = self.lessons.lesson.as_ref()?;
        let (id, text) = match &lesson.source {
            LessonSource::BuiltIn(id) => (id.clone(), None),
            LessonSource::Own(text) => (String::new(), Some(text.clone())),
        };
        Some(LessonPlace {
            id,
            text,
            step: u64::try_from(lesson.step).unwrap_or_default(),
        })
    }

    /// Returns the open lesson as others get it: from its first step, without the answers given here. `None` without a lesson.
    pub(crate) fn shared_lesson(&self) -> Option<Workspace> {
        let lesson = self.lessons.lesson.as_ref()?;
        let place = self.lesson_place()?;
        let start = lesson.view.steps.first().map(|step| step.start.clone());
        let start = start.unwrap_or_default();
        Some(Workspace {
            name: ["Lesson: ", &lesson.view.title].concat(),
            kubernetes_version: start.version.to_string(),
            policy: start.policy.unwrap_or_else(|| EVERYTHING.to_owned()),
            lesson: Some(LessonPlace { step: 0, ..place }),
            ..Workspace::default()
        })
    }

    pub(super) fn lesson_titles(&mut self, titles: Vec<LessonTitle>) {
        self.lessons.titles = Some(IdentityRc::new(titles));
    }

    pub(super) fn lesson_template(&mut self, text: String) {
        if let Some(draft) = &mut self.lessons.draft {
            draft.text = IdentityRc::new(text);
        }
    }

    /// Shows a lesson that was requested, or the problems of its text.
    pub(super) fn lesson_received(&mut self, report: LessonReport) -> Vec<Effect> {
        let lessons = &mut self.lessons;
        let Some(opening) = lessons
            .opening
            .take_if(|opening| opening.source == report.source)
        else {
            return Vec::new();
        };
        let view = match report.result {
            Ok(view) => view,
            Err(problems) => {
                let text = match report.source {
                    LessonSource::Own(text) => text,
                    LessonSource::BuiltIn(_) => String::new(),
                };
                lessons.is_draft_shown = true;
                lessons.draft = Some(Draft {
                    text: IdentityRc::new(text),
                    problems,
                });
                return vec![Effect::Focus(dom_ids::LESSON)];
            }
        };
        if let Some(draft) = &mut lessons.draft {
            draft.problems.clear();
        }
        let mut lesson = OpenLesson::new(opening.source, view);
        let last = lesson.view.steps.len().saturating_sub(1);
        if let Some(step) = opening.step {
            lesson.step = step.min(last);
            let start = lesson.current().map(|step| step.start.clone());
            let start = start.unwrap_or_default();
            let log = start.log.clone().map(IdentityRc::new);
            lesson.log.clone_from(&log);
            lesson.answer = typed(start);
            lessons.lesson = Some(lesson);
            return log.map(|log| self.open_lesson_log(log)).unwrap_or_default();
        }
        let id = lesson.progress_id();
        let is_solved = |step: &usize| lessons.progress.has(&id, *step);
        lesson.step = (0..=last).find(|step| !is_solved(step)).unwrap_or(0);
        self.begin_lesson(lesson)
    }

    /// Opens a lesson in a workspace of its own, unless that of another lesson is open.
    fn begin_lesson(&mut self, lesson: OpenLesson) -> Vec<Effect> {
        let name = ["Lesson: ", &lesson.view.title].concat();
        let mut effects = Vec::new();
        if !self.lessons.has_workspace {
            let start = lesson.current().map(|step| step.start.clone());
            let start = start.unwrap_or_default();
            let workspace = Workspace {
                name: name.clone(),
                kubernetes_version: start.version.to_string(),
                policy: start.policy.unwrap_or_else(|| EVERYTHING.to_owned()),
                ..Workspace::default()
            };
            effects.extend(self.show_other(workspace, None, "Opened the lesson."));
        }
        self.lessons.has_workspace = true;
        self.workspace.name = name;
        self.lessons.lesson = Some(lesson);
        effects.extend(self.start_step(false));
        effects.push(Effect::Focus(dom_ids::LESSON));
        effects
    }

    /// Shows a step. A learner who comes back to one finds the answer that they left, and one who comes from the step before goes on with their
    /// own policy.
    fn go_to_step(&mut self, step: usize) -> Vec<Effect> {
        let policy = self.text.clone();
        let Some(lesson) = &mut self.lessons.lesson else {
            return Vec::new();
        };
        if step >= lesson.view.steps.len() || step == lesson.step {
            return Vec::new();
        }
        let kept = KeptAnswer {
            policy,
            begun_with: lesson.begun_with.clone(),
            typed: lesson.answer.clone(),
        };
        lesson.kept.insert(lesson.step, kept);
        let has_solved = lesson.result().is_some_and(|outcome| outcome.has_passed);
        let is_next = step == lesson.step.saturating_add(1) && has_solved;
        lesson.step = step;
        let mut effects = self.start_step(is_next);
        effects.push(Effect::Focus(dom_ids::LESSON_STEP));
        effects
    }

    /// Starts the step again, without the answer that was left there.
    fn start_over(&mut self) -> Vec<Effect> {
        if let Some(lesson) = &mut self.lessons.lesson {
            lesson.kept.remove(&lesson.step);
        }
        self.start_step(false)
    }

    /// Puts what the step starts from, or the answer that was left there, into the page. `is_next` if the step before was just solved.
    fn start_step(&mut self, is_next: bool) -> Vec<Effect> {
        let Some(lesson) = &mut self.lessons.lesson else {
            return Vec::new();
        };
        lesson.hints = 0;
        lesson.is_requested = false;
        lesson.outcome.clear();
        lesson.outcome.mark_outdated();
        let Some(start) = lesson.current().map(|step| step.start.clone()) else {
            return Vec::new();
        };
        let kept = lesson.kept.remove(&lesson.step);
        let is_left = kept.is_some();
        let goes_on = kept.is_none() && is_next && start.is_continued;
        lesson.begun_with = match &kept {
            Some(kept) => kept.begun_with.clone(),
            None => goes_on.then(|| self.text.clone()),
        };
        if goes_on {
            lesson.answer.text.clear();
        } else {
            let left = kept.as_ref().map(|kept| kept.typed.clone());
            lesson.answer = left.unwrap_or_else(|| typed(start.clone()));
        }
        let log = start.log.filter(|log| lesson.log.as_deref() != Some(log));
        let log = log.map(IdentityRc::new);
        if log.is_some() {
            lesson.log.clone_from(&log);
        }
        let mut effects = Vec::new();
        if !goes_on {
            let left = kept.map(|kept| (*kept.policy).clone());
            let policy = left.or(start.policy);
            let policy = policy.unwrap_or_else(|| EVERYTHING.to_owned());
            let is_there = *self.text == policy && self.version == start.version;
            if !is_there {
                self.set_version(start.version);
                effects.extend(self.place(policy));
            }
        }
        if let Some(log) = log {
            self.table.selection = None;
            effects.extend(self.open_lesson_log(log));
        }
        self.mark_modified();
        // An answer that was left is checked again.
        if !is_left {
            self.lesson_started();
        }
        effects
    }

    /// Opens the log of a lesson, unless it is open.
    fn open_lesson_log(&mut self, log: IdentityRc<String>) -> Vec<Effect> {
        let source = LogSource::Text(log);
        if self.openings.current() == Some(&source) {
            return Vec::new();
        }
        self.open_part(source)
    }

    /// Takes the answer as the step begins for checked: it has not been changed.
    fn lesson_started(&mut self) {
        let now = self.answer_state();
        if let (Some(lesson), Some(now)) = (&mut self.lessons.lesson, now) {
            lesson.checked = now;
        }
    }

    fn forget_progress(&mut self) -> Vec<Effect> {
        let Some(lesson) = &self.lessons.lesson else {
            return Vec::new();
        };
        self.lessons.progress.forget(&lesson.progress_id());
        vec![Effect::StoreProgress(self.lessons.progress.to_text())]
    }

    fn type_answer(&mut self, text: String) {
        let Some(lesson) = &mut self.lessons.lesson else {
            return;
        };
        let subject = lesson.current().map(|step| &step.subject);
        match subject {
            Some(LessonSubject::Flags) => lesson.answer.flags = text,
            Some(LessonSubject::Manifest) => lesson.answer.manifest = text,
            Some(LessonSubject::Text(_)) => {
                lesson.answer.text = text;
                // The result is of another answer.
                lesson.outcome.clear();
                lesson.is_requested = false;
                return;
            }
            _ => return,
        }
        lesson.outcome.mark_outdated();
    }

    /// Returns the state of what the step checks. `None` without a lesson.
    fn answer_state(&self) -> Option<AnswerState> {
        let lesson = self.lessons.lesson.as_ref()?;
        let subject = &lesson.current()?.subject;
        let policy = self.policy.as_deref();
        let is_policy = *subject == LessonSubject::Policy;
        let is_event = *subject == LessonSubject::Event;
        let chosen = self.table.selection.filter(|chosen| chosen.is_chosen);
        Some(AnswerState {
            step: lesson.step,
            generation: policy.map(|policy| policy.generation).filter(|_| is_policy),
            event: chosen.and_then(|chosen| chosen.event).filter(|_| is_event),
        })
    }

    /// Checks the answer again if it has changed since it was checked last.
    pub(crate) fn follow_lesson(&mut self) -> Vec<Effect> {
        let Some(now) = self.answer_state() else {
            return Vec::new();
        };
        if let Some(lesson) = &mut self.lessons.lesson
            && lesson.checked != now
        {
            lesson.checked = now;
            lesson.outcome.mark_outdated();
        }
        self.request_lesson_check()
    }

    /// Requests the check of the answer, unless nothing has changed since the step began.
    fn request_lesson_check(&mut self) -> Vec<Effect> {
        let event = self.table.selection.filter(|chosen| chosen.is_chosen);
        let event = event.and_then(|chosen| chosen.event);
        let text = self.text.clone();
        let is_loading = self.loading.is_some();
        let Some(lesson) = &mut self.lessons.lesson else {
            return Vec::new();
        };
        let Some(step) = lesson.current() else {
            return Vec::new();
        };
        let has_changed = match step.subject {
            LessonSubject::Policy => {
                let begun_with = lesson.begun_with.as_deref().or(step.start.policy.as_ref());
                !is_loading && begun_with != Some(&*text)
            }
            LessonSubject::Event => event.is_some(),
            LessonSubject::Text(_) => false,
            LessonSubject::Flags | LessonSubject::Manifest => lesson.has_typed(),
        };
        if !has_changed && !lesson.is_requested {
            lesson.outcome.clear();
            return Vec::new();
        }
        let is_event = step.subject == LessonSubject::Event;
        if is_event && event.is_some_and(|event| !event.is_recorded()) {
            lesson.outcome.show(derived_event(lesson.step));
            return Vec::new();
        }
        let Some(number) = lesson.outcome.begin() else {
            return Vec::new();
        };
        let request = LessonCheck {
            number,
            source: lesson.source.clone(),
            step: lesson.step,
            answer: LessonAnswer {
                policy: (*text).clone(),
                event: event.map(EventId::recorded_index),
                ..lesson.answer.clone()
            },
        };
        vec![send(&AnalysisRequest::CheckLesson(request))]
    }

    /// Keeps the result of a check.
    pub(super) fn lesson_checked(&mut self, outcome: LessonOutcome) -> Vec<Effect> {
        let Some(lesson) = &mut self.lessons.lesson else {
            return Vec::new();
        };
        let (step, has_passed) = (outcome.step, outcome.has_passed);
        if !lesson.outcome.receive(outcome.number, outcome) {
            return Vec::new();
        }
        let mut effects = Vec::new();
        if has_passed && self.lessons.progress.add(&lesson.progress_id(), step) {
            effects.push(Effect::StoreProgress(self.lessons.progress.to_text()));
        }
        effects.extend(self.request_lesson_check());
        effects
    }

    /// Selects the event that shows why an answer is wrong.
    fn show_lesson_event(&mut self, index: usize) -> Vec<Effect> {
        let Some(event) = EventId::of_recorded(index) else {
            return Vec::new();
        };
        self.claims.example = None;
        self.table.selection = Some(Selection::of_chosen(event));
        let mut effects: Vec<Effect> = self.request_inspection().into_iter().collect();
        effects.extend(self.show_pane(Pane::Inspector));
        effects.push(Effect::Focus(dom_ids::INSPECTOR_PANEL));
        effects
    }
}

/// Returns the result for an event that the log does not contain.
fn derived_event(step: usize) -> LessonOutcome {
    LessonOutcome {
        number: 0,
        step,
        has_passed: false,
        reason: "this event is derived: the server would write it for the policy in the editor, but the log does not contain it; select one that the log contains".to_owned(),
        event: None,
        example: None,
        why: None,
    }
}

/// Returns the typed answers of a learner who has changed nothing yet.
fn typed(start: StepStart) -> LessonAnswer {
    LessonAnswer {
        flags: start.flags.unwrap_or_default(),
        manifest: start.manifest.unwrap_or_default(),
        ..LessonAnswer::default()
    }
}
