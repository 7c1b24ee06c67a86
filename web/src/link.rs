//! Links to this page that contain a workspace: calls the script that encodes and decodes them.

use gloo::events::EventListener;
use js_sys::Reflect;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use yew::prelude::*;

use crate::embed;
use crate::state::Action;
use crate::state::workspace::WorkspaceAction;

// The module is in the page only; on the host the functions exist and are never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/link.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = isLink)]
    fn is_link(fragment: &str) -> bool;
    #[wasm_bindgen(js_name = encodeLink, catch)]
    async fn encode_link(text: &str) -> Result<JsValue, JsValue>;
    #[wasm_bindgen(js_name = decodeLink, catch)]
    async fn decode_link(fragment: &str) -> Result<JsValue, JsValue>;
}

/// Returns a link to this page with a workspace.
///
/// # Errors
/// A sentence if this browser cannot compress.
pub async fn link_to(workspace: &str) -> Result<String, String> {
    let fragment = encode_link(workspace).await.ok();
    let fragment = fragment.and_then(|fragment| fragment.as_string());
    let fragment = fragment
        .ok_or("This browser can't make links: it can't compress a text. Save a file instead.")?;
    Ok([address(), "#".to_owned(), fragment].concat())
}

/// Takes the link out of the address, so that it is opened once. `None` if the address does not contain one.
pub fn take_from_address() -> Option<String> {
    let window = gloo::utils::window();
    let fragment = window.location().hash().ok()?;
    if !is_link(&fragment) {
        return None;
    }
    if let Ok(history) = window.history() {
        // A page without an address of its own keeps the fragment.
        let _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&address()));
    }
    Some(fragment)
}

/// Opens the workspace in the fragment of an address.
pub async fn open_link(fragment: String, on: Callback<Action>) {
    let link = decode(&fragment).await;
    on.emit(Action::Workspace(WorkspaceAction::OpenLink(link)));
}

/// Opens a link whenever one replaces the fragment of the page's address.
#[hook]
pub fn use_links(on: &Callback<Action>) {
    let on = on.clone();
    use_effect_with((), move |()| {
        let window = gloo::utils::window();
        let listener = EventListener::new(&window, "hashchange", move |_| {
            // A host sends what is to be shown.
            if embed::is_compact() {
                return;
            }
            if let Some(fragment) = take_from_address() {
                spawn_local(open_link(fragment, on.clone()));
            }
        });
        move || drop(listener)
    });
}

/// Returns the workspace in the fragment of an address.
///
/// # Errors
/// A sentence without its full stop if it cannot be decoded.
async fn decode(fragment: &str) -> Result<String, String> {
    match decode_link(fragment).await {
        Ok(text) => Ok(text.as_string().unwrap_or_default()),
        Err(error) => {
            let message = Reflect::get(&error, &"message".into()).ok();
            let message = message.and_then(|message| message.as_string());
            Err(message.unwrap_or_else(|| "The link could not be read".to_owned()))
        }
    }
}

/// Returns the address of this page without its fragment.
fn address() -> String {
    let href = gloo::utils::window().location().href().unwrap_or_default();
    let end = href.find('#').unwrap_or(href.len());
    href.get(..end).unwrap_or_default().to_owned()
}
