//! Entry point of the worker: starts the engine or a reader, and handles messages.
//!
//! The worker starts with the part of its code that the first answer needs. A message that needs the other part waits, with those after it,
//! until that part has arrived: it is fetched when the page is idle, or at once if a message waits for it. If it cannot be loaded, the page
//! reports it, the messages are kept, and the script that starts the worker requests it again.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Reflect, Uint8Array};
use playground_protocol::{ToPage, ToWorker, decode};
use playground_split::is_linked;
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent};

use crate::browser::scope;
use crate::deferred;
use crate::reader::pool;
use crate::runtime::{begin_read, cancel_read, post, post_all, with_session};
use crate::session::Session;

#[wasm_bindgen]
extern "C" {
    /// Awaits a module by its name; with `is_wanted`, also requests it. The script that starts the worker defines it.
    #[wasm_bindgen(js_name = moduleNamed, catch)]
    async fn module_named(name: &str, is_wanted: bool) -> Result<JsValue, JsValue>;
    /// Requests a module without awaiting it.
    #[wasm_bindgen(js_name = moduleNamed)]
    fn request_module(name: &str, is_wanted: bool);
}

/// Name of the module with the second part of this one.
const REST: &str = "rest";

thread_local! {
    /// Messages that wait for the second part, in order.
    static WAITING: RefCell<Vec<JsValue>> = const { RefCell::new(Vec::new()) };
    /// Set if the second part that has arrived is not one of this first part.
    static IS_OUTDATED: Cell<bool> = const { Cell::new(false) };
}

/// Starts the worker: as a reader if it has a reader's name, else as the engine. Handles the messages that arrived during loading first.
#[wasm_bindgen(start)]
pub fn start() {
    let scope = scope();
    // A panic ends in a trap without a reason. The script that starts the worker reports the reason kept here.
    std::panic::set_hook(Box::new(|info| {
        let reason = info.to_string();
        let _ = Reflect::set(&self::scope(), &"panicked".into(), &reason.into());
    }));
    let is_reader = scope.name() == pool::READER_NAME;
    let handle = if is_reader {
        handle_reader_message
    } else {
        post(&Session::ready_message());
        handle_message
    };
    spawn_local(link_rest(is_reader));
    let listener =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| handle(&event.data()));
    scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    listener.forget();
    if let Ok(pending) = Reflect::get(&scope, &"pending".into())
        && let Ok(pending) = pending.dyn_into::<Array>()
    {
        pending.iter().for_each(|message| handle(&message));
    }
}

/// Links the second part once it has arrived, and handles the messages that wait for it. A reader needs it for its first message.
async fn link_rest(is_reader: bool) {
    let Some(module) = rest_module(is_reader).await else {
        return;
    };
    if playground_split::link(&module).is_err() {
        // The page keeps the module, so requesting it again would give the same one.
        if !is_reader {
            IS_OUTDATED.set(true);
            WAITING.take();
            post_outdated();
        }
        return;
    }
    if !is_reader {
        post_all(&with_session(Session::lint_policy));
    }
    for message in WAITING.take() {
        if is_reader {
            deferred::read_chunk(&message);
        } else {
            handle_message(&message);
        }
    }
}

/// Returns the second part once it has arrived. Reports the first failure to load it, and later ones if more messages wait then. `None` for
/// a reader if loading fails: a reader that does not answer is given up, and the engine reads without it.
async fn rest_module(is_reader: bool) -> Option<JsValue> {
    let mut reported = None;
    loop {
        match module_named(REST, is_reader).await {
            Ok(module) => return Some(module),
            Err(_) if is_reader => return None,
            Err(_) => {
                let waiting = Some(WAITING.with_borrow(Vec::len));
                if waiting > reported {
                    reported = waiting;
                    post(&ToPage::PartMissing);
                }
            }
        }
    }
}

/// Reports that the second part cannot be used, because the page's server has another version of the page by now.
fn post_outdated() {
    post(&ToPage::RequestFailed {
        message: "The server has a different version of this page now. Save your work, then reload the page."
            .to_owned(),
    });
}

/// Handles a message to a reader.
fn handle_reader_message(message: &JsValue) {
    if is_linked() {
        deferred::read_chunk(message);
    } else {
        WAITING.with_borrow_mut(|waiting| waiting.push(message.clone()));
    }
}

/// Handles a message of the page, or keeps it until the second part is there.
fn handle_message(message: &JsValue) {
    let bytes = Reflect::get(message, &"bytes".into())
        .ok()
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
    let Some(request) = bytes.and_then(|bytes| decode::<ToWorker>(&bytes.to_vec())) else {
        return post(&ToPage::RequestFailed {
            message: "the page sent a message that this engine does not know: reload the page"
                .to_owned(),
        });
    };
    if is_linked() || matches!(request, ToWorker::Ping) {
        return handle_request(request, message);
    }
    let are_waiting = WAITING.with_borrow(|waiting| !waiting.is_empty());
    if !are_waiting && let Some(replies) = with_session(|session| session.handle_first(request)) {
        return post_all(&replies);
    }
    if IS_OUTDATED.get() {
        return post_outdated();
    }
    WAITING.with_borrow_mut(|waiting| waiting.push(message.clone()));
    // After a failure, a new message is a reason to try again at once.
    request_module(REST, true);
}

fn handle_request(request: ToWorker, message: &JsValue) {
    match request {
        ToWorker::Open { log, names } => {
            let files = Reflect::get(message, &"files".into()).unwrap_or_default();
            let files: Vec<File> = Array::from(&files)
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect();
            let files = names.into_iter().zip(files).collect();
            deferred::read_files(log, files, begin_read());
        }
        ToWorker::Cancel => cancel_read(),
        other => {
            if matches!(
                other,
                ToWorker::Paste { .. } | ToWorker::Example { .. } | ToWorker::Model { .. }
            ) {
                begin_read();
            }
            post_all(&with_session(|session| session.handle_message(other)));
        }
    }
}
