//! A dialog over the page, by the browser's own `<dialog>`: it keeps the focus, and Escape closes it.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::dom_ids;

/// Properties of [`Modal`].
#[derive(Properties, PartialEq)]
pub struct ModalProps {
    /// Its heading.
    pub title: AttrValue,
    /// How wide it is: a style class.
    #[prop_or_default]
    pub class: Classes,
    /// It was closed.
    pub onclose: Callback<()>,
    /// What it holds.
    pub children: Html,
}

/// A dialog that is open for as long as it exists.
#[function_component]
pub fn Modal(props: &ModalProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // Fails only where it is open already.
                let _ = dialog.show_modal();
            }
        });
    }
    let close = {
        let dialog = dialog.clone();
        Callback::from(move |_| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                dialog.close();
            }
        })
    };
    let onclose = {
        let onclose = props.onclose.clone();
        Callback::from(move |_: Event| onclose.emit(()))
    };
    html! {
        <dialog ref={dialog} class={props.class.clone()} {onclose} aria-labelledby={dom_ids::DIALOG_TITLE}>
            <div class="bar">
                <h2 id={dom_ids::DIALOG_TITLE}>{&props.title}</h2>
                <span class="grow"></span>
                <button type="button" class="quiet" onclick={close}>{"Close"}</button>
            </div>
            {props.children.clone()}
        </dialog>
    }
}
