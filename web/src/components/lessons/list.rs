//! The list of lessons, with progress.

use playground_figures::numbers;
use playground_protocol::{LessonSource, LessonTitle};
use yew::prelude::*;

use super::act::act;
use crate::state::Action;
use crate::state::lessons::{LessonsAction, LessonsState};

pub(super) fn list(lessons: &LessonsState, on: &Callback<Action>) -> Html {
    let Some(titles) = lessons.titles.as_deref() else {
        return html! { <p class="empty" aria-busy="true"></p> };
    };
    let tracks = titles.chunk_by(|one, other| one.track == other.track);
    html! {
        <>
            <p>{"Each lesson takes a few minutes: change the policy or look into the log, and see at once whether it is right. Your own workspace stays as it is, and progress stays on this device."}</p>
            { for tracks.map(|track| self::track(track, lessons, on)) }
            <p class="note">{"Teaching? Write a lesson, try it here, and share it as a link or a file."}</p>
            <p><button type="button" onclick={act(on, LessonsAction::Write)}>{ if lessons.draft.is_some() { "Continue the lesson that you write" } else { "Write a lesson…" } }</button></p>
        </>
    }
}

fn track(titles: &[LessonTitle], lessons: &LessonsState, on: &Callback<Action>) -> Html {
    let name = titles.first().map_or("", |title| &title.track);
    let entry = |title: &LessonTitle| {
        let solved = lessons.progress.count(&title.id).min(title.steps);
        let source = LessonSource::BuiltIn(title.id.clone());
        let minutes = [&title.minutes.to_string(), " min"].concat();
        html! {
            <li key={title.id.clone()}>
                <button type="button" class="lesson-entry" onclick={act(on, LessonsAction::Open(source))}>
                    <span>{&title.title}</span>
                    <span class={classes!("note", (solved == title.steps).then_some("good"))}>{ progress(solved, title.steps).unwrap_or(minutes) }</span>
                </button>
            </li>
        }
    };
    html! {
        <section>
            <h3>{name}</h3>
            <ol class="entries">{ for titles.iter().map(entry) }</ol>
        </section>
    }
}

/// Returns how much of a lesson is solved; `None` if nothing is.
fn progress(solved: usize, steps: usize) -> Option<String> {
    if solved == 0 {
        return None;
    }
    if solved == steps {
        return Some("✓ complete".to_owned());
    }
    Some(
        [
            &numbers::count(solved),
            " of ",
            &numbers::counted(steps, "step"),
        ]
        .concat(),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_in_words() {
        assert_eq!(progress(0, 3), None);
        assert_eq!(progress(1, 3).as_deref(), Some("1 of 3 steps"));
        assert_eq!(progress(3, 3).as_deref(), Some("✓ complete"));
    }
}
