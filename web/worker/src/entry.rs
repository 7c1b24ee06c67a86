//! Entry point of the worker: starts the engine or a reader, and handles messages.

use js_sys::{Array, Reflect, Uint8Array};
use playground_protocol::{ToPage, ToWorker, decode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{File, MessageEvent};

use crate::browser::scope;
use crate::reader::files::read_files;
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
        pool::handle_message
    } else {
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

/// Handles a message of the page.
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
    match request {
        ToWorker::Open { log, names } => {
            let files = Reflect::get(message, &"files".into()).unwrap_or_default();
            let files: Vec<File> = Array::from(&files)
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect();
            let files = names.into_iter().zip(files).collect();
            spawn_local(read_files(log, files, begin_read()));
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
