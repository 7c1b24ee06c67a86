//! Lessons: the list, the open lesson, and a lesson that is being written.

mod act;
mod answer;
mod draft;
mod list;
mod text;
mod timer;
mod worksheet;

use playground_protocol::{LessonSource, StepView};
use yew::prelude::*;

use self::act::act;
use self::answer::answer;
use self::draft::draft;
use self::list::list;
use self::text::text;
use self::timer::Timer;
use crate::dom_ids;
use crate::state::lessons::{LessonsAction, LessonsState, OpenLesson};
use crate::state::{Action, AppState};

pub use self::worksheet::worksheet;

/// Renders the lessons.
pub fn lessons_pane(state: &AppState, on: &Callback<Action>) -> Html {
    let lessons = &state.lessons;
    let content = match (&lessons.lesson, &lessons.draft) {
        (Some(lesson), _) => open_lesson(lesson, lessons, on),
        (None, Some(text)) if lessons.is_draft_shown => draft(text, on),
        (None, _) => list(lessons, on),
    };
    let is_list = lessons.lesson.is_none() && !lessons.is_draft_shown;
    html! {
        <section id={dom_ids::LESSON} class="pane lesson" tabindex="-1" aria-labelledby="lesson-title">
            <div class="bar">
                <h2 id="lesson-title">{"Lessons"}</h2>
                <span class="grow"></span>
                if !is_list {
                    <button type="button" onclick={act(on, LessonsAction::ShowList)}>{"All lessons"}</button>
                }
                <button type="button" class="quiet square" aria-label="Close the lessons" onclick={act(on, LessonsAction::Show(false))}>{"×"}</button>
            </div>
            <div class="body" tabindex="0" role="region" aria-label="Lesson">{ content }</div>
        </section>
    }
}

fn open_lesson(lesson: &OpenLesson, lessons: &LessonsState, on: &Callback<Action>) -> Html {
    let view = &*lesson.view;
    let place = match view.place {
        Some((place, of)) => [
            &view.track,
            " · lesson ",
            &place.to_string(),
            " of ",
            &of.to_string(),
        ]
        .concat(),
        None => view.track.clone(),
    };
    let id = lesson.progress_id();
    let step = |(index, step): (usize, &StepView)| {
        let is_solved = lessons.progress.has(&id, index);
        if index == lesson.step {
            current_step(lesson, index, step, is_solved, on)
        } else {
            other_step(index, step, is_solved, on)
        }
    };
    let is_own = matches!(lesson.source, LessonSource::Own(_));
    html! {
        <article key={view.id.clone()}>
            <p class="note">
                {place}
                if view.is_timed {
                    {" · "}<Timer minutes={view.minutes} />
                }
            </p>
            <h3>{&view.title}</h3>
            <p class="actions">
                <button type="button" class="link" onclick={act(on, LessonsAction::Print)}>{"Print the worksheet"}</button>
                if lessons.progress.count(&id) > 0 {
                    <button type="button" class="link" onclick={act(on, LessonsAction::Forget)}>{"Forget the progress of this lesson"}</button>
                }
            </p>
            { text(&view.intro) }
            <ol class="steps">{ for view.steps.iter().enumerate().map(step) }</ol>
            { ending(lesson, lessons, on) }
            if is_own {
                <p class="actions"><button type="button" onclick={act(on, LessonsAction::EditLesson)}>{"Edit the lesson"}</button></p>
            }
        </article>
    }
}

/// Renders the number of a step, or a check mark if it is solved.
fn number(index: usize, is_solved: bool) -> Html {
    let number = index.saturating_add(1).to_string();
    if is_solved {
        html! { <span class="number good"><span aria-hidden="true">{"✓"}</span><span class="visually-hidden">{number}{", solved"}</span></span> }
    } else {
        html! { <span class="number">{number}{"."}</span> }
    }
}

fn other_step(index: usize, step: &StepView, is_solved: bool, on: &Callback<Action>) -> Html {
    html! {
        <li class="step" key={index}>
            <button type="button" class="step-title" onclick={act(on, LessonsAction::GoTo(index))}>{ number(index, is_solved) }<span>{&step.title}</span></button>
        </li>
    }
}

fn current_step(
    lesson: &OpenLesson,
    index: usize,
    step: &StepView,
    is_solved: bool,
    on: &Callback<Action>,
) -> Html {
    let hints = step.hints.iter().take(lesson.hints);
    let has_more_hints = lesson.hints < step.hints.len();
    html! {
        <li class="step current" key={index} id={dom_ids::LESSON_STEP} tabindex="-1" aria-current="step">
            <p class="step-title">{ number(index, is_solved) }<b>{&step.title}</b></p>
            { text(&step.task) }
            { answer(lesson, step, on) }
            <div class="hints-shown" role="status">
                { for hints.map(|hint| html! { <div class="hint">{ text(hint) }</div> }) }
            </div>
            <p class="actions">
                if has_more_hints {
                    <button type="button" onclick={act(on, LessonsAction::ShowHint)}>{ if lesson.hints == 0 { "Hint" } else { "Another hint" } }</button>
                }
                <button type="button" class="link" onclick={act(on, LessonsAction::StartOver)}>{"Start over"}</button>
            </p>
        </li>
    }
}

/// Renders what follows once every step is solved.
fn ending(lesson: &OpenLesson, lessons: &LessonsState, on: &Callback<Action>) -> Html {
    let view = &*lesson.view;
    let is_complete = lessons.progress.count(&lesson.progress_id()) >= view.steps.len();
    html! {
        <div role="status">
            if is_complete {
                <p class="complete"><b class="good">{"✓ Lesson complete."}</b>
                    if let Some(next) = &view.next {
                        {" "}<button type="button" onclick={act(on, LessonsAction::Open(LessonSource::BuiltIn(next.clone())))}>{"Next lesson"}</button>
                    }
                </p>
            }
        </div>
    }
}
