//! The second part of the interface: what the first results do not need. It is loaded once they are on the screen, or when something needs
//! it.

use playground_split::is_linked;
use wasm_bindgen::JsValue;
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen_futures::spawn_local;
use yew::Callback;

use crate::state::Action;

// The module is in the page only; on the host the function exists and is never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/start.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = load, catch)]
    async fn load_module(name: &str) -> Result<JsValue, JsValue>;
}

/// Name of its module.
const MODULE: &str = "interface";

/// Loads and links it, unless that is done.
///
/// # Errors
/// If it cannot be loaded. It can be tried again.
pub async fn link() -> Result<(), JsValue> {
    if is_linked() {
        return Ok(());
    }
    playground_split::link(&load_module(MODULE).await?)
}

/// Loads it, and reports when it is there.
pub fn load(on: Callback<Action>) {
    spawn_local(async move {
        on.emit(Action::PartLoaded(link().await.is_ok()));
    });
}

/// Calls a function that needs it: now if it is there, else once it is loaded.
pub fn once_loaded(on: &Callback<Action>, act: impl FnOnce() + 'static) {
    if is_linked() {
        return act();
    }
    let on = on.clone();
    spawn_local(async move {
        let is_loaded = link().await.is_ok();
        on.emit(Action::PartLoaded(is_loaded));
        if is_loaded {
            act();
        }
    });
}
