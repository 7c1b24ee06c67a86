//! The answer to a step: what the learner types, and the result of the check.

use playground_protocol::{LessonOutcome, LessonSubject, StepView};
use web_sys::{HtmlInputElement, HtmlTextAreaElement};
use yew::prelude::*;

use super::act::act;
use crate::components::common::{markup, sentence};
use crate::components::example::ExampleCard;
use crate::state::Action;
use crate::state::lessons::{LessonsAction, OpenLesson};

/// Renders the fields of the answer, and the result.
pub(super) fn answer(lesson: &OpenLesson, step: &StepView, on: &Callback<Action>) -> Html {
    let result = lesson.result();
    let field = match &step.subject {
        LessonSubject::Policy | LessonSubject::Event => Html::default(),
        LessonSubject::Flags => area("Flags of kube-apiserver", &lesson.answer.flags, 8, on),
        LessonSubject::Manifest => area(
            "Manifest of kube-apiserver",
            &lesson.answer.manifest,
            18,
            on,
        ),
        LessonSubject::Text(about) => line(about, &lesson.answer.text, on),
    };
    let is_event = step.subject == LessonSubject::Event;
    let is_text = matches!(step.subject, LessonSubject::Text(_));
    html! {
        <>
            {field}
            <div class="outcome" role="status">{ result.map(|result| outcome(result, lesson, on)).unwrap_or_default() }</div>
            if result.is_none() && is_event {
                <p class="note">{"Select an event in the table to answer."}</p>
            } else if result.is_none() && !is_text {
                <p><button type="button" onclick={act(on, LessonsAction::Check)}>{"Check"}</button></p>
            }
        </>
    }
}

fn area(label: &'static str, value: &str, rows: u32, on: &Callback<Action>) -> Html {
    let oninput = on.reform(|event: InputEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        Action::Lessons(LessonsAction::Type(area.value()))
    });
    html! {
        <textarea class="code" aria-label={label} rows={rows.to_string()} spellcheck="false" autocapitalize="off" autocomplete="off" value={value.to_owned()} {oninput} />
    }
}

fn line(about: &str, value: &str, on: &Callback<Action>) -> Html {
    let oninput = on.reform(|event: InputEvent| {
        let input: HtmlInputElement = event.target_unchecked_into();
        Action::Lessons(LessonsAction::Type(input.value()))
    });
    let onsubmit = on.reform(|event: SubmitEvent| {
        event.prevent_default();
        Action::Lessons(LessonsAction::Check)
    });
    let label = ["Your answer: ", about].concat();
    html! {
        <form class="typed" {onsubmit}>
            <input type="text" aria-label={label.clone()} placeholder={label} spellcheck="false" autocapitalize="off" autocomplete="off" value={value.to_owned()} {oninput} />
            <button type="submit" disabled={value.trim().is_empty()}>{"Check"}</button>
        </form>
    }
}

fn outcome(result: &LessonOutcome, lesson: &OpenLesson, on: &Callback<Action>) -> Html {
    if result.has_passed {
        let next = lesson.step.saturating_add(1);
        let has_next = next < lesson.view.steps.len();
        return html! {
            <>
                <p class="good"><span aria-hidden="true">{"✓ "}</span>{ markup(&sentence(&result.reason)) }</p>
                if has_next {
                    <p><button type="button" class="primary" onclick={act(on, LessonsAction::GoTo(next))}>{"Next step"}</button></p>
                }
            </>
        };
    }
    html! {
        <>
            <p class="bad">{"Not yet: "}{ markup(&result.reason) }{"."}</p>
            if let Some(event) = result.event {
                <p><button type="button" class="link" onclick={act(on, LessonsAction::ShowEvent(event))}>{"Show request"}</button></p>
            } else if let Some(example) = &result.example {
                <details><summary>{"Show request"}</summary><ExampleCard example={example.clone()} report={result.why.clone()} /></details>
            }
        </>
    }
}
