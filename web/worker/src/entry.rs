//! Entry point of the worker: starts the engine or a reader, and handles messages.

use std::cell::RefCell;

use js_sys::{Array, Object, Reflect, Uint8Array};
use playground_protocol::{ToPage, ToWorker, decode};
use playground_split::is_linked;
use wasm_bindgen::prelude::*;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::browser::scope;
use crate::deferred;
use crate::reader::pool;
use crate::runtime::{begin_read, cancel_read, post, post_all, with_session};
use crate::session::Session;

/// Starts the worker: as a reader if it has a reader's name, else as the engine. Handles the messages that arrived during loading first.
#[wasm_bindgen(start)]
pub fn start() {
    let scope = scope();
    // A panic ends in a trap without a reason. The script that starts the worker reports the reason kept here.
    std::panic::set_hook(Box::new(|info| {
        let reason = info.to_string();
        let _ = Reflect::set(&self::scope(), &"panicked".into(), &reason.into());
    }));
    let handle = if scope.name() == pool::READER_NAME {
        handle_reader_message
    } else {
        post_engine(&scope);
        post(&Session::ready_message());
        handle_message
    };
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

/// Sends the compiled module to the page, which starts the next worker with it.
fn post_engine(scope: &DedicatedWorkerGlobalScope) {
    let message = Object::new();
    let set = Reflect::set(&message, &"engine".into(), &wasm_bindgen::module());
    // If it can't be posted, the next worker compiles its own.
    let _ = set.and_then(|_| scope.post_message(&message));
}

thread_local! {
    /// Messages that wait for the second module, in order.
    static WAITING: RefCell<Vec<JsValue>> = const { RefCell::new(Vec::new()) };
}

/// Returns the second module in a message, if it has that.
fn rest_in(message: &JsValue) -> Option<JsValue> {
    let module = Reflect::get(message, &"rest".into()).ok()?;
    (!module.is_undefined()).then_some(module)
}

/// Handles a message to a reader. Its first message has the second module.
fn handle_reader_message(message: &JsValue) {
    match rest_in(message) {
        // Without it, the reader does not answer, and the engine reads the file without readers.
        Some(module) => drop(playground_split::link(&module)),
        None if is_linked() => deferred::read_chunk(message),
        None => {}
    }
}

/// Handles a message of the page, or keeps it until the second module has arrived.
fn handle_message(message: &JsValue) {
    if let Some(module) = rest_in(message) {
        return link(&module);
    }
    let bytes = Reflect::get(message, &"bytes".into())
        .ok()
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
    let Some(request) = bytes.and_then(|bytes| decode::<ToWorker>(&bytes.to_vec())) else {
        return post(&ToPage::RequestFailed {
            message: "the page sent a message that this engine does not know: reload the page"
                .to_owned(),
        });
    };
    let is_waiting = WAITING.with_borrow(|waiting| !waiting.is_empty());
    let must_wait = !is_linked()
        && !matches!(request, ToWorker::Ping)
        && (is_waiting || !with_session(|session| session.is_first(&request)));
    if must_wait {
        return WAITING.with_borrow_mut(|waiting| {
            if waiting.is_empty() {
                post_wanted();
            }
            waiting.push(message.clone());
        });
    }
    handle_request(request, message);
}

/// Links the second module and handles the messages that wait for it.
fn link(module: &JsValue) {
    if is_linked() {
        return;
    }
    if playground_split::link(module).is_err() {
        return post(&ToPage::RequestFailed {
            message: "a part of the engine does not fit the other: reload the page".to_owned(),
        });
    }
    let not_linted = with_session(|session| session.take_not_linted());
    if let Some(policy) = not_linted {
        post_all(&with_session(|session| session.handle_message(policy)));
    }
    for message in WAITING.take() {
        handle_message(&message);
    }
}

/// Tells the page that a message waits for the second module.
fn post_wanted() {
    let message = Object::new();
    let set = Reflect::set(&message, &"wanted".into(), &true.into());
    // The page fetches the module in any case, only later.
    let _ = set.and_then(|_| scope().post_message(&message));
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
