//! A button with a menu.

use wasm_bindgen::JsCast;
use web_sys::{Element, HtmlElement};
use yew::prelude::*;

use super::common::markup;
use super::name::name;

/// An entry of a menu.
#[derive(Debug, Clone, PartialEq)]
pub struct Entry {
    /// Title.
    pub title: String,
    /// One sentence, with code in backticks.
    pub summary: String,
}

/// Properties of [`Menu`].
#[derive(Properties, PartialEq)]
pub struct MenuProps {
    /// Label of the button.
    pub label: AttrValue,
    /// Entries.
    pub entries: Vec<Entry>,
    /// Receives the index of the chosen entry.
    pub chosen: Callback<usize>,
}

/// Button with a menu. Arrows, Home and End move the focus; Escape and leaving it close it.
#[function_component]
pub fn Menu(props: &MenuProps) -> Html {
    let open = use_state(|| false);
    let root = use_node_ref();
    let button = use_node_ref();

    {
        let root = root.clone();
        use_effect_with(*open, move |open| {
            if *open {
                step(&root, Step::First);
            }
        });
    }
    let toggle = {
        let open = open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let onkeydown = {
        let (open, root, button) = (open.clone(), root.clone(), button.clone());
        Callback::from(move |key: KeyboardEvent| {
            match key.key().as_str() {
                "ArrowDown" if *open => step(&root, Step::On),
                "ArrowUp" if *open => step(&root, Step::Back),
                "Home" if *open => step(&root, Step::First),
                "End" if *open => step(&root, Step::Last),
                "ArrowDown" => open.set(true),
                "Escape" if *open => {
                    open.set(false);
                    if let Some(button) = button.cast::<HtmlElement>() {
                        let _ = button.focus();
                    }
                }
                _ => return,
            }
            key.prevent_default();
            key.stop_propagation();
        })
    };
    let onfocusout = {
        let (open, root) = (open.clone(), root.clone());
        Callback::from(move |event: FocusEvent| {
            let inside = event
                .related_target()
                .and_then(|to| to.dyn_into::<Element>().ok())
                .zip(root.cast::<Element>())
                .is_some_and(|(to, root)| root.contains(Some(&to)));
            if !inside {
                open.set(false);
            }
        })
    };
    let entry = |(place, entry): (usize, &Entry)| {
        let (open, chosen, button) = (open.clone(), props.chosen.clone(), button.clone());
        let onclick = Callback::from(move |_| {
            open.set(false);
            if let Some(button) = button.cast::<HtmlElement>() {
                let _ = button.focus();
            }
            chosen.emit(place);
        });
        html! {
            <button type="button" role="menuitem" tabindex="-1" {onclick}>
                <b>{ name(&entry.title) }</b>
                <span>{ markup(&entry.summary) }</span>
            </button>
        }
    };
    html! {
        <div class="menu" ref={root} {onkeydown} {onfocusout}>
            <button type="button" ref={button.clone()} onclick={toggle} aria-haspopup="menu"
                aria-expanded={open.to_string()} disabled={props.entries.is_empty()}>
                { name(&props.label) }<span class="arrow" aria-hidden="true"></span>
            </button>
            if *open {
                <div class="list" role="menu" aria-label={&props.label}>
                    { for props.entries.iter().enumerate().map(entry) }
                </div>
            }
        </div>
    }
}

/// A move of the focus between entries.
#[derive(Debug, Clone, Copy)]
enum Step {
    First,
    On,
    Back,
    Last,
}

fn step(root: &NodeRef, step: Step) {
    let Some(items) = root
        .cast::<Element>()
        .and_then(|root| root.query_selector_all("[role=menuitem]").ok())
    else {
        return;
    };
    let count = items.length();
    let active = gloo::utils::document().active_element();
    let at = (0..count).find(|at| items.get(*at).as_ref() == active.as_deref());
    let last = count.saturating_sub(1);
    let next = match (at, step) {
        (Some(at), Step::On) if at < last => at.saturating_add(1),
        (Some(at), Step::Back) if at > 0 => at.saturating_sub(1),
        (_, Step::Back | Step::Last) => last,
        _ => 0,
    };
    if let Some(item) = items
        .get(next)
        .and_then(|node| node.dyn_into::<HtmlElement>().ok())
    {
        let _ = item.focus();
    }
}
