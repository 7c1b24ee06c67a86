//! A lesson that is being written.

use playground_protocol::TextProblem;
use web_sys::HtmlTextAreaElement;
use yew::prelude::*;

use super::act::act;
use crate::components::common::markup;
use crate::platform;
use crate::state::Action;
use crate::state::lessons::{Draft, LessonsAction};

pub(super) fn draft(draft: &Draft, on: &Callback<Action>) -> Html {
    let oninput = on.reform(|event: InputEvent| {
        let area: HtmlTextAreaElement = event.target_unchecked_into();
        Action::Lessons(LessonsAction::EditDraft(area.value()))
    });
    let problem = |found: &TextProblem| {
        html! {
            <li>
                {"Line "}{found.line}{": "}{ markup(&found.problem.message) }
                if !found.problem.help.is_empty() {
                    <span class="note">{" ("}{ markup(&found.problem.help) }{")"}</span>
                }
            </li>
        }
    };
    let address = platform::documentation();
    html! {
        <div class="draft">
            <h3>{"Write a lesson"}</h3>
            <p>
                {"A lesson is a Markdown file: a task per step, what it starts from, how an answer is checked, and hints. This one is an example to change. Share the lesson with the "}<em>{"Share"}</em>{" button once it is open."}
                if let Some(address) = address {
                    {" "}<a href={[address, "lessons.html".to_owned()].concat()} target="_blank" rel="noopener">{"The format"}</a>
                }
            </p>
            <ul class="draft-problems bad" role="status">{ for draft.problems.iter().map(problem) }</ul>
            <textarea class="code" aria-label="Text of the lesson" rows="26" spellcheck="false" autocapitalize="off" value={(*draft.text).clone()} {oninput} />
            <p class="actions">
                <button type="button" class="primary" onclick={act(on, LessonsAction::TryDraft)}>{"Try it"}</button>
                <button type="button" onclick={act(on, LessonsAction::SaveDraft)}>{"Save as file"}</button>
                <button type="button" onclick={act(on, LessonsAction::Discard)}>{"Discard"}</button>
            </p>
        </div>
    }
}
