//! Texts of lessons.

use playground_protocol::{LessonBlock, LessonInline, Level};
use yew::prelude::*;

use crate::components::common::level_class;
use crate::components::name::{code, marked};

/// Renders a text.
pub(super) fn text(blocks: &[LessonBlock]) -> Html {
    let block = |block: &LessonBlock| match block {
        LessonBlock::Paragraph(parts) => html! { <p>{ inlines(parts) }</p> },
        LessonBlock::List(is_numbered, items) => {
            let items = items
                .iter()
                .map(|item| html! { <li>{ inlines(item) }</li> });
            if *is_numbered {
                html! { <ol>{ for items }</ol> }
            } else {
                html! { <ul>{ for items }</ul> }
            }
        }
        LessonBlock::Code(code) => html! { <pre tabindex="0">{ marked(code) }</pre> },
    };
    html! { <div class="lesson-text">{ for blocks.iter().map(block) }</div> }
}

fn inlines(parts: &[LessonInline]) -> Html {
    let inline = |part: &LessonInline| match part {
        LessonInline::Text(text) => marked(text),
        LessonInline::Code(text) => {
            level(text).unwrap_or_else(|| html! { <code>{ code(text) }</code> })
        }
        LessonInline::Emphasis(text) => html! { <em>{ marked(text) }</em> },
        LessonInline::Strong(text) => html! { <strong>{ marked(text) }</strong> },
        LessonInline::Link(text, address) if address.starts_with("https://") => {
            html! { <a href={address.clone()} target="_blank" rel="noopener noreferrer">{ marked(text) }</a> }
        }
        // A document that is not part of the page.
        LessonInline::Link(text, _) => marked(text),
    };
    parts.iter().map(inline).collect()
}

/// Renders the name of a level in its color. `None` if it is not one.
fn level(text: &str) -> Option<Html> {
    let level = Level::ALL.into_iter().find(|level| level.name() == text)?;
    Some(
        html! { <code class={classes!("level-name", level_class(Some(level)))}>{level.name()}</code> },
    )
}
