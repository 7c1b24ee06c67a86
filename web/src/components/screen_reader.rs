//! Text that is not visible, for screen readers.

use yew::prelude::*;

/// Renders text for screen readers only.
pub fn screen_reader_only(text: &'static str) -> Html {
    html! { <span class="visually-hidden">{text}</span> }
}
