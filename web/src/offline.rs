//! The copy of the page that the browser keeps for use without a network: calls the script that watches for a newer version of it.

use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::prelude::wasm_bindgen;
use yew::prelude::*;

use crate::state::Action;

// The module is in the page only; on the host the functions exist and are never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/offline.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = address)]
    fn service_worker() -> Option<String>;
    #[wasm_bindgen(js_name = whenNewVersion)]
    fn when_new_version(then: &js_sys::Function);
    #[wasm_bindgen(js_name = useNewVersion)]
    fn use_new_version();
}

/// Returns whether the page has a service worker, which keeps a copy of it. The page in one file does not have one.
pub fn is_kept() -> bool {
    service_worker().is_some()
}

/// Loads the page again, in its newer version.
pub fn load_new_version() {
    use_new_version();
}

/// Reports a newer version of the page once the browser has all of it.
#[hook]
pub fn use_new_versions(is_sealed: bool, on: &Callback<Action>) {
    let on = on.clone();
    use_effect_with(is_sealed, move |is_sealed| {
        if *is_sealed {
            // It lives as long as the page.
            let then = Closure::<dyn Fn()>::new(move || on.emit(Action::FoundNewVersion));
            when_new_version(then.into_js_value().unchecked_ref());
        }
    });
}
