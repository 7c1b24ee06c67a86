//! The worker's side of the browser: messages in and out.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Object, Reflect, Uint8Array};
use playground_protocol::{ToPage, ToWorker, decode, encode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::spawn_local;
use web_sys::{DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::pool;
use crate::reading::read_files;
use crate::session::Session;

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
    /// Counts the logs opened; a reader that finds another number gives way.
    static READING: Cell<u32> = const { Cell::new(0) };
    /// The page has asked to stop reading.
    static CANCELLED: Cell<bool> = const { Cell::new(false) };
}

/// Takes over the messages that came while the engine was loading, then listens.
#[wasm_bindgen(start)]
pub fn start() {
    let scope = scope();
    // What follows a panic is a trap without a reason: the script that starts this one reports it with the reason kept here.
    std::panic::set_hook(Box::new(|info| {
        let reason = info.to_string();
        let _ = Reflect::set(&self::scope(), &"panicked".into(), &reason.into());
    }));
    let take = if scope.name() == pool::READER {
        pool::take
    } else {
        hand_over_engine(&scope);
        tell(&Session::greeting());
        take
    };
    let listen =
        Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| take(&event.data()));
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    if let Ok(pending) = Reflect::get(&scope, &"pending".into())
        && let Ok(pending) = pending.dyn_into::<Array>()
    {
        pending.iter().for_each(|message| take(&message));
    }
}

/// Gives the page the compiled engine: another worker can start with it.
fn hand_over_engine(scope: &DedicatedWorkerGlobalScope) {
    let message = Object::new();
    let set = Reflect::set(&message, &"engine".into(), &wasm_bindgen::module());
    // Where it cannot be posted, another worker loads it anew.
    let _ = set.and_then(|_| scope.post_message(&message));
}

pub(crate) fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

pub(crate) fn tell(message: &ToPage) {
    let bytes = Uint8Array::from(encode(message).as_slice());
    // What cannot be posted has nobody to hear of it: the page is gone.
    let _ = scope().post_message(&bytes);
}

pub(crate) fn tell_all(messages: Vec<ToPage>) {
    messages.iter().for_each(tell);
}

pub(crate) fn with_session<T>(work: impl FnOnce(&mut Session) -> T) -> T {
    SESSION.with(|session| work(&mut session.borrow_mut()))
}

/// Whether the log of this number is the one that was asked for last.
pub(crate) fn is_current(reading: u32) -> bool {
    READING.get() == reading
}

/// Whether the page has asked to stop reading.
pub(crate) fn is_cancelled() -> bool {
    CANCELLED.get()
}

/// Makes every reader under way give way; the number of the next one.
fn next_reading() -> u32 {
    CANCELLED.set(false);
    READING.set(READING.get().wrapping_add(1));
    READING.get()
}

fn take(message: &JsValue) {
    let bytes = Reflect::get(message, &"bytes".into())
        .ok()
        .and_then(|bytes| bytes.dyn_into::<Uint8Array>().ok());
    let Some(ask) = bytes.and_then(|bytes| decode::<ToWorker>(&bytes.to_vec())) else {
        return tell(&ToPage::RequestFailed {
            message: "the page asked for something that this engine does not know: reload the page"
                .to_owned(),
        });
    };
    match ask {
        ToWorker::Open { log, names } => {
            let files = Reflect::get(message, &"files".into()).unwrap_or_default();
            let files: Vec<File> = Array::from(&files)
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect();
            let files = names.into_iter().zip(files).collect();
            spawn_local(read_files(log, files, next_reading()));
        }
        ToWorker::Cancel => CANCELLED.set(true),
        other => {
            if matches!(
                other,
                ToWorker::Paste { .. } | ToWorker::Example { .. } | ToWorker::Model { .. }
            ) {
                next_reading();
            }
            tell_all(with_session(|session| session.ask(other)));
        }
    }
}

pub(crate) fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now())
}
