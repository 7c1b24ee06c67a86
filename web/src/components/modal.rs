//! A modal dialog, based on the browser's `<dialog>`: it traps the focus, and Escape closes it.

use web_sys::HtmlDialogElement;
use yew::prelude::*;

use crate::dom_ids;

/// Properties of [`Modal`].
#[derive(Properties, PartialEq)]
pub struct ModalProps {
    /// Heading.
    pub title: AttrValue,
    /// Style class, which sets the width.
    #[prop_or_default]
    pub class: Classes,
    /// Called when it is closed.
    pub onclose: Callback<()>,
    /// Content.
    pub children: Html,
}

/// Dialog that is open as long as it is rendered.
#[function_component]
pub fn Modal(props: &ModalProps) -> Html {
    let dialog = use_node_ref();
    {
        let dialog = dialog.clone();
        use_effect_with((), move |()| {
            if let Some(dialog) = dialog.cast::<HtmlDialogElement>() {
                // Fails only if it is open already.
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
