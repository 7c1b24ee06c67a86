//! Access to the browser: storage, clipboard, files, focus. Each may be forbidden, and then returns an error.

use js_sys::{Array, Function, Object, Promise, Reflect};
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use wasm_bindgen_futures::JsFuture;
use web_sys::{Blob, Element, HtmlAnchorElement, HtmlElement, HtmlTextAreaElement, Storage, Url};

use crate::embed;

/// Reads a preference. `None` if it is not set, or if the page is sandboxed and so has no storage.
pub fn recall(key: &str) -> Option<String> {
    storage()?.get_item(key).ok().flatten()
}

/// Saves a preference, if the page may.
pub fn remember(key: &str, value: &str) {
    if let Some(storage) = storage() {
        // If the storage is full or forbidden, only the preference is lost.
        let _ = storage.set_item(key, value);
    }
}

/// Returns the address of the documentation, which a release has next to the page. `None` if there is none, as for the page in one file.
pub fn documentation() -> Option<String> {
    let link = gloo::utils::document().query_selector("link[rel=help]");
    link.ok().flatten()?.get_attribute("href")
}

/// Reads the value of a key in the browser's storage.
///
/// # Errors
/// Returns an error if the page may not store anything.
pub fn stored(key: &str) -> Result<Option<String>, JsValue> {
    let storage = gloo::utils::window().local_storage()?;
    storage.ok_or(JsValue::NULL)?.get_item(key)
}

/// Writes the value of a key in the browser's storage.
///
/// # Errors
/// Returns an error if the page may not store anything, or if there is no room; [`error_name`] distinguishes them.
pub fn store(key: &str, value: &str) -> Result<(), JsValue> {
    let storage = gloo::utils::window().local_storage()?;
    storage.ok_or(JsValue::NULL)?.set_item(key, value)
}

/// Removes a key from the browser's storage.
///
/// # Errors
/// Returns an error if the page may not store anything.
pub fn remove_stored(key: &str) -> Result<(), JsValue> {
    let storage = gloo::utils::window().local_storage()?;
    storage.ok_or(JsValue::NULL)?.remove_item(key)
}

/// Returns the keys of the browser's storage.
///
/// # Errors
/// Returns an error if the page may not store anything.
pub fn stored_keys() -> Result<Vec<String>, JsValue> {
    let storage = gloo::utils::window().local_storage()?;
    let storage = storage.ok_or(JsValue::NULL)?;
    let count = storage.length()?;
    let keys = (0..count).filter_map(|index| storage.key(index).ok().flatten());
    Ok(keys.collect())
}

/// Reads what this tab has noted.
pub fn noted(key: &str) -> Option<String> {
    tab_storage()?.get_item(key).ok().flatten()
}

/// Notes something for this tab, or removes the note. Reloading the page keeps it.
pub fn note(key: &str, value: Option<&str>) {
    if let Some(storage) = tab_storage() {
        // If that is forbidden, a reload shows what a new tab does.
        let _ = match value {
            Some(value) => storage.set_item(key, value),
            None => storage.remove_item(key),
        };
    }
}

fn tab_storage() -> Option<Storage> {
    gloo::utils::window().session_storage().ok().flatten()
}

/// Returns whether another page shows this one in a frame.
pub fn is_framed() -> bool {
    let window = gloo::utils::window();
    let parent = window.parent().ok().flatten();
    parent.is_none_or(|parent| parent != window)
}

/// Returns a mark of this load of the page, which no other load in this tab has.
pub fn load_mark() -> String {
    let performance = gloo::utils::window().performance();
    performance.map_or_else(String::new, |performance| {
        // Whole microseconds: a number with a fraction needs more code to be written.
        ((performance.time_origin() * 1000.0) as u64).to_string()
    })
}

/// Adds an entry to the browser's history, with the same address.
pub fn push_history(state: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        // A browser that limits the number of entries returns an error; going back then skips a place.
        let _ = history.push_state(&state.into(), "");
    }
}

/// Sets the state of the current entry of the browser's history.
pub fn replace_history(state: &str) {
    if let Ok(history) = gloo::utils::window().history() {
        let _ = history.replace_state(&state.into(), "");
    }
}

/// Goes back in the browser's history.
pub fn go_back() {
    if let Ok(history) = gloo::utils::window().history() {
        let _ = history.back();
    }
}

/// Returns the state of the current entry of the browser's history, if it is a text.
pub fn history_state() -> Option<String> {
    let history = gloo::utils::window().history().ok()?;
    history.state().ok()?.as_string()
}

fn storage() -> Option<Storage> {
    gloo::utils::window().local_storage().ok().flatten()
}

/// Opens the browser's window for printing. A sandboxed page may not.
pub fn print() {
    let _ = gloo::utils::window().print();
}

/// Returns a number that nobody can guess, or a random one if this browser cannot make such numbers.
pub fn random() -> u64 {
    let numbers = js_sys::Uint32Array::new_with_length(2);
    let crypto = Reflect::get(&gloo::utils::window(), &"crypto".into());
    let fill = crypto.as_ref().ok().and_then(|crypto| {
        let fill = Reflect::get(crypto, &"getRandomValues".into()).ok()?;
        fill.dyn_into::<Function>().ok()
    });
    let filled = fill
        .zip(crypto.ok())
        .map(|(fill, crypto)| fill.call1(&crypto, &numbers));
    match filled {
        Some(Ok(_)) => u64::from(numbers.get_index(0)) << 32 | u64::from(numbers.get_index(1)),
        _ => js_sys::Math::random().to_bits(),
    }
}

/// Returns the milliseconds since the page was opened.
pub fn now() -> f64 {
    let performance = gloo::utils::window().performance();
    performance.map_or(0.0, |performance| performance.now())
}

/// Waits until a lock can be acquired, and releases it.
///
/// # Errors
/// Returns an error if the browser has no locks, or gives this page none.
pub async fn locked(name: &str) -> Result<(), JsValue> {
    let navigator = gloo::utils::window().navigator();
    let locks = Reflect::get(&navigator, &"locks".into())?;
    // Its promise is resolved once the lock was acquired and released.
    let nothing = Closure::once_into_js(|| {});
    call(&locks, "request", &Array::of2(&name.into(), &nothing)).await?;
    Ok(())
}

/// Copies a text to the clipboard; false if the browser forbids it.
pub async fn copy(text: &str) -> bool {
    // A host's frame has no clipboard of its own.
    if let Some(is_copied) = embed::copy(text).await {
        return is_copied;
    }
    let clipboard = gloo::utils::window().navigator().clipboard();
    if AsRef::<JsValue>::as_ref(&clipboard).is_undefined() {
        return false;
    }
    JsFuture::from(clipboard.write_text(text)).await.is_ok()
}

/// Offers a text as a file to save.
pub fn save(file_name: &str, text: &str) -> Result<(), JsValue> {
    let blob = Blob::new_with_str_sequence(&Array::of1(&text.into()))?;
    save_blob(file_name, &blob)
}

/// Offers bytes as a file to save.
pub fn save_bytes(file_name: &str, bytes: &[u8]) -> Result<(), JsValue> {
    let parts = Array::of1(&js_sys::Uint8Array::from(bytes));
    save_blob(file_name, &Blob::new_with_u8_array_sequence(&parts)?)
}

/// Offers a blob as a file to save.
pub fn save_blob(file_name: &str, blob: &Blob) -> Result<(), JsValue> {
    let url = Url::create_object_url_with_blob(blob)?;
    let link: HtmlAnchorElement = gloo::utils::document()
        .create_element("a")?
        .unchecked_into();
    link.set_href(&url);
    link.set_download(file_name);
    link.click();
    // The download has the blob within this turn of the event loop; a minute is plenty.
    gloo::timers::callback::Timeout::new(60_000, move || {
        let _ = Url::revoke_object_url(&url);
    })
    .forget();
    Ok(())
}

/// Lets the user choose a file, and returns a stream to write to it. Call it while a click is handled.
///
/// # Errors
/// Returns an error if the user chose none, or if the browser does not support it; see [`has_picker`].
pub async fn pick_file(file_name: &str) -> Result<JsValue, JsValue> {
    let options = Object::new();
    Reflect::set(&options, &"suggestedName".into(), &file_name.into())?;
    let window: JsValue = gloo::utils::window().into();
    let handle = call(&window, PICKER, &Array::of1(&options)).await?;
    call(&handle, "createWritable", &Array::new()).await
}

/// Returns whether the browser lets the user choose a file to write to.
pub fn has_picker() -> bool {
    Reflect::get(&gloo::utils::window(), &PICKER.into()).is_ok_and(|found| found.is_function())
}

const PICKER: &str = "showSaveFilePicker";

/// Calls a method by its name, and awaits its promise.
pub async fn call(object: &JsValue, method: &str, arguments: &Array) -> Result<JsValue, JsValue> {
    let method: Function = Reflect::get(object, &method.into())?.dyn_into()?;
    let promise: Promise = method.apply(object, arguments)?.dyn_into()?;
    JsFuture::from(promise).await
}

/// Returns the name of an error, or an empty text for a value without a name.
pub fn error_name(error: &JsValue) -> String {
    let name = Reflect::get(error, &"name".into());
    name.ok()
        .and_then(|name| name.as_string())
        .unwrap_or_default()
}

/// Clicks an element, by its id.
pub fn click(id: &str) {
    let element = gloo::utils::document().get_element_by_id(id);
    if let Some(element) = element.and_then(|element| element.dyn_into::<HtmlElement>().ok()) {
        element.click();
    }
}

/// Returns the text of a text area, by its id.
pub fn text_area_value(id: &str) -> String {
    gloo::utils::document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlTextAreaElement>().ok())
        .map(|area| area.value())
        .unwrap_or_default()
}

/// Returns whether an element is visible, apart from scrolling.
pub fn is_visible(element: &Element) -> bool {
    let style = gloo::utils::window().get_computed_style(element);
    let visibility = style
        .ok()
        .flatten()
        .and_then(|style| style.get_property_value("visibility").ok());
    visibility.as_deref() == Some("visible")
}

/// Returns a custom property that is a length, in pixels; zero if it is not set.
pub fn length_of(element: &Element, property: &str) -> f64 {
    let style = gloo::utils::window().get_computed_style(element);
    let value = style
        .ok()
        .flatten()
        .and_then(|style| style.get_property_value(property).ok())
        .unwrap_or_default();
    let pixels = value.trim().strip_suffix("px");
    pixels
        .and_then(|pixels| pixels.parse::<u32>().ok())
        .map_or(0.0, f64::from)
}

/// Moves the focus to an element, by its id.
pub fn focus(id: &str) -> bool {
    let found = gloo::utils::document()
        .get_element_by_id(id)
        .and_then(|element| element.dyn_into::<HtmlElement>().ok());
    found.is_some_and(|element| element.focus().is_ok())
}

/// Removes an element, by its id, if it is there.
pub fn remove(id: &str) {
    if let Some(element) = gloo::utils::document().get_element_by_id(id) {
        element.remove();
    }
}

/// Removes an attribute of an element, by its id.
pub fn remove_attribute(id: &str, name: &str) {
    if let Some(element) = gloo::utils::document().get_element_by_id(id) {
        // It fails only for a name that cannot be one.
        let _ = element.remove_attribute(name);
    }
}

/// Returns whether the page forbids itself every connection; see `web/js/seal.js`.
pub fn is_sealed() -> bool {
    let root = gloo::utils::document_element();
    root.get_attribute("data-sealed").as_deref() == Some("true")
}

/// Sets a `data-` attribute of the document's root, for the styles and the tests.
pub fn set_root_attribute(name: &str, value: &str) {
    let root = gloo::utils::document_element();
    let _ = root.set_attribute(&["data-", name].concat(), value);
}
