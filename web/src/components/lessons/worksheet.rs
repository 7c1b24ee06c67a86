//! A lesson on paper.

use playground_protocol::{LessonSubject, StepView};
use yew::prelude::*;

use super::text::text;
use crate::components::name::marked;
use crate::state::lessons::OpenLesson;

/// Renders a lesson with what its steps start from, and room for answers.
pub fn worksheet(lesson: &OpenLesson) -> Html {
    let view = &*lesson.view;
    let mut shown: Vec<&str> = Vec::new();
    let steps = view.steps.iter().enumerate().map(|(index, step)| {
        let parts = parts(step)
            .into_iter()
            .filter(|(_, part)| {
                let is_new = !shown.contains(part);
                shown.push(part);
                is_new
            })
            .map(|(title, part)| html! { <><h4>{title}</h4><pre>{ marked(part) }</pre></> });
        html! {
            <section class="sheet-step">
                <h3>{index.saturating_add(1)}{". "}{&step.title}</h3>
                { text(&step.task) }
                { for parts }
                <p class={classes!("room", is_long(step).then_some("long"))}>{"Answer:"}</p>
            </section>
        }
    });
    html! {
        <section class="printed worksheet" aria-labelledby="worksheet-title">
            <h2 id="worksheet-title">{&view.title}</h2>
            <p class="note">{&view.track}{" · "}{view.minutes}{" minutes"}</p>
            <p class="name">{"Name:"}</p>
            { text(&view.intro) }
            { for steps }
        </section>
    }
}

/// Returns what a step starts from, with titles. A step that goes on with the one before has nothing new but its log.
fn parts(step: &StepView) -> Vec<(&'static str, &str)> {
    let start = &step.start;
    let of_start = [
        ("Policy", &start.policy),
        ("Flags", &start.flags),
        ("Manifest", &start.manifest),
    ];
    let of_start = of_start.into_iter().filter(|_| !start.is_continued);
    of_start
        .chain([("Log", &start.log)])
        .filter_map(|(title, text)| Some((title, text.as_deref()?)))
        .filter(|(_, text)| !text.is_empty())
        .collect()
}

/// Returns whether an answer takes several lines.
const fn is_long(step: &StepView) -> bool {
    matches!(
        step.subject,
        LessonSubject::Policy | LessonSubject::Flags | LessonSubject::Manifest
    )
}
