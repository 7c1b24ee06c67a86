//! A row of tabs, following the ARIA pattern.

use yew::prelude::*;

use crate::platform;

/// A row of tabs.
pub struct Tabs<'a> {
    /// Label of the row.
    pub label: &'static str,
    /// Prefix of the ids; the panel is `PREFIX-panel`, the tabs `PREFIX-0` and so on.
    pub prefix: &'static str,
    /// Titles of the tabs.
    pub titles: &'a [String],
    /// Index of the selected tab.
    pub chosen: usize,
    /// Receives the index of another tab.
    pub onchoose: Callback<usize>,
}

/// Renders a row of tabs. Tab goes to the selected one, arrows go to the others.
pub fn tabs(tabs: Tabs<'_>) -> Html {
    let Tabs {
        label,
        prefix,
        titles,
        chosen,
        onchoose,
    } = tabs;
    let onkeydown = on_key(prefix, titles.len(), chosen, onchoose.clone());
    let tab = |(place, title): (usize, &String)| {
        let is_chosen = place == chosen;
        html! {
            <button type="button" role="tab" id={tab_id(prefix, place)}
                aria-selected={is_chosen.to_string()} aria-controls={[prefix, "-panel"].concat()}
                tabindex={if is_chosen { "0" } else { "-1" }} onclick={onchoose.reform(move |_| place)}>
                {title}
            </button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={label} {onkeydown}>
            { for titles.iter().enumerate().map(tab) }
        </div>
    }
}

/// Returns the id of a tab, which labels its panel.
pub fn tab_id(prefix: &str, place: usize) -> String {
    [prefix, "-", place.to_string().as_str()].concat()
}

fn on_key(
    prefix: &'static str,
    count: usize,
    chosen: usize,
    onchoose: Callback<usize>,
) -> Callback<KeyboardEvent> {
    Callback::from(move |key: KeyboardEvent| {
        let last = count.saturating_sub(1);
        let next = match key.key().as_str() {
            "ArrowRight" if chosen < last => chosen.saturating_add(1),
            "ArrowRight" | "Home" => 0,
            "ArrowLeft" => chosen.checked_sub(1).unwrap_or(last),
            "End" => last,
            _ => return,
        };
        key.prevent_default();
        onchoose.emit(next);
        platform::focus(&tab_id(prefix, next));
    })
}
