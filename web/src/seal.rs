//! Seals the page, and checks the seal: calls the scripts and dispatches what they return.

use js_sys::{Array, Reflect};
use wasm_bindgen::prelude::wasm_bindgen;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Worker;
use yew::Callback;

use crate::state::Action;
use crate::state::seal::{Attempt, SealAction};

// The modules are in the page only; on the host the functions exist and are never called.
#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/start.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = finish, catch)]
    async fn finish() -> Result<(), JsValue>;
}

#[cfg_attr(target_arch = "wasm32", wasm_bindgen(module = "/js/check.js"))]
#[cfg_attr(not(target_arch = "wasm32"), wasm_bindgen)]
extern "C" {
    #[wasm_bindgen(js_name = check)]
    async fn try_to_send(worker: Option<Worker>) -> JsValue;
}

/// Loads what is left once the page is idle, and forbids the page every connection.
pub async fn seal(on: Callback<Action>) {
    let result = finish().await.map_err(|error| message(&error));
    on.emit(Action::Seal(SealAction::Finished(result)));
}

/// Tries to send requests from the page and the worker, if there is one.
pub async fn check(worker: Option<Worker>, on: Callback<Action>) {
    let rows: Array = try_to_send(worker).await.unchecked_into();
    let attempts = rows.iter().filter_map(|row| attempt(row.unchecked_into()));
    on.emit(Action::Seal(SealAction::Checked(attempts.collect())));
}

fn attempt(row: Array) -> Option<Attempt> {
    let texts: Vec<String> = row.iter().filter_map(|text| text.as_string()).collect();
    Attempt::from_texts(texts.try_into().ok()?)
}

/// Returns the message of an error.
fn message(error: &JsValue) -> String {
    let message = Reflect::get(error, &"message".into()).ok();
    message
        .and_then(|message| message.as_string())
        .unwrap_or_else(|| "unknown error".to_owned())
}
