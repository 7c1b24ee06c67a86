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
    let menu = OpenMenu {
        open: use_state(|| false),
        root: use_node_ref(),
        button: use_node_ref(),
    };
    {
        let root = menu.root.clone();
        use_effect_with(*menu.open, move |open| {
            if *open {
                step(&root, Step::First);
            }
        });
    }
    let toggle = {
        let open = menu.open.clone();
        Callback::from(move |_| open.set(!*open))
    };
    let entries = props.entries.iter().enumerate();
    let entry =
        |(index, entry): (usize, &Entry)| menu.entry(entry, props.chosen.reform(move |()| index));
    html! {
        <div class="menu" ref={menu.root.clone()} onkeydown={menu.on_key()} onfocusout={menu.on_leave()}>
            <button type="button" ref={menu.button.clone()} onclick={toggle} aria-haspopup="menu"
                aria-expanded={menu.open.to_string()} disabled={props.entries.is_empty()}>
                <span class="label">{ name(&props.label) }</span><span class="arrow" aria-hidden="true"></span>
            </button>
            if *menu.open {
                <div class="list" role="menu" aria-label={&props.label}>
                    { for entries.map(entry) }
                </div>
            }
        </div>
    }
}

/// A menu that may be open, with its elements.
#[derive(Clone)]
struct OpenMenu {
    open: UseStateHandle<bool>,
    root: NodeRef,
    button: NodeRef,
}

impl OpenMenu {
    /// Closes the menu and moves the focus to its button.
    fn close(&self) {
        self.open.set(false);
        if let Some(button) = self.button.cast::<HtmlElement>() {
            let _ = button.focus();
        }
    }

    /// Returns the handler of keys.
    fn on_key(&self) -> Callback<KeyboardEvent> {
        let menu = self.clone();
        Callback::from(move |key: KeyboardEvent| {
            let is_open = *menu.open;
            match key.key().as_str() {
                "ArrowDown" if is_open => step(&menu.root, Step::On),
                "ArrowUp" if is_open => step(&menu.root, Step::Back),
                "Home" if is_open => step(&menu.root, Step::First),
                "End" if is_open => step(&menu.root, Step::Last),
                "ArrowDown" => menu.open.set(true),
                "Escape" if is_open => menu.close(),
                _ => return,
            }
            key.prevent_default();
            key.stop_propagation();
        })
    }

    /// Returns the handler that closes the menu when the focus leaves it.
    fn on_leave(&self) -> Callback<FocusEvent> {
        let menu = self.clone();
        Callback::from(move |event: FocusEvent| {
            let inside = event
                .related_target()
                .and_then(|to| to.dyn_into::<Element>().ok())
                .zip(menu.root.cast::<Element>())
                .is_some_and(|(to, root)| root.contains(Some(&to)));
            if !inside {
                menu.open.set(false);
            }
        })
    }

    /// Renders an entry.
    fn entry(&self, entry: &Entry, chosen: Callback<()>) -> Html {
        let menu = self.clone();
        let onclick = Callback::from(move |_: MouseEvent| {
            menu.close();
            chosen.emit(());
        });
        html! {
            <button type="button" role="menuitem" tabindex="-1" {onclick}>
                <b>{ name(&entry.title) }</b>
                <span>{ markup(&entry.summary) }</span>
            </button>
        }
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
