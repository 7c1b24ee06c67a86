//! The worker's side of the browser: messages in and out, and files read piece by piece between messages.

use std::cell::{Cell, RefCell};

use js_sys::{Array, Promise, Reflect, Uint8Array};
use playground_protocol::{Ask, Progress, Tell, decode, encode};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{Blob, DedicatedWorkerGlobalScope, File, MessageEvent};

use crate::log::Log;
use crate::session::Session;
use crate::source::Source;

thread_local! {
    static SESSION: RefCell<Session> = RefCell::default();
    /// Counts the logs opened; a reader that finds another number gives way.
    static READING: Cell<u32> = const { Cell::new(0) };
    /// The page has asked to stop reading.
    static CANCELLED: Cell<bool> = const { Cell::new(false) };
}

/// How much of a file is read at a time: large enough for speed, small enough for a question to be answered in between.
const PIECE_BYTES: f64 = 4_194_304.0;

/// Milliseconds between two reports of progress.
const PROGRESS_INTERVAL: f64 = 100.0;

/// Takes over the messages that came while the engine was loading, then listens.
#[wasm_bindgen(start)]
pub fn start() {
    std::panic::set_hook(Box::new(|info| {
        tell(&Tell::Failure {
            message: format!("the engine has stopped ({info}): reload the page to go on"),
        });
    }));
    tell(&Session::greeting());
    let scope = scope();
    let listen = Closure::<dyn FnMut(MessageEvent)>::new(|event: MessageEvent| take(&event.data()));
    scope.set_onmessage(Some(listen.as_ref().unchecked_ref()));
    listen.forget();
    if let Ok(pending) = Reflect::get(&scope, &"pending".into())
        && let Ok(pending) = pending.dyn_into::<Array>()
    {
        pending.iter().for_each(|message| take(&message));
    }
}

fn scope() -> DedicatedWorkerGlobalScope {
    js_sys::global().unchecked_into()
}

fn tell(message: &Tell) {
    let bytes = Uint8Array::from(encode(message).as_slice());
    // What cannot be posted has nobody to hear of it: the page is gone.
    let _ = scope().post_message(&bytes);
}

fn tell_all(messages: Vec<Tell>) {
    messages.iter().for_each(tell);
}

fn with_session<T>(work: impl FnOnce(&mut Session) -> T) -> T {
    SESSION.with(|session| work(&mut session.borrow_mut()))
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
    let Some(ask) = bytes.and_then(|bytes| decode::<Ask>(&bytes.to_vec())) else {
        return tell(&Tell::Failure {
            message: "the page asked for something that this engine does not know: reload the page"
                .to_owned(),
        });
    };
    match ask {
        Ask::Open { names } => {
            let files = Reflect::get(message, &"files".into()).unwrap_or_default();
            let files: Vec<File> = Array::from(&files)
                .iter()
                .filter_map(|file| file.dyn_into().ok())
                .collect();
            spawn_local(read_files(
                names.into_iter().zip(files).collect(),
                next_reading(),
            ));
        }
        Ask::Cancel => CANCELLED.set(true),
        other => {
            if matches!(other, Ask::Paste { .. } | Ask::Example { .. }) {
                next_reading();
            }
            tell_all(with_session(|session| session.ask(other)));
        }
    }
}

fn now() -> f64 {
    scope()
        .performance()
        .map_or(0.0, |performance| performance.now())
}

async fn read_files(files: Vec<(String, File)>, reading: u32) {
    let is_current = || READING.get() == reading;
    let mut progress = Reporter::new(files.iter().map(|(_, file)| file.size()).sum());
    with_session(|session| session.log = Log::default());
    for (name, file) in files {
        with_session(|session| {
            session
                .log
                .begin(&name, file.size(), Source::File(file.clone()))
        });
        let mut at = 0.0;
        let mut coming = begin_piece(&file, at);
        while at < file.size() && !CANCELLED.get() {
            let piece = piece(coming.take()).await;
            if !is_current() {
                return;
            }
            let Some(piece) = piece else {
                tell(&Tell::Failure {
                    message: format!(
                        "`{name}` can no longer be read: what was read so far is kept"
                    ),
                });
                break;
            };
            let end = (at + PIECE_BYTES).min(file.size());
            // The browser fetches the next piece while this one is scanned.
            coming = begin_piece(&file, end);
            with_session(|session| session.log.push(&piece));
            progress.note(&name, end - at);
            at = end;
        }
        with_session(|session| session.log.end());
    }
    tell_all(with_session(|session| session.finish_log(CANCELLED.get())));
}

/// Says how far reading has come, now and then.
struct Reporter {
    began: f64,
    last: f64,
    bytes: f64,
    total_bytes: f64,
    /// The next report of what is known so far, in events.
    next_look: usize,
}

impl Reporter {
    fn new(total_bytes: f64) -> Self {
        let began = now();
        Self {
            began,
            last: began,
            bytes: 0.0,
            total_bytes,
            next_look: 1,
        }
    }

    fn note(&mut self, file: &str, bytes: f64) {
        self.bytes += bytes;
        let time = now();
        let events = with_session(|session| session.log.table.recorded());
        // Each look costs time in proportion to the events; at twice as many each, all of them together do.
        if events >= self.next_look {
            self.next_look = events * 2;
            tell_all(with_session(Session::show_so_far));
        }
        if time - self.last > PROGRESS_INTERVAL {
            self.last = time;
            tell(&Tell::Progress(Progress {
                file: file.to_owned(),
                bytes: self.bytes,
                total_bytes: self.total_bytes,
                events,
                seconds: (time - self.began) / 1000.0,
            }));
        }
    }
}

/// Asks for the piece of a file that starts at a place.
fn begin_piece(file: &Blob, from: f64) -> Option<Promise> {
    let end = (from + PIECE_BYTES).min(file.size());
    let slice = file.slice_with_f64_and_f64(from, end).ok()?;
    (from < end).then(|| slice.array_buffer())
}

/// The bytes of a piece that was asked for.
async fn piece(coming: Option<Promise>) -> Option<Vec<u8>> {
    let buffer = JsFuture::from(coming?).await.ok()?;
    Some(Uint8Array::new(&buffer).to_vec())
}
