//! Names and other untrusted text: invisible and misleading characters are marked.

use playground_figures::numbers;
use yew::prelude::*;

use super::screen_reader::screen_reader_only;
use crate::untrusted::{
    Fragment, LineBreaks, code_point, escaped, fragments, hidden_name, is_plain, shortened,
};

/// Renders a name: invisible characters as chips, words that mix scripts marked, a long one shortened with the whole as its title.
pub fn name(text: &str) -> Html {
    short(text, LineBreaks::Spell)
}

/// Renders code within a sentence, as [`name`] but with line breaks.
pub fn code(text: &str) -> Html {
    short(text, LineBreaks::Keep)
}

fn short(text: &str, breaks: LineBreaks) -> Html {
    if is_plain(text) {
        return html! { {text.to_owned()} };
    }
    let Some(short) = shortened(text) else {
        return html! { <bdi>{ marks(text, breaks) }</bdi> };
    };
    html! {
        <bdi title={title(text)}>
            { marks(short.head, breaks) }<span aria-hidden="true">{"…"}</span>{ screen_reader_only(" (shortened) ") }{ marks(short.tail, breaks) }
        </bdi>
    }
}

/// Renders a name that expands to its full length.
pub fn whole_name(text: &str) -> Html {
    let Some(short) = shortened(text) else {
        return name(text);
    };
    html! {
        <details class="long-name">
            <summary>
                <bdi>{ marks(short.head, LineBreaks::Spell) }{"…"}{ marks(short.tail, LineBreaks::Spell) }</bdi>
                <span class="note">{" "}{numbers::counted(short.total, "character")}</span>
            </summary>
            <bdi>{ marks(text, LineBreaks::Spell) }</bdi>
        </details>
    }
}

/// Renders a text of any length with its lines. Invisible and misleading characters are marked, nothing is left out.
pub fn marked(text: &str) -> Html {
    if text
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t'))
    {
        return html! { {text.to_owned()} };
    }
    marks(text, LineBreaks::Keep)
}

/// Returns a name for attributes, which only contain text.
pub fn title(text: &str) -> String {
    escaped(text).into_owned()
}

fn marks(text: &str, breaks: LineBreaks) -> Html {
    fragments(text, breaks).into_iter().map(fragment).collect()
}

fn fragment(fragment: Fragment<'_>) -> Html {
    match fragment {
        Fragment::Plain(text) => html! { {text.to_owned()} },
        Fragment::Hidden(character) => {
            let code = code_point(character);
            let label = [code.as_str(), ", ", hidden_name(character)].concat();
            html! { <span class="hidden-char" role="img" aria-label={label.clone()} title={label}>{code}</span> }
        }
        Fragment::Lookalike(word, why) => html! {
            <mark class="lookalike" title={why.clone()}>{word.to_owned()}<span class="visually-hidden">{" ("}{why}{") "}</span></mark>
        },
    }
}
