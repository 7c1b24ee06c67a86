//! Tests of lessons.

use audit_workspace::{LessonPlace, Workspace};
use playground_protocol::{
    AnalysisReply, AnalysisRequest, LessonAnswer, LessonOutcome, LessonReport, LessonSource,
    LessonSubject, LessonView, StepStart, StepView, TextProblem, decode, encode,
};

use super::*;
use crate::state::embed::{EmbedAction, HostParts};
use crate::state::lessons::{LessonsAction, Progress};
use crate::state::table::Selection;
use crate::state::ui::Pane;

const LOG: &str = "{\"kind\":\"Event\"}\n";

/// Returns a page with a policy of the user.
fn page() -> AppState {
    let mut state = AppState {
        has_all_parts: true,
        ..AppState::default()
    };
    ready(&mut state, 0);
    state.apply(Action::EditPolicy("mine".to_owned()));
    state.apply(report(1, true));
    state
}

fn load(generation: u32, text: &str) -> ToWorker {
    ToWorker::Policy {
        generation,
        text: text.to_owned(),
        version: KubernetesVersion::NEWEST,
        part: 0,
    }
}

fn paste() -> ToWorker {
    ToWorker::Paste {
        log: 1,
        text: LOG.to_owned(),
    }
}

fn requests(effects: Vec<ToWorker>) -> Vec<AnalysisRequest> {
    let request = |message| match message {
        ToWorker::Analysis(request) => decode(&request),
        _ => None,
    };
    effects.into_iter().filter_map(request).collect()
}

fn act(state: &mut AppState, action: LessonsAction) -> Vec<AnalysisRequest> {
    requests(state.apply(Action::Lessons(action)))
}

fn reply(reply: &AnalysisReply) -> Action {
    Action::WorkerMessage(ToPage::Analysis(encode(reply)))
}

fn built_in() -> LessonSource {
    LessonSource::BuiltIn("order".to_owned())
}

fn step(subject: LessonSubject, start: StepStart) -> StepView {
    StepView {
        title: "a step".to_owned(),
        task: Vec::new(),
        hints: vec![Vec::new(), Vec::new()],
        subject,
        start,
    }
}

fn text(text: &str) -> Option<String> {
    Some(text.to_owned())
}

/// Returns a lesson: a policy to change, the same one to go on with, an event to find, and a word to type.
fn view() -> LessonView {
    let first = StepStart {
        policy: text("theirs"),
        log: text(LOG),
        ..StepStart::default()
    };
    let second = StepStart {
        is_continued: true,
        ..first.clone()
    };
    let no_policy = StepStart {
        log: text(LOG),
        ..StepStart::default()
    };
    LessonView {
        id: "order".to_owned(),
        track: "First steps".to_owned(),
        place: Some((1, 1)),
        next: None,
        title: "Order".to_owned(),
        minutes: 5,
        is_timed: false,
        intro: Vec::new(),
        steps: vec![
            step(LessonSubject::Policy, first),
            step(LessonSubject::Policy, second),
            step(LessonSubject::Event, no_policy.clone()),
            step(LessonSubject::Text("time".to_owned()), no_policy),
        ],
    }
}

fn received(source: LessonSource) -> Action {
    reply(&AnalysisReply::Lesson(Box::new(LessonReport {
        source,
        result: Ok(view()),
    })))
}

/// Opens the lesson in a page, and returns the effects of its arrival.
fn open(state: &mut AppState) -> Vec<Effect> {
    assert_eq!(
        act(state, LessonsAction::Open(built_in())),
        [AnalysisRequest::Lesson(built_in())]
    );
    effects_of(state, received(built_in()))
}

/// Returns number, step and answer of the only request, which checks an answer.
fn check_of(requests: &[AnalysisRequest]) -> (u32, usize, &LessonAnswer) {
    match requests {
        [AnalysisRequest::CheckLesson(check)] => (check.number, check.step, &check.answer),
        other => panic!("{other:?}"),
    }
}

fn outcome(number: u32, step: usize, has_passed: bool) -> Action {
    reply(&AnalysisReply::LessonChecked(Box::new(LessonOutcome {
        number,
        step,
        has_passed,
        reason: "a reason".to_owned(),
        event: None,
        example: None,
        why: None,
    })))
}

/// Changes the policy, lets the worker accept it, and returns the requests that follow.
fn edit(state: &mut AppState, policy: &str) -> Vec<AnalysisRequest> {
    state.apply(Action::EditPolicy(policy.to_owned()));
    let generation = state.generation;
    requests(state.apply(report(generation, true)))
}

fn shown(state: &AppState) -> Option<bool> {
    let lesson = state.lessons.lesson.as_ref()?;
    lesson.result().map(|result| result.has_passed)
}

#[test]
fn a_lesson_has_a_workspace_of_its_own() {
    let mut state = page();
    let effects = open(&mut state);
    assert_eq!(*state.text, "theirs");
    assert_eq!(state.workspace.name, "Lesson: Order");
    let before = state
        .workspace
        .before
        .as_ref()
        .map(|one| one.workspace.policy.clone());
    assert_eq!(before, text("mine"));
    assert_eq!(messages(effects), [load(2, "theirs"), paste()]);
    assert!(state.notice(NoticeKind::LogOpened).is_none());
    // The next lesson has the same one.
    let slot = state.workspace.slot;
    open(&mut state);
    assert_eq!(state.workspace.slot, slot);
}

#[test]
fn an_answer_is_checked_as_the_policy_changes() {
    let mut state = page();
    open(&mut state);
    let generation = state.generation;
    assert_eq!(
        requests(state.apply(report(generation, true))),
        [],
        "nothing has changed"
    );
    let requests = edit(&mut state, "theirs and more");
    let (number, index, answer) = check_of(&requests);
    assert_eq!((index, answer.policy.as_str()), (0, "theirs and more"));
    state.apply(outcome(number, 0, false));
    assert_eq!(shown(&state), Some(false));
    // A result that comes late is of another policy: the check runs again.
    let requests = edit(&mut state, "a third one");
    let (late, ..) = check_of(&requests);
    assert_eq!(edit(&mut state, "a fourth one"), []);
    let requests = self::requests(state.apply(outcome(late, 0, true)));
    let (number, _, answer) = check_of(&requests);
    assert_eq!(answer.policy, "a fourth one");
    state.apply(outcome(number, 0, true));
    assert_eq!(shown(&state), Some(true));
}

#[test]
fn a_solved_step_is_stored_once() {
    let mut state = page();
    open(&mut state);
    let requests = edit(&mut state, "better");
    let (number, ..) = check_of(&requests);
    let effects = effects_of(&mut state, outcome(number, 0, true));
    assert_eq!(effects, [Effect::StoreProgress("order 0\n".to_owned())]);
    let requests = edit(&mut state, "better still");
    let (number, ..) = check_of(&requests);
    let effects = effects_of(&mut state, outcome(number, 0, true));
    assert_eq!(effects, []);
    // The list loads what other tabs have stored, and forgets nothing.
    state.apply(Action::Lessons(LessonsAction::ProgressLoaded(
        "other 3\n".to_owned(),
    )));
    assert_eq!(
        state.lessons.progress,
        Progress::parse("order 0\nother 3\n")
    );
    let effects = effects_of(&mut state, Action::Lessons(LessonsAction::Forget));
    assert_eq!(effects, [Effect::StoreProgress("other 3\n".to_owned())]);
}

#[test]
fn the_next_step_goes_on_with_the_learners_policy() {
    let mut state = page();
    open(&mut state);
    let requests = edit(&mut state, "solved");
    let (number, ..) = check_of(&requests);
    state.apply(outcome(number, 0, true));
    act(&mut state, LessonsAction::GoTo(1));
    assert_eq!(*state.text, "solved");
    assert_eq!(shown(&state), None);
    let unchanged = act(&mut state, LessonsAction::ShowHint);
    assert_eq!(unchanged, [], "nobody has answered yet");
    // Started over, it starts from the policy of the lesson.
    act(&mut state, LessonsAction::StartOver);
    assert_eq!(*state.text, "theirs");
}

#[test]
fn a_step_that_is_left_keeps_its_answer() {
    let mut state = page();
    open(&mut state);
    let answer = |state: &mut AppState, text, step| {
        let requests = edit(state, text);
        let (number, index, answer) = check_of(&requests);
        assert_eq!((index, &*answer.policy), (step, text));
        state.apply(outcome(number, step, false));
    };
    answer(&mut state, "first", 0);
    act(&mut state, LessonsAction::GoTo(1));
    assert_eq!(*state.text, "theirs", "the first step was not solved");
    answer(&mut state, "second", 1);
    act(&mut state, LessonsAction::GoTo(0));
    assert_eq!(*state.text, "first");
    answer(&mut state, "first, changed", 0);
    act(&mut state, LessonsAction::GoTo(1));
    assert_eq!(*state.text, "second");
    act(&mut state, LessonsAction::StartOver);
    assert_eq!(*state.text, "theirs");
    // What was left before the new start does not come back.
    act(&mut state, LessonsAction::GoTo(0));
    act(&mut state, LessonsAction::GoTo(1));
    assert_eq!(*state.text, "theirs");
}

#[test]
fn a_step_without_a_policy_keeps_every_event() {
    let mut state = page();
    open(&mut state);
    act(&mut state, LessonsAction::GoTo(2));
    assert!(
        state.text.ends_with("rules:\n- level: RequestResponse\n"),
        "{}",
        *state.text
    );
}

#[test]
fn an_event_answers_once_it_is_chosen() {
    let mut state = page();
    open(&mut state);
    act(&mut state, LessonsAction::GoTo(2));
    assert_eq!(act(&mut state, LessonsAction::ShowHint), []);
    state.table.selection = EventId::of_recorded(4).map(Selection::of_chosen);
    let requests = act(&mut state, LessonsAction::ShowHint);
    let (_, index, answer) = check_of(&requests);
    assert_eq!((index, answer.event), (2, Some(4)));
}

#[test]
fn an_event_that_the_log_does_not_contain_is_not_an_answer() {
    let mut state = page();
    open(&mut state);
    act(&mut state, LessonsAction::GoTo(2));
    let derived = EventId::new(4 * EventId::PER_ROW);
    state.table.selection = Some(Selection::of_chosen(derived));
    assert_eq!(act(&mut state, LessonsAction::ShowHint), []);
    assert_eq!(shown(&state), Some(false));
    state.table.selection = EventId::of_recorded(4).map(Selection::of_chosen);
    check_of(&act(&mut state, LessonsAction::ShowHint));
}

#[test]
fn a_lesson_is_shared_from_its_first_step_without_the_answers() {
    let mut state = page();
    open(&mut state);
    edit(&mut state, "solved");
    act(&mut state, LessonsAction::GoTo(1));
    let shared = state.shared_lesson().expect("a lesson");
    assert_eq!(shared.policy, "theirs");
    assert_eq!(shared.name, "Lesson: Order");
    let place = LessonPlace {
        id: "order".to_owned(),
        text: None,
        step: 0,
    };
    assert_eq!(shared.lesson, Some(place));
}

#[test]
fn a_lesson_that_is_written_is_kept_next_to_the_list() {
    let mut state = page();
    let write = || LessonsAction::Write;
    assert_eq!(act(&mut state, write()), [AnalysisRequest::LessonTemplate]);
    act(&mut state, LessonsAction::EditDraft("mine".to_owned()));
    act(&mut state, LessonsAction::ShowList);
    assert!(!state.lessons.is_draft_shown);
    assert_eq!(act(&mut state, write()), [], "it is not started again");
    let draft = state.lessons.draft.as_ref().expect("a draft");
    assert!(state.lessons.is_draft_shown && draft.text.as_str() == "mine");
    act(&mut state, LessonsAction::Discard);
    assert_eq!(state.lessons.draft, None);
}

#[test]
fn a_typed_answer_is_checked_on_request() {
    let mut state = page();
    open(&mut state);
    act(&mut state, LessonsAction::GoTo(3));
    assert_eq!(act(&mut state, LessonsAction::Type("08:00".to_owned())), []);
    let requests = act(&mut state, LessonsAction::Check);
    let (number, _, answer) = check_of(&requests);
    assert_eq!(answer.text, "08:00");
    state.apply(outcome(number, 3, false));
    assert_eq!(shown(&state), Some(false));
    act(&mut state, LessonsAction::Type("08:01".to_owned()));
    assert_eq!(shown(&state), None, "the result was of another answer");
}

#[test]
fn problems_of_a_text_are_shown_next_to_it() {
    let mut state = page();
    let own = "---\ntrack: x\n---\n";
    act(&mut state, LessonsAction::OpenFile(own.to_owned()));
    let problem = TextProblem {
        problem: playground_protocol::Problem {
            message: "no steps".to_owned(),
            help: String::new(),
        },
        line: 3,
        from: 0,
        to: 0,
    };
    state.apply(reply(&AnalysisReply::Lesson(Box::new(LessonReport {
        source: LessonSource::Own(own.to_owned()),
        result: Err(vec![problem.clone()]),
    }))));
    let draft = state.lessons.draft.as_ref().expect("a draft");
    assert_eq!(
        (draft.text.as_str(), &draft.problems),
        (own, &vec![problem])
    );
    assert_eq!(*state.text, "mine", "nothing else has changed");
}

#[test]
fn a_stored_lesson_goes_on_where_it_was() {
    let place = LessonPlace {
        id: "order".to_owned(),
        text: None,
        step: 1,
    };
    let workspace = Workspace {
        policy: "half done".to_owned(),
        lesson: Some(place.clone()),
        ..Workspace::default()
    };
    let (mut state, effects) = AppState::restored_from(&workspace.to_json());
    assert_eq!(
        requests(messages(effects)),
        [AnalysisRequest::Lesson(built_in())]
    );
    ready(&mut state, 0);
    assert_eq!(
        state.apply(received(built_in())),
        [paste()],
        "the log is that of the lesson"
    );
    assert_eq!(*state.text, "half done");
    assert_eq!(state.to_workspace().lesson, Some(place));
    assert_eq!(state.to_workspace().log, None, "it comes with the lesson");
}

#[test]
fn a_host_opens_a_lesson_in_its_own_workspace() {
    let mut state = page();
    let parts = HostParts {
        lesson: text("order"),
        ..HostParts::default()
    };
    let effects = state.apply(Action::Embed(EmbedAction::Set(1, Box::new(parts))));
    assert_eq!(requests(effects), [AnalysisRequest::Lesson(built_in())]);
    let slot = state.workspace.slot;
    state.apply(received(built_in()));
    assert_eq!((state.pane, &**state.text), (Pane::Lesson, "theirs"));
    assert_eq!(state.workspace.slot, slot);
}

#[test]
fn closing_the_lessons_shows_the_policy_on_a_phone() {
    let mut state = page();
    assert_eq!(
        act(&mut state, LessonsAction::Show(true)),
        [AnalysisRequest::Lessons]
    );
    assert_eq!(state.pane, Pane::Lesson);
    act(&mut state, LessonsAction::Show(false));
    assert_eq!(state.pane, Pane::Policy);
}
