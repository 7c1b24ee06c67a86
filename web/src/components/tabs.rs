//! A row of tabs, as screen readers and arrow keys expect it.

use wasm_bindgen::JsCast;
use web_sys::HtmlElement;
use yew::prelude::*;

/// Properties of [`Tabs`].
#[derive(Properties, PartialEq)]
pub struct TabsProps {
    /// What the row is for.
    pub label: AttrValue,
    /// The prefix of the tabs' ids; the panel is `PREFIX-panel`, the tabs `PREFIX-0` and on.
    pub prefix: AttrValue,
    /// What the tabs say.
    pub titles: Vec<AttrValue>,
    /// Which is chosen.
    pub chosen: usize,
    /// Another was chosen.
    pub onchoose: Callback<usize>,
}

/// A row of tabs. The chosen one is in the tab order, arrows go to the others.
#[function_component]
pub fn Tabs(props: &TabsProps) -> Html {
    let onkeydown = {
        let (count, chosen) = (props.titles.len(), props.chosen);
        let (prefix, onchoose) = (props.prefix.clone(), props.onchoose.clone());
        Callback::from(move |key: KeyboardEvent| {
            let last = count.saturating_sub(1);
            let next = match key.key().as_str() {
                "ArrowRight" => (chosen < last)
                    .then(|| chosen.saturating_add(1))
                    .unwrap_or(0),
                "ArrowLeft" => chosen.checked_sub(1).unwrap_or(last),
                "Home" => 0,
                "End" => last,
                _ => return,
            };
            key.prevent_default();
            onchoose.emit(next);
            let id = [&prefix, "-", next.to_string().as_str()].concat();
            let tab = gloo::utils::document().get_element_by_id(&id);
            if let Some(tab) = tab.and_then(|tab| tab.dyn_into::<HtmlElement>().ok()) {
                let _ = tab.focus();
            }
        })
    };
    let tab = |(place, title): (usize, &AttrValue)| {
        let chosen = place == props.chosen;
        let onchoose = props.onchoose.clone();
        html! {
            <button type="button" role="tab" id={[&props.prefix, "-", place.to_string().as_str()].concat()}
                aria-selected={chosen.to_string()} aria-controls={[&props.prefix, "-panel"].concat()}
                tabindex={if chosen { "0" } else { "-1" }}
                onclick={Callback::from(move |_| onchoose.emit(place))}>
                {title}
            </button>
        }
    };
    html! {
        <div class="tabs" role="tablist" aria-label={&props.label} {onkeydown}>
            { for props.titles.iter().enumerate().map(tab) }
        </div>
    }
}
