//! A row of tabs, as screen readers and arrow keys expect it.

use yew::prelude::*;

use crate::platform;

/// A row of tabs.
pub struct Tabs<'a> {
    /// What the row is for.
    pub label: &'static str,
    /// The prefix of the tabs' ids; the panel is `PREFIX-panel`, the tabs `PREFIX-0` and on.
    pub prefix: &'static str,
    /// What the tabs say.
    pub titles: &'a [String],
    /// Which is chosen.
    pub chosen: usize,
    /// Another was chosen.
    pub onchoose: Callback<usize>,
}

/// A row of tabs. The chosen one is in the tab order, arrows go to the others.
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

/// The id of a tab, which labels its panel.
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
